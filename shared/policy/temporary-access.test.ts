import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import type { EffectivePolicy } from './effective-policy.ts';
import { mergePolicies } from './merge.ts';
import {
  findExcess,
  parseTemporaryAccess,
  readStoredAccess,
  withTemporaryAccess,
} from './temporary-access.ts';

const origin = { policy: 'request 1', version: 1 };
const other = { policy: 'request 2', version: 1 };

const standing: EffectivePolicy = mergePolicies('shop', [
  {
    name: 'analyst',
    version: 3,
    body: {
      grants: [{ table: 'public.customers', operations: ['select'] }],
      masks: [{ column: 'public.customers.email', preset: 'email' }],
      rowFilters: [{ table: 'public.customers', where: [{ column: 'region', operator: 'eq', value: 'EU' }] }],
      limits: { maxRows: 10 },
    },
  },
]);

describe('parseTemporaryAccess', () => {
  it('fills in what was left out and parses to itself', () => {
    const parsed = parseTemporaryAccess({ tables: [{ table: 'public.payments' }] });
    expect(parsed).toEqual({
      tables: [{ table: 'public.payments', operations: ['select'] }],
      masks: [],
      unmask: [],
    });
    expect(parseTemporaryAccess(parsed)).toEqual(parsed);
  });

  it.each([
    ['nothing at all', {}],
    ['columns of a pattern', { tables: [{ table: 'public.*', columns: ['id'] }] }],
    [
      'columns for a write',
      { tables: [{ table: 'public.a', operations: ['select', 'update'], columns: ['id'] }] },
    ],
    ['a wildcard to unmask', { unmask: [{ column: 'public.customers.*' }] }],
    ['a partial without its ends', { unmask: [{ column: 'public.a.b', to: 'partial' }] }],
    ['ends of a level that has none', { unmask: [{ column: 'public.a.b', to: 'email', prefix: 1 }] }],
    ['a level that is none', { unmask: [{ column: 'public.a.b', to: 'stars' }] }],
    ['a key that is none', { tables: [{ table: 'public.a' }], rowFilters: [] }],
    ['a name with a control character', { tables: [{ table: 'public.a', columns: ['a\u0000'] }] }],
    ['an operation on a table twice', { tables: [{ table: 'public.a' }, { table: 'public."a"' }] }],
    ['a column of a table twice', { tables: [{ table: 'public.a', columns: ['id', 'id'] }] }],
    [
      'a column to unmask twice',
      { unmask: [{ column: 'public.a.b' }, { column: 'public.a.b', to: 'email' }] },
    ],
    ['too many tables', { tables: Array.from({ length: 101 }, () => ({ table: 'public.a' })) }],
  ])('refuses %s', (_, document) => {
    expect(codeOf(() => parseTemporaryAccess(document))).toBe('INVALID_POLICY');
  });
});

it('takes a table twice for different operations, and reads what was stored before names had to be unique', () => {
  const tables = [
    { table: 'public.a', columns: ['id'] },
    { table: 'public.a', operations: ['insert'] },
  ];
  expect(parseTemporaryAccess({ tables }).tables).toHaveLength(2);
  expect(readStoredAccess({ tables: [{ table: 'public.a' }, { table: 'public.a' }] }).tables).toHaveLength(2);
});

describe('withTemporaryAccess', () => {
  it('adds tables and levels, and keeps masks, row filters and limits of the policies', () => {
    const access = parseTemporaryAccess({
      tables: [{ table: 'public.payments', columns: ['total', 'id'] }],
      unmask: [{ column: 'public.customers.email' }],
    });
    const effective = withTemporaryAccess(standing, [{ origin, access }]);
    expect(effective.grants).toContainEqual({
      schema: 'public',
      table: 'payments',
      operations: ['select'],
      columns: ['id', 'total'],
      origin,
    });
    expect(effective.unmasks).toEqual([
      { schema: 'public', table: 'customers', column: 'email', mask: null, origin },
    ]);
    expect(effective).toMatchObject({
      masks: standing.masks,
      rowFilters: standing.rowFilters,
      limits: standing.limits,
    });
    expect(effective.policies.map(({ policy }) => policy)).toEqual(['analyst', 'request 1']);
  });

  it('is the standing policy itself without a window', () => {
    expect(withTemporaryAccess(standing, [])).toEqual(standing);
  });

  it('shows of two approved levels the one that shows more, whatever the order', () => {
    const level = (to: string) =>
      parseTemporaryAccess({ unmask: [{ column: 'public.customers.email', to }] });
    const grants = [
      { origin, access: level('redact') },
      { origin: other, access: level('email') },
    ];
    const effective = withTemporaryAccess(standing, grants);
    expect(effective.unmasks).toMatchObject([{ mask: { preset: 'email' } }]);
    expect(withTemporaryAccess(standing, grants.toReversed())).toEqual(effective);
  });
});

describe('findExcess', () => {
  const requested = {
    tables: [
      { table: 'sales.*', operations: ['select', 'insert'] },
      { table: 'public.payments', columns: ['id', 'total'] },
    ],
    masks: [{ column: 'sales.*.note', preset: 'redact' }],
    unmask: [{ column: 'public.customers.email' }, { column: 'public.customers.phone', to: 'phone' }],
  };
  const excess = (granted: object) =>
    findExcess(parseTemporaryAccess({ masks: requested.masks, ...granted }), parseTemporaryAccess(requested));

  it.each([
    ['the same', requested],
    ['a table of the pattern', { tables: [{ table: 'sales.orders' }] }],
    ['one operation', { tables: [{ table: 'sales.*', operations: ['insert'] }] }],
    ['fewer columns', { tables: [{ table: 'public.payments', columns: ['id'] }] }],
    ['a lower level', { unmask: [{ column: 'public.customers.email', to: 'partial', prefix: 1 }] }],
    [
      'one more mask',
      { ...requested, masks: [...requested.masks, { column: 'sales.*.total', preset: 'null' }] },
    ],
  ])('finds none in %s', (_, granted) => {
    expect(excess(granted)).toBeNull();
  });

  it.each([
    ['another table', { tables: [{ table: 'public.customers' }] }, 'tables[0]'],
    ['a wider pattern', { tables: [{ table: 'sales.orders' }, { table: '*.*' }] }, 'tables[1]'],
    ['a pattern that only looks narrower', { tables: [{ table: 's*.orders' }] }, 'tables[0]'],
    ['another operation', { tables: [{ table: 'sales.*', operations: ['delete'] }] }, 'tables[0]'],
    ['every column', { tables: [{ table: 'public.payments' }] }, 'tables[0]'],
    ['one more column', { tables: [{ table: 'public.payments', columns: ['id', 'card'] }] }, 'tables[0]'],
    ['another column unmasked', { unmask: [{ column: 'public.customers.ssn' }] }, 'unmask[0]'],
    ['a higher level', { unmask: [{ column: 'public.customers.phone' }] }, 'unmask[0]'],
    ['a mask left out', { tables: [{ table: 'sales.orders' }], masks: [] }, 'masks'],
  ])('finds %s', (_, granted, path) => {
    expect(excess(granted)).toBe(path);
  });
});
