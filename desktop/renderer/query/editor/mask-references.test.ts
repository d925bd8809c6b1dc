import { describe, expect, it } from 'vitest';
import type { DatabaseColumn, DatabaseTable } from '../../../ipc/schema.ts';
import { findMaskReferences, knownTables } from './mask-references.ts';

function column(name: string, preset: DatabaseColumn['preset'] = null): DatabaseColumn {
  return { name, type: 'text', isNullable: true, isKey: false, preset, match: 'none' };
}

function table(schema: string, name: string, columns: DatabaseColumn[]): DatabaseTable {
  return { schema, name, kind: 'table', operations: ['select'], comment: null, columns, foreignKeys: [] };
}

const tables = knownTables([
  table('sales', 'customers', [column('id'), column('email', 'email'), column('phone', 'phone')]),
  table('sales', 'refunds', [column('id'), column('email'), column('amount')]),
]);

function found(sql: string): string[] {
  return findMaskReferences(sql, tables).map(({ from, to }) => sql.slice(from, to));
}

describe('masked names in a statement', () => {
  it('are found by alias, by table, and bare', () => {
    expect(found('select c.email, c.id from sales.customers c')).toEqual(['c.email'.slice(2)]);
    expect(found('select customers.phone from sales.customers')).toEqual(['phone']);
    expect(found('select email from sales.customers where phone is null')).toEqual(['email', 'phone']);
  });

  it('are not found where the alias is of another table', () => {
    expect(found('select r.email from sales.refunds r join sales.customers c on c.id = r.id')).toEqual([]);
  });

  it('are found in lists of tables and in writes', () => {
    expect(found('select c.phone from sales.refunds r, sales.customers c')).toEqual(['phone']);
    expect(found("update sales.customers set email = 'x'")).toEqual(['email']);
  });

  it('are not looked for in texts, comments and other tables', () => {
    expect(found("select 'email' /* email */ from sales.customers -- email")).toEqual([]);
    expect(found('select email from hr.people')).toEqual([]);
  });

  it('are of the table in the schema that is named, and of the first one of that name where none is', () => {
    const twice = knownTables([
      table('archive', 'customers', [column('email')]),
      table('sales', 'customers', [column('email', 'email')]),
    ]);
    const schemas = (sql: string): string[] =>
      findMaskReferences(sql, twice).map((each) => each.table.schema);
    expect(schemas('select email from sales.customers')).toEqual(['sales']);
    expect(schemas('select email from archive.customers')).toEqual([]);
    expect(schemas('select email from customers')).toEqual([]);
  });

  it('never fails, whatever the text is', () => {
    for (const sql of [
      '',
      '"',
      "'",
      '$$',
      '/*',
      'from',
      'from .',
      'select . from .',
      'join as as'.repeat(1_000),
    ])
      expect(() => found(sql)).not.toThrow();
  });
});
