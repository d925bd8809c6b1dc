import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshNames, shopAccess } from '../testing/catalog.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../testing/embedded-postgres.ts';
import { sqlOf } from '../testing/gate.ts';
import { maskedReads } from '../testing/masked-reads.ts';
import { canary, secrets, withSystemRelations } from '../testing/masked-shop.ts';
import type { Catalog } from './catalog.ts';
import { loadFunctionAllowList } from './functions/allow-list.ts';
import { createGate, type Gate } from './gate/decide.ts';
import { loadParser } from './parser.ts';
import { degradeMask, maskExpression } from './presets.ts';
import type { Verdict } from './verdict.ts';

/**
 * Rewritten statements on real servers, run with all privileges, so that nothing but the rewriter stands
 * between the statement and the values.
 */

const schema = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text UNIQUE, ssn text, salary numeric, note text, doc jsonb);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric, memo text);
  INSERT INTO customers SELECT i, 'name ' || i, '${canary}' || i || '@${canary}.com', '91827364' || i, 5550123 + i,
    'note', jsonb_build_object('k', '${canary}', 'x', '${canary}') FROM generate_series(1, 5) i;
  INSERT INTO orders SELECT i, i, i * 10, 'memo' FROM generate_series(1, 5) i;
  CREATE FUNCTION invoker(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
  CREATE TYPE order_status AS ENUM ('new');
  CREATE VIEW names AS SELECT id, name FROM customers;
  CREATE INDEX ON orders (customer_id);
  ANALYZE;
`;

const run = promisify(execFile);

describe.each([13, 18] as const)('the gate in front of PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let client: Client;
  let gate: Gate;
  let catalog: Catalog;

  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major });
    client = new Client({ connectionString: await server.createDatabase('shop') });
    await client.connect();
    await client.query(schema);
    gate = createGate({
      parser: await loadParser(major),
      functions: loadFunctionAllowList(major),
      maskExpression,
      degradeMask,
    });
    catalog = await withSystemRelations(client, major);
  });

  afterAll(async () => {
    await client?.end();
    await server?.[Symbol.asyncDispose]();
  });

  const decide = (sql: string, elevationAvailable = true): Verdict =>
    gate.decide({
      sql,
      catalog,
      access: shopAccess(),
      names: freshNames({ elevationAvailable }),
      hint: () => null,
    });

  test('no masked read, in whatever shape, shows a real value', async () => {
    const failed: string[] = [];
    for (const [name, sql] of maskedReads) {
      const verdict = decide(sql);
      if (verdict.kind === 'deny') {
        failed.push(`${name}: ${verdict.denial.message}`);
        continue;
      }
      const output = await outputOf(client, verdict.sql);
      for (const secret of secrets) expect(`${name}: ${output}`).not.toContain(secret);
      if (output.startsWith('error:')) failed.push(`${name}: ${output}`);
    }
    // pg_input_error_info came with 16
    expect(failed.filter((line) => major >= 16 || !line.startsWith('9 '))).toEqual([]);
  });

  test('writes show and compare masked values only', async () => {
    for (const sql of [
      `UPDATE customers SET note = 'a' WHERE id = 1 AND ssn > '5' RETURNING *`,
      `UPDATE customers SET note = 'a' RETURNING upper(email), ssn, salary, doc`,
      `INSERT INTO customers (id, email) VALUES (9, '${canary}@x.com') RETURNING email, customers.*`,
      `DELETE FROM customers WHERE id = 9 RETURNING email`,
      `WITH w AS (DELETE FROM customers WHERE id > 100 RETURNING *) SELECT * FROM w`,
      `UPDATE customers c SET note = o.memo FROM orders o WHERE o.id = c.id RETURNING *`,
    ]) {
      const output = await outputOf(client, sqlOf(decide(sql)));
      for (const secret of secrets) expect(output).not.toContain(secret);
      expect(output).not.toMatch(/^error:/);
    }
  });

  test('results are what they should be', async () => {
    const sql = `SELECT c.email, c.ssn, c.salary, o.total FROM customers c JOIN orders o ON o.customer_id = c.id
      WHERE c.email = '${canary}2@${canary}.com'`;
    expect((await client.query(sqlOf(decide(sql)))).rows).toEqual([
      { email: 'k***@k***.com', ssn: '*****3642', salary: null, total: '20' },
    ]);
    const none = `SELECT id FROM customers WHERE email LIKE '${canary}%' OR email > 'z'`;
    expect((await client.query(sqlOf(decide(none)))).rows).toEqual([]);
    const degraded = 'SELECT * FROM customers WHERE id = 1';
    expect((await client.query(sqlOf(decide(degraded, false)))).rows).toEqual([
      { id: 1, name: 'name 1', email: '***', ssn: '***', salary: null, note: expect.any(String), doc: null },
    ]);
  });

  test('a parameter that moves inside the mask keeps its place and its type', async () => {
    const sql = sqlOf(decide('SELECT id FROM customers WHERE id >= $1 AND email = $2 AND note IS NOT NULL'));
    const { rows } = await client.query(sql, [1, `${canary}3@${canary}.com`]);
    expect(rows).toEqual([{ id: 3 }]);
  });

  test('an index still serves an equality match', async () => {
    await client.query('SET enable_seqscan = off');
    const sql = sqlOf(decide(`SELECT id FROM customers WHERE email = '${canary}3@${canary}.com'`));
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index (?:Only )?Scan|Bitmap Index/);
    await client.query('RESET enable_seqscan');
  });

  test('every operator of pg_catalog is known as one', async () => {
    const { rows } = await client.query<{ oprname: string }>(
      `SELECT DISTINCT oprname FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace`,
    );
    const unknown = rows.filter(({ oprname }) => {
      const verdict = decide(`SELECT 1 WHERE a ${oprname} b`);
      return verdict.kind === 'allow' && verdict.taint !== null;
    });
    expect(unknown).toEqual([]);
  });

  test('what psql asks of the catalogue passes unchanged, in the base tier', async () => {
    const queries = await psqlQueries(server.dsn('shop'));
    expect(queries.length).toBeGreaterThan(30);
    const refused = queries.flatMap((sql) => {
      const verdict = decide(sql);
      if (verdict.kind === 'deny') return [`${verdict.denial.message}: ${sql.slice(0, 300)}`];
      return verdict.rewritten || verdict.taint !== null
        ? [`taint ${verdict.taint}: ${sql.slice(0, 300)}`]
        : [];
    });
    expect(refused).toEqual([]);
  });

  test.each(catalogueQueries)('%s passes unchanged, in the base tier', async (_, sql) => {
    expect(decide(sql)).toMatchObject({ kind: 'allow', rewritten: false, taint: null, tier: 'either' });
    if (major >= 14) await client.query(sql);
  });
});

async function outputOf(client: Client, sql: string): Promise<string> {
  await client.query('BEGIN');
  try {
    const parameters = /\$1/.test(sql) && !sql.startsWith('PREPARE') ? [1] : undefined;
    if (/^COPY/i.test(sql)) return await copyOutput(client, sql);
    const result = await client.query({ text: sql, values: parameters ?? [], rowMode: 'array' });
    return JSON.stringify(result);
  } catch (error) {
    return `error: ${JSON.stringify(error, Object.getOwnPropertyNames(error))}`;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** COPY … TO STDOUT through the query inside it: the driver has no COPY. */
async function copyOutput(client: Client, sql: string): Promise<string> {
  const query = sql.slice(sql.indexOf('(') + 1, sql.toUpperCase().lastIndexOf(') TO STDOUT'));
  return JSON.stringify(await client.query(query));
}

const psqlCommands = [
  '\\d',
  '\\d customers',
  '\\d+ customers',
  '\\d names',
  '\\dt+',
  '\\di',
  '\\dv',
  '\\dn+',
  '\\df',
  '\\df+ invoker',
  '\\sf invoker',
  '\\sv names',
  '\\l',
  '\\l+',
  '\\du',
  '\\dp',
  '\\dT+',
  '\\dx',
  '\\db',
  '\\dD',
  '\\dO',
  '\\do +',
  '\\dC',
  '\\dL',
  '\\ds',
  '\\dy',
  '\\des',
  '\\dd',
  '\\drds',
  '\\dF',
];

/** Every query that psql sends for these commands, as `psql -E` prints them. */
async function psqlQueries(dsn: string): Promise<readonly string[]> {
  const script = psqlCommands.flatMap((command) => ['-c', command]);
  const { stdout } = await run('psql', ['-X', '-E', '--pset=pager=off', ...script, dsn], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...stdout.matchAll(/\*{9} QUERY \*{10}\n([\s\S]*?)\n\*{26}/g)].map((match) => match[1] ?? '');
}

/** What drivers and grids ask: JDBC's DatabaseMetaData, npgsql, Prisma, DBeaver, Rails, pgAdmin. */
const catalogueQueries: readonly (readonly [string, string])[] = [
  [
    'JDBC getTables',
    `SELECT current_database() AS "TABLE_CAT", n.nspname AS "TABLE_SCHEM", c.relname AS "TABLE_NAME",
       CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema' WHEN true THEN 'SYSTEM TABLE' ELSE NULL END AS "TABLE_TYPE",
       d.description AS "REMARKS" FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
       LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass)
       WHERE c.relnamespace = n.oid AND c.relname LIKE 'cust%' ORDER BY "TABLE_TYPE", "TABLE_SCHEM"`,
  ],
  [
    'JDBC getPrimaryKeys',
    `SELECT result."TABLE_NAME", result."COLUMN_NAME", result."KEY_SEQ" FROM (SELECT ct.relname AS "TABLE_NAME", a.attname AS "COLUMN_NAME",
       (information_schema._pg_expandarray(i.indkey)).n AS "KEY_SEQ", a.attnum AS "A_ATTNUM",
       information_schema._pg_expandarray(i.indkey) AS "KEYS" FROM pg_catalog.pg_class ct
       JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid)
       WHERE i.indisprimary) result WHERE result."A_ATTNUM" = (result."KEYS").x`,
  ],
  [
    'JDBC getColumns',
    `SELECT a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod,
       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,
       dsc.description, t.typbasetype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
       LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum)
       LEFT JOIN pg_catalog.pg_description dsc ON (a.attrelid = dsc.objoid AND a.attnum = dsc.objsubid) WHERE a.attnum > 0`,
  ],
  [
    'npgsql types',
    `SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid FROM (
       SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typnotnull, proc.oid AS procoid,
         CASE WHEN proc.proname = 'array_recv' THEN typ.typelem ELSE 0 END AS elemtypoid
       FROM pg_type AS typ LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive) AS t
       JOIN pg_namespace AS ns ON (ns.oid = t.typnamespace) ORDER BY 1`,
  ],
  [
    'Prisma columns',
    `SELECT table_name, column_name, format_type(1043, 10), is_nullable, udt_name::text FROM information_schema.columns
       WHERE table_schema = ANY (ARRAY['public']::text[]) ORDER BY 1`,
  ],
  [
    'Rails version and settings',
    `SELECT version(), current_schemas(false), current_setting('server_version_num')`,
  ],
  [
    'Rails columns',
    `SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull,
       c.collname, col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute a LEFT JOIN pg_attrdef d
       ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid
       LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation
       WHERE a.attrelid = '"customers"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  ],
  [
    'DBeaver session',
    `SELECT db.oid, db.*, pg_encoding_to_char(db.encoding), has_database_privilege(db.oid, 'CONNECT') FROM pg_catalog.pg_database db WHERE datallowconn`,
  ],
  [
    'pgAdmin tables',
    `SELECT rel.oid, rel.relname AS name, (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = FALSE),
       pg_catalog.pg_get_userbyid(rel.relowner), pg_catalog.array_to_string(rel.relacl::text[], ', '), pg_catalog.obj_description(rel.oid)
       FROM pg_catalog.pg_class rel WHERE rel.relkind IN ('r', 's', 't', 'p') AND rel.relname OPERATOR(pg_catalog.~) '^(c)' COLLATE pg_catalog.default`,
  ],
  ['activity', `SELECT pid, state, query FROM pg_stat_activity WHERE pid = pg_backend_pid()`],
  ['locks and settings', `SELECT l.mode, s.setting FROM pg_locks l, pg_settings s WHERE s.name = 'TimeZone'`],
];
