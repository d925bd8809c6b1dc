/** The measurements: transactions with pgbench, a stream with psql, connections with node-postgres. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { run } from '../specs/tools.ts';
import { median } from './statistics.ts';

/** A way to the database. */
export interface Target {
  readonly name: string;
  readonly dsn: string;
}

export const modes = ['simple', 'extended', 'prepared'] as const;
export type Mode = (typeof modes)[number];

/** Read-only transactions: how many in a second, and the median of one in milliseconds. */
export async function measureTransactions(
  { dsn, name }: Target,
  options: { readonly mode: Mode; readonly clients: number; readonly seconds: number },
): Promise<{ readonly tps: number; readonly p50: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-'));
  try {
    const { mode, clients, seconds } = options;
    const load = ['-n', '-S', '-M', mode, '-c', String(clients), '-j', '1', '-T', String(seconds)];
    // Each transaction's time, for the median; at many clients writing them all down would cost more than it tells.
    const log = clients === 1 ? ['-l', '--log-prefix', join(folder, 'log')] : [];
    const { args, env } = connection(dsn);
    const outcome = await run('pgbench', [...load, ...log, ...args], {
      env,
      timeoutMs: (seconds + 60) * 1000,
    });
    const tps = /tps = ([\d.]+) \(without/.exec(outcome.stdout)?.[1];
    if (outcome.code !== 0 || tps === undefined)
      throw new Error(`pgbench through ${name}:\n${outcome.stderr}`);
    return { tps: Number(tps), p50: await medianOfLogs(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A result of 100,000 rows: milliseconds from the statement to the last row, as psql measures it. */
export async function measureStream({ dsn, name }: Target): Promise<number> {
  const { env } = connection(dsn);
  const commands = ['\\timing on', 'select id, name, email, phone, ssn, card, region from bench_people'];
  const args = ['-X', '-q', '-A', '-t', ...commands.flatMap((command) => ['-c', command])];
  const outcome = await run('psql', args, { env, timeoutMs: 120_000 });
  const ms = /^Time: ([\d.]+) ms/m.exec(outcome.stdout)?.[1];
  if (outcome.code !== 0 || ms === undefined) throw new Error(`psql through ${name}:\n${outcome.stderr}`);
  return Number(ms);
}

/** From nothing to the first answer: median of several connections, in milliseconds. */
export async function measureConnect({ dsn }: Target, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    const client = new Client({ connectionString: dsn });
    await client.connect();
    await client.query('select 1');
    times.push(performance.now() - started);
    await client.end();
  }
  return median(times);
}

/** libpq reads the password from the environment; an argument would show it to every process. */
function connection(dsn: string): { readonly args: string[]; readonly env: Record<string, string> } {
  const url = new URL(dsn);
  const env = {
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: url.pathname.slice(1),
    PGSSLMODE: 'disable',
  };
  return { args: [], env };
}

/** pgbench's log: client, transaction, microseconds, … */
async function medianOfLogs(folder: string): Promise<number> {
  const texts = await Promise.all(
    (await readdir(folder)).map(async (name) => await readFile(join(folder, name), 'utf8')),
  );
  const times = texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[2]) / 1000),
  );
  return median(times);
}
