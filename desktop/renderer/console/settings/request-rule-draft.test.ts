import { describe, expect, it } from 'vitest';
import { documentOf, withinOf } from './request-rule-draft.ts';

describe('the tables of a rule', () => {
  it('come back from the fields as they went in', () => {
    const document = documentOf('sales.*\nshop.orders', ['select', 'update']);
    expect(withinOf(document)).toEqual({
      tables: 'sales.*\nshop.orders',
      operations: ['select', 'update'],
      isForeign: false,
    });
    // As the control plane keeps it, with its defaults filled in.
    expect(withinOf({ ...document, masks: [], unmask: [] }).isForeign).toBe(false);
    expect(documentOf('', ['select'])).toBeNull();
    expect(withinOf(null)).toMatchObject({ tables: '', isForeign: false });
  });

  it.each([
    ['columns', { tables: [{ table: 'a.b', operations: ['select'], columns: ['x'] }] }],
    ['unmasking', { tables: [{ table: 'a.b' }], unmask: [{ column: 'a.b.c' }] }],
    ['operations that differ', { tables: [{ table: 'a.b' }, { table: 'a.c', operations: ['delete'] }] }],
    ['no tables', { unmask: [] }],
  ])('are left alone where the fields cannot say them: %s', (_, within) => {
    expect(withinOf(within).isForeign).toBe(true);
  });
});
