import { beforeAll, describe, expect, it } from 'vitest';
import { freshNames, shopAccess, shopCatalog } from '../../testing/catalog.ts';
import { gateFor, type TestGate } from '../../testing/gate.ts';
import type { OutputColumn, TextExplanation } from './explanation.ts';
import { explainText } from './explain-text.ts';

const shops = new Map<number, TestGate>();

beforeAll(async () => {
  for (const major of [13, 18] as const) shops.set(major, await gateFor(major));
});

function explain(sql: string, major: 13 | 18 = 18): TextExplanation {
  const shop = shops.get(major) as TestGate;
  return explainText(shop, {
    sql,
    catalog: shopCatalog(major),
    access: shopAccess(),
    names: freshNames(),
    hint: () => 'Ask.',
  });
}

/** `name:kind(masked columns)`, a short form of a column. */
function shortly({ name, kind, masks }: OutputColumn): string {
  const from = masks.map(({ column }) => column).join(' ');
  return `${name ?? '?'}:${kind}${from === '' ? '' : `(${from})`}`;
}

function columnsOf(sql: string, major: 13 | 18 = 18): string | null {
  const columns = explain(sql, major).statements.at(-1)?.columns ?? null;
  return columns?.map(shortly).join(' ') ?? null;
}

describe('the columns that a statement shows', () => {
  it.each([
    ['SELECT id, name, email FROM customers', 'id:plain name:plain email:masked(email)'],
    ['SELECT c.email AS mail FROM customers c', 'mail:masked(email)'],
    ['SELECT public.customers.email FROM public.customers', 'email:masked(email)'],
    ['SELECT shop.public.customers.ssn FROM customers', 'ssn:masked(ssn)'],
    ['SELECT email FROM customers AS t(a, b, email)', 'email:masked(email)'],
    ['SELECT ssn FROM customers AS t(a, b, ssn, email)', 'ssn:masked(email)'],
    ['SELECT * FROM orders', 'id:plain customer_id:plain total:plain memo:plain'],
    [
      'SELECT * FROM customers',
      'id:plain name:plain email:masked(email) ssn:masked(ssn) salary:masked(salary) note:plain doc:masked(doc)',
    ],
    [
      'SELECT o.*, c.email FROM orders o, customers c',
      'id:plain customer_id:plain total:plain memo:plain email:masked(email)',
    ],
    ['SELECT lower(email), length(ssn) FROM customers', 'lower:derived(email) length:derived(ssn)'],
    ["SELECT email || ' ' || ssn, name || 'x' FROM customers", '?:derived(email ssn) ?:plain'],
    ['SELECT email::text, ssn COLLATE "C" FROM customers', 'email:derived(email) ssn:derived(ssn)'],
    ['SELECT CASE WHEN id = 1 THEN name ELSE email END FROM customers', 'email:derived(email)'],
    ['SELECT coalesce(note, doc::text) FROM customers', 'coalesce:derived(doc)'],
    ['SELECT c FROM customers c', 'c:derived(email ssn salary doc)'],
    [
      'SELECT to_jsonb(c.*), row_to_json(c) FROM customers c',
      'to_jsonb:derived(email ssn salary doc) row_to_json:derived(email ssn salary doc)',
    ],
    ['SELECT count(*), min(email), max(id) FROM customers', 'count:plain min:derived(email) max:plain'],
    [
      'SELECT (SELECT email FROM customers LIMIT 1), ARRAY(SELECT ssn FROM customers)',
      'email:masked(email) array:derived(ssn)',
    ],
    ['SELECT EXISTS (SELECT email FROM customers)', 'exists:plain'],
    [
      "SELECT email = 'a', ssn IN (SELECT memo FROM orders) FROM customers",
      '?:derived(email) ?:derived(ssn)',
    ],
    ['SELECT 1, now(), current_date', '?:plain now:plain ?:plain'],
  ])('%s', (sql, expected) => {
    expect(columnsOf(sql)).toBe(expected);
    expect(columnsOf(sql, 13)).toBe(expected);
  });

  it.each([
    ['WITH w AS (SELECT email AS e, id FROM customers) SELECT e, id FROM w', 'e:masked(email) id:plain'],
    ['WITH w(a, b) AS (SELECT email, name FROM customers) SELECT * FROM w', 'a:masked(email) b:plain'],
    [
      'WITH RECURSIVE w(i, e) AS (SELECT 1, email FROM customers UNION ALL SELECT i + 1, e FROM w) SELECT * FROM w',
      'i:plain e:masked(email)',
    ],
    ['WITH customers AS (SELECT 1 AS email) SELECT email FROM customers', 'email:plain'],
    ['SELECT name FROM customers UNION ALL SELECT email FROM customers', 'name:derived(email)'],
    ['SELECT email FROM customers UNION SELECT email FROM customers', 'email:masked(email)'],
    ['SELECT x FROM (SELECT lower(email) FROM customers) AS s(x)', 'x:derived(email)'],
    ['SELECT v.* FROM customers c, LATERAL (VALUES (c.email, 1)) v(x, y)', 'x:masked(email) y:plain'],
    ['SELECT u FROM customers c, LATERAL unnest(ARRAY[c.email]) AS u', 'u:derived(email)'],
    ['SELECT g.i FROM generate_series(1, 3) AS g(i)', 'i:plain'],
    ['VALUES (1, 2), (3, 4)', 'column1:plain column2:plain'],
    ['TABLE orders', 'id:plain customer_id:plain total:plain memo:plain'],
    [
      'SELECT * FROM orders JOIN customers USING (id)',
      'id:plain customer_id:plain total:plain memo:plain name:plain email:masked(email) ssn:masked(ssn) salary:masked(salary) note:plain doc:masked(doc)',
    ],
    ['SELECT email FROM customers JOIN audited USING (email)', 'email:derived(email email)'],
    ['SELECT j.b FROM (orders o JOIN customers c ON c.id = o.id) AS j(a, b, d, e, f, g, email)', 'b:plain'],
    [
      'SELECT j.email FROM (orders o JOIN customers c ON c.id = o.id) AS j(a, b, d, e, f, g, email)',
      'email:masked(email)',
    ],
    ['SELECT s.email FROM customers AS s TABLESAMPLE system (10)', 'email:masked(email)'],
    ['SELECT relname FROM pg_class', 'relname:plain'],
    ['SELECT ctid, c.xmin FROM customers c', 'ctid:plain xmin:plain'],
  ])('%s', (sql, expected) => {
    expect(columnsOf(sql)).toBe(expected);
  });

  it.each([
    [
      'UPDATE customers SET note = $1 RETURNING id, email, lower(ssn)',
      'id:plain email:masked(email) lower:derived(ssn)',
    ],
    [
      'DELETE FROM customers RETURNING *',
      'id:plain name:plain email:masked(email) ssn:masked(ssn) salary:masked(salary) note:plain doc:masked(doc)',
    ],
    ['INSERT INTO customers (id) VALUES (1) RETURNING customers.email', 'email:masked(email)'],
    ['UPDATE customers SET note = $1 RETURNING old.email, new.note', 'email:masked(email) note:plain'],
    [
      'UPDATE orders o SET memo = $1 FROM customers c WHERE c.id = o.id RETURNING o.id, c.email',
      'id:plain email:masked(email)',
    ],
    ['COPY customers (id, email) TO STDOUT', 'id:plain email:masked(email)'],
    ['COPY (SELECT ssn FROM customers) TO STDOUT', 'ssn:masked(ssn)'],
    ['EXPLAIN SELECT email FROM customers', 'QUERY PLAN:plain'],
    ['DECLARE c CURSOR FOR SELECT email FROM customers', 'email:masked(email)'],
    ['PREPARE p AS SELECT email FROM customers', 'email:masked(email)'],
    ['SHOW server_version', 'server_version:plain'],
    ['INSERT INTO orders (id) VALUES (1)', null],
    ['COPY orders FROM STDIN', null],
    ['BEGIN', null],
  ])('%s', (sql, expected) => {
    expect(columnsOf(sql)).toBe(expected);
  });

  it('says that it does not know rather than that nothing is masked', () => {
    expect(columnsOf('DO $$ BEGIN END $$; SELECT x, t.* FROM made_by_code t')).toBe('x:unknown t.*:unknown');
    expect(columnsOf('SELECT (c).email FROM customers c')).toMatch(/derived|masked/);
    expect(columnsOf('SELECT f.* FROM invoker(1) AS f')).toBe('f.*:unknown');
  });
});

describe('an explanation', () => {
  it('tells class, tier, tables and matches of an allowed statement, and the text that would run', () => {
    const sql = "SELECT id, email FROM customers WHERE email = 'a@b.c'";
    const explained = explain(sql);
    expect(explained).toMatchObject({ outcome: 'allow', denial: null, tier: 'elevated', taint: null });
    expect(explained.rewritten).toContain('SELECT');
    expect(explained.statements).toHaveLength(1);
    expect(explained.statements[0]).toMatchObject({
      text: sql,
      class: 'rewrite',
      command: 'SELECT',
      tables: [{ schema: 'public', name: 'customers', operation: 'select', masked: true, rowFilter: null }],
      matches: [{ schema: 'public', table: 'customers', column: 'email', literals: 1 }],
      denial: null,
    });
    expect(explained.statements[0]?.columns?.[1]?.masks).toEqual([
      {
        schema: 'public',
        table: 'customers',
        column: 'email',
        preset: 'email',
        matchEquality: true,
        origin: { policy: 'analyst', version: 3 },
      },
    ]);
  });

  it('names the rule that refuses', () => {
    const explained = explain('SELECT * FROM payments');
    expect(explained).toMatchObject({ outcome: 'deny', denial: { rule: 'default-deny' }, rewritten: null });
    expect(explained.statements[0]).toMatchObject({
      class: 'deny',
      denial: { rule: 'default-deny', hint: 'Ask.' },
    });
  });

  it('says why a statement must run without real values', () => {
    const [statement] = explain("UPDATE audited SET note = 'x' WHERE id = 1").statements;
    expect(statement).toMatchObject({ class: 'opaque', tier: 'base', taint: 'transaction' });
    expect(statement?.reason).toContain('trigger');
  });

  it('tells of each statement of a refused text what would happen to it', () => {
    const sql =
      'CREATE TEMP TABLE t AS SELECT 1 AS a; SELECT a FROM t; SELECT * FROM payments; SELECT id FROM orders';
    const explained = explain(sql);
    expect(explained.denial?.rule).toBe('default-deny');
    expect(explained.statements.map((statement) => statement.class)).toEqual([
      'pass',
      'pass',
      'deny',
      'pass',
    ]);
    expect(explained.statements[1]?.text).toBe('SELECT a FROM t');
  });

  it('of what does not parse has no statements', () => {
    expect(explain('SELECT FROM WHERE')).toMatchObject({
      outcome: 'deny',
      denial: { rule: 'parse' },
      statements: [],
    });
    expect(explain('')).toMatchObject({ outcome: 'allow', statements: [] });
  });

  it('cuts long statements', () => {
    const [statement] = explain(`SELECT ${'1 + '.repeat(300)} 1`).statements;
    expect(statement?.text.length).toBeLessThan(310);
  });
});
