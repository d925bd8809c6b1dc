import { silentLogger } from '@daam/shared/base/logger';
import type { Catalog } from '@daam/shared/sql/catalog';
import { databaseSchema } from '@daam/shared/sql/database-schema';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../enforce/catalog-loader.ts';
import { type SchemaReport, SchemaWatch } from './schema-watch.ts';

const schema = `
CREATE SCHEMA "Odd";
CREATE DOMAIN public.email_address AS varchar(60);
CREATE TABLE public.customers (id int PRIMARY KEY, email public.email_address NOT NULL, upper text GENERATED ALWAYS AS (upper('x' || id::text)) STORED);
CREATE TABLE public.events (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE public.events_2024 PARTITION OF public.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE "Odd"."Orders.1" (id int, customer int REFERENCES public.customers (id));
CREATE VIEW public.contacts AS SELECT email FROM public.customers;
CREATE SEQUENCE public.lonely;
COMMENT ON TABLE public.customers IS 'Who buys; "quotes" and '' too';
COMMENT ON COLUMN public.customers.email IS 'E-mail address';
`;

describe.each([13, 18] as const)('the schema that is reported of PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let client: Client;
  let catalog: Catalog | null = null;
  const reports: SchemaReport[] = [];
  const connect = async () => {
    const own = new Client({ connectionString: server.dsn('shop') });
    await own.connect();
    return own;
  };
  const watch = (over: { connect?: () => Promise<Client> } = {}) =>
    new SchemaWatch({
      connect,
      catalog: () => catalog,
      refreshCatalog: async () => {
        catalog = await loadCatalog(client);
      },
      scope: [{ schema: 'public', table: '*' }],
      onReport: (report) => reports.push(report),
      logger: silentLogger,
      ...over,
    });

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    client = new Client({ connectionString: await server.createDatabase('shop') });
    await client.connect();
    await client.query(schema);
  });
  afterAll(async () => {
    await client?.end();
    await server?.[Symbol.asyncDispose]();
  });

  it('has names, types, keys, views and comments, and no rows', async () => {
    await using reporter = watch();
    await reporter.look();
    const report = reports.at(-1)?.schema;
    expect(databaseSchema.safeParse(report).success).toBe(true);
    expect(report).toMatchObject({ database: 'shop', major, scope: ['public.*'], omitted: 0 });
    const names = report?.tables.map(({ schema: name, name: table, kind }) => `${name}.${table} ${kind}`);
    expect(names).toEqual([
      'Odd.Orders.1 table',
      'public.contacts view',
      'public.customers table',
      'public.events partitioned table',
      'public.events_2024 table',
    ]);
    const customers = report?.tables.find(({ name }) => name === 'customers');
    expect(customers).toMatchObject({
      comment: `Who buys; "quotes" and ' too`,
      primaryKey: [1],
      columns: [
        { name: 'id', notNull: true },
        {
          name: 'email',
          type: 'public.email_address',
          baseType: 'pg_catalog.varchar',
          comment: 'E-mail address',
        },
        { name: 'upper', generatedFrom: [1] },
      ],
    });
    expect(report?.tables[0]?.foreignKeys).toEqual([
      { columns: [2], references: customers?.oid, referenced: [1] },
    ]);
    expect(report?.tables[1]?.view?.lineage?.columns).toEqual([
      { attnum: 1, copies: [{ oid: customers?.oid, attnum: 2 }], computedFrom: [] },
    ]);
  });

  it('has the same hash until the schema or a comment changes', async () => {
    await using reporter = watch();
    await reporter.look();
    await reporter.look();
    const [former, latter] = reports.slice(-2);
    expect(former?.hash).toBe(latter?.hash);
    await client.query(`COMMENT ON COLUMN public.customers.id IS 'Number'`);
    await reporter.look();
    expect(reports.at(-1)?.hash).not.toBe(former?.hash);
    await client.query(`INSERT INTO public.customers VALUES (1, 'secret@example.com')`);
    await reporter.look();
    expect(reports.at(-1)?.hash).toBe(reports.at(-2)?.hash);
    expect(JSON.stringify(reports.at(-1))).not.toContain('secret@');
  });

  it('is looked at once more when somebody asks during a look, and a failure ends nothing', async () => {
    const before = reports.length;
    await using reporter = watch();
    await Promise.all([reporter.look(), reporter.look(), reporter.look()]);
    expect(reports.length - before).toBe(2);
    await using failing = watch({ connect: () => Promise.reject(new Error('away')) });
    await failing.look();
    expect(reports.length - before).toBe(2);
  });
});
