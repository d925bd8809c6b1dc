import { Client, type QueryResult } from 'pg';
import type { PostgresMajor } from '../domain/postgres-version.ts';
import type { Catalog, CatalogRelation, RelationKind } from '../sql/catalog.ts';
import { loadFunctionAllowList } from '../sql/functions/allow-list.ts';
import { createGate } from '../sql/gate/decide.ts';
import { loadParser } from '../sql/parser.ts';
import { degradeMask, maskExpression } from '../sql/presets.ts';
import type { SessionNames, Tier, Verdict } from '../sql/verdict.ts';
import { catalogOf, columns, freshNames, relation, shopAccess, shopCatalog } from './catalog.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

/**
 * The hand-made shop on a real server, twice: schema `public` holds real values, schema `expected` the same rows
 * with the masks stored in place of the values. What the gate makes of a statement must give on the first what
 * the statement itself gives on the second. Statements run with all privileges, so that nothing but the rewriter
 * stands between them and the values.
 */

/** Stands in every masked value, in one form or another. */
export const canary = 'kanarie7f3a91c2';

const tables = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text UNIQUE, ssn text, salary numeric, note text, doc jsonb);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric, memo text);`;

/** Both schemas; `expected.customers` is empty until the masks are known. */
export const shopSchema = `
  ${tables}
  INSERT INTO customers SELECT i, 'name ' || i, '${canary}' || i || '@${canary}.com', '91827364' || i, 5550123 + i,
    'note ' || i % 3, jsonb_build_object('k', '${canary}', 'x', i) FROM generate_series(1, 9) i;
  INSERT INTO orders SELECT i, i % 5 + 1, i * 10, 'memo ' || i FROM generate_series(1, 12) i;
  CREATE INDEX ON orders (customer_id);
  CREATE FUNCTION invoker(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
  CREATE TYPE order_status AS ENUM ('new');
  CREATE VIEW names AS SELECT id, name FROM customers;
  CREATE SCHEMA expected;
  SET search_path = expected;
  ${tables.replace(' UNIQUE', '')}
  INSERT INTO orders SELECT * FROM public.orders;`;

/** What a client sees of one statement: `error` is the SQLSTATE. */
export interface Seen {
  readonly command: string | null;
  readonly count: number | null;
  readonly fields: readonly string[];
  readonly rows: readonly string[];
  readonly error: string | null;
  /** The rows of tables afterwards, as the masks show them. */
  readonly left: readonly string[];
}

const nothing: Seen = { command: null, count: null, fields: [], rows: [], error: null, left: [] };

type Prepared = SessionNames['prepared'] extends ReadonlyMap<string, infer Entry> ? Entry : never;

/** Ways to send a statement. */
export type Protocol = 'simple' | 'extended' | 'binary';

/** A server with both schemas, and the gate in front of it. */
export class MaskedShop implements AsyncDisposable {
  readonly major: PostgresMajor;
  readonly server: EmbeddedPostgres;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly #decide: (sql: string, names: SessionNames) => Verdict;
  /** The role that statements of a tier run under; null: with all privileges. */
  roleOf: ((tier: Tier) => string) | null = null;

  private constructor(parts: {
    readonly major: PostgresMajor;
    readonly server: EmbeddedPostgres;
    readonly client: Client;
    readonly catalog: Catalog;
    readonly decide: (sql: string, names: SessionNames) => Verdict;
  }) {
    this.major = parts.major;
    this.server = parts.server;
    this.client = parts.client;
    this.catalog = parts.catalog;
    this.#decide = parts.decide;
  }

  static async start(major: PostgresMajor): Promise<MaskedShop> {
    const server = await startEmbeddedPostgres({ major });
    const client = new Client({ connectionString: await server.createDatabase('shop') });
    await client.connect();
    await client.query(shopSchema);
    const catalog = await withSystemRelations(client, major);
    const parser = await loadParser(major);
    const gate = createGate({ parser, functions: loadFunctionAllowList(major), maskExpression, degradeMask });
    const access = shopAccess();
    const shop = new MaskedShop({
      major,
      server,
      client,
      catalog,
      decide: (sql, names) => gate.decide({ sql, catalog, access, names, hint: () => null }),
    });
    await client.query(`INSERT INTO expected.customers ${shop.rewritten('SELECT * FROM public.customers')}`);
    await client.query('ANALYZE');
    return shop;
  }

  decide(sql: string, names: Partial<SessionNames> = {}): Verdict {
    return this.#decide(sql, freshNames(names));
  }

  /** What the gate makes of it; throws what it refuses. */
  rewritten(sql: string, names: Partial<SessionNames> = {}): string {
    const verdict = this.decide(sql, names);
    if (verdict.kind === 'deny') throw new TypeError(`refused (${verdict.denial.rule}): ${sql}`);
    return verdict.sql;
  }

  /** What the statement gives through the gate. */
  async throughGate(sql: string, protocol: Protocol, tables: readonly string[] = []): Promise<Seen> {
    const verdict = this.decide(sql);
    if (verdict.kind === 'deny') return { ...nothing, error: `refused: ${verdict.denial.rule}` };
    const after = tables.map((name) => this.rewritten(`TABLE public.${name}`));
    const role = this.roleOf?.(verdict.tier);
    return this.#run({
      schema: 'public',
      sql: verdict.sql,
      protocol,
      after,
      ...(role === undefined ? {} : { role }),
    });
  }

  /** What the statement gives on the tables that hold masks. */
  async onMasks(sql: string, protocol: Protocol, tables: readonly string[] = []): Promise<Seen> {
    const after = tables.map((name) => `TABLE ${name}`);
    const onTwin = sql.replaceAll(/\bpublic\./g, 'expected.');
    return this.#run({ schema: 'expected', sql: onTwin, protocol, after });
  }

  /** What a session of statements gives through the gate, one by one, in one transaction. */
  async sessionThroughGate(statements: readonly string[]): Promise<readonly Seen[]> {
    const names = { tempRelations: new Set<string>(), prepared: new Map<string, Prepared>() };
    return this.#session('public', statements, (sql) => {
      const verdict = this.decide(sql, names);
      if (verdict.kind === 'deny') return `refused: ${verdict.denial.rule}`;
      for (const effect of verdict.statements.flatMap(({ effects }) => effects)) {
        if (effect.kind === 'temp-relation-created') names.tempRelations.add(effect.name);
        if (effect.kind === 'prepared') names.prepared.set(effect.name, effect);
      }
      return verdict.sql;
    });
  }

  /** What the same statements give on the tables that hold masks. */
  async sessionOnMasks(statements: readonly string[]): Promise<readonly Seen[]> {
    return this.#session('expected', statements, (sql) => sql.replaceAll(/\bpublic\./g, 'expected.'));
  }

  async #session(
    schema: string,
    statements: readonly string[],
    toServer: (sql: string) => string,
  ): Promise<readonly Seen[]> {
    await this.client.query(`BEGIN; SET LOCAL search_path = ${schema}, pg_temp`);
    try {
      const all: Seen[] = [];
      for (const sql of statements) all.push(await this.#query(toServer(sql), 'simple'));
      return all;
    } finally {
      await this.client.query('ROLLBACK');
      await this.client.query('DISCARD ALL');
    }
  }

  async #run(statement: {
    readonly schema: string;
    readonly sql: string;
    readonly protocol: Protocol;
    readonly after: readonly string[];
    readonly role?: string;
  }): Promise<Seen> {
    const { schema, sql, protocol, after, role } = statement;
    await this.client.query(`BEGIN; SET LOCAL search_path = ${schema}`);
    if (role !== undefined) await this.client.query(`SET LOCAL ROLE ${role}`);
    try {
      const last = await this.#query(sql, protocol);
      if (role !== undefined && last.error === null) await this.client.query('SET LOCAL ROLE NONE');
      const left: string[] = [];
      for (const text of last.error === null ? after : []) {
        const { rows } = await this.client.query({ text, rowMode: 'array' });
        left.push(...rows.map((row) => JSON.stringify(row)).sort());
      }
      return { ...last, left };
    } finally {
      await this.client.query('ROLLBACK');
    }
  }

  async #query(text: string, protocol: Protocol): Promise<Seen> {
    try {
      const result = await this.client.query({
        text,
        rowMode: 'array',
        types: { getTypeParser: () => asText },
        ...(protocol === 'simple' ? {} : { queryMode: 'extended' }),
        ...(protocol === 'binary' ? { binary: true } : {}),
      });
      return seen(Array.isArray(result) ? result.at(-1) : result);
    } catch (error) {
      return { ...nothing, error: (error as { readonly code?: string }).code ?? String(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
    await this.server[Symbol.asyncDispose]();
  }
}

const asText = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('hex') : (JSON.stringify(value) ?? 'null');

/** Rows in an order of our own: a plan may give them in another. */
function seen(result: QueryResult<unknown[]>): Seen {
  return {
    command: result.command,
    count: result.rowCount,
    fields: result.fields.map((field) => field.name),
    rows: result.rows.map((row) => JSON.stringify(row)).sort(),
    error: null,
    left: [],
  };
}

/** The forms in which a value could leave: as it is, upper case, reversed, hex, base64. */
export const secrets: readonly string[] = [
  canary,
  canary.toUpperCase(),
  canary.split('').toReversed().join(''),
  Buffer.from(canary).toString('hex'),
  Buffer.from(canary).toString('base64').slice(0, 16),
  '91827364',
  '555012',
];

/** The hand-made shop, with the server's own system relations in it. */
export async function withSystemRelations(client: Client, major: PostgresMajor): Promise<Catalog> {
  const { rows } = await client.query<{ oid: number; name: string; kind: RelationKind }>(
    `SELECT c.oid::int AS oid, n.nspname || '.' || c.relname AS name, c.relkind AS kind FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v')`,
  );
  const shop = shopCatalog(major, { userFunctions: new Map() });
  const own = [...shop.relations.values()].filter((item) => !item.system);
  const system: readonly CatalogRelation[] = rows.map((row) =>
    relation(row.oid, row.name, { kind: row.kind, columns: columns('x') }),
  );
  return catalogOf(major, [...own, ...system], { userTypes: shop.userTypes });
}
