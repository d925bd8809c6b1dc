import type { DatabaseSchema, ReportedColumn } from '@daam/shared/sql/database-schema';

/** Columns from `name:type`, numbered from 1; the type is a text unless told. */
function columns(...specs: readonly string[]): ReportedColumn[] {
  return specs.map((spec, at) => {
    const [name = '', type = 'text'] = spec.split(':');
    return { attnum: at + 1, name, type: `pg_catalog.${type}`, category: type === 'text' ? 'S' : 'N' };
  });
}

/** A small shop as an agent would report it: customers, orders, and a view of the customers. */
export const reportedShop: DatabaseSchema = {
  database: 'shop',
  major: 18,
  scope: null,
  searchPath: ['public'],
  system: [],
  omitted: 0,
  tables: [
    {
      oid: 1,
      schema: 'public',
      name: 'customers',
      kind: 'table',
      columns: columns('id:int4', 'email', 'phone', 'region'),
      primaryKey: [1],
    },
    {
      oid: 3,
      schema: 'public',
      name: 'mailing',
      kind: 'view',
      columns: columns('customer:int4', 'address'),
      view: {
        reads: [{ oid: 1, columns: [1, 2] }],
        lineage: {
          columns: [
            { attnum: 1, copies: [{ oid: 1, attnum: 1 }], computedFrom: [] },
            { attnum: 2, copies: [{ oid: 1, attnum: 2 }], computedFrom: [] },
          ],
          conditions: [],
          sources: [1],
        },
        untraceable: null,
        invokerRights: false,
      },
    },
    {
      oid: 2,
      schema: 'public',
      name: 'orders',
      kind: 'table',
      columns: columns('id:int4', 'customer:int4', 'total:numeric'),
    },
  ],
};
