import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** Long texts through real sessions, roles and servers: the catalogue is the server's own, copied to the thread. */
const schema = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  CREATE TABLE orders (id int, customer int, note text);
  CREATE TABLE payments (id int);
  CREATE VIEW names AS SELECT id, name FROM customers;
  INSERT INTO customers VALUES (1, 'Jane', 'jane@example.com');
`;
const origin = { policy: 'analyst', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [
    { schema: 'public', table: 'customers', operations: ['select'], origin },
    { schema: 'public', table: 'orders', operations: ['select', 'insert', 'delete'], origin },
    { schema: 'public', table: 'names', operations: ['select'], origin },
  ],
  masks: [
    { schema: 'public', table: 'customers', column: 'email', preset: 'email', match: 'equality', origin },
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

const rows = (table: string, count: number): string =>
  `INSERT INTO ${table} VALUES ${Array.from({ length: count }, (_, i) => `(${i}, ${i * 7}, 'a note of some length, number ${i}')`).join(', ')}`;

const codeOf = async (query: Promise<unknown>): Promise<string | undefined> =>
  await query.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe.each([13, 18] as const)('long texts on PostgreSQL %i', (major) => {
  let postgres: EmbeddedPostgres;
  let database: GuardedDatabase;
  let long: Client;
  let short: Client;

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ major });
    database = await startGuardedDatabase({ postgres, schema, policy });
    [long, short] = [await database.connect(), await database.connect()];
  });

  afterAll(async () => {
    await Promise.all([long?.end(), short?.end()]);
    await database?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  it('run and are masked like short ones', async () => {
    expect((await long.query(rows('orders', 400))).rowCount).toBe(400);
    expect(
      (await long.query({ text: `${rows('orders', 399)}, ($1, 2, $2)`, values: [1, 'n'] })).rowCount,
    ).toBe(400);
    const wide = `SELECT ${Array.from({ length: 300 }, (_, i) => `email AS e${i}`).join(', ')} FROM customers WHERE email = 'jane@example.com'`;
    expect((await long.query(wide)).rows[0]).toMatchObject({ e0: 'j***@e***.com', e299: 'j***@e***.com' });
    expect(
      (await long.query(`SELECT name FROM names WHERE id IN (${'1,'.repeat(3_000)} 1)`)).rows,
    ).toHaveLength(1);
  });

  it('are refused with the words of the gate', async () => {
    expect(await codeOf(long.query(rows('payments', 400)))).toBe('42501');
    expect(await codeOf(long.query(`${rows('orders', 400)} RETURNING nonsense(`))).toBe('42601');
    expect(await codeOf(long.query(`SELECT ${'1+'.repeat(50_000)}1`))).toBe('54001');
    expect(await codeOf(long.query(`SELECT '${'x'.repeat(1024 * 1024)}'`))).toBe('54001');
  });

  it('hold up their own session alone', async () => {
    const progress = { isRefused: false };
    const refused = codeOf(long.query(rows('payments', 18_000))).then((code) => {
      progress.isRefused = true;
      return code;
    });
    let meanwhile = 0;
    while (!progress.isRefused) {
      await short.query('SELECT id FROM customers WHERE id = 1');
      if (!progress.isRefused) meanwhile += 1;
    }
    expect(await refused).toBe('42501');
    // judged in the agent's own thread, at most the one that was under way would have come first
    expect(meanwhile).toBeGreaterThan(2);
  });
});
