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

async function unused(uses: readonly RecordedUse[], earlier = document) {
  const { items } = await unusedGrants({ document, earlier, holders, uses });
  return items.map(
    ({ policy, table, operations, isWholeLine }) =>
      `${policy} ${table} ${operations.join('+')}${isWholeLine ? '' : ' of more'}`,
  );
}

describe('grants that nobody used', () => {
  it('are those that nobody who has the policy used', async () => {
    expect(
      await unused([use('mina', 'select', 'public.customers'), use('omar', 'select', 'sales.refunds')]),
    ).toEqual([
      'support public.customers update of more',
      'support sales.* select',
      'ops public.customers select',
    ]);
  });

  it('are none where a pattern was used by one of its tables', async () => {
    const uses = ['select', 'update'].map((operation) => use('mina', operation, 'public.customers'));
    expect(await unused([...uses, use('mina', 'select', 'sales.refunds')])).toEqual([
      'ops public.customers select',
    ]);
  });

  it('are none where a record does not say who it was', async () => {
    expect(await unused([use(null, 'select', 'public.customers')])).toEqual([
      'support public.customers update of more',
      'support sales.* select',
    ]);
  });

  it('are not those that came later than the time that is looked at', async () => {
    const earlier = parsePolicyDocument({
      database: 'shop',
      policies: [{ name: 'support', grants: [{ table: 'public.customers', operations: ['select'] }] }],
    });
    expect(await unused([], earlier)).toEqual(['support public.customers select of more']);
  });

  it('never miss a use of a table whose name has a dot', async () => {
    const dotted = parsePolicyDocument({
      database: 'shop',
      policies: [{ name: 'support', grants: [{ table: '"my.schema".orders', operations: ['select'] }] }],
    });
    const uses = [use('mina', 'select', 'my.schema.orders')];
    expect((await unusedGrants({ document: dotted, earlier: dotted, holders, uses })).items).toEqual([]);
  });

  it('count a refused statement for nothing', async () => {
    expect(await unused([use('omar', 'denied', 'public.customers')])).toContain(
      'ops public.customers select',
    );
  });

  it('tell nothing about lines for which there is too much to compare, and say so', async () => {
    const uses = Array.from({ length: 100 }, (_, at) => use('mina', 'insert', `public.t${at}`));
    const question = { document, earlier: document, holders, uses };
    const whole = await unusedGrants(question, 1_000);
    expect([whole.isPartial, whole.items.length]).toEqual([false, 3]);
    const part = await unusedGrants(question, 50);
    expect([part.isPartial, part.items.map(({ table }) => table)]).toEqual([true, ['public.customers']]);
  });

  it('are found in one look for a line without wildcards, however many tables were used', async () => {
    const uses = Array.from({ length: 20_000 }, (_, at) => use('mina', 'select', `public.t${at}`));
    const lines = parsePolicyDocument({
      database: 'shop',
      policies: [
        {
          name: 'support',
          grants: Array.from({ length: 500 }, (_, at) => ({
            table: `public.t${19_700 + at}`,
            operations: ['select'],
          })),
        },
      ],
    });
    const { items, isPartial } = await unusedGrants(
      { document: lines, earlier: lines, holders, uses },
      2_000,
    );
    expect([isPartial, items.length, items[0]?.table]).toEqual([false, 200, 'public.t20000']);
  });
});
