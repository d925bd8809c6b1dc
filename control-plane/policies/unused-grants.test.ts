import { parsePolicyDocument } from '@daam/shared/policy/document';
import { describe, expect, it } from 'vitest';
import { type RecordedUse, unusedGrants } from './unused-grants.ts';

const document = parsePolicyDocument({
  database: 'shop',
  policies: [
    {
      name: 'support',
      grants: [
        { table: 'public.customers', operations: ['select', 'update'] },
        { table: 'sales.*', operations: ['select'] },
      ],
    },
    { name: 'ops', grants: [{ table: 'public.customers', operations: ['select'] }] },
  ],
});
const holders = (policy: string) => new Set(policy === 'support' ? ['mina'] : ['omar']);
const use = (user: string | null, operation: string, table: string): RecordedUse => ({
  user,
  operation,
  table,
});

function unused(uses: readonly RecordedUse[], earlier = document) {
  return unusedGrants({ document, earlier, holders, uses }).map(
    ({ policy, table, operations, isWholeLine }) =>
      `${policy} ${table} ${operations.join('+')}${isWholeLine ? '' : ' of more'}`,
  );
}

describe('grants that nobody used', () => {
  it('are those that nobody who has the policy used', () => {
    expect(
      unused([use('mina', 'select', 'public.customers'), use('omar', 'select', 'sales.refunds')]),
    ).toEqual([
      'support public.customers update of more',
      'support sales.* select',
      'ops public.customers select',
    ]);
  });

  it('are none where a pattern was used by one of its tables', () => {
    const uses = ['select', 'update'].map((operation) => use('mina', operation, 'public.customers'));
    expect(unused([...uses, use('mina', 'select', 'sales.refunds')])).toEqual([
      'ops public.customers select',
    ]);
  });

  it('are none where a record does not say who it was', () => {
    expect(unused([use(null, 'select', 'public.customers')])).toEqual([
      'support public.customers update of more',
      'support sales.* select',
    ]);
  });

  it('are not those that came later than the time that is looked at', () => {
    const earlier = parsePolicyDocument({
      database: 'shop',
      policies: [{ name: 'support', grants: [{ table: 'public.customers', operations: ['select'] }] }],
    });
    expect(unused([], earlier)).toEqual(['support public.customers select of more']);
  });

  it('never miss a use of a table whose name has a dot', () => {
    const dotted = parsePolicyDocument({
      database: 'shop',
      policies: [{ name: 'support', grants: [{ table: '"my.schema".orders', operations: ['select'] }] }],
    });
    const uses = [use('mina', 'select', 'my.schema.orders')];
    expect(unusedGrants({ document: dotted, earlier: dotted, holders, uses })).toEqual([]);
  });

  it('count a refused statement for nothing', () => {
    expect(unused([use('omar', 'denied', 'public.customers')])).toContain('ops public.customers select');
  });
});
