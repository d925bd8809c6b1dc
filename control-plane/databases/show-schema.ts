import type { MyTable, SchemaChange, SchemaTable } from '@daam/shared/api/database-schema';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { DatabaseSchema, ReportedTable } from '@daam/shared/sql/database-schema';
import { displayType } from '@daam/shared/sql/display-type';
import { tableOperations } from '@daam/shared/policy/effective-policy';

/** A reported schema in names, for people and programs that know no OIDs. */
export function showTables({ tables }: DatabaseSchema): SchemaTable[] {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  return tables.map((table) => ({
    schema: table.schema,
    name: table.name,
    kind: table.kind,
    comment: table.comment ?? null,
    columns: table.columns.map(({ name, type, notNull, generatedFrom, comment }) => ({
      name,
      type: displayType(type),
      notNull: notNull ?? false,
      generated: generatedFrom !== undefined,
      comment: comment ?? null,
    })),
    primaryKey: columnNames(table, table.primaryKey ?? []),
    foreignKeys: foreignKeysOf(table, byOid),
    parents: (table.parents ?? []).flatMap((oid) => {
      const parent = byOid.get(oid);
      return parent === undefined ? [] : [{ schema: parent.schema, name: parent.name }];
    }),
  }));
}

/** What of it somebody may use, with the operations and masks that their resolved access says. Refused tables are left out. */
export function showMyTables({ tables }: DatabaseSchema, access: ResolvedAccess): MyTable[] {
  const usable = tables.filter(({ oid }) => {
    const relation = access.relations.get(oid);
    return relation !== undefined && relation.refusal === null && relation.operations.size > 0;
  });
  const byOid = new Map(usable.map((table) => [table.oid, table]));
  return usable.flatMap((table) => {
    const relation = access.relations.get(table.oid);
    if (relation === undefined) return [];
    return {
      schema: table.schema,
      name: table.name,
      kind: table.kind,
      comment: table.comment ?? null,
      operations: tableOperations.filter((operation) => relation.operations.has(operation)),
      isFiltered: relation.rowFilter !== null,
      columns: table.columns.map(({ attnum, name, type, notNull, comment }) => {
        const mask = relation.masks.get(attnum);
        return {
          name,
          type: displayType(type),
          notNull: notNull ?? false,
          comment: comment ?? null,
          mask:
            mask === undefined
              ? null
              : {
                  preset: mask.preset,
                  match: mask.matchEquality ? ('equality' as const) : ('none' as const),
                  policy: mask.origin.policy,
                },
        };
      }),
      primaryKey: columnNames(table, table.primaryKey ?? []),
      foreignKeys: foreignKeysOf(table, byOid),
    };
  });
}

/** Keys to tables that `byOid` has; the others tell about tables that are not shown. */
function foreignKeysOf(
  table: ReportedTable,
  byOid: ReadonlyMap<number, ReportedTable>,
): SchemaTable['foreignKeys'] {
  return (table.foreignKeys ?? []).flatMap(({ columns, references, referenced }) => {
    const other = byOid.get(references);
    if (other === undefined) return [];
    const target = { schema: other.schema, name: other.name, columns: columnNames(other, referenced) };
    return [{ columns: columnNames(table, columns), references: target }];
  });
}

function columnNames({ columns }: ReportedTable, attnums: readonly number[]): string[] {
  return attnums.flatMap((attnum) => columns.find((column) => column.attnum === attnum)?.name ?? []);
}

/** Changes that are shown of one version. */
const maxChanges = 500;

/** What a version changed: tables and columns by name, so that one made anew under the same name is no change. */
export function schemaChanges(before: DatabaseSchema, after: DatabaseSchema): SchemaChange[] {
  const [old, now] = [byName(before), byName(after)];
  const changes: SchemaChange[] = [];
  for (const [name] of old) if (!now.has(name)) changes.push(change('table-removed', name));
  for (const [name, table] of now) {
    const former = old.get(name);
    if (former === undefined) changes.push(change('table-added', name));
    else changes.push(...columnChanges(name, former, table));
  }
  return changes.slice(0, maxChanges);
}

function columnChanges(name: string, before: ReportedTable, after: ReportedTable): SchemaChange[] {
  const old = new Map(before.columns.map((column) => [column.name, displayType(column.type)]));
  const now = new Map(after.columns.map((column) => [column.name, displayType(column.type)]));
  const removed = [...old.keys()].filter((column) => !now.has(column));
  const added = [...now.keys()].filter((column) => !old.has(column));
  const retyped = [...now].flatMap(([column, type]) => {
    const former = old.get(column);
    if (former === undefined || former === type) return [];
    return [{ ...change('type-changed', `${name}.${column}`), before: former, after: type }];
  });
  return [
    ...removed.map((column) => change('column-removed', `${name}.${column}`)),
    ...added.map((column) => change('column-added', `${name}.${column}`)),
    ...retyped,
  ];
}

function change(kind: SchemaChange['kind'], object: string): SchemaChange {
  return { kind, object, before: null, after: null };
}

function byName({ tables }: DatabaseSchema): ReadonlyMap<string, ReportedTable> {
  return new Map(tables.map((table) => [`${table.schema}.${table.name}`, table]));
}
