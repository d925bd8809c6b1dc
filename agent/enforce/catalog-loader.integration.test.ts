import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Catalog, CatalogRelation } from '@daam/shared/sql/catalog';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogVersion, loadCatalog } from './catalog-loader.ts';

const schema = `
CREATE SCHEMA "Odd";
CREATE DOMAIN public.email_address AS varchar(60) CHECK (value <> '');
CREATE TYPE public.order_status AS ENUM ('open', 'done');
CREATE TABLE public.customers (
  id serial PRIMARY KEY, email public.email_address NOT NULL, status public.order_status, born timestamp(3),
  code "char", tags varchar(9)[], ssn text,
  lowered text GENERATED ALWAYS AS (lower(ssn || tags[1])) STORED, gone int);
ALTER TABLE public.customers DROP COLUMN gone;
CREATE TABLE public.events (id int, at date, body text) PARTITION BY RANGE (at);
CREATE TABLE public.events_2024 PARTITION OF public.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE FUNCTION public.secret() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT 'x' $$;
CREATE FUNCTION public.noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT OR UPDATE ON public.customers FOR EACH ROW EXECUTE FUNCTION public.noop();
CREATE TABLE "Odd"."Checked Table" (v text CHECK (v <> public.secret()));
CREATE VIEW public.v_plain AS SELECT id, email AS contact FROM public.customers;
CREATE VIEW public.v_nested AS SELECT contact FROM public.v_plain;
CREATE VIEW public.v_whole AS SELECT id, row_to_json(c) AS doc FROM public.customers c;
CREATE VIEW public.v_code AS SELECT public.secret() AS s;
CREATE VIEW public.v_xml AS SELECT query_to_xml('select 1', true, true, '') AS x;
CREATE VIEW public.v_stats AS SELECT tablename, null_frac FROM pg_stats;
CREATE VIEW public.v_count AS SELECT count(*) AS n FROM public.customers;
CREATE MATERIALIZED VIEW public.m AS SELECT ssn FROM public.customers;
ALTER DATABASE shop SET search_path = "$user", "Odd", public, missing;
`;

describe.each([13, 14, 15, 16, 17, 18] as const)('loadCatalog on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let client: Client;
  let catalog: Catalog;
  const find = (name: string): CatalogRelation => {
    const found = [...catalog.relations.values()].find(
      (relation) => relation.name === name && !relation.system,
    );
    if (found === undefined) throw new Error(name);
    return found;
  };
  const column = (name: string) => find('customers').columns.find((one) => one.name === name);

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    client = new Client({ connectionString: await server.createDatabase('shop') });
    await client.connect();
    await client.query(schema);
    catalog = await loadCatalog(client);
  });
  afterAll(async () => {
    await client?.end();
    await server?.[Symbol.asyncDispose]();
  });

  it('names the database, the version, the schemas and the path of a new session', () => {
    expect(catalog).toMatchObject({ major, database: 'shop', defaultSearchPath: ['Odd', 'public'] });
    expect(catalog.schemas.has('Odd')).toBe(true);
  });

  it('writes types so that they mean the same under any search path', async () => {
    expect(column('email')).toMatchObject({
      typeName: 'public.email_address',
      baseTypeName: 'pg_catalog.varchar',
      typeCategory: 'S',
      notNull: true,
    });
    expect(column('status')).toMatchObject({ typeName: 'public.order_status', typeCategory: 'E' });
    expect(column('tags')).toMatchObject({ typeName: 'pg_catalog._varchar(9)', typeCategory: 'A' });
    expect(column('code')).toMatchObject({ baseTypeName: 'pg_catalog.char' });
    for (const relation of catalog.relations.values()) {
      const casts = relation.columns.map((each) => `NULL::${each.typeName}, NULL::${each.baseTypeName}`);
      if (casts.length > 0 && !relation.system) await client.query(`SELECT ${casts.join(', ')}`);
    }
    const { rows } = await client.query<{ t: string }>(`SELECT pg_typeof('x'::pg_catalog.char)::text AS t`);
    expect(rows[0]?.t).toBe('"char"');
  });

  it('finds keys, generated columns, sequences, triggers, children and user expressions', () => {
    const customers = find('customers');
    expect(customers.primaryKey).toEqual([1]);
    expect(column('lowered')?.generatedFrom).toEqual([6, 7]);
    expect(column('ssn')?.generatedFrom).toBeNull();
    expect(customers.columns.map((each) => each.name)).not.toContain('gone');
    expect(customers.ownedSequences).toEqual([find('customers_id_seq').oid]);
    expect(customers.userTriggers).toEqual(['insert', 'update']);
    expect(find('events_2024').parents).toEqual([find('events').oid]);
    expect(find('Checked Table').hasUserExpressions).toBe(true);
    expect(customers.hasUserExpressions).toBe(false);
    expect(customers.hasRules).toBe(false);
    expect(find('v_plain').hasRules).toBe(false);
  });

  it('traces views to columns, through other views, and gives up where code runs', () => {
    const { oid } = find('customers');
    expect(find('v_plain').reads).toEqual([{ oid, columns: [1, 2] }]);
    expect(find('v_nested').reads).toEqual(expect.arrayContaining([{ oid, columns: [1, 2] }]));
    expect(find('v_whole').reads).toEqual([{ oid, columns: null }]);
    expect(find('v_count').reads).toEqual([{ oid, columns: [] }]);
    expect(find('m').reads).toEqual([{ oid, columns: [7] }]);
    expect(find('v_code').reads).toBeNull();
    expect(find('v_xml').reads).toBeNull();
    expect(find('v_stats').reads).toBeNull();
  });

  it('gives functions and triggers a hash of what runs, which privileges do not change', async () => {
    await client.query(`
      CREATE FUNCTION public.hashed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TABLE public.hashed (id int);
      CREATE TRIGGER h BEFORE INSERT ON public.hashed FOR EACH ROW EXECUTE FUNCTION public.hashed()`);
    const hashes = async (): Promise<readonly (string | undefined)[]> => {
      const now = await loadCatalog(client);
      const table = [...now.relations.values()].find(({ name }) => name === 'hashed');
      return [now.userFunctions.get('hashed')?.[0]?.sourceHash, table?.triggers?.[0]?.sourceHash];
    };
    let before = await hashes();
    const isHash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(before).toEqual([isHash, isHash]);
    await client.query('REVOKE EXECUTE ON FUNCTION public.hashed() FROM PUBLIC');
    expect(await hashes()).toEqual(before);
    for (const change of [
      'CREATE OR REPLACE FUNCTION public.hashed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
      'ALTER FUNCTION public.hashed() SECURITY DEFINER',
      "ALTER FUNCTION public.hashed() SET search_path = 'public'",
    ]) {
      await client.query(change);
      const after = await hashes();
      expect([after[0] === before[0], after[1] === before[1]]).toEqual([false, false]);
      before = after;
    }
    await client.query('DROP TABLE public.hashed; DROP FUNCTION public.hashed()');
  });

  it('lists user-made functions and types by bare name, and system relations apart', () => {
    expect(catalog.userFunctions.get('secret')).toMatchObject([
      { schema: 'public', securityDefiner: true, kind: 'f' },
    ]);
    expect(catalog.userTypes.get('order_status')).toMatchObject([{ kind: 'e' }]);
    expect(catalog.byName.get('pg_catalog\u0000pg_class')?.system).toBe(true);
    expect(catalog.byName.get('information_schema\u0000tables')?.system).toBe(true);
  });

  it('changes its version with the schema and not with grants, statistics or rows', async () => {
    expect(await catalogVersion(client)).toBe(catalog.version);
    await client.query(`CREATE ROLE someone; GRANT SELECT (id) ON customers TO someone; GRANT USAGE ON SCHEMA public TO someone;
      INSERT INTO customers (email) VALUES ('a'); ANALYZE`);
    expect(await catalogVersion(client)).toBe(catalog.version);
    for (const change of [
      'ALTER TABLE customers ADD COLUMN extra int',
      'CREATE VIEW v2 AS SELECT 1 AS one',
      'CREATE OR REPLACE VIEW v2 AS SELECT 2 AS one',
      'ALTER TABLE customers DISABLE TRIGGER t',
      'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'ALTER TABLE customers RENAME TO clients',
    ]) {
      const before = await catalogVersion(client);
      await client.query(change);
      expect(await catalogVersion(client)).not.toBe(before);
    }
  });

  it('runs no operator that someone planted on the search path', async () => {
    await client.query(`
      CREATE FUNCTION public.trap(oid, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
      CREATE OPERATOR public.>= (LEFTARG = oid, RIGHTARG = int, FUNCTION = public.trap)`);
    await expect(client.query('SELECT oid >= 1 FROM pg_class')).rejects.toThrow('trapped');
    const version = await catalogVersion(client);
    expect((await loadCatalog(client)).version).toBe(version);
    await client.query('DROP FUNCTION public.trap CASCADE');
  });

  it('is quick', async () => {
    const started = performance.now();
    await loadCatalog(client);
    const loaded = performance.now();
    await catalogVersion(client);
    process.stdout.write(
      `load ${Math.round(loaded - started)} ms, version ${Math.round(performance.now() - loaded)} ms\n`,
    );
    expect(loaded - started).toBeLessThan(2_000);
  });
});
