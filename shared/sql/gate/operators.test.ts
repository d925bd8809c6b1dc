import { describe, expect, test } from 'vitest';
import { catalogOf, columns, relation, shopCatalog } from '../../testing/catalog.ts';
import { allGates, outcomeOf } from '../../testing/gate.ts';
import { relationKey } from '../catalog.ts';

const gates = await allGates();

describe.each(gates)('operators outside pg_catalog on PostgreSQL $major', ({ major, decide }) => {
  const planted = shopCatalog(major, { userOperators: new Set(['=', '<~>']) });
  const harmless = shopCatalog(major, { harmlessOperators: new Set(['=', '%', '<=>']) });
  const both = shopCatalog(major, {
    userOperators: new Set(['=']),
    harmlessOperators: new Set(['=', '<=>']),
  });

  test.each([
    'SELECT email FROM customers WHERE id = 1',
    'SELECT email FROM customers WHERE id IN (1, 2)',
    'SELECT email FROM customers WHERE id IN (SELECT 1)',
    'SELECT email FROM customers JOIN orders USING (id)',
    'SELECT email FROM customers NATURAL JOIN orders',
    'SELECT CASE id WHEN 1 THEN email END FROM customers',
    'SELECT nullif(email, $1) FROM customers',
    'SELECT email IS DISTINCT FROM $1 FROM customers',
    'SELECT id = ANY ($1), email FROM customers',
  ])('a twin of = made by people keeps %s in base, with constants', (sql) => {
    expect(decide(sql, { catalog: planted })).toMatchObject({ tier: 'base', taint: null, degraded: true });
    expect(decide(sql, { catalog: both })).toMatchObject({ tier: 'base' });
    expect(decide(sql, { catalog: harmless })).toMatchObject({ tier: 'elevated', degraded: false });
  });

  test('a cursor that holds a twin ends elevation: each FETCH would run it', () => {
    const sql = 'DECLARE c CURSOR FOR SELECT id FROM orders WHERE id = 1';
    expect(decide(sql, { catalog: planted })).toMatchObject({ tier: 'base', taint: 'session' });
    expect(decide(sql, { catalog: harmless })).toMatchObject({ tier: 'either', taint: null });
  });

  test('written with pg_catalog it is no twin', () => {
    const sql = 'SELECT email FROM customers WHERE id OPERATOR(pg_catalog.=) 1';
    expect(outcomeOf(decide(sql, { catalog: planted }))).toBe('rewrite/elevated');
  });

  test('operators of well-known extensions may stand beside real values, those of people may not', () => {
    const sql = 'SELECT email FROM customers ORDER BY id <=> 1';
    expect(decide(sql, { catalog: harmless })).toMatchObject({ tier: 'elevated', taint: null });
    expect(decide('SELECT id <~> 1 FROM orders', { catalog: planted })).toMatchObject({ tier: 'base' });
  });

  test('a match is not taken for a twin made by people', () => {
    const sql = `SELECT id FROM customers WHERE email = 'a'`;
    expect(decide(sql, { catalog: harmless })).toMatchObject({
      statements: [{ matches: [{ column: 'email' }] }],
    });
    expect(decide(sql, { catalog: both })).toMatchObject({ statements: [{ matches: [] }] });
  });
});

describe.each(gates)('casts made by people on PostgreSQL $major', ({ major, decide }) => {
  const casts = shopCatalog(major, { castTypes: new Set([601]) });

  test('keep a type that they lead to out of the elevated tier', () => {
    const sql = `SELECT 'new'::order_status, email FROM customers`;
    expect(decide(sql, { catalog: casts })).toMatchObject({
      tier: 'base',
      taint: 'transaction',
      degraded: true,
    });
  });

  test('keep a table with a column of the type out of it', () => {
    const [status] = columns('status');
    const own = relation(2, 'public.orders', {
      columns: status === undefined ? [] : [{ ...status, typeOid: 601 }],
    });
    const catalog = catalogOf(
      major,
      [...casts.relations.values()].map((item) => (item.oid === 2 ? own : item)),
      {
        castTypes: new Set([601]),
      },
    );
    expect(catalog.byName.get(relationKey('public', 'orders'))).toBe(own);
    expect(decide('SELECT o.status, email FROM customers, orders o', { catalog })).toMatchObject({
      tier: 'base',
    });
    expect(decide('SELECT email FROM customers', { catalog })).toMatchObject({ tier: 'elevated' });
  });
});
