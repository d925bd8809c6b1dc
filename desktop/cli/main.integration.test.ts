import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeAgent, startFakeAgent } from '../engine/testing/fake-agent.ts';
import { type FakeControlPlane, ids, startFakeControlPlane } from '../engine/testing/fake-control-plane.ts';

const main = join(import.meta.dirname, 'main.ts');
let controlPlane: FakeControlPlane;
let agent: FakeAgent;
let home: string;

beforeAll(async () => {
  controlPlane = await startFakeControlPlane();
  agent = await startFakeAgent();
  controlPlane.agent = agent.target;
  home = await mkdtemp(join(tmpdir(), 'daam-cli-'));
  const signedIn = await daam(['login', '--control-plane', controlPlane.url], { stdin: controlPlane.token });
  if (signedIn.code !== 0) throw new Error(signedIn.stderr);
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await controlPlane[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function start(args: readonly string[], { stdin = '', env = {} }: Given = {}): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DAAM_HOME: home,
      DAAM_SECRET_STORE: 'file',
      DAAM_TRANSPORT: 'loopback',
      PGPASSWORD: 'old',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(stdin);
  return child;
}

async function finish(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

function daam(args: readonly string[], given: Given = {}): Promise<Outcome> {
  return finish(start(args, given));
}

function parse(text: string): unknown {
  expect(text.endsWith('\n')).toBe(true);
  expect(text.trimEnd()).not.toContain('\n');
  return JSON.parse(text);
}

describe('usage', () => {
  it.each([
    [[], 64],
    [['nonsense'], 64],
    [['connect'], 64],
    [['connect', 'a', 'b'], 64],
    [['connect', 'shop', '--port', '70000'], 64],
    [['connect', 'shop', '--idle', '0'], 64],
    [['connect', 'shop', '--sign-in', 'maybe'], 64],
    [['databases', '--nonsense'], 64],
    [['databases', '--', 'x'], 64],
    [['run', 'shop'], 64],
    [['policy', 'apply'], 64],
    [['vouch', 'list'], 64],
    [['vouch', 'add', 'shop'], 64],
    [['vouch', 'remove', 'shop', '16402'], 64],
    [['explain', 'shop'], 64],
    [['audit'], 64],
    [['audit', 'erase'], 64],
    [['audit', 'verify', 'a', 'b'], 64],
    [['audit', 'verify', '--key', 'short'], 64],
    [['audit', 'export', '--class', 'x'], 64],
    [['audit', 'search', 'a', '--limit', '0'], 64],
    [['audit', 'keys', '--limit', '1'], 64],
    [['explain', 'shop', 'select', '1'], 64],
    [['login', '--control-plane', 'http://localhost:1', '--token', 'a', '--token-file', 'b'], 64],
    [['login', '--control-plane', 'http://localhost:1', '--token', 'a', '--no-browser'], 64],
    [['service-accounts', 'create', 'ci'], 64],
    [['service-accounts', 'create', 'ci', '--scopes', 'everything'], 64],
    [['service-accounts', 'rotate', 'ci', 'x'], 64],
    [['service-accounts', 'dance', 'ci'], 64],
    [['devices', 'rename', 'x'], 64],
    [['devices', 'revoke', 'x', '--all'], 64],
    [['--help'], 0],
    [['--version'], 0],
    [['connect', '--help'], 0],
    [['help', 'connect'], 0],
    [['help', 'nothing'], 64],
    [['policy', '-h'], 0],
  ])('daam %j ends with %i', async (args, code) => {
    expect((await daam(args)).code).toBe(code);
  });

  it('shows help for every command that the overview names', async () => {
    const { stdout } = await daam(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) {2}/gm)].map(([, name]) => name ?? '');
    expect(names).toEqual([
      'login',
      'logout',
      'databases',
      'connect',
      'psql',
      'run',
      'status',
      'devices',
      'tls',
      'password',
      'request',
      'policy',
      'vouch',
      'explain',
      'audit',
      'service-accounts',
      'completion',
      'help',
    ]);
    for (const name of names.slice(0, -1)) {
      const help = await daam([name, '--help']);
      expect(help.code).toBe(0);
      expect(help.stdout).toContain(`SYNOPSIS\n  daam ${name}`);
    }
  });
});

describe('login', () => {
  it.each([
    ['standard input', [], { stdin: '<token>\n' }],
    ['DAAM_TOKEN', [], { env: { DAAM_TOKEN: '<token>' } }],
    ['--token', ['--token', '<token>'], {}],
  ])('takes the token from %s and never shows it', async (_, args, given) => {
    const real = (text: string): string => text.replace('<token>', controlPlane.token);
    const { code, stdout, stderr } = await daam(
      ['login', '--control-plane', controlPlane.url, '--json', ...args.map(real)],
      JSON.parse(real(JSON.stringify(given))) as Given,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      controlPlane: controlPlane.url,
      user: { email: 'dev@example.com' },
      secretStore: 'file',
    });
    expect(stdout).not.toContain(controlPlane.token);
  });

  it('takes the token from a file', async () => {
    const file = join(home, 'token.txt');
    await writeFile(file, `${controlPlane.token}\n`, { mode: 0o600 });
    const { code } = await daam(['login', '--control-plane', controlPlane.url, '--token-file', file]);
    expect(code).toBe(0);
  });

  it.each([['daam_pat_wrong'], ['two words'], ['line\u0007bell']])(
    'fails with a wrong token and does not repeat it (%#)',
    async (token) => {
      const { code, stdout, stderr } = await daam(['login', '--control-plane', controlPlane.url], {
        stdin: token,
        env: { DAAM_HOME: join(home, 'other') },
      });
      expect(code).toBe(1);
      expect(stdout + stderr).not.toContain(token);
    },
  );
});

describe('login with a passkey', () => {
  it('says which page to open, waits for the browser, and says who is signed in', async () => {
    const child = start(['login', '--control-plane', controlPlane.url, '--no-browser', '--json'], {
      env: { DAAM_HOME: join(home, 'browser') },
    });
    const [line] = (await once(child.stderr ?? child, 'data')) as [Buffer];
    const { open, matchCode } = parse(line.toString()) as { open: string; matchCode: string };
    expect(matchCode).toMatch(/^[2-9A-Z]{2}$/);
    const outcome = finish(child);
    const page = await fetch(controlPlane.signIn.authorize(open));
    expect(page.status).toBe(200);
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({ user: { email: 'dev@example.com' }, signedInWith: 'passkey' });
    expect(stdout).not.toContain(controlPlane.token);
  });

  it('ends with 1 when the person refuses, and with a signal without a trace', async () => {
    const env = { DAAM_HOME: join(home, 'refused') };
    const refused = start(['login', '--control-plane', controlPlane.url, '--no-browser', '--json'], { env });
    const [line] = (await once(refused.stderr ?? refused, 'data')) as [Buffer];
    const { open } = parse(line.toString()) as { open: string };
    const outcome = finish(refused);
    await fetch(controlPlane.signIn.authorize(open, 'no'));
    expect((await outcome).code).toBe(1);
    const left = start(['login', '--control-plane', controlPlane.url, '--device-code', '--json'], { env });
    await once(left.stderr ?? left, 'data');
    left.kill('SIGTERM');
    expect((await finish(left)).code).toBe(1);
    expect(parse((await daam(['status', '--json'], { env })).stdout)).toMatchObject({ signedIn: false });
  });
});

describe('devices', () => {
  it('lists them with their keys, renames and revokes one', async () => {
    controlPlane.devices.push({
      id: ids.device,
      name: 'laptop',
      os: 'linux',
      wgKey: 'A'.repeat(43),
      createdAt: '2030-01-01T00:00:00.000Z',
      revokedAt: null,
    });
    expect((await daam(['devices'])).stdout).toContain('laptop (this one)');
    expect((await daam(['devices', 'rename', 'laptop', 'desk'])).code).toBe(0);
    expect(parse((await daam(['devices', 'list', '--json'])).stdout)).toMatchObject({
      devices: [{ name: 'desk', isCurrent: true }],
    });
    expect((await daam(['devices', 'revoke', 'laptop'])).code).toBe(1);
    expect((await daam(['devices', 'revoke', ids.device])).code).toBe(0);
    expect((await daam(['devices'])).stdout.trim()).toBe('You have no device.');
  });
});

describe('tls', () => {
  it('is off, is switched on with an authority to point clients to, and off again', async () => {
    const env = { DAAM_HOME: join(home, 'tls') };
    const tls = async (...words: string[]) =>
      parse((await daam(['tls', ...words, '--json'], { env })).stdout);
    expect(await tls()).toEqual({ on: false, caFile: null });
    const { caFile } = (await tls('on')) as { caFile: string };
    expect(caFile).toBe(join(home, 'tls', 'tls', 'ca.pem'));
    expect(await readFile(caFile, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect((await daam(['tls'], { env })).stdout).toContain(caFile);
    expect(await tls('off')).toEqual({ on: false, caFile: null });
    expect((await daam(['tls', 'maybe'], { env })).code).toBe(64);
  });
});

describe('password', () => {
  it('is none, is made, shown to who asks for it alone, and forgotten', async () => {
    const env = { DAAM_HOME: join(home, 'password') };
    const password = async (...words: string[]) =>
      parse((await daam(['password', ...words, '--json'], { env })).stdout);
    expect(await password()).toEqual({ on: false, password: null });
    expect(await password('on')).toEqual({ on: true });
    const shown = (await password('show')) as { on: boolean; password: string };
    expect(shown.password).toMatch(/^[\w-]{27}$/);
    expect((await daam(['password', 'show'], { env })).stdout).toBe(`${shown.password}\n`);
    expect(await password('off')).toEqual({ on: false });
    expect((await daam(['password', 'maybe'], { env })).code).toBe(64);
  });
});

describe('data', () => {
  it('lists databases', async () => {
    const { code, stdout } = await daam(['databases', '--json']);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      live: true,
      databases: [{ id: ids.database, name: 'shop', state: 'online', policies: ['analyst'] }],
    });
    expect((await daam(['databases'])).stdout).toMatch(/^NAME.*\nshop /);
  });

  it('fails with 1 and one JSON error when a database does not exist', async () => {
    const { code, stdout, stderr } = await daam(['connect', 'payroll', '--json']);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(parse(stderr)).toMatchObject({ error: { code: 'NOT_FOUND', field: 'database' } });
  });

  it('fails with 1 when nobody is signed in', async () => {
    const { code, stderr } = await daam(['databases', '--json'], {
      env: { DAAM_HOME: join(home, 'nobody') },
    });
    expect(code).toBe(1);
    expect(parse(stderr)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('applies a policy file as it is written, and exports it with its comments', async () => {
    const file = join(home, 'policy.yaml');
    const text = '# ours\ndatabase: shop\npolicies:\n  - name: analyst\n    grants: []\n';
    await writeFile(file, text);
    const applied = await daam(['policy', 'apply', '-f', file, '-m', 'first', '--json']);
    expect(applied.code).toBe(0);
    expect(parse(applied.stdout)).toMatchObject({ database: 'shop', policies: [{ name: 'analyst' }] });
    expect((await daam(['policy', 'export', 'shop'])).stdout).toBe(text);
    const copy = join(home, 'copy.yaml');
    expect((await daam(['policy', 'export', 'shop', '-o', copy])).code).toBe(0);
    expect(await readFile(copy, 'utf8')).toBe(text);
    const read = await daam(['policy', 'get', 'shop', '--json']);
    expect(parse(read.stdout)).toMatchObject({ database: 'shop', policies: [{ name: 'analyst' }] });
  });

  it('names the place of a mistake in a policy file without asking anybody', async () => {
    const file = join(home, 'wrong.yaml');
    await writeFile(file, 'database: shop\npolicies:\n  - name: analyst\n    grant: []\n');
    const { code, stderr } = await daam(['policy', 'apply', '-f', file, '--json']);
    expect([code, parse(stderr)]).toMatchObject([
      1,
      { error: { code: 'INVALID_POLICY', field: 'policies[0].grant' } },
    ]);
    const other = await daam(['policy', 'diff', 'payroll', '-f', file]);
    expect(other.code).toBe(1);
  });
});

describe('vouch', () => {
  it('adds what a file names, replaces it under the same OID, lists and removes it', async () => {
    const file = join(home, 'code.json');
    const code = { kind: 'function', oid: 16_402, sourceHash: 'a'.repeat(64), name: 'public.f(integer)' };
    await writeFile(file, JSON.stringify([code]));
    expect((await daam(['vouch', 'add', 'shop', '-f', file])).code).toBe(0);
    await writeFile(file, JSON.stringify({ ...code, sourceHash: 'b'.repeat(64) }));
    expect((await daam(['vouch', 'add', 'shop', '-f', file])).code).toBe(0);
    const listed = await daam(['vouch', 'list', 'shop', '--json']);
    expect(parse(listed.stdout)).toMatchObject({ vouched: [{ ...code, sourceHash: 'b'.repeat(64) }] });
    expect((await daam(['vouch', 'list', 'shop'])).stdout).toContain('public.f(integer)');
    expect((await daam(['vouch', 'remove', 'shop', 'trigger:16402'])).code).toBe(1);
    expect((await daam(['vouch', 'remove', 'shop', 'function:16402'])).code).toBe(0);
    expect((await daam(['vouch', 'list', 'shop'])).stdout.trim()).toBe('Nothing is vouched for.');
  });

  it('says what is wrong with a file', async () => {
    const file = join(home, 'bad.json');
    await writeFile(file, JSON.stringify({ kind: 'function', oid: 1, sourceHash: 'short', name: 'f' }));
    const { code, stderr } = await daam(['vouch', 'add', 'shop', '-f', file]);
    expect([code, stderr.includes('sourceHash')]).toEqual([1, true]);
  });
});

describe('connect', () => {
  it('opens the port, is seen by status, and ends with SIGTERM without a trace', async () => {
    const child = start(['connect', 'shop', '--port', '0', '--json']);
    try {
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
      const local = parse(line.toString()) as { port: number };
      expect(local).toMatchObject({ database: 'shop', host: '127.0.0.1', user: 'dev' });

      const status = parse((await daam(['status', '--json'])).stdout);
      expect(status).toMatchObject({
        signedIn: true,
        secrets: { store: 'file', state: 'found' },
        connections: [{ database: 'shop', port: local.port, pid: child.pid }],
      });

      const client = connect({ host: '127.0.0.1', port: local.port });
      client.write('hello');
      expect(String((await once(client, 'data'))[0])).toBe('hello');

      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(0);
      client.destroy();
    } finally {
      child.kill('SIGKILL');
    }
    expect(parse((await daam(['status', '--json'])).stdout)).toMatchObject({ connections: [] });
  });

  it('is not shown by status any more when it was killed', async () => {
    const child = start(['connect', 'shop', '--port', '0', '--json']);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(parse((await daam(['status', '--json'])).stdout)).toMatchObject({ connections: [] });
  });
});

describe('run', () => {
  const script = (text: string): string[] => ['run', 'shop', '--', process.execPath, '-e', text];

  it('gives the command the database and none of our secrets, and returns its exit code', async () => {
    const { code, stdout } = await daam(script('console.log(JSON.stringify(process.env)); process.exit(7)'), {
      env: { DAAM_TOKEN: 'secret-token', PGHOSTADDR: '192.0.2.1', PGSERVICE: 'x' },
    });
    expect(code).toBe(7);
    const env = JSON.parse(stdout) as Record<string, string>;
    expect(env).toMatchObject({
      PGHOST: '127.0.0.1',
      PGUSER: 'dev',
      PGDATABASE: 'shop',
      PGSSLMODE: 'disable',
    });
    expect(Number(env['PGPORT'])).toBeGreaterThan(0);
    for (const name of ['DAAM_TOKEN', 'PGPASSWORD', 'PGHOSTADDR', 'PGSERVICE']) {
      expect(env).not.toHaveProperty(name);
    }
  });

  it('gives the command a port that works', async () => {
    const text = `const s = require('net').connect(process.env.PGPORT, process.env.PGHOST);
      s.write('hi'); s.on('data', (d) => { console.log(String(d)); s.destroy(); })`;
    expect(await daam(script(text))).toMatchObject({ code: 0, stdout: 'hi\n' });
  });

  it('passes signals on', async () => {
    const text = `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up')`;
    const child = start(script(text));
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    expect((await finish(child)).code).toBe(9);
  });

  it('returns 128 and the number of the signal that ended the command', async () => {
    expect((await daam(script(`process.kill(process.pid, 'SIGKILL')`))).code).toBe(137);
  });

  it('fails with 1 when there is no such program', async () => {
    const { code, stderr } = await daam(['run', 'shop', '--', 'no-such-program-here']);
    expect(code).toBe(1);
    expect(stderr).toContain('NOT_FOUND');
  });
});

describe('psql', () => {
  it('runs psql with the arguments after --', async () => {
    const { code, stdout } = await daam(['psql', 'shop', '--', '--version']);
    expect({ code, isPsql: stdout.startsWith('psql') }).toEqual({ code: 0, isPsql: true });
  });
});
