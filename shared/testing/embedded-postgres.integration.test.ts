import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { supportedMajors } from '@daam/shared/domain/postgres-version';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

async function value(dsn: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>({ text: sql });
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.each(supportedMajors)('PostgreSQL %i starts, serves a new UTF8 database and stops', async (major) => {
  let server: EmbeddedPostgres;
  {
    await using started = await startEmbeddedPostgres({ major, settings: { work_mem: '7MB' } });
    server = started;
    const dsn = await server.createDatabase('a "shop"');
    expect(await value(dsn, "select current_setting('server_version_num')::int / 10000")).toBe(major);
    expect(await value(dsn, 'show server_encoding')).toBe('UTF8');
    expect(await value(dsn, 'show work_mem')).toBe('7MB');
    expect(await value(dsn, 'select current_database()')).toBe('a "shop"');
  }
  expect(isAlive(server.pid)).toBe(false);
});

test('a connection without the password is refused', async () => {
  await using server = await startEmbeddedPostgres();
  const wrong = `postgres://postgres:wrong@127.0.0.1:${server.port}/postgres`;
  await expect(value(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('a kept folder gives the same cluster again, and its password is for the owner alone', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'daam-kept-'));
  chmodSync(parent, 0o755);
  const dataDir = join(parent, 'cluster');
  try {
    {
      await using first = await startEmbeddedPostgres({ dataDir });
      await first.createDatabase('kept');
    }
    await using second = await startEmbeddedPostgres({ dataDir });
    expect(await value(second.dsn('kept'), 'select current_database()')).toBe('kept');
    expect(statSync(join(dataDir, 'superuser-password')).mode & 0o777).toBe(0o600);
    await expect(startEmbeddedPostgres({ dataDir, major: 17 })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});

test('a port that is taken fails with the server log as detail', async () => {
  await using first = await startEmbeddedPostgres();
  await expect(startEmbeddedPostgres({ port: first.port })).rejects.toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    detail: expect.stringContaining('could not bind') as string,
  });
});

test('the server and its folder go when the process that started it is killed', async () => {
  const module = new URL('embedded-postgres.ts', import.meta.url).href;
  const source = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const server = await startEmbeddedPostgres();
    process.stdout.write(JSON.stringify({ pid: server.pid, dsn: server.superuserDsn }));
    setInterval(() => {}, 1000);`;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
  });
  const [output] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const { pid, dsn } = JSON.parse(output.toString()) as { pid: number; dsn: string };
  const folder = String(await value(dsn, 'show data_directory'));
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  const end = Date.now() + 20_000;
  while ((isAlive(pid) || existsSync(folder)) && Date.now() < end) await delay(50);
  expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]);
});
