import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import type { Catalog, CatalogRelation, ColumnAddress } from '@daam/shared/sql/catalog';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from './catalog-loader.ts';

const schema = `
CREATE TABLE c (id int PRIMARY KEY, email varchar(60), ssn text, region text, "odd :na)me" text, boss int);
CREATE TABLE o (id int PRIMARY KEY, customer int, buyer text, total numeric);
CREATE FUNCTION twice(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 || $1 $$;
CREATE VIEW plain AS SELECT id, email AS contact, "odd :na)me" AS "ctid :x" FROM c;
CREATE VIEW relabelled AS SELECT email::text AS a, email COLLATE "C" AS b, email::varchar(5) AS c, lower(ssn) AS d FROM c;
CREATE VIEW nested AS SELECT contact FROM plain;
CREATE VIEW subselects AS SELECT s.e, (SELECT max(ssn) FROM c c2 WHERE c2.region = s.r) AS m, 1 AS one
  FROM (SELECT email AS e, region AS r FROM c) s;
CREATE VIEW joined AS SELECT c.id, o.total FROM c JOIN o ON o.buyer = c.email LEFT JOIN c b ON b.id = c.boss WHERE c.ssn IS NOT NULL;
CREATE VIEW using_join AS SELECT id, email FROM c JOIN o USING (id);
CREATE VIEW full_join AS SELECT id FROM c FULL JOIN o USING (id);
CREATE VIEW filtered AS SELECT id FROM c WHERE ssn LIKE '1%' AND region = 'eu';
CREATE VIEW grouped AS SELECT region, count(*) AS n, count(email) AS mails FROM c GROUP BY region HAVING min(ssn) > '3';
CREATE VIEW grouped_by_secret AS SELECT count(*) AS n FROM c GROUP BY ssn;
CREATE VIEW distinct_mails AS SELECT DISTINCT email FROM c;
CREATE VIEW ordered AS SELECT id FROM c ORDER BY ssn DESC LIMIT 10;
CREATE VIEW ranked AS SELECT id, rank() OVER (PARTITION BY region ORDER BY ssn) AS place FROM c;
CREATE VIEW either_one AS SELECT id, email FROM c UNION ALL SELECT id, buyer FROM o;
CREATE VIEW merged AS SELECT email FROM c UNION SELECT buyer FROM o;
CREATE VIEW with_query AS WITH w AS (SELECT id, ssn AS s FROM c) SELECT id, s FROM w;
CREATE VIEW recursive AS WITH RECURSIVE w(id, mail) AS (
  SELECT id, email FROM c WHERE boss IS NULL UNION ALL SELECT c.id, c.email FROM c JOIN w ON c.boss = w.id)
  SELECT id, mail FROM w;
CREATE VIEW lateral_values AS SELECT c.id, v.x FROM c, LATERAL (VALUES (c.ssn)) v(x);
CREATE VIEW lateral_function AS SELECT c.id, g FROM c, LATERAL generate_series(1, length(c.ssn)) g;
CREATE VIEW whole AS SELECT id, row_to_json(c) AS doc FROM c;
CREATE VIEW existing AS SELECT id FROM o WHERE EXISTS (SELECT FROM c WHERE c.ssn = o.buyer);
CREATE VIEW own_code AS SELECT id, twice(region) AS r FROM c;
CREATE VIEW xml AS SELECT query_to_xml('select 1', true, true, '') AS x;
CREATE VIEW stats AS SELECT tablename, null_frac FROM pg_stats;
CREATE VIEW over_untraceable AS SELECT r FROM own_code;
CREATE MATERIALIZED VIEW kept AS SELECT id, email FROM c;
CREATE VIEW which_table AS SELECT tableoid::regclass AS t, ctid AS place, tableoid AS plain FROM c;
CREATE VIEW rolled AS SELECT region, email, count(*) AS n FROM c GROUP BY ROLLUP (region, email);
`;

describe.each([13, 14, 15, 16, 17, 18] as const)('the lineage of views on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let client: Client;
  let catalog: Catalog;
  const find = (name: string): CatalogRelation => {
    const found = catalog.byName.get(`public\u0000${name}`);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const name = ({ oid, attnum }: ColumnAddress): string => {
    const relation = catalog.relations.get(oid);
    const column = relation?.columns.find((each) => each.attnum === attnum);
    return `${relation?.name}.${attnum === 0 ? '*' : column?.name}`;
  };
  /** `copy` or `computed`, and from where, by column. */
  const columns = (view: string): Record<string, string> => {
    const { lineage, columns: all } = find(view);
    return Object.fromEntries(
      all.map((column) => {
        const { copies, computedFrom } = lineage?.columns.get(column.attnum) ?? {
          copies: [],
          computedFrom: [],
        };
        const parts = [...copies.map((at) => name(at)), ...computedFrom.map((at) => `f(${name(at)})`)];
        return [column.name, parts.join(' ')];
      }),
    );
  };
  const conditions = (view: string): readonly string[] =>
    (find(view).lineage?.conditions ?? []).map(({ column, through, asks }) => {
      const what = typeof asks === 'string' ? asks : `= ${name(asks.equals)}`;
      return `${name(column)} ${through}: ${what}`;
    });

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

  it('knows plain columns, through names that need quoting and through changes of the type’s name only', () => {
    expect(columns('plain')).toEqual({ id: 'c.id', contact: 'c.email', 'ctid :x': 'c.odd :na)me' });
    expect(columns('relabelled')).toEqual({ a: 'c.email', b: 'c.email', c: 'f(c.email)', d: 'f(c.ssn)' });
    expect(columns('nested')).toEqual({ contact: 'plain.contact' });
    expect(columns('kept')).toEqual({ id: 'c.id', email: 'c.email' });
  });

  it('follows sub-selects, WITH, recursion, joins and LATERAL', () => {
    expect(columns('subselects')).toEqual({ e: 'c.email', m: 'f(c.ssn) f(c.region)', one: '' });
    expect(columns('with_query')).toEqual({ id: 'c.id', s: 'c.ssn' });
    expect(columns('recursive')).toEqual({ id: 'c.id', mail: 'c.email' });
    expect(columns('using_join')).toEqual({ id: 'c.id', email: 'c.email' });
    expect(columns('full_join')).toEqual({ id: 'f(c.id) f(o.id)' });
    expect(columns('lateral_values')).toEqual({ id: 'c.id', x: 'f(c.ssn)' });
    expect(columns('which_table')).toEqual({ t: 'f(c.*)', place: '', plain: 'f(c.*)' });
    expect(columns('whole')).toEqual({ id: 'c.id', doc: 'f(c.*)' });
  });

  it('takes every branch of a set operation, and what UNION without ALL compares', () => {
    expect(columns('either_one')).toMatchObject({ id: 'c.id o.id' });
    expect(Object.values(columns('either_one'))[1]).toMatch(/c\.email/);
    expect(Object.values(columns('either_one'))[1]).toMatch(/o\.buyer/);
    expect(conditions('either_one')).toEqual([]);
    expect(conditions('merged')).toEqual(['c.email UNION: anything', 'o.buyer UNION: anything']);
  });

  it('says what decides about the rows, their number and their order', () => {
    expect(conditions('filtered')).toEqual(['c.ssn WHERE: anything', 'c.region WHERE: anything']);
    expect(conditions('joined')).toEqual([
      'c.id a join condition: = c.boss',
      'c.email a join condition: = o.buyer',
      'c.ssn WHERE: is null',
      'c.boss a join condition: = c.id',
      'o.buyer a join condition: = c.email',
    ]);
    expect(conditions('grouped')).toEqual(['c.ssn HAVING: anything', 'c.region GROUP BY: anything']);
    expect(columns('grouped')).toEqual({ region: 'c.region', n: '', mails: 'f(c.email)' });
    expect(conditions('grouped_by_secret')).toEqual(['c.ssn GROUP BY: anything']);
    expect(conditions('distinct_mails')).toEqual(['c.email DISTINCT: anything']);
    expect(conditions('ordered')).toEqual(['c.ssn ORDER BY: anything']);
    expect(conditions('ranked')).toEqual([
      'c.ssn the ORDER BY of a window: anything',
      'c.region PARTITION BY: anything',
    ]);
    expect(conditions('lateral_function')).toEqual(['c.ssn a function in FROM: anything']);
    expect(conditions('existing')).toEqual(['c.ssn WHERE: anything', 'o.buyer WHERE: anything']);
    expect(conditions('rolled')).toEqual(['c.email GROUP BY: anything', 'c.region GROUP BY: anything']);
    expect(columns('rolled')).toEqual({ region: 'c.region', email: 'c.email', n: '' });
  });

  it('gives up, and says why, where a view runs code or reads what holds other values', () => {
    expect(find('own_code')).toMatchObject({ lineage: null, reads: null });
    expect(find('own_code').untraceable).toContain('twice');
    expect(find('xml').untraceable).toContain('query_to_xml');
    expect(find('stats').untraceable).toContain('pg_stats');
    expect(find('over_untraceable')).toMatchObject({ reads: null, untraceable: null });
    expect(find('c')).toMatchObject({ lineage: null, untraceable: null, invokerRights: false });
  });

  it('reads views over views, however many, without all that the last of them reads', async () => {
    if (major !== 18) return;
    await client.query(`CREATE SCHEMA chained; CREATE VIEW chained.v0 AS SELECT id, email FROM c`);
    const made = Array.from(
      { length: 1_500 },
      (_, at) => `CREATE VIEW chained.v${at + 1} AS SELECT id, email FROM chained.v${at}`,
    );
    await client.query(made.join(';'));
    const { byName } = await loadCatalog(client);
    const at = (level: number) => byName.get(`chained\u0000v${level}`);
    expect(at(900)?.reads).toHaveLength(901);
    expect(at(1_500)).toMatchObject({ reads: null, untraceable: null });
    expect(at(1_500)?.lineage?.sources).toEqual([at(1_499)?.oid]);
    await client.query('DROP VIEW chained.v0 CASCADE');
  });

  it('says whose rights a view reads with', async () => {
    if (major < 15) return;
    await client.query('ALTER VIEW plain SET (security_invoker = on)');
    catalog = await loadCatalog(client);
    expect(find('plain').invokerRights).toBe(true);
    expect(find('nested').invokerRights).toBe(false);
  });
});
