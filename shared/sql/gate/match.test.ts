import { describe, expect, test } from 'vitest';
import { shopCatalog } from '../../testing/catalog.ts';
import { allGates, gateFor, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const newest = await gateFor(18);
const { decide } = newest;

function matchesOf(sql: string): readonly { readonly column: string; readonly literals: number }[] {
  const verdict = decide(sql);
  if (verdict.kind === 'deny') throw new TypeError(verdict.denial.message);
  return verdict.statements.flatMap((statement) => statement.matches);
}

describe.each(gates)('equality on PostgreSQL $major', ({ decide }) => {
  test.each([
    [`email = 'a@b.c'`, `"email" OPERATOR(pg_catalog.=) 'a@b.c'`, 1],
    [`'a''b' = c.email`, `"email" OPERATOR(pg_catalog.=) 'a''b'`, 1],
    ['email = $1', `"email" OPERATOR(pg_catalog.=) $1`, 1],
    ['email = $1::text', `"email" OPERATOR(pg_catalog.=) $1::"text"`, 1],
    [`c.email IN ('a', $2, 'c')`, `"email" IN ('a', $2, 'c')`, 3],
    ['email = ANY ($1)', `"email" OPERATOR(pg_catalog.=) ANY ($1)`, 1],
    [`email = ANY (ARRAY['a', 'b'])`, `"email" OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'b'])`, 2],
    ['email IS NULL', '"email" IS NULL', 0],
    ['email IS NOT NULL', 'pg_catalog.num_nulls("email") OPERATOR(pg_catalog.=) 0', 0],
    [`email = 'x'\n 'y'`, `"email" OPERATOR(pg_catalog.=) 'xy'`, 1],
    [`email = E'a\\'b'`, `"email" OPERATOR(pg_catalog.=) 'a''b'`, 1],
  ])('%s moves inside the mask', (condition, inside, literals) => {
    const verdict = decide(`SELECT id FROM customers c WHERE ${condition} AND id > 1`);
    expect(sqlOf(verdict)).toContain(` FROM "public"."customers" WHERE ${inside}) c WHERE TRUE AND id > 1`);
    expect(verdict).toMatchObject({
      tier: 'elevated',
      statements: [{ matches: [{ oid: 1, column: 'email', literals }] }],
    });
  });
});

describe('where real values are never compared', () => {
  test.each([
    ['OR', `SELECT id FROM customers WHERE email = 'a' OR id = 1`],
    ['NOT', `SELECT id FROM customers WHERE NOT email = 'a'`],
    ['<>', `SELECT id FROM customers WHERE email <> 'a'`],
    ['a range', `SELECT id FROM customers WHERE email > 'a'`],
    ['LIKE', `SELECT id FROM customers WHERE email LIKE 'a%'`],
    ['a function', `SELECT id FROM customers WHERE upper(email) = 'A'`],
    ['an operand that is computed', `SELECT id FROM customers WHERE email = 'a' || 'b'`],
    ['an operand from another column', 'SELECT id FROM customers WHERE email = name'],
    ['a subquery as operand', `SELECT id FROM customers WHERE email = (SELECT memo FROM orders)`],
    ['HAVING', `SELECT email FROM customers GROUP BY email HAVING email = 'a'`],
    ['CASE', `SELECT CASE WHEN email = 'a' THEN 1 END FROM customers`],
    ['ON', `SELECT 1 FROM orders o JOIN customers c ON c.email = 'a'`],
    [
      'the nullable side of an outer join',
      `SELECT 1 FROM orders o LEFT JOIN customers c ON c.id = o.id WHERE c.email = 'a'`,
    ],
    ['a join with an alias', `SELECT 1 FROM (orders o JOIN customers c ON c.id = o.id) j WHERE email = 'a'`],
    [
      'a column that could be another relation’s',
      `SELECT 1 FROM customers c, (SELECT 1 AS email) s WHERE email = 'a'`,
    ],
    ['a preset without matching', `SELECT id FROM customers WHERE ssn = '123-45-6789'`],
    ['a type of users', `SELECT id FROM customers WHERE email = 'new'::order_status`],
    ['an inner level', `SELECT id FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE c.email = 'a')`],
  ])('%s sees the masked value', (_, sql) => {
    expect(matchesOf(sql)).toEqual([]);
  });

  test('where `=` exists outside pg_catalog too, it is not used on real values', () => {
    const catalog = shopCatalog(18, { userOperators: new Set(['=']) });
    expect(decide(`SELECT id FROM customers WHERE email = 'a'`, { catalog })).toMatchObject({
      statements: [{ matches: [], degraded: true }],
    });
  });
});

describe('limits', () => {
  const values = (count: number): string =>
    Array.from({ length: count }, (_, index) => `'${index}'`).join(', ');

  test('sixteen values a statement, in all places together', () => {
    expect(matchesOf(`SELECT 1 FROM customers WHERE email IN (${values(16)})`)).toHaveLength(1);
    expect(outcomeOf(decide(`SELECT 1 FROM customers WHERE email IN (${values(17)})`))).toBe(
      'deny:match-budget',
    );
    const twice = `SELECT 1 FROM customers WHERE email IN (${values(9)}) UNION SELECT 1 FROM customers WHERE email IN (${values(8)})`;
    expect(outcomeOf(decide(twice))).toBe('deny:match-budget');
  });

  test('none once real values may not be read', () => {
    const verdict = newest.decideIn(
      { elevationAvailable: false },
      `SELECT 1 FROM customers WHERE email = 'a'`,
    );
    expect(verdict).toMatchObject({ denial: { rule: 'match-needs-elevation', sqlstate: '42501' } });
  });

  test('none beside user code', () => {
    expect(outcomeOf(decide(`SELECT invoker(1) FROM customers WHERE email = 'a'`))).toBe(
      'deny:match-needs-elevation',
    );
  });

  test('none in EXPLAIN and PREPARE', () => {
    expect(outcomeOf(decide(`EXPLAIN SELECT 1 FROM customers WHERE email = 'a'`))).toBe('deny:explain-match');
    expect(outcomeOf(decide('PREPARE p AS SELECT 1 FROM customers WHERE email = $1'))).toBe(
      'deny:prepare-match',
    );
  });
});

describe('equality on the target of a write', () => {
  test.each([
    `UPDATE customers SET note = 'x' WHERE email = 'a' AND id = 1`,
    `DELETE FROM customers c WHERE c.email IN ('a')`,
  ])('%s reads the real value where it stands', (sql) => {
    const verdict = decide(sql);
    expect(verdict).toMatchObject({
      tier: 'elevated',
      statements: [{ matches: [{ column: 'email', literals: 1 }] }],
    });
    expect(sqlOf(verdict).split('WHERE')[1]).toBe(sql.split('WHERE')[1]);
  });

  test('a masked column that decides a conflict counts as one', () => {
    const sql = `INSERT INTO customers (id, email) VALUES (1, 'a') ON CONFLICT (email) DO NOTHING`;
    expect(matchesOf(sql)).toMatchObject([{ column: 'email' }]);
    expect(outcomeOf(decide(sql.replace('(email) DO', '(ssn) DO')))).toBe('deny:masked-arbiter');
  });
});
