import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EffectiveLimits, EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';
import { SuspendedPortal } from './suspended-portal.ts';

/** The limits of a policy, whatever way the rows leave by and whatever the client sets. */

const origin = { policy: 'p', version: 1 };
const policy = (limits: EffectiveLimits): EffectivePolicy => ({
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select'], origin }],
  masks: [],
  rowFilters: [],
  limits,
  policies: [origin],
});

let postgres: EmbeddedPostgres;
let database: GuardedDatabase;
let client: Client;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  const schema = 'CREATE TABLE numbers AS SELECT generate_series(1, 100) AS n';
  database = await startGuardedDatabase({ postgres, schema, policy: policy({}) });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  await client.end().catch(() => undefined);
});

async function under(limits: EffectiveLimits): Promise<void> {
  await database.setPolicy(policy(limits));
  client = await database.connect();
}

const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> =>
  await promise.then(
    () => undefined,
    (thrown: unknown) => (thrown as { code?: string }).code,
  );

describe('maxRows', () => {
  it.each([
    ['a SELECT', 'SELECT n FROM numbers LIMIT 10', 'SELECT n FROM numbers LIMIT 11'],
    ['a VALUES list', 'VALUES (1), (2)', `VALUES ${Array.from({ length: 11 }, () => '(1)').join(', ')}`],
  ])('ends the session that reads one row more by %s', async (_, within, beyond) => {
    await under({ maxRows: 10 });
    expect((await client.query(within)).rowCount).toBeLessThanOrEqual(10);
    expect(await codeOf(client.query(beyond))).toBe('53400');
    await expect.poll(() => database.events.at(-1)).toBe('closed ROW_LIMIT');
  });

  it('counts a portal that is read in pieces as one result', async () => {
    await under({ maxRows: 10 });
    const portal = SuspendedPortal.open(client, 'SELECT n FROM numbers');
    expect(await portal.fetch(6)).toMatchObject({ rows: { length: 6 } });
    expect(await portal.fetch(6)).toMatchObject({ code: '53400' });
  });

  it('counts what is fetched from a cursor as one result', async () => {
    await under({ maxRows: 10 });
    await client.query('BEGIN; DECLARE c CURSOR FOR SELECT n FROM numbers');
    expect((await client.query('FETCH 6 FROM c')).rowCount).toBe(6);
    expect((await client.query('MOVE 50 FROM c')).rowCount).toBe(50);
    expect((await client.query('FETCH 4 FROM c')).rowCount).toBe(4);
    expect(await codeOf(client.query('FETCH 1 FROM c'))).toBe('53400');
  });

  it.each(['COPY numbers TO STDOUT', 'COPY (SELECT n FROM numbers) TO STDOUT (FORMAT csv)'])(
    'counts the rows of %s',
    async (sql) => {
      await under({ maxRows: 10 });
      const args = [
        '-X',
        '-v',
        'VERBOSITY=verbose',
        '-h',
        '127.0.0.1',
        '-p',
        String(database.port),
        '-U',
        'dev',
        '-d',
        'shop',
        '-c',
        sql,
      ];
      const outcome = await promisify(execFile)('psql', args).catch((thrown: unknown) => thrown);
      expect((outcome as { stderr: string }).stderr).toContain('53400');
      expect((outcome as { stdout: string }).stdout.split('\n').length).toBeLessThanOrEqual(11);
    },
  );
});

describe('times', () => {
  it('cancel a statement over its time, though the client set no limit, in a function too', async () => {
    await under({ statementTimeoutMs: 200 });
    await client.query('SET statement_timeout = 0');
    expect(await codeOf(client.query('SELECT count(*) FROM generate_series(1, 1000000000)'))).toBe('57014');
    expect(await codeOf(client.query('DO $$ BEGIN PERFORM pg_sleep(30); END $$'))).toBe('57014');
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('take effect in an open session when the policy changes', async () => {
    await under({});
    await client.query('SELECT 1');
    await database.setPolicy(policy({ statementTimeoutMs: 200 }));
    expect(await codeOf(client.query('SELECT count(*) FROM generate_series(1, 1000000000)'))).toBe('57014');
  });

  it.each([
    ['an idle session', { idleTimeoutMs: 300 }, 'BEGIN'],
    ['a session at its maximum', { maxSessionDurationMs: 300 }, 'SELECT 1'],
  ])('end %s, in a transaction too', async (_, limits, first) => {
    await under(limits);
    const ended = new Promise<string | undefined>((resolve) => {
      client.on('error', (error: Error & { code?: string }) => resolve(error.code));
    });
    await client.query(first);
    expect(await ended).toBe('57014');
  });
});
