import { createHash } from 'node:crypto';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { DatabaseSchema, ReportedTable } from '@daam/shared/sql/database-schema';

/** Small schemas as agents report them; imported by tests only. */

/** A table of text columns, with `over` on top. */
export function reportedTable(
  oid: number,
  name: string,
  columns: readonly string[],
  over: Partial<ReportedTable> = {},
) {
  return {
    oid,
    schema: 'public',
    name,
    kind: 'table' as const,
    columns: columns.map((column, at) => ({
      attnum: at + 1,
      name: column,
      type: 'pg_catalog.text',
      category: 'S',
    })),
    ...over,
  };
}

/** A report of these tables. */
export function reportedSchema(
  tables: readonly ReportedTable[],
  scope: string[] | null = null,
): DatabaseSchema {
  return {
    database: 'shop',
    major: 18,
    scope,
    searchPath: ['public'],
    tables: [...tables],
    system: [],
    omitted: 0,
  };
}

/** Its identity. */
export function hashOfSchema(schema: DatabaseSchema): string {
  return createHash('sha256').update(canonicalJson(schema)).digest('hex');
}

export const customers = reportedTable(20_000, 'customers', ['id', 'email', 'phone'], {
  primaryKey: [1],
  comment: 'Who buys',
});
export const orders = reportedTable(20_001, 'orders', ['id', 'customer'], {
  foreignKeys: [{ columns: [2], references: 20_000, referenced: [1] }],
});
export const payments = reportedTable(20_002, 'payments', ['id', 'iban']);
