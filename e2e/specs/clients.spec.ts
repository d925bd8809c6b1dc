/** Every driver's own way of talking to a server, through the local port (e2e/clients). */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maskedLine, type RealCustomer } from './expected-masks.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool, mustRun, type Outcome, run } from './tools.ts';

const clients = join(import.meta.dirname, '..', 'clients');
const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'daam-clients');
const jdbcDriver = 'org.postgresql:postgresql:42.7.7';
const installTimeoutMs = 300_000;

let system: RunningSystem;
let expected: Record<string, unknown>;

beforeAll(async () => {
  mkdirSync(cache, { recursive: true });
  system = await startRunningSystem();
  expected = await expectedOutput(system.ready.upstream.dsn);
});

afterAll(async () => {
  await system[Symbol.asyncDispose]();
});

test('node-postgres: simple, prepared, binary, transaction, cursor, error, cancel', async () => {
  const outcome = await run(process.execPath, [join(clients, 'node-postgres', 'run.ts')], {
    env: environment(),
  });
  expect(outputOf(outcome)).toEqual(withNote('from node'));
});

const python = findTool('python3', 'psycopg 3 through the local port');
describe.skipIf(python === null)('psycopg 3', () => {
  let interpreter: string;

  beforeAll(async () => {
    interpreter = await installPsycopg(python ?? '');
  }, installTimeoutMs);

  test('simple, prepared, binary cursors, transaction, cursor, error, cancel', async () => {
    const outcome = await run(interpreter, [join(clients, 'psycopg', 'run.py')], { env: environment() });
    expect(outputOf(outcome)).toEqual(withNote('from python'));
  });
});

const go = findTool('go', 'pgx through the local port');
describe.skipIf(go === null)('pgx', () => {
  const binary = join(cache, 'pgx-client');

  beforeAll(async () => {
    await mustRun(go ?? '', ['build', '-o', binary, '.'], {
      cwd: join(clients, 'pgx'),
      timeoutMs: installTimeoutMs,
    });
  }, installTimeoutMs);

  test('simple, prepared, binary, transaction, cursor, error, cancel', async () => {
    expect(outputOf(await run(binary, [], { env: environment() }))).toEqual(withNote('from go'));
  });
});

const java = findTool('java', 'JDBC through the local port');
const maven = findTool('mvn', 'JDBC through the local port');
describe.skipIf(java === null || maven === null)('JDBC', () => {
  const [group = '', name = '', version = ''] = jdbcDriver.split(':');
  const jar = join(cache, `${name}-${version}.jar`);

  beforeAll(async () => {
    if (existsSync(jar)) return;
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
    const args = ['-q', '-B', goal, `-Dartifact=${group}:${name}:${version}`, `-DoutputDirectory=${cache}`];
    await mustRun(maven ?? '', args, { cwd: cache, timeoutMs: installTimeoutMs });
  }, installTimeoutMs);

  test('simple, prepared on the server, binary, transaction, portal, error, cancel', async () => {
    const args = ['-cp', jar, join(clients, 'jdbc', 'Shop.java')];
    expect(outputOf(await run(java ?? '', args, { env: environment() }))).toEqual(withNote('from java'));
  });
});

function environment(): Record<string, string> {
  const { host, port, user, database } = system.ready.developer.local;
  return { PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database };
}

function outputOf({ code, stdout, stderr }: Outcome): unknown {
  if (code !== 0) throw new Error(`the client failed:\n${stderr}`);
  return JSON.parse(stdout);
}

function withNote(note: string): Record<string, unknown> {
  return { ...expected, transaction: { inside: note, isGone: true } };
}

/** A virtual environment for exactly the pinned version. */
async function installPsycopg(interpreter: string): Promise<string> {
  const requirements = join(clients, 'psycopg', 'requirements.txt');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cache, `psycopg-${version}`);
  const installed = join(folder, 'bin', 'python');
  if ((await run(installed, ['-c', 'import psycopg'])).code === 0) return installed;
  await mustRun(interpreter, ['-m', 'venv', folder]);
  const args = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements];
  await mustRun(installed, args, { timeoutMs: installTimeoutMs });
  return installed;
}

async function expectedOutput(dsn: string): Promise<Record<string, unknown>> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    const columns = 'id::text, name, email, phone, ssn, card, salary::text';
    const customer = async (id: number): Promise<RealCustomer> => {
      const { rows } = await client.query<RealCustomer>(`select ${columns} from customers where id = $1`, [
        id,
      ]);
      return rows[0] as RealCustomer;
    };
    const first = await customer(1);
    const [email, , ssn, card] = maskedLine(first).split('|');
    const { rows } = await client.query<{ total: string; placed_at: string }>(
      `select total::text, to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') as placed_at
       from orders where id = 1`,
    );
    return {
      simple: { name: first.name, email, ssn, card, salary: null },
      prepared: maskedLine(await customer(6)).split('|')[0],
      binary: { id: 1, ...rows[0] },
      equality: 1,
      cursor: 5000,
      error: '42501',
      afterError: 42,
      cancel: '57014',
    };
  } finally {
    await client.end();
  }
}
