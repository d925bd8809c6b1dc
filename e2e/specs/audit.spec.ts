/** The audit log out of the control plane and past a verifier that knows nothing but a key: the real commands, piped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane } from '@daam/control-plane/app';
import { resolveConfig } from '@daam/control-plane/config';
import { createClient } from '@daam/shared/api/client';
import { chainGenesis, sealRecord } from '@daam/shared/audit/chain';
import { silentLogger } from '@daam/shared/base/logger';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '..', '..', 'desktop', 'cli', 'main.ts');
const statements = 3_000;
const stack = new AsyncDisposableStack();
let folder: string;
let adminToken: string;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-audit-'));
  stack.defer(async () => await rm(folder, { recursive: true }));
  const postgres = stack.use(await startEmbeddedPostgres());
  const config = resolveConfig(
    {
      listen: { port: 0 },
      database: { dsn: await postgres.createDatabase('store') },
      master_key: Buffer.alloc(32, 7).toString('base64'),
      identity: { development_tokens: true },
      http: { rate_factor: 100 },
    },
    () => '',
  );
  const plane = stack.use(await startControlPlane(config, { logger: silentLogger, maintenanceMs: 500 }));
  url = `http://127.0.0.1:${plane.port}`;
  ({ adminToken } = await plane.bootstrap({ org: 'Audited', adminEmail: 'admin@audited.example' }));
  await fill();
  const signedIn = await daam(['login', '--control-plane', url], adminToken);
  if (signedIn.code !== 0) throw new Error(signedIn.stderr);
}, 180_000);

afterAll(async () => await stack.disposeAsync());

function clientOf(token: string | null) {
  return createClient({ baseUrl: url, fetch, token: () => token });
}

async function fill(): Promise<void> {
  const admin = clientOf(adminToken);
  const { agentToken } = await admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  const { agentId, credential } = await clientOf(null).registerAgent({
    body: { token: agentToken, version: '1' },
  });
  const { id: user } = await admin.getMe();
  let head = chainGenesis;
  const records: Record<string, unknown>[] = [];
  for (let index = 1; index <= statements; index += 1) {
    const tables = [{ masked: true, name: 'customers', operation: 'select', schema: 'public' }];
    const text = `select email from customers where id = ${index}`;
    const event = {
      kind: 'statement',
      command: 'SELECT',
      decision: 'allow',
      session: 's',
      tables,
      text,
      user,
    };
    const sealed = sealRecord({ stream: agentId, head }, Date.UTC(2026, 2, 5) + index, event);
    ({ head } = sealed);
    records.push(JSON.parse(sealed.text) as Record<string, unknown>);
  }
  for (let first = 0; first < statements; first += 1_000)
    await clientOf(credential).appendAudit({ body: { records: records.slice(first, first + 1_000) } });
}

async function daam(args: readonly string[], stdin: string | Buffer = '') {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', DAAM_HOME: join(folder, 'home'), DAAM_SECRET_STORE: 'file' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const output: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const stdout = Buffer.concat(output).toString('utf8');
  return { code, stdout, stderr };
}

/** An export as somebody tampered with it, verified from a file with the pinned key. */
async function tampered(lines: readonly string[], key: string) {
  const file = join(folder, 'tampered.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  const { code, stdout } = await daam(['audit', 'verify', file, '--key', key, '--json']);
  return {
    code,
    ...(JSON.parse(stdout) as { ok: boolean; fault?: { kind: string; line: number; seq: number } }),
  };
}

describe('the audit log', () => {
  it('is exported, and verified from the pipe', async () => {
    const { code, stdout } = await daam(['audit', 'export']);
    expect(code).toBe(0);
    const verified = await daam(['audit', 'verify'], stdout);
    expect(verified.stdout).toContain('Verified');
    expect(verified.stdout).toContain('came with the file');
    expect(verified.code).toBe(0);
  });

  it('does not verify with a byte flipped, a line dropped, two swapped, or one appended: each names its place', async () => {
    const key = (await daam(['audit', 'keys'])).stdout.trim();
    const file = join(folder, 'export.jsonl');
    expect((await daam(['audit', 'export', '-o', file])).code).toBe(0);
    expect((await daam(['audit', 'verify', file, '--key', key, '--json'])).code).toBe(0);
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    const index = lines.findIndex((line) => line.includes('"seq":1500,'));
    const [line = '', next = ''] = lines.slice(index, index + 2);
    const place = { code: 1, ok: false };
    const at = { line: index + 1, seq: 1500 };
    expect(await tampered(lines.with(index, line.replace('id = 1500', 'id = 1501')), key)).toMatchObject({
      ...place,
      fault: { kind: 'changed', ...at },
    });
    expect(await tampered(lines.toSpliced(index, 1), key)).toMatchObject({
      ...place,
      fault: { kind: 'removed', ...at },
    });
    const swapped = lines.with(index, next).with(index + 1, line);
    expect(await tampered(swapped, key)).toMatchObject({ ...place, fault: { kind: 'reordered', ...at } });
    const longer = { kind: 'added', line: lines.length + 1 };
    expect(await tampered([...lines, line], key)).toMatchObject({ ...place, fault: longer });
    const another = await daam(['audit', 'verify', file, '--key', 'A'.repeat(43), '--json']);
    expect(JSON.parse(another.stdout)).toMatchObject({ ok: false, fault: { kind: 'untrusted', line: 1 } });
  });

  it('is held against checkpoints that were kept elsewhere', async () => {
    const kept = join(folder, 'checkpoints.jsonl');
    const file = join(folder, 'later.jsonl');
    await expect
      .poll(async () => (await daam(['audit', 'checkpoints'])).stdout.split('\n').length, { timeout: 30_000 })
      .toBeGreaterThan(2);
    await writeFile(kept, (await daam(['audit', 'checkpoints'])).stdout);
    await daam(['audit', 'export', '-o', file]);
    expect((await daam(['audit', 'verify', file, '--checkpoints', kept])).code).toBe(0);
    const wrong = (await readFile(kept, 'utf8')).replaceAll(/"hash":"[0-9a-f]{4}/g, '"hash":"0000');
    await writeFile(kept, wrong);
    const verdict = await daam(['audit', 'verify', file, '--checkpoints', kept, '--json']);
    expect(verdict.code).toBe(1);
  });

  it('says who read a table in a month, and finds statements by their words', async () => {
    const asked = ['--from', '2026-03-01', '--until', '2026-04-01', '--json'];
    const { stdout } = await daam(['audit', 'readers', 'public.customers', ...asked]);
    expect(JSON.parse(stdout)).toMatchObject({ readers: [{ email: 'admin@audited.example', statements }] });
    const february = ['--from', '2026-02-01', '--until', '2026-03-01', '--json'];
    const nobody = await daam(['audit', 'readers', 'public.customers', ...february]);
    expect(JSON.parse(nobody.stdout)).toEqual({ readers: [] });
    const found = await daam(['audit', 'search', 'email', '2999', '--database', 'shop', '--json']);
    expect(JSON.parse(found.stdout)).toMatchObject({ statements: [{ seq: 2999 }], next: null });
  });

  it('is a table for spreadsheets too, and never overwrites a file', async () => {
    const file = join(folder, 'export.csv');
    expect(
      (await daam(['audit', 'export', '--format', 'csv', '--class', 'statements', '-o', file])).code,
    ).toBe(0);
    expect((await readFile(file, 'utf8')).split('\r\n')).toHaveLength(statements + 2);
    const again = await daam(['audit', 'export', '-o', file, '--json']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('"field":"output"');
  });
});
