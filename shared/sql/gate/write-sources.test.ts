import { describe, expect, test } from 'vitest';
import { allGates, findBareRead, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();

describe.each(gates)('what a write reads beside its target, on PostgreSQL $major', ({ decide, parser }) => {
  test.each([
    [`UPDATE orders SET memo = 'x' FROM customers c WHERE c.email = 'a' AND c.id = customer_id`, 'UPDATE'],
    [`DELETE FROM orders USING customers c WHERE c.email = 'a' AND c.id = customer_id`, 'DELETE'],
  ])('a match on a source moves into its subquery: %s', (sql) => {
    const text = sqlOf(decide(sql));
    expect(text).toContain(
      `FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c WHERE TRUE AND`,
    );
    expect(findBareRead(parser, text)).toBeNull();
  });

  test.each([
    '(SELECT id, memo AS m FROM orders) s',
    '(SELECT id, memo FROM orders UNION SELECT 1, $1) s',
    '(VALUES (1)) s',
    '(VALUES (1)) s (one)',
  ])('a bare name means the target where %s has none of that name', (source) => {
    const sql = `UPDATE customers SET note = 'x' FROM ${source} WHERE ssn > '5'`;
    expect(outcomeOf(decide(sql))).toBe('rewrite/elevated');
    expect(sqlOf(decide(sql))).not.toMatch(/WHERE ssn/);
  });

  test.each([
    '(SELECT 1 AS ssn) s',
    '(SELECT * FROM orders) s',
    '(VALUES (1)) s (ssn)',
    '(SELECT lower(memo) FROM orders) s',
  ])('a bare name is ambiguous where %s may have it too', (source) => {
    const sql = `UPDATE customers SET note = 'x' FROM ${source} WHERE ssn > '5'`;
    expect(outcomeOf(decide(sql))).toBe('deny:ambiguous-column');
  });

  test('matches on the target and on a source stand side by side', () => {
    const verdict = decide(
      `UPDATE customers c SET note = 'x' FROM customers d WHERE c.email = 'a' AND d.email = 'b'`,
    );
    expect(verdict).toMatchObject({ statements: [{ matches: [{ column: 'email' }, { column: 'email' }] }] });
  });

  test('ctid of a source is shown, and a star in RETURNING then refused', () => {
    const sql = `DELETE FROM orders o USING customers c WHERE c.ctid < '(0,5)' AND c.id = o.id`;
    expect(sqlOf(decide(sql))).toContain('ctid FROM "public"."customers") c');
    expect(outcomeOf(decide(`${sql} RETURNING c.*`))).toBe('deny:unsupported-on-masked');
  });

  test('a star over merged columns cannot be written out', () => {
    const sql = 'DELETE FROM customers USING orders o JOIN orders p USING (id) RETURNING *';
    expect(outcomeOf(decide(sql))).toBe('deny:unsupported-on-masked');
  });
});

describe.each(gates)('names in RETURNING on PostgreSQL $major', ({ decide }) => {
  test.each([
    ['email::text', 'email'],
    ['email COLLATE "C"', 'email'],
    ['CASE WHEN true THEN note ELSE ssn END', 'ssn'],
    ['(SELECT customers.email)', 'email'],
    ['(SELECT customers.email AS e)', 'e'],
    ['(doc).part', 'part'],
    ['(ARRAY[email])', null],
    ['upper(email)', null],
    ['email::text AS mine', 'mine'],
  ])('%s is called %s', (expression, name) => {
    const text = sqlOf(decide(`DELETE FROM customers RETURNING ${expression}`));
    const named = / AS "?(\w+)"?$/.exec(text)?.[1] ?? null;
    expect(named).toBe(name);
  });
});

describe.each(gates)('excluded on PostgreSQL $major', ({ decide, decideIn }) => {
  const upsert = `INSERT INTO customers (id, email) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE`;

  test('a masked column is read in the elevated tier, where it can be', () => {
    expect(outcomeOf(decide(`${upsert} excluded.email IS NOT NULL`))).toBe('rewrite/elevated');
    expect(outcomeOf(decideIn({ elevationAvailable: false }, `${upsert} excluded.email <> ''`))).toBe(
      'deny:masked-excluded',
    );
    expect(outcomeOf(decide(`${upsert} excluded.salary > 1`))).toBe('deny:masked-excluded');
  });

  test('other columns need nothing', () => {
    expect(outcomeOf(decide(`${upsert} excluded.name <> ''`))).toBe('pass/either');
  });
});
