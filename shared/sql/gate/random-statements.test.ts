import { describe, expect, test } from 'vitest';
import { allGates, findBareRead } from '../../testing/gate.ts';
import { type TestRandom, testRandom } from '../../testing/random.ts';

/** Statements from a small grammar: whatever shape they take, no masked relation is read bare. */

const gates = await allGates();

const relations = [
  'customers',
  'public.customers',
  'ONLY customers',
  '"customers"',
  'shop.public.customers',
  'sales.leads',
  'orders',
  'public.orders',
  'ONLY (customers)',
  'customers *',
];
const scalars = [
  'email',
  'id',
  `'x'`,
  '$1',
  'upper(email)',
  'count(*)',
  'c.ssn',
  'NULL',
  '1',
  'c',
  'c.*',
  '(c).email',
];
const joins = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'];
const comments = [' ', ' ', ' ', '/* x */ ', ' -- y\n', '\n\t'];

function expression(random: TestRandom, depth: number): string {
  const inner = (): string => expression(random, depth - 1);
  if (depth === 0) return random.pick(scalars);
  const forms = [
    () => `(${query(random, depth - 1)} LIMIT 1)`,
    () => `ARRAY(${query(random, depth - 1)})`,
    () => `CASE WHEN ${condition(random, depth - 1)} THEN ${inner()} END`,
    () => `coalesce(${inner()}, ${inner()})`,
    () => `${inner()} || 'é'`,
    () => `(${inner()})::text`,
    inner,
  ];
  return random.pick(forms)();
}

function condition(random: TestRandom, depth: number): string {
  const inner = (): string => condition(random, depth - 1);
  const leaves = [
    `email = 'a'`,
    'c.email IN ($1, $2)',
    'email IS NULL',
    'id > 1',
    `c.email LIKE 'a%'`,
    `'b' = email`,
  ];
  if (depth <= 0) return random.pick(leaves);
  const forms = [
    () => `${inner()} AND ${inner()}`,
    () => `(${inner()} OR ${inner()})`,
    () => `EXISTS (${query(random, depth - 1)})`,
    () => `id IN (${query(random, depth - 1)})`,
    inner,
  ];
  return random.pick(forms)();
}

function source(random: TestRandom, depth: number): string {
  const alias = random.pick([' AS c', ' c', ' AS c (a, b, x)', '', ' AS "C"']);
  if (depth === 0) return random.pick(relations) + alias;
  const forms = [
    () => random.pick(relations) + alias,
    () => `${random.pick(relations)}${alias} TABLESAMPLE system (10)`,
    () => `(${query(random, depth - 1)}) AS c`,
    () => `LATERAL (${query(random, depth - 1)}) AS l`,
    () =>
      `${source(random, depth - 1)} ${random.pick(joins)} ${random.pick(relations)} j ON ${condition(random, 0)}`,
    () => `(${source(random, 0)} CROSS JOIN ${random.pick(relations)} k) AS c`,
  ];
  return random.pick(forms)();
}

function query(random: TestRandom, depth: number): string {
  const gap = (): string => random.pick(comments);
  const select = (): string => {
    const where = random.chance(0.6) ? `${gap()}WHERE ${condition(random, depth)}` : '';
    const from = Array.from({ length: 1 + random.int(2) }, () => source(random, depth)).join(`,${gap()}`);
    return `SELECT${gap()}${expression(random, depth)}, ${expression(random, 0)}${gap()}FROM ${from}${where}`;
  };
  if (depth === 0)
    return random.chance(0.2) ? `TABLE ${random.pick(['customers', 'public.customers'])}` : select();
  const forms = [
    select,
    select,
    () => `(${select()}) UNION ALL (${select()})`,
    () => `WITH w AS (${query(random, depth - 1)}) SELECT * FROM w, ${source(random, 0)}`,
    () => `VALUES (${expression(random, depth - 1)})`,
  ];
  return random.pick(forms)();
}

function statement(random: TestRandom): string {
  const returning = (): string =>
    random.chance(0.5)
      ? ` RETURNING ${random.pick(['*', 'email', 't.*', 't.id, upper(t.email)::text', 'ssn'])}`
      : '';
  const target = (): string =>
    random.pick(['customers t', 'public.customers AS t', 'ONLY customers t', 'orders t']);
  const forms = [
    () => query(random, 3),
    () => query(random, 2),
    () =>
      `SELECT ${random.pick(['c.*', 'name, email', '*', 'ctid, *', 'c.ctid, c.id'])} FROM ${source(random, 0)} GROUP BY ${random.pick(['id', 'c.id', '1', '(id), note', 'GROUPING SETS ((c.id), (id, name))'])}`,
    () =>
      `SELECT ${random.pick(['ctid, *', 'c.xmin, c.*', 'ctid'])} FROM ${source(random, 1)} WHERE ${condition(random, 1)}`,
    () =>
      `UPDATE ${target()} SET note = ${random.pick([`'x'`, '$1', 'name', 'upper(t.name)'])} FROM ${source(random, 1)} WHERE ${condition(random, 1)}${returning()}`,
    () => `DELETE FROM ${target()} WHERE ${condition(random, 1)}${returning()}`,
    () =>
      `INSERT INTO customers AS t (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET note = excluded.note WHERE ${condition(random, 1)}${returning()}`,
    () =>
      `MERGE INTO ${target()} USING ${source(random, 1)} ON ${condition(random, 1)} WHEN MATCHED AND ${condition(random, 0)} THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (1)${returning()}`,
    () => `DECLARE k CURSOR FOR ${query(random, 1)}`,
    () => `PREPARE p AS ${query(random, 1)}`,
    () => `WITH w AS (DELETE FROM ${target()} WHERE ${condition(random, 0)}${returning()}) SELECT 1`,
    () => `EXPLAIN ${query(random, 1)}`,
    () => `CREATE TEMP TABLE t AS ${query(random, 1)}`,
    () => `COPY (${query(random, 1)}) TO STDOUT`,
    () => `DELETE FROM orders USING ${source(random, 1)} WHERE ${condition(random, 1)}`,
    () => `UPDATE orders SET memo = 'x' FROM ${source(random, 1)} WHERE ${condition(random, 1)}`,
    () => `INSERT INTO orders (id) SELECT id FROM ${source(random, 1)}`,
    () => `SELECT 'é'; ${query(random, 1)}; ${query(random, 1)}`,
  ];
  return random.pick(forms)();
}

describe.each(gates)('random statements on PostgreSQL $major', ({ major, decide, parser }) => {
  test('never read a masked relation bare, and are never let through unverified', () => {
    const random = testRandom(major);
    let allowed = 0;
    for (let round = 0; round < 400; round += 1) {
      const sql = statement(random);
      const verdict = decide(sql);
      const rule = verdict.kind === 'deny' ? verdict.denial.rule : null;
      expect([rule, sql]).not.toEqual(['rewrite-verification', sql]);
      if (verdict.kind === 'allow') allowed += 1;
      const bare = verdict.kind === 'allow' ? findBareRead(parser, verdict.sql) : null;
      expect([bare, sql]).toEqual([null, sql]);
    }
    expect(allowed).toBeGreaterThan(150);
  }, 240_000);
});
