import { describe, expect, test } from 'vitest';
import { allGates, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const columns = 'id name email ssn salary note doc'.split(' ');
const listOf = (alias: string): string => columns.map((name) => `"${alias}"."${name}"`).join(', ');

describe.each(gates)('system columns on PostgreSQL $major', ({ decide }) => {
  test.each([
    'SELECT ctid FROM customers',
    `SELECT name FROM customers c WHERE c.ctid = '(0,1)'`,
    'SELECT (SELECT c.ctid) FROM customers c',
    'SELECT id FROM customers ORDER BY ctid',
  ])('%s shows ctid beside the masks', (sql) => {
    expect(sqlOf(decide(sql))).toContain('AS "doc", ctid FROM "public"."customers")');
  });

  test('xmin is shown too, others are not', () => {
    const sql = sqlOf(decide('SELECT xmin, tableoid FROM customers'));
    expect(sql).toContain('AS "doc", xmin FROM');
  });

  test('a query that does not name one reads none', () => {
    expect(sqlOf(decide(`SELECT * FROM customers WHERE note <> 'ctid'`))).not.toContain(', ctid');
    // nor does a query beside it
    const sql = sqlOf(decide('SELECT * FROM customers c, (SELECT o.ctid FROM orders o) x'));
    expect(sql).not.toContain(', ctid FROM "public"."customers"');
  });

  test('a star beside it becomes a list', () => {
    expect(sqlOf(decide('SELECT ctid, * FROM customers'))).toMatch(
      new RegExp(`^SELECT ctid, ${listOf('customers')} FROM \\(SELECT`),
    );
    expect(sqlOf(decide('SELECT c.ctid, * FROM customers c, orders o, LATERAL (SELECT 1) x'))).toMatch(
      new RegExp(`^SELECT c.ctid, ${listOf('c')}, "o".\\*, "x".\\* FROM \\(SELECT`),
    );
    expect(
      sqlOf(decide('SELECT c.ctid, o.*, public.customers.* FROM customers, customers c, orders o')),
    ).toMatch(/^SELECT c\.ctid, o\.\*, customers\.\* FROM \(SELECT (?!.*ctid FROM.*AS "customers")/);
  });

  test.each([
    'SELECT ctid, c FROM customers c',
    'SELECT ctid, to_jsonb(c.*) FROM customers c',
    'SELECT c.ctid, * FROM customers c JOIN orders o USING (id)',
    'SELECT c.ctid FROM customers c NATURAL JOIN orders o',
  ])('%s is refused', (sql) => {
    expect(outcomeOf(decide(sql))).toBe('deny:unsupported-on-masked');
  });

  test('row locks stay where they are', () => {
    const sql = sqlOf(
      decide('SELECT id FROM customers c JOIN orders o USING (id) FOR UPDATE OF c SKIP LOCKED'),
    );
    expect(sql).toMatch(/FOR UPDATE OF c SKIP LOCKED$/);
  });
});
