import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { supportedMajors } from '@daam/shared/domain/postgres-version';
import { pseudonymOf } from '@daam/shared/sql/pseudonym';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { type Client, DatabaseError } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** Values through real sessions, roles and servers: pseudonyms, masks that come back, the match budget, joins. */

const key = Buffer.alloc(32, 7);
const schema = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email varchar(60) UNIQUE, salary numeric, note text, number int8);
  CREATE TABLE notes (id int PRIMARY KEY, owner text, secret text);
  CREATE TABLE leads (id int PRIMARY KEY, mail varchar(60), phone int8, note text);
  CREATE INDEX ON leads (mail);`;

const origin = { policy: 'p', version: 1 };
const all = ['select', 'insert', 'update', 'delete'] as const;
const maskOf = (table: string, column: string, preset: EffectivePolicy['masks'][number]['preset']) => ({
  schema: 'public',
  table,
  column,
  preset,
  origin,
});
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: all, origin }],
  masks: [
    maskOf('customers', 'name', 'pseudonym'),
    maskOf('customers', 'email', 'email'),
    maskOf('customers', 'salary', 'null'),
    maskOf('customers', 'number', 'pseudonym'),
    maskOf('notes', 'owner', 'pseudonym'),
    maskOf('notes', 'secret', 'redact'),
    maskOf('leads', 'mail', 'email'),
    maskOf('leads', 'phone', 'phone'),
  ],
  rowFilters: [],
  limits: { matchesPerHour: 20 },
  policies: [origin],
};

const token = (value: string): string => pseudonymOf(key, value, 'text');
const numberToken = (value: string): string => pseudonymOf(key, value, 'int8');

describe.each(supportedMajors)('values on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let agent: GuardedDatabase;
  let direct: Client;
  let client: Client;

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    agent = await startGuardedDatabase({ postgres: server, schema, policy, pseudonymKey: key });
    direct = agent.admin;
  });
  beforeEach(async () => {
    await direct.query(`
      TRUNCATE customers, notes, leads;
      INSERT INTO customers VALUES (1, 'Jane', 'jane@example.com', 100, 'n', 42), (2, 'Joe', 'joe@sample.org', 200, 'm', NULL);
      INSERT INTO notes VALUES (1, 'Jane', 's1'), (2, 'Jane', 's2');
      INSERT INTO leads VALUES (1, 'joe@sample.org', 4155551234), (2, 'jim@sample.org', NULL), (3, NULL, NULL);`);
    client = await agent.connect();
    return async () => await client.end();
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const stored = async (id: number): Promise<unknown> =>
    (await direct.query('SELECT name, email, salary, note, number FROM customers WHERE id = $1', [id]))
      .rows[0];

  describe('pseudonyms', () => {
    it('show in the simple protocol, with the answers of a Query', async () => {
      const result = await client.query('SELECT id, name, number FROM customers ORDER BY id');
      expect(result.rows).toEqual([
        { id: 1, name: token('Jane'), number: numberToken('42') },
        { id: 2, name: token('Joe'), number: null },
      ]);
      expect(result).toMatchObject({ command: 'SELECT', rowCount: 2 });
    });

    it('show in the extended protocol behind the client’s own parameters', async () => {
      const named = { name: 'q', text: 'SELECT name FROM customers WHERE id = $1 AND note = $2' };
      for (const [id, note, name] of [
        [1, 'n', 'Jane'],
        [2, 'm', 'Joe'],
      ] as const) {
        const { rows } = await client.query<{ name: string }>({ ...named, values: [id, note] });
        expect(rows).toEqual([{ name: token(name) }]);
      }
      const { rows } = await client.query<{ types: string }>(
        `SELECT parameter_types::text AS types, statement FROM pg_prepared_statements WHERE name = 'q'`,
      );
      expect(rows[0]).toMatchObject({ types: '{integer,text,bytea,bytea}' });
      expect(JSON.stringify(rows)).not.toContain(key.toString('hex'));
    });

    it('add no parameter that a client is told of', async () => {
      interface Wire {
        parse(message: { name: string; text: string; types: number[] }, more: boolean): void;
        describe(message: { type: string; name: string }, more: boolean): void;
        sync(): void;
        once(event: string, listener: (message: { dataTypeIDs: number[] }) => void): void;
      }
      const wire = (client as unknown as { connection: Wire }).connection;
      const told = new Promise<number[]>((resolve) =>
        wire.once('parameterDescription', ({ dataTypeIDs }) => resolve(dataTypeIDs)),
      );
      const text = 'SELECT name FROM customers WHERE id = $1 AND note = $2';
      wire.parse({ name: 'd', text, types: [] }, true);
      wire.describe({ type: 'S', name: 'd' }, true);
      wire.sync();
      expect(await told).toEqual([23, 25]);
    });

    it('are equal where the values are', async () => {
      const sql = `SELECT c.id, count(*)::int AS count FROM customers c JOIN notes n ON n.owner = c.name GROUP BY c.id`;
      expect((await client.query(sql)).rows).toEqual([{ id: 1, count: 2 }]);
    });

    it('show in every statement of a text, in one implicit transaction', async () => {
      const results = (await client.query(
        `SELECT name FROM customers WHERE id = 1; UPDATE customers SET note = 'x' WHERE id = 1; SELECT name, note FROM customers WHERE id = 1`,
      )) as unknown as readonly { rows: unknown[]; command: string }[];
      expect(results.map(({ command, rows }) => [command, rows])).toEqual([
        ['SELECT', [{ name: token('Jane') }]],
        ['UPDATE', []],
        ['SELECT', [{ name: token('Jane'), note: 'x' }]],
      ]);
      const failing = client.query(
        `UPDATE customers SET note = 'y'; SELECT name, 1 / (id - id) FROM customers`,
      );
      await expect(failing).rejects.toMatchObject({ code: '22012' });
      expect(await stored(1)).toMatchObject({ note: 'x' });
      await expect(client.query('SELECT name FROM customers WHERE id = 1')).resolves.toMatchObject({
        rowCount: 1,
      });
    });

    it('show in transactions, cursors and temporary tables', async () => {
      await client.query('BEGIN');
      await client.query('DECLARE c CURSOR FOR SELECT name FROM customers ORDER BY id');
      expect((await client.query('FETCH 1 FROM c')).rows).toEqual([{ name: token('Jane') }]);
      await client.query('COMMIT');
      await client.query('CREATE TEMP TABLE t AS SELECT name FROM customers WHERE id = 2');
      expect((await client.query('SELECT * FROM t')).rows).toEqual([{ name: token('Joe') }]);
    });

    it('show in RETURNING', async () => {
      const sql = `UPDATE customers SET note = 'r' WHERE id = 1 RETURNING name`;
      expect((await client.query(sql)).rows).toEqual([{ name: token('Jane') }]);
      const { rows } = await client.query('DELETE FROM notes WHERE id = $1 RETURNING *', [2]);
      expect(rows).toEqual([{ id: 2, owner: token('Jane'), secret: '***' }]);
    });

    it('are redacted where no parameter can stand, and EXPLAIN is refused', async () => {
      await client.query('PREPARE p AS SELECT name, number FROM customers WHERE id = 1');
      expect((await client.query('EXECUTE p')).rows).toEqual([{ name: '***', number: null }]);
      await expect(client.query('EXPLAIN SELECT name FROM customers')).rejects.toMatchObject({
        code: '42501',
        routine: 'daam:explain-key',
      });
      await expect(client.query('EXPLAIN SELECT id FROM customers')).resolves.toBeDefined();
    });

    it('leave errors, and the session goes on', async () => {
      await expect(client.query('SELECT name, nowhere FROM customers')).rejects.toBeInstanceOf(DatabaseError);
      await expect(client.query('SELECT name::int FROM customers')).rejects.toMatchObject({ code: '22P02' });
      await client.query('BEGIN');
      await expect(client.query('SELECT name::int FROM customers')).rejects.toMatchObject({ code: '22P02' });
      await expect(client.query('SELECT name FROM customers')).rejects.toMatchObject({ code: '25P02' });
      await client.query('ROLLBACK');
      expect((await client.query('SELECT name FROM customers WHERE id = 1')).rowCount).toBe(1);
    });

    it('the key is not in what the session sees of itself', async () => {
      const { rows } = await client.query<{ name: string; seen: string }>(
        `SELECT name, current_query() AS seen FROM customers WHERE id = 1`,
      );
      expect(rows[0]?.name).toBe(token('Jane'));
      expect(rows[0]?.seen).not.toContain(key.toString('hex').slice(0, 8));
    });
  });

  describe('masks that come back', () => {
    const save =
      'UPDATE customers SET name = $1, email = $2, salary = $3, note = $4, number = $5 WHERE id = $6';

    it('a whole row that was read and saved again keeps every real value', async () => {
      const { rows } = await client.query('SELECT * FROM customers WHERE id = 1');
      const row = rows[0] as Record<string, unknown>;
      expect(row).toMatchObject({ name: token('Jane'), email: 'j***@e***.com', salary: null });
      const before = await stored(1);
      await client.query(save, [row['name'], row['email'], row['salary'], 'changed', row['number'], 1]);
      expect(await stored(1)).toEqual({ ...(before as object), note: 'changed' });
    });

    it('new values are written, beside masks that are not', async () => {
      await client.query(save, ['New', 'new@x.org', '5', 'n2', '7', 1]);
      expect(await stored(1)).toEqual({
        name: 'New',
        email: 'new@x.org',
        salary: '5',
        note: 'n2',
        number: '7',
      });
      await client.query(save, ['Other', 'n***@x***.org', null, 'n3', '8', 1]);
      expect(await stored(1)).toEqual({
        name: 'Other',
        email: 'new@x.org',
        salary: '5',
        note: 'n3',
        number: '8',
      });
    });

    it('one prepared statement serves both, again and again', async () => {
      const named = { name: 'save', text: 'UPDATE customers SET email = $1, salary = $2 WHERE id = $3' };
      const run = async (values: readonly unknown[]): Promise<void> =>
        void (await client.query({ ...named, values: [...values] }));
      await run(['j***@e***.com', null, 1]);
      await run(['a@b.com', '7', 1]);
      await run(['***', null, 1]);
      await run(['a***@b***.com', '8', 1]);
      expect(await stored(1)).toMatchObject({ email: 'a@b.com', salary: '8' });
    });

    it('another row’s mask is a value like any other', async () => {
      await client.query('UPDATE customers SET email = $1 WHERE id = 2', ['j***@e***.com']);
      expect(await stored(2)).toMatchObject({ email: 'j***@e***.com' });
    });

    it('literals in the text are guarded the same way', async () => {
      await client.query(
        `UPDATE customers SET email = 'j***@e***.com', salary = NULL, note = 'l' WHERE id = 1`,
      );
      expect(await stored(1)).toMatchObject({ email: 'jane@example.com', salary: '100', note: 'l' });
      await client.query(`UPDATE customers SET email = '***' WHERE id = 1`);
      await client.query(`UPDATE customers SET salary = NULL WHERE id = 1`);
      await client.query(`UPDATE notes SET secret = '***', owner = '${token('Jane')}' WHERE id = 1`);
      expect(await stored(1)).toMatchObject({ email: 'jane@example.com', salary: '100' });
      expect((await direct.query('SELECT * FROM notes WHERE id = 1')).rows).toEqual([
        { id: 1, owner: 'Jane', secret: 's1' },
      ]);
    });

    it('an upsert keeps the value, and a new row takes what it is given', async () => {
      const upsert = `INSERT INTO customers (id, email, note) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET email = excluded.email, note = excluded.note`;
      await client.query(upsert, [1, 'j***@e***.com', 'u']);
      expect(await stored(1)).toMatchObject({ email: 'jane@example.com', note: 'u' });
      await client.query(upsert, [1, 'real@new.org', 'v']);
      await client.query(upsert, [3, 'third@new.org', 'w']);
      expect(await stored(1)).toMatchObject({ email: 'real@new.org' });
      expect(await stored(3)).toMatchObject({ email: 'third@new.org' });
    });

    it('masks that took the way over a temporary table do not come back either', async () => {
      await client.query('CREATE TEMP TABLE kept AS SELECT id, email AS mail FROM customers');
      await client.query(`UPDATE kept SET mail = 'joe@new.org' WHERE id = 2`);
      await client.query('UPDATE customers c SET email = k.mail FROM kept k WHERE k.id = c.id');
      expect(await stored(1)).toMatchObject({ email: 'jane@example.com' });
      expect(await stored(2)).toMatchObject({ email: 'joe@new.org' });
    });

    it('a number whose mask is text keeps its value', async () => {
      await client.query('UPDATE leads SET phone = $1, note = $2 WHERE id = 1', ['******1234', 'x']);
      await client.query(`UPDATE leads SET phone = '******1234' WHERE id = 1`);
      expect((await direct.query('SELECT phone, note FROM leads WHERE id = 1')).rows).toEqual([
        { phone: '4155551234', note: 'x' },
      ]);
    });

    it('in a session that may not read values nothing is overwritten', async () => {
      await client.query('DO $$ BEGIN END $$');
      const { rows } = await client.query('SELECT * FROM customers WHERE id = 1');
      const row = rows[0] as Record<string, unknown>;
      expect(row).toMatchObject({ name: '***', email: '***', salary: null, number: null });
      const saving = client.query(save, [row['name'], row['email'], row['salary'], 'd', row['number'], 1]);
      // a pseudonym that is no text shows NULL, and cannot be told from one that is meant
      await expect(saving).rejects.toMatchObject({ code: '42501', routine: 'daam:write-back' });
      const text = 'UPDATE customers SET name = $1, email = $2, salary = $3, note = $4 WHERE id = $5';
      await client.query(text, [row['name'], row['email'], row['salary'], 'd', 1]);
      expect(await stored(1)).toMatchObject({
        name: 'Jane',
        email: 'jane@example.com',
        salary: '100',
        note: 'd',
      });
      await client.query(text, ['New', 'new@x.org', '9', 'e', 1]);
      expect(await stored(1)).toMatchObject({ name: 'New', email: 'new@x.org', salary: '9', note: 'e' });
    });

    it('MERGE keeps it too', async () => {
      if (major < 15) return;
      const merge = `MERGE INTO customers c USING (VALUES (1, 'j***@e***.com'), (2, 'joe@new.org')) v (id, mail) ON c.id = v.id
        WHEN MATCHED THEN UPDATE SET email = v.mail, salary = NULL`;
      await client.query(merge);
      expect(await stored(1)).toMatchObject({ email: 'jane@example.com', salary: '100' });
      expect(await stored(2)).toMatchObject({ email: 'joe@new.org', salary: '200' });
    });

    it('tells nothing: what is kept and what is written look the same', async () => {
      const right = await client.query(
        `UPDATE customers SET email = 'j***@e***.com' WHERE id = 1 RETURNING email`,
      );
      const wrong = await client.query(
        `UPDATE customers SET email = 'j***@e***.com' WHERE id = 2 RETURNING id`,
      );
      expect([right.rowCount, wrong.rowCount]).toEqual([1, 1]);
      expect(right.rows).toEqual([{ email: 'j***@e***.com' }]);
    });
  });

  describe('joins within a data domain', () => {
    it('compare real values and show masks', async () => {
      const { rows } = await client.query(
        'SELECT c.*, l.mail FROM customers c JOIN leads l ON l.mail = c.email ORDER BY c.id',
      );
      expect(rows).toEqual([
        {
          id: 2,
          name: token('Joe'),
          email: 'j***@s***.org',
          salary: null,
          note: 'm',
          number: null,
          mail: 'j***@s***.org',
        },
      ]);
      const outer =
        'SELECT c.id, l.id AS lead FROM customers c LEFT JOIN leads l ON l.mail = c.email ORDER BY 1';
      expect((await client.query(outer)).rows).toEqual([
        { id: 1, lead: null },
        { id: 2, lead: 1 },
      ]);
    });
  });

  describe('the match budget', () => {
    const one = 'SELECT id FROM customers WHERE email = $1';
    const many = 'SELECT id FROM customers WHERE email = ANY ($1)';

    it('holds for arrays and over sessions, in both protocols, cached or not', async () => {
      const emails = (from: number, count: number): string[] =>
        Array.from({ length: count }, (_, index) => `${major}v${from + index}@x.org`);
      await expect(client.query(many, [emails(0, 17)])).rejects.toMatchObject({
        code: '53400',
        routine: 'daam:match-budget',
      });
      expect((await client.query(many, [['jane@example.com', ...emails(0, 9)]])).rows).toEqual([{ id: 1 }]);
      for (const email of emails(9, 9))
        await client.query(`SELECT id FROM customers WHERE email = '${email}'`);
      const other = await agent.connect();
      await other.query({ name: 'one', text: one, values: ['last@x.org'] });
      const refused = { code: '53400', routine: 'daam:match-budget' };
      await expect(other.query({ name: 'one', text: one, values: ['more@x.org'] })).rejects.toMatchObject(
        refused,
      );
      await expect(client.query(`SELECT id FROM customers WHERE email = 'more@x.org'`)).rejects.toMatchObject(
        refused,
      );
      // what was tried before still works
      expect((await other.query({ name: 'one', text: one, values: ['jane@example.com'] })).rows).toEqual([
        { id: 1 },
      ]);
      await other.end();
    });
  });
});
