import { describe, expect, it } from 'vitest';
import type { DatabaseTable } from '../../../ipc/schema.ts';
import { joinConditions } from './completions.ts';

function table(name: string, foreignKeys: DatabaseTable['foreignKeys'] = []): DatabaseTable {
  return {
    schema: 'sales',
    name,
    kind: 'table',
    operations: ['select'],
    comment: null,
    columns: [],
    foreignKeys,
  };
}

const tables = [
  table('customers'),
  table('refunds', [
    { columns: ['customer_id'], schema: 'sales', table: 'customers', referencedColumns: ['id'] },
  ]),
];

describe('conditions of a join', () => {
  it('come from a foreign key, in either order of the tables', () => {
    expect(joinConditions('select * from sales.refunds r join sales.customers c on ', tables)).toEqual([
      'r.customer_id = c.id',
    ]);
    expect(joinConditions('select * from customers join refunds on ', tables)).toEqual([
      'refunds.customer_id = customers.id',
    ]);
  });

  it('are none where no key or no known table is', () => {
    expect(joinConditions('select * from customers a join customers b on ', tables)).toEqual([]);
    expect(joinConditions('select * from secret join refunds on ', tables)).toEqual([]);
  });
});
