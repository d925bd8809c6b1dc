import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let postgres: EmbeddedPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres();
  folder = await mkdtemp(join(tmpdir(), 'daam-control-plane-'));
  await writeFile(join(folder, 'dsn'), await postgres.createDatabase('cp'), { mode: 0o600 });
  await writeFile(join(folder, 'key'), Buffer.alloc(32, 3).toString('base64'), { mode: 0o600 });
});

afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const env = {
    DAAM_DATABASE_DSN_FILE: join(folder, 'dsn'),
    DAAM_MASTER_KEY_FILE: join(folder, 'key'),
    DAAM_LISTEN_PORT: '0',
  };
  return spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(...args: string[]) {
  const child = start(...args);
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (texts.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (texts.stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...texts };
}

describe('daam-control-plane', () => {
  it('explains itself, and refuses what it does not know', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('bootstrap --org'),
    });
    expect(await run('--nonsense')).toMatchObject({ code: 64 });
    expect(await run('dance', '--env')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('"dance"'),
    });
    expect(await run('serve', 'dance')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('"dance"'),
    });
    expect(await run('bootstrap', '--org', 'Only')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--admin-email'),
    });
  });

  it('bootstraps once, and serves that organization until SIGTERM', async () => {
    const bootstrap = async () =>
      await run('bootstrap', '--env', '--org', 'Main', '--admin-email', 'a@main.example');
    const first = await bootstrap();
    expect(first.stderr).toBe('');
    const { adminToken, invitation } = JSON.parse(first.stdout) as {
      adminToken: string;
      invitation: { url: string };
    };
    expect(invitation.url).toMatch(/^http:\/\/localhost:\d+\/enroll#[A-Za-z0-9_-]{43}$/);
    expect(await bootstrap()).toMatchObject({ code: 1, stderr: expect.stringContaining('CONFLICT') });
    const invited = await run('invite', 'a@main.example', '--env');
    expect(invited.stderr).toBe('');
    expect(JSON.parse(invited.stdout)).toMatchObject({
      url: expect.stringMatching(/^http:\/\/localhost:\d+\/enroll#[A-Za-z0-9_-]{43}$/),
      expiresAt: expect.any(String),
    });
    const stranger = await run('invite', 'b@main.example', '--env');
    expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT_FOUND') });
    expect(await run('invite', '--env')).toMatchObject({ code: 64 });
    const quiet = ['bootstrap', '--env', '--no-token', '--org', 'Quiet', '--admin-email', 'b@quiet.example'];
    expect((await run(...quiet)).stdout).not.toContain('daam_pat_');

    const rotated = await run('rotate-master-key', '--env');
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rotated.stdout)).toMatchObject({ resealed: { signingKeys: 0 }, unopened: 0 });

    const server = start('serve');
    const exited = once(server, 'exit');
    let url = '';
    for await (const line of createInterface({ input: server.stderr as NodeJS.ReadableStream })) {
      url = (JSON.parse(line) as { url?: string }).url ?? '';
      if (url !== '') break;
    }
    const me = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${adminToken}` } });
    expect(await me.json()).toMatchObject({ email: 'a@main.example', role: 'admin', org: { name: 'Main' } });
    server.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  });
});
