import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { installCommands } from './install-commands.ts';

const token = `daam_reg_${'A'.repeat(43)}`;
const installation = {
  url: 'https://daam.example.com',
  token,
  database: 'orders_eu-',
  databaseName: `shop's "odd" $(touch x) %2F/db`,
};
const commands = installCommands(installation);

/** Runs a text with the programs that it would call put aside; what they were called with comes back. */
function run(text: string): { readonly calls: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'daam-install-'));
  const stub = (name: string, body = '') =>
    `${name}() { printf '%s ' ${name} "$@" >> calls; printf '\\n' >> calls; ${body}; }`;
  const script = [
    'set -eu',
    stub('docker', ':'),
    stub('daam-agent', ':').replace('daam-agent()', 'function daam-agent()'),
    stub('kubectl', 'cat > manifest'),
    // sudo would write below /etc: everything goes to this folder.
    'sudo() { case "$1" in install) shift; command install "${@:1:3}" "./${4##*/}";; tee) command tee "./${2##*/}";; *) printf "%s " "$@" >> calls;; esac; }',
    stub('systemctl', ':'),
    text,
  ].join('\n');
  execFileSync('bash', ['-c', script], { cwd: folder });
  const calls = (() => {
    try {
      return readFileSync(join(folder, 'calls'), 'utf8');
    } catch {
      return '';
    }
  })();
  return { calls, folder };
}

describe('commands that start an agent', () => {
  it.each(Object.entries(commands))('%s hands no secret to any program as an argument', (_, text) => {
    const { calls, folder } = run(text);
    expect(calls).not.toContain(token);
    expect(calls).not.toContain('PASSWORD');
    rmSync(folder, { recursive: true });
  });

  it('write the token into files of their owner', () => {
    for (const [text, file] of [
      [commands.docker, 'daam-agent-orders-eu.env'],
      [commands.binary, 'daam-agent.yaml'],
      [commands.systemd, 'daam-agent-orders-eu.env'],
    ] as const) {
      const { folder } = run(text);
      const path = join(folder, file);
      expect(readFileSync(path, 'utf8')).toContain(token);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      rmSync(folder, { recursive: true });
    }
  });

  it('say the same in every form: where the control plane is, and the database by its name, whatever that is', () => {
    const dsn = `postgres://daam_agent:PASSWORD@DATABASE_HOST:5432/${encodeURIComponent(installation.databaseName)}`;
    for (const text of Object.values(commands)) {
      expect(text).toContain(installation.url);
      expect(text).toContain(dsn);
      expect(text).not.toContain('$(touch');
    }
    const { folder } = run(commands.binary);
    const config = parse(readFileSync(join(folder, 'daam-agent.yaml'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({
      control_plane: { url: installation.url, auth_token: token },
      upstream: { dsn },
    });
    rmSync(folder, { recursive: true });
  });

  it('name what they make by the database, within what Kubernetes takes', () => {
    for (const database of ['a'.repeat(63), `a${'-_'.repeat(30)}b`, '1']) {
      const [, set] = parseAllDocuments(
        installCommands({ ...installation, database })
          .kubernetes.replace(/^kubectl.*\n/, '')
          .replace(/\nEND$/, ''),
      ).map((each) => each.toJS() as { readonly metadata: { readonly name: string } });
      expect(set?.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])$/);
    }
  });

  it('are a manifest that parses, with a volume for what the agent must not forget', () => {
    const { calls, folder } = run(commands.kubernetes);
    expect(calls).toContain('kubectl apply');
    const documents = parseAllDocuments(readFileSync(join(folder, 'manifest'), 'utf8'));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    const [secret, set] = documents.map((each) => each.toJS() as Record<string, unknown>);
    expect(secret).toMatchObject({ kind: 'Secret', stringData: { DAAM_AUTH_TOKEN: token } });
    expect(set).toMatchObject({
      kind: 'StatefulSet',
      metadata: { name: 'daam-agent-orders-eu' },
      spec: {
        template: { spec: { containers: [{ volumeMounts: [{ mountPath: '/var/lib/daam-agent' }] }] } },
      },
    });
    rmSync(folder, { recursive: true });
  });
});
