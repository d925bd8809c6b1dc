import { describe, expect, test } from 'vitest';
import { gateFor, sqlOf } from '../../testing/gate.ts';

const { decide } = await gateFor(18);
const constant = `'***'::pg_catalog.text AS "email"`;

describe('masks of columns that nobody looks at', () => {
  test.each([
    'SELECT name FROM customers',
    'SELECT c.name FROM customers c WHERE c.id = 1',
    'SELECT count(c.id) FROM customers c JOIN orders o ON o.customer_id = c.id',
    'SELECT x.name FROM (SELECT id, name FROM customers) x',
  ])('are constants, and need no elevation: %s', (sql) => {
    const verdict = decide(sql);
    expect(verdict).toMatchObject({ kind: 'allow', tier: 'either', degraded: false });
    expect(sqlOf(verdict)).toContain(constant);
  });

  test.each([
    'SELECT * FROM customers',
    'SELECT c.* FROM customers c',
    'TABLE customers',
    'SELECT c FROM customers c',
    'SELECT customers FROM customers',
    'SELECT public.customers FROM public.customers',
    'SELECT count(c) FROM customers c',
    'SELECT row_to_json(c) FROM customers c',
    'SELECT (c).email FROM customers c',
    'SELECT name FROM customers ORDER BY email',
    'SELECT 1 FROM customers GROUP BY email',
    'SELECT 1 FROM customers HAVING max(email) > $1',
    'SELECT a.name FROM customers a JOIN customers b USING (email)',
    'SELECT a.id FROM orders a NATURAL JOIN customers b',
    'SELECT t.b FROM customers AS t(a, b, x)',
    'SELECT (SELECT email FROM orders LIMIT 1) FROM customers',
    'SELECT 1 FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE memo = customers.email)',
    'SELECT U&"em\\0061il" FROM customers',
  ])('are computed wherever the column could be meant: %s', (sql) => {
    const verdict = decide(sql);
    expect(verdict).toMatchObject({ kind: 'allow', tier: 'elevated' });
    expect(sqlOf(verdict)).not.toContain(constant);
  });
});
