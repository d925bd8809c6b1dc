import { Secret } from '@daam/shared/base/secret';
import type { EffectivePolicy, TableOperation } from '@daam/shared/policy/effective-policy';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/** Masks behind views, partitions and foreign keys, through a whole session: gate, rewriter, floor and latch agree. */

const canary = 'canary-8f1d';

const schema = `
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, ssn text CHECK (ssn <> 'never'), name text);
INSERT INTO people VALUES (1, '${canary}@example.com', '${canary}', 'Ann'), (2, 'bob@example.com', '123-45-6789', 'Bob');
CREATE TABLE letters (id int PRIMARY KEY, recipient text REFERENCES people (email) ON UPDATE CASCADE ON DELETE CASCADE, body text);
INSERT INTO letters VALUES (1, '${canary}@example.com', 'hello');
CREATE VIEW contacts AS SELECT id, email AS contact, name FROM people;
CREATE VIEW contact_names AS SELECT c.contact AS address, c.id FROM contacts c;
CREATE MATERIALIZED VIEW kept AS SELECT id, contact FROM contacts;
CREATE VIEW letter_names AS SELECT p.name, l.body FROM letters l JOIN people p ON p.email = l.recipient;
CREATE VIEW rich AS SELECT id, name FROM people WHERE ssn LIKE 'canary%';
CREATE VIEW numbers AS SELECT id, name FROM people;
CREATE TABLE events (id int, at date, body text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO events VALUES (1, '2024-05-05', '${canary}');
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION keep();
CREATE TABLE noisy (id int PRIMARY KEY, secret text, letter int REFERENCES letters (id) ON DELETE CASCADE);
INSERT INTO noisy VALUES (1, '${canary}', 1);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'old %', OLD.secret; RETURN OLD; END $$;
CREATE TRIGGER t BEFORE DELETE ON noisy FOR EACH ROW EXECUTE FUNCTION shout();
CREATE VIEW by_trigger AS SELECT id, email FROM people;
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'old %', OLD.email; RETURN NEW; END $$;
CREATE TRIGGER t INSTEAD OF UPDATE ON by_trigger FOR EACH ROW EXECUTE FUNCTION instead();
CREATE VIEW by_rule AS SELECT id, email FROM people;
CREATE RULE r AS ON DELETE TO by_rule DO INSTEAD UPDATE people SET name = 'gone' WHERE id = OLD.id;
CREATE TABLE plain (id int);
INSERT INTO plain VALUES (1);
`;

const origin = { policy: 'p', version: 1 };
const grant = (table: string, ...operations: TableOperation[]) => ({
  schema: 'public',
  table,
  operations,
  origin,
});
const mask = (table: string, column: string, preset: 'email' | 'redact') => ({
  schema: 'public',
  table,
  column,
  preset,
  origin,
});

const policy: EffectivePolicy = {
  database: 'shop',
  grants: [
    grant('events_1', 'insert'),
    ...['people', 'letters', 'contacts', 'by_trigger', 'by_rule', 'numbers'].map((table) =>
      grant(table, 'select', 'insert', 'update', 'delete'),
    ),
    ...['contact_names', 'kept', 'letter_names', 'rich', 'events_1', 'plain'].map((table) =>
      grant(table, 'select'),
    ),
  ],
  masks: [
    mask('people', 'email', 'email'),
    mask('people', 'ssn', 'redact'),
    mask('events', 'body', 'redact'),
    mask('noisy', 'secret', 'redact'),
    mask('*', '*_later', 'redact'),
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('it did not fail');
}

describe.each([13, 14, 15, 16, 17, 18] as const)('views and what writes reach on PostgreSQL %i', (major) => {
  const stack = new AsyncDisposableStack();
  let postgres: EmbeddedPostgres;
  let guarded: GuardedDatabase;
  const heard: string[] = [];

  const connect = async (): Promise<Client> => {
    const client = await guarded.connect();
    client.on('notice', (notice) => heard.push(JSON.stringify(notice)));
    return client;
  };

  beforeAll(async () => {
    postgres = stack.use(await startEmbeddedPostgres({ major }));
    guarded = stack.use(await startGuardedDatabase({ postgres, schema, policy }));
  });
  afterAll(async () => await stack.disposeAsync());

  it('shows masks in plain columns of views, at every depth, elevated and not', async () => {
    const client = await connect();
    const read = async (sql: string) => (await client.query(sql)).rows as unknown;
    expect(await read('SELECT contact FROM contacts ORDER BY id')).toEqual([
      { contact: 'c***@e***.com' },
      { contact: 'b***@e***.com' },
    ]);
    expect(await read('SELECT * FROM contact_names WHERE id = 1')).toEqual([
      { address: 'c***@e***.com', id: 1 },
    ]);
    expect(await read('SELECT contact FROM kept WHERE id = 1')).toEqual([{ contact: 'c***@e***.com' }]);
    expect(await read('SELECT recipient FROM letters')).toEqual([{ recipient: 'c***@e***.com' }]);
    expect(await read('SELECT body FROM events_1')).toEqual([{ body: '***' }]);
    expect(await read('SELECT * FROM letter_names')).toEqual([{ name: 'Ann', body: 'hello' }]);
    expect(await read(`SELECT id FROM contacts WHERE contact = '${canary}@example.com'`)).toEqual([
      { id: 1 },
    ]);
    expect(await read(`SELECT id FROM contacts WHERE contact LIKE 'canary%'`)).toEqual([]);
    await client.query('DO $$ BEGIN END $$');
    expect(await read('SELECT contact FROM contacts WHERE id = 1')).toEqual([{ contact: '***' }]);
    expect(await read('SELECT name FROM contacts WHERE id = 1')).toEqual([{ name: 'Ann' }]);
    expect((await failure(client.query(`DO $$ BEGIN PERFORM contact FROM contacts; END $$`))).code).toBe(
      '42501',
    );
    await client.end();
  });

  it('refuses a view whose rows tell about a masked column, and says which', async () => {
    const client = await connect();
    const refused = await failure(client.query('SELECT * FROM rich'));
    expect(refused).toMatchObject({ code: '42501' });
    expect(refused.detail).toMatch(/public\.people\.ssn in WHERE/);
    expect((await failure(client.query(`DO $$ BEGIN PERFORM id FROM rich; END $$`))).code).toBe('42501');
    await client.end();
  });

  it('writes through an updatable view, without quoting the row that a constraint refuses', async () => {
    const client = await connect();
    await client.query(`UPDATE contacts SET name = 'Anna' WHERE id = 1`);
    const { rows } = await guarded.admin.query(`SELECT name, email FROM people WHERE id = 1`);
    expect(rows).toEqual([{ name: 'Anna', email: `${canary}@example.com` }]);
    await guarded.admin.query(`ALTER TABLE people ADD CONSTRAINT named CHECK (name <> 'x')`);
    for (const view of ['contacts', 'numbers']) {
      const refused = await failure(client.query(`UPDATE ${view} SET name = 'x' WHERE id = 1`));
      expect(refused.code).toBe('23514');
      expect(JSON.stringify(refused)).not.toContain(canary);
    }
    await client.end();
  });

  it('keeps to itself what triggers and rules on views say', async () => {
    const client = await connect();
    await client.query('SELECT email FROM by_trigger');
    await client.query(`UPDATE by_trigger SET email = 'n@example.com' WHERE id = 1`);
    await client.query('DELETE FROM by_rule WHERE id = 2');
    expect((await guarded.admin.query('SELECT name FROM people WHERE id = 2')).rows).toEqual([
      { name: 'gone' },
    ]);
    await client.end();
    expect(heard.join()).not.toContain(canary);
  });

  it('knows that deleting a row runs triggers on tables that refer to it, and hides what they say', async () => {
    const client = await connect();
    guarded.events.length = 0;
    await client.query('BEGIN');
    await client.query('DELETE FROM letters WHERE id = 1');
    await client.query('ROLLBACK');
    expect(guarded.events).toContain('allow base DELETE FROM letters WHERE id = 1');
    expect(heard.join()).not.toContain(canary);
    await client.end();
  });

  it('knows the triggers that a partition has from its parent, also where the server calls them internal', async () => {
    const client = await connect();
    guarded.events.length = 0;
    const sql = `INSERT INTO events_1 (id, at) VALUES (2, '2024-06-06')`;
    await client.query(sql);
    expect(guarded.events).toContain(`allow base ${sql}`);
    await client.end();
  });

  it('sees the tag of LOCK, also where it is written as something else', async () => {
    const client = await connect();
    const sql = 'BEGIN; LOCK TABLE plain IN ACCESS SHARE MODE; COMMIT';
    const results = (await client.query(sql)) as unknown as readonly { readonly command: string }[];
    expect(results.map(({ command }) => command)).toEqual(['BEGIN', 'LOCK', 'COMMIT']);
    await client.end();
  });

  it('learns in a failed transaction that it failed, whatever it asks for', async () => {
    const client = await connect();
    const codeOf = async (sql: string): Promise<unknown> =>
      client.query(sql).then(
        () => null,
        (thrown: { readonly code?: string }) => thrown.code,
      );
    expect(await codeOf('EXECUTE nobody')).toBe('26000');
    await client.query('BEGIN');
    expect(await codeOf('SELECT 1 / 0')).toBe('22012');
    expect(await codeOf('EXECUTE nobody')).toBe('25P02');
    expect(await codeOf('DEALLOCATE nobody')).toBe('25P02');
    await client.query('ROLLBACK');
    await client.end();
  });

  it('cannot read a column that was added a moment ago and that a mask covers', async () => {
    const client = await connect();
    expect((await client.query('SELECT * FROM plain')).rows).toEqual([{ id: 1 }]);
    for (const sql of [
      'LOCK TABLE plain IN ACCESS SHARE MODE',
      'SELECT p, ctid, xmin, tableoid FROM plain p',
      'COPY plain TO STDOUT',
    ])
      await client.query(`BEGIN; ${sql}; COMMIT`);
    await guarded.admin.query(`ALTER TABLE plain ADD COLUMN card_later text DEFAULT '${canary}'`);
    for (const sql of [
      'SELECT * FROM plain',
      'SELECT card_later FROM plain',
      `SELECT card_later || '' FROM plain`,
    ])
      expect((await failure(client.query(sql))).code).toBe('42501');
    expect((await client.query('SELECT id FROM plain')).rows).toEqual([{ id: 1 }]);
    await guarded.readCatalog();
    expect((await client.query('SELECT * FROM plain')).rows).toEqual([{ id: 1, card_later: '***' }]);
    await client.end();
  });
});

describe.each([13, 18] as const)('the agent’s own limits on PostgreSQL %i', (major) => {
  const stack = new AsyncDisposableStack();
  let postgres: EmbeddedPostgres;
  beforeAll(async () => {
    postgres = stack.use(await startEmbeddedPostgres({ major }));
  });
  afterAll(async () => await stack.disposeAsync());

  it('serves nothing outside its scope, whatever the policy says; an empty scope is nothing at all', async () => {
    const all = { ...policy, grants: [grant('*', 'select', 'update')] };
    const scope = [{ schema: 'public', table: 'contact*' }];
    await using within = await startGuardedDatabase({ postgres, schema, policy: all, upstream: { scope } });
    const client = await within.connect();
    expect((await client.query('SELECT contact FROM contacts WHERE id = 1')).rows).toEqual([
      { contact: 'c***@e***.com' },
    ]);
    expect((await failure(client.query('SELECT id FROM people'))).code).toBe('42501');
    expect((await failure(client.query(`DO $$ BEGIN PERFORM id FROM people; END $$`))).code).toBe('42501');
    await within.setPolicy({ ...all, grants: [...all.grants, grant('people', 'select')] });
    expect((await failure(client.query('SELECT id FROM people'))).code).toBe('42501');
    await client.end();
    await using nothing = await startGuardedDatabase({
      postgres,
      schema,
      policy: all,
      upstream: { scope: [] },
    });
    const outsider = await nothing.connect();
    expect((await failure(outsider.query('SELECT id FROM contacts'))).code).toBe('42501');
    await outsider.end();
  });

  it('says when the agent’s role may not pass on what a policy grants, and serves the rest', async () => {
    const own = `
      CREATE TABLE given (id int, secret text); CREATE TABLE kept_back (id int); INSERT INTO given VALUES (1, '${canary}');
      CREATE ROLE limited_${major} LOGIN CREATEROLE PASSWORD 'limited-password';
      GRANT USAGE ON SCHEMA public TO limited_${major} WITH GRANT OPTION;
      GRANT SELECT ON given TO limited_${major} WITH GRANT OPTION;`;
    const wanted = {
      ...policy,
      masks: [mask('given', 'secret', 'email')],
      grants: [grant('*', 'select', 'update')],
    };
    await using limited = await startGuardedDatabase({
      postgres,
      schema: own,
      policy: wanted,
      upstream: { user: `limited_${major}`, password: new Secret('limited-password') },
    });
    const client = await limited.connect();
    expect((await client.query('SELECT id FROM given')).rows).toEqual([{ id: 1 }]);
    expect((await client.query('SELECT secret FROM given')).rows).toEqual([{ secret: '***' }]);
    const refused = await failure(client.query('SELECT id FROM kept_back'));
    expect(refused).toMatchObject({ code: '42501' });
    expect(refused.detail).toContain('WITH GRANT OPTION');
    expect((await failure(client.query('UPDATE given SET id = 2'))).detail).toContain('WITH GRANT OPTION');
    await limited.admin.query(`GRANT UPDATE ON given TO limited_${major} WITH GRANT OPTION`);
    await limited.readCatalog();
    await client.query('UPDATE given SET id = 2');
    await client.end();
  });
});
