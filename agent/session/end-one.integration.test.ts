import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** One session is ended by an administrator's word: its client hears why, the server keeps nothing of it, others go on. */

const origin = { policy: 'p', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert'], origin }],
  masks: [],
  rowFilters: [],
  limits: {},
  policies: [origin],
};
let postgres: EmbeddedPostgres;
let database: GuardedDatabase;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  database = await startGuardedDatabase({ postgres, schema: 'CREATE TABLE notes (n int)', policy });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await postgres?.[Symbol.asyncDispose]();
});

const backends = async (): Promise<number> => {
  const { rows } = await database.admin.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where usename like 'daam\\_s\\_%'`,
  );
  return rows[0]?.count ?? -1;
};
const roles = async (): Promise<number> => {
  const { rows } = await database.admin.query<{ count: number }>(
    `select count(*)::int as count from pg_roles where rolname like 'daam\\_s\\_%'`,
  );
  return rows[0]?.count ?? -1;
};

it('while a statement runs in a transaction: 57P01 with the reason, nothing written, no role left', async () => {
  const [stays, ends] = [await database.connect(), await database.connect()];
  const id = database.sessions.at(-1)?.id ?? '';
  expect([await roles(), database.table.size]).toEqual([2, 2]);
  await ends.query('begin; insert into notes values (1)');
  const failure = ends.query('select pg_sleep(60)').then(
    () => null,
    (thrown: unknown) => thrown as { code?: string; message?: string; hint?: string; severity?: string },
  );
  await expect.poll(() => database.events.at(-1)).toContain('pg_sleep');
  const answer = await database.table.endOne({ session: id, reason: 'holds locks since noon' });
  expect(answer.kind).toBe('ended');
  expect(await failure).toMatchObject({
    severity: 'FATAL',
    code: '57P01',
    message: 'this session was ended by an administrator',
    hint: 'Reason: holds locks since noon',
  });
  expect(database.events).toContain('closed SESSION_ENDED');
  expect([await roles(), database.table.size]).toEqual([1, 1]);
  await expect.poll(backends).toBe(1);
  expect((await stays.query('select count(*)::int as count from notes')).rows).toEqual([{ count: 0 }]);
  expect(await database.table.endOne({ session: id, reason: 'once more' })).toEqual({ kind: 'not-open' });
  await stays.end();
});
