import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { vouchable } from '@daam/shared/sql/vouched';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedDatabase, startGuardedDatabase } from '../testing/guarded-database.ts';

/**
 * enforcement.md 4 on real servers: the five ways to smuggle code into an elevated moment, what ends elevation and
 * what brings it back. Each way tries to carry the canary out by a NOTICE, an error or a table of its own.
 */

const canary = 'kanarie7f3a@secret.example';
const schema = `
CREATE TABLE customers (id int PRIMARY KEY, email text, note text);
INSERT INTO customers VALUES (1, '${canary}', 'n');
CREATE TABLE orders (id int PRIMARY KEY, memo text);
INSERT INTO orders SELECT g, 'memo' FROM generate_series(1, 5) g;
CREATE TABLE audited (id int PRIMARY KEY, memo text);
CREATE FUNCTION peek() RETURNS text LANGUAGE plpgsql AS $$ DECLARE e text; BEGIN SELECT email INTO e FROM customers; RETURN e; END $$;
CREATE FUNCTION harmless(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
CREATE FUNCTION definer() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM customers';
CREATE FUNCTION run(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; END $$;
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE e text; BEGIN SELECT email INTO e FROM customers; RAISE EXCEPTION 'late %', e; END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.memo = 'touched'; RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON audited DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION late();
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
`;

const origin = { policy: 'p', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: 'public', table: '*', operations: ['select', 'insert', 'update', 'delete'], origin }],
  masks: [{ schema: 'public', table: 'customers', column: 'email', preset: 'email', origin }],
  rowFilters: [],
  limits: {},
  policies: [origin],
};
const real = 'k***@s***.example';
const constant = '***';
const read = 'SELECT email FROM customers';

describe.each([13, 14, 15, 16, 17, 18] as const)('the taint latch on PostgreSQL %i', (major) => {
  let postgres: EmbeddedPostgres;
  let database: GuardedDatabase;
  let client: Client;
  let told: string[];

  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ major });
    database = await startGuardedDatabase({ postgres, schema, policy });
  });
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    client = await database.connect();
    told = [];
    client.on('notice', (notice) => told.push(`${notice.message} ${notice.detail ?? ''}`));
  });
  afterEach(async () => {
    await client.end().catch(() => undefined);
    await database.setElevation(true);
    await database.vouch([]);
  });

  /** The first value, or the SQLSTATE; everything that came is searched for the canary. */
  const ask = async (sql: string): Promise<string> => {
    let answer: string;
    try {
      const result = (await client.query({ text: sql, rowMode: 'array' })) as { rows?: unknown[][] };
      answer = JSON.stringify(result.rows?.[0]?.[0] ?? null).replaceAll('"', '');
    } catch (thrown) {
      const text = JSON.stringify(thrown, Object.getOwnPropertyNames(thrown));
      if (!sql.includes('kanarie')) expect(text).not.toContain('kanarie');
      answer = (thrown as { code?: string }).code ?? text;
    }
    expect(`${answer} ${told.join(' ')}`).not.toContain('kanarie');
    return answer;
  };
  const shows = async (): Promise<string> => await ask(read);

  it('computes value masks in a clean session, elevated once', async () => {
    expect(await shows()).toBe(real);
    expect(await ask('SELECT 1')).toBe('1');
    expect(await shows()).toBe(real);
    expect(told).toEqual([]);
  });

  describe('smuggled code', () => {
    it('in a temporary view runs in base, and the session stays there', async () => {
      await ask(`CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE plpgsql AS
        $$ DECLARE e text; BEGIN SELECT email INTO e FROM customers; RAISE NOTICE '%', e; RETURN e; END $$`);
      await ask('CREATE TEMP VIEW planted AS SELECT pg_temp.f() AS v');
      expect(await ask('SELECT v FROM planted')).toBe('42501');
      expect(await shows()).toBe(constant);
      expect(await ask(`SELECT email, (SELECT v FROM planted) FROM customers`)).toBe('42501');
    });

    it('in a row policy of a temporary table runs in base', async () => {
      await ask(`DO $$ BEGIN
        CREATE TEMP TABLE guarded (id int); INSERT INTO guarded VALUES (1);
        CREATE FUNCTION pg_temp.g(int) RETURNS bool LANGUAGE plpgsql AS
          'DECLARE e text; BEGIN SELECT email INTO e FROM customers; RAISE EXCEPTION ''%'', e; END';
        CREATE POLICY p ON guarded USING (pg_temp.g(id));
        ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY; END $$`);
      expect(await ask('SELECT id FROM guarded')).toBe('42501');
      expect(await shows()).toBe(constant);
      expect(await ask('SELECT email, g.id FROM customers, guarded g')).toBe('42501');
    });

    it('in a cursor that was opened before is fetched in base', async () => {
      await ask('BEGIN');
      await ask('DECLARE c CURSOR FOR SELECT id, peek() FROM orders');
      expect(await shows()).toBe(constant);
      expect(await ask('FETCH 1 FROM c')).toBe('42501');
      await ask('ROLLBACK');
      expect(await shows()).toBe(constant);
    });

    it('in a cursor WITH HOLD keeps the session in base, after its transaction too', async () => {
      await ask('BEGIN');
      await ask('DECLARE h CURSOR WITH HOLD FOR SELECT harmless(id) FROM orders ORDER BY id');
      await ask('COMMIT');
      expect(await shows()).toBe(constant);
      expect(await ask('FETCH 1 FROM h')).toBe('2');
      expect(await shows()).toBe(constant);
    });

    it('in a cursor WITH HOLD that a function opened is found before the session is elevated again', async () => {
      await ask(`SELECT run('DECLARE hidden CURSOR WITH HOLD FOR SELECT harmless(id) FROM orders')`);
      expect(await shows()).toBe(constant);
      expect(told.at(-1)).toMatch(/left something behind/);
    });

    it('in a deferred trigger runs in base at COMMIT', async () => {
      await ask('BEGIN');
      await ask("INSERT INTO audited VALUES (1, 'x')");
      expect(await shows()).toBe(constant);
      expect(await ask('COMMIT')).toBe('42501');
      expect(await shows()).toBe(real);
    });

    it('in a deferred trigger that nobody knows of yet runs in base, since the write and its COMMIT do', async () => {
      await database.admin.query(`CREATE CONSTRAINT TRIGGER unknown AFTER UPDATE ON customers DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION late()`);
      try {
        await ask('BEGIN');
        await ask("UPDATE customers SET note = 'm' WHERE id = 1");
        expect(await shows()).toBe(real);
        expect(await ask('COMMIT')).toBe('42501');
      } finally {
        await database.admin.query('DROP TRIGGER unknown ON customers');
      }
    });

    it.each([
      [
        'a temporary function',
        `CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'`,
      ],
      ['a temporary view', 'CREATE TEMP VIEW orders AS SELECT 1 AS id'],
      ['a search path', `SET search_path = pg_temp, public`],
      ['a prepared statement', `PREPARE sneaky AS SELECT peek()`],
      [
        'a table with a rule',
        `CREATE TEMP TABLE r (id int); CREATE RULE r AS ON INSERT TO r DO ALSO SELECT peek()`,
      ],
      ['a table with a check', `CREATE TEMP TABLE k (id int CHECK (harmless(id) > 0))`],
      [
        'a table with a trigger',
        `CREATE TEMP TABLE t (id int, memo text);
        CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()`,
      ],
    ])('through a function that was there before, as %s, is found', async (_, sql) => {
      expect(await ask(`SELECT run('${sql.replaceAll("'", "''")}')`)).toBe('');
      expect(await shows()).toBe(constant);
      expect(told.at(-1)).toMatch(/left something behind/);
      await ask('DISCARD ALL');
      expect(await shows()).toBe(real);
    });
  });

  describe('is left again', () => {
    it('at the end of the transaction of a function or trigger, when these left nothing', async () => {
      await ask('BEGIN');
      expect(await ask('SELECT harmless(1)')).toBe('2');
      expect(await shows()).toBe(constant);
      expect(told).toHaveLength(1);
      expect(await shows()).toBe(constant);
      expect(told).toHaveLength(1);
      await ask('COMMIT');
      expect(await shows()).toBe(real);
      await ask("UPDATE orders SET memo = 'x' WHERE id = 1");
      expect(await shows()).toBe(real);
      expect(told).toHaveLength(1);
    });

    it('and a plain temporary table that a function made can be used afterwards', async () => {
      await ask(`SELECT run('CREATE TEMP TABLE made AS SELECT 7 AS seven')`);
      expect(await ask('SELECT seven FROM made')).toBe('7');
      expect(await shows()).toBe(constant);
      await ask('DROP TABLE made');
      await ask('DISCARD ALL');
      await ask(`SELECT run('CREATE TEMP TABLE made AS SELECT 8 AS eight')`);
      expect(await shows()).toBe(real);
      expect(await ask('SELECT eight FROM made')).toBe('8');
    });

    it('by DISCARD ALL after DO, CREATE FUNCTION and a cursor WITH HOLD', async () => {
      for (const sql of [
        'DO $$ BEGIN PERFORM 1; END $$',
        `CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
        'DECLARE h CURSOR WITH HOLD FOR SELECT harmless(id) FROM orders',
      ]) {
        await ask(sql);
        expect(await shows()).toBe(constant);
        await ask('DISCARD ALL');
        expect(await shows()).toBe(real);
      }
      expect(await ask('SELECT pg_temp.f()')).toBe('42883');
    });

    it('by DISCARD ALL, and what was set and made since then stays known', async () => {
      await database.admin.query(
        `CREATE SCHEMA other; CREATE TABLE other.customers AS SELECT 5 AS id, 'x@y.example' AS email`,
      );
      await database.admin.query('GRANT USAGE ON SCHEMA other TO PUBLIC');
      await database.readCatalog();
      await ask('DO $$ BEGIN PERFORM 1; END $$');
      await ask('DISCARD ALL');
      await ask('CREATE TEMP TABLE mine AS SELECT 3 AS three');
      await ask('SET search_path = other, public');
      expect(await ask('SELECT email FROM public.customers')).toBe(real);
      // The name means other.customers on the server, and must mean that to the gate.
      expect(await shows()).toBe('42501');
      expect(await ask('SELECT three FROM mine')).toBe('3');
      await database.admin.query('DROP SCHEMA other CASCADE');
      await database.readCatalog();
    });

    it('not by a DISCARD ALL that failed, that came before the code, or that left a permanent object', async () => {
      await ask('DO $$ BEGIN PERFORM 1; END $$');
      await ask('BEGIN');
      expect(await ask('DISCARD ALL')).toBe('25001');
      await ask('ROLLBACK');
      expect(await shows()).toBe(constant);
      const discard = client.query('DISCARD ALL');
      const again = client.query('DO $$ BEGIN PERFORM 1; END $$');
      await Promise.all([discard, again]);
      expect(await shows()).toBe(constant);
      await database.admin.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
      await ask(
        `DO $$ BEGIN CREATE FUNCTION public.left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'; END $$`,
      );
      await ask('DISCARD ALL');
      expect(await shows()).toBe(constant);
      await database.admin.query(
        'REVOKE CREATE ON SCHEMA public FROM PUBLIC; DROP FUNCTION public.left_over()',
      );
    });
  });

  it('says why equality is refused while it is refused', async () => {
    await database.setPolicy({
      ...policy,
      masks: [
        { schema: 'public', table: 'customers', column: 'email', preset: 'email', match: 'equality', origin },
      ],
    });
    const equal = `SELECT id FROM customers WHERE email = '${canary}'`;
    expect(await ask(equal)).toBe('1');
    await ask('DO $$ BEGIN PERFORM 1; END $$');
    const refused = await client
      .query(equal)
      .catch((error: unknown) => error as { code: string; detail: string });
    expect(refused).toMatchObject({ code: '42501', detail: expect.stringContaining('User-written code') });
    await database.setPolicy(policy);
  });

  it('never elevates where the switch is off, and a running session obeys it at once', async () => {
    expect(await shows()).toBe(real);
    await client.query({ name: 'p', text: read });
    await database.setElevation(false);
    expect(await shows()).toBe(constant);
    expect((await client.query<{ email: string }>({ name: 'p', text: read })).rows).toEqual([
      { email: constant },
    ]);
    expect(told).toHaveLength(1);
    const { rows } = await database.admin.query(
      `SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles s ON s.oid = m.member
       WHERE r.rolname ~ '^daam_x_' AND s.rolname ~ '^daam_s_'`,
    );
    expect(rows).toHaveLength(0);
    await database.setElevation(true);
    expect(await shows()).toBe(real);
  });

  it('lets vouched code run beside real masks, until its body changes', async () => {
    const both = 'SELECT harmless(id) || email FROM customers';
    expect(await ask(both)).toBe(`2${constant}`);
    expect(await ask('SELECT definer()')).toBe('42501');
    const code = vouchable(database.catalog);
    const named = (start: string) => code.filter(({ name }) => name.startsWith(start));
    await database.vouch([
      ...named('public.harmless('),
      ...named('public.definer('),
      ...named('touched on '),
    ]);
    expect(await ask(both)).toBe(`2${real}`);
    expect(await ask('SELECT definer()')).toMatch(/^[nm]$/);
    await ask('BEGIN');
    await ask("UPDATE orders SET memo = 'y' WHERE id = 1");
    expect(await shows()).toBe(real);
    await ask('COMMIT');
    await database.admin.query(
      `CREATE OR REPLACE FUNCTION harmless(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 2'`,
    );
    await database.readCatalog();
    expect(await ask(both)).toBe(`3${constant}`);
    await database.admin.query(
      `CREATE OR REPLACE FUNCTION harmless(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1'`,
    );
    await database.readCatalog();
  });
});
