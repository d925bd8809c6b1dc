import { describe, expect, it } from 'vitest';
import { parsePolicyBody } from './document.ts';
import { explainColumn } from './explain.ts';
import { mergePolicies } from './merge.ts';

const policy = mergePolicies('shop', [
  {
    name: 'analyst',
    version: 2,
    body: parsePolicyBody({
      grants: [{ table: 'public.*', operations: ['select'] }],
      masks: [{ column: 'public.customers.email', preset: 'email' }],
    }),
  },
  {
    name: 'privacy',
    version: 1,
    body: parsePolicyBody({
      masks: [{ column: '*.*.email', preset: 'redact' }],
      rowFilters: [{ table: 'public.customers', where: [{ column: 'region', operator: 'eq', value: 'EU' }] }],
    }),
  },
]);

describe('explainColumn', () => {
  it('knows what approved access requests add', () => {
    const origin = { policy: 'request 1', version: 1 };
    const question = { schema: 'public', table: 'customers', column: 'email' };
    const unmasks = [{ ...question, mask: null, origin }];
    expect(explainColumn({ ...policy, unmasks }, question).mask).toBeNull();
    const weaker = [{ ...question, mask: { preset: 'email' as const }, origin }];
    expect(explainColumn({ ...policy, unmasks: weaker }, question).mask).toMatchObject({
      preset: 'email',
      origin,
    });
    const stronger = [{ ...question, mask: { preset: 'null' as const }, origin }];
    expect(explainColumn({ ...policy, unmasks: stronger }, question).mask).toMatchObject({
      preset: 'redact',
    });
    const grants = [
      { schema: 'hr', table: 'people', operations: ['select' as const], columns: ['id'], origin },
    ];
    const allowed = ['id', 'salary'].map(
      (column) => explainColumn({ ...policy, grants }, { schema: 'hr', table: 'people', column }).allowed,
    );
    expect(allowed).toEqual([true, false]);
  });

  it('denies by default what no grant names, and says so', () => {
    const explained = explainColumn(policy, { schema: 'hr', table: 'people', column: 'email' });
    expect(explained.allowed).toBe(false);
    expect(explained.rules.map((rule) => rule.kind)).toEqual(['default-deny']);
    const write = explainColumn(policy, {
      schema: 'public',
      table: 'customers',
      column: 'email',
      operation: 'update',
    });
    expect(write.allowed).toBe(false);
  });

  it('lists the grant, every mask with the one that holds, and the row filters', () => {
    const explained = explainColumn(policy, { schema: 'public', table: 'customers', column: 'email' });
    expect(explained.allowed).toBe(true);
    expect(explained.mask).toMatchObject({
      preset: 'redact',
      matchEquality: false,
      origin: { policy: 'privacy' },
    });
    expect(explained.rules.map((rule) => [rule.kind, rule.origin?.policy, rule.decisive])).toEqual([
      ['grant', 'analyst', true],
      ['mask', 'privacy', true],
      ['mask', 'analyst', false],
      ['row-filter', 'privacy', true],
    ]);
  });

  it('says which rows a filter leaves, and what an attribute lacks', () => {
    const body = parsePolicyBody({
      grants: [{ table: 'public.orders', operations: ['select'] }],
      rowFilters: [
        {
          table: 'public.orders',
          where: [
            { column: 'region', operator: 'in', value: '{{user.attributes.regions}}' },
            { column: 'closed_at', operator: 'is_null' },
            { column: 'total', operator: 'lt', value: '{{user.attributes.limit}}' },
          ],
        },
      ],
    });
    const regions = Array.from({ length: 12 }, (_, at) => `R${at}`);
    const [, filter] = explainColumn(
      mergePolicies('shop', [{ name: 'sales', version: 1, body }], { regions }),
      {
        schema: 'public',
        table: 'orders',
        column: 'total',
      },
    ).rules;
    expect(filter?.kind).toBe('row-filter');
    expect(filter?.text).toContain('region in (R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, and 2 more)');
    expect(filter?.text).toContain('closed_at is null');
    expect(filter?.text).toContain('limit');
  });

  it('shows an unmasked column as it is', () => {
    const explained = explainColumn(policy, { schema: 'public', table: 'orders', column: 'total' });
    expect(explained).toMatchObject({ allowed: true, mask: null, rowFilters: [] });
  });
});
