import type { Catalog, CatalogColumn, CatalogRelation, ColumnAddress } from './catalog.ts';
import {
  type DatabaseSchema,
  edgesOf,
  type ReportedColumn,
  type ReportedTable,
  reportedKinds,
  reportedTable,
  reportedView,
  schemaLimits,
} from './database-schema.ts';

/** What people wrote about tables and columns, by OID and attnum; 0 is the table itself. */
export type SchemaComments = ReadonlyMap<number, ReadonlyMap<number, string>>;

/**
 * A catalogue as the agent reports it: relations of people in order of schema and name, as many as fit into the ceilings
 * of `schemaLimits`, each whole or not at all. Deterministic: the same catalogue and comments give the same report.
 */
export function reportSchema(
  catalog: Catalog,
  { comments, scope }: { readonly comments: SchemaComments; readonly scope: readonly string[] | null },
): DatabaseSchema {
  const relations = [...catalog.relations.values()]
    .filter(({ system, kind }) => !system && kind !== 'S')
    .toSorted((a, b) => compare(a.schema, b.schema) || compare(a.name, b.name));
  const tables: ReportedTable[] = [];
  const room = {
    bytes: schemaLimits.bytes - reservedBytes,
    columns: schemaLimits.columns,
    edges: schemaLimits.edges,
  };
  for (const relation of relations) {
    const table = reportTable(relation, comments.get(relation.oid));
    if (table === null || tables.length === schemaLimits.tables) continue;
    const bytes = Buffer.byteLength(JSON.stringify(table)) + 1;
    const edges = edgesOf(table);
    if (bytes > room.bytes || table.columns.length > room.columns || edges > room.edges) continue;
    room.bytes -= bytes;
    room.edges -= edges;
    room.columns -= table.columns.length;
    tables.push(table);
  }
  return {
    database: catalog.database,
    major: catalog.major,
    scope: scope === null ? null : scope.slice(0, 1_000),
    searchPath: catalog.defaultSearchPath.slice(0, 100),
    tables,
    system: systemRelations(catalog, tables),
    omitted: relations.length - tables.length,
  };
}

/** For everything but the tables. */
const reservedBytes = 640 * 1024;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Null: it has more of something than a report has room for. */
function reportTable(
  relation: CatalogRelation,
  comments: ReadonlyMap<number, string> | undefined,
): ReportedTable | null {
  const { oid, schema, name, kind, columns, primaryKey, foreignKeys, parents, ungrantable = [] } = relation;
  const comment = shortened(comments?.get(0));
  if (kind === 'S') return null;
  const table: ReportedTable = {
    oid,
    schema,
    name,
    kind: reportedKinds[kind],
    columns: columns.map((column) => reportColumn(column, comments?.get(column.attnum))),
    ...(primaryKey.length === 0 ? {} : { primaryKey: [...primaryKey] }),
    ...(foreignKeys.length === 0
      ? {}
      : {
          foreignKeys: foreignKeys.map((key) => ({
            columns: [...key.columns],
            references: key.references,
            referenced: [...key.referenced],
          })),
        }),
    ...(parents.length === 0 ? {} : { parents: unique(parents) }),
    ...(ungrantable.length === 0 ? {} : { ungrantable: [...ungrantable] }),
    ...(kind === 'v' || kind === 'm' ? { view: reportView(relation) } : {}),
    ...(comment === null ? {} : { comment }),
  };
  return reportedTable.safeParse(table).success ? table : null;
}

function reportColumn(column: CatalogColumn, text: string | undefined): ReportedColumn {
  const { attnum, name, typeName, baseTypeName, typeCategory, notNull, generatedFrom } = column;
  const comment = shortened(text);
  return {
    attnum,
    name,
    type: typeName,
    ...(baseTypeName === typeName ? {} : { baseType: baseTypeName }),
    category: typeCategory,
    ...(notNull ? { notNull } : {}),
    ...(generatedFrom === null ? {} : { generatedFrom: unique(generatedFrom) }),
    ...(comment === null ? {} : { comment }),
  };
}

/** A view whose making is too large to tell counts as one that cannot be traced. */
function reportView({ lineage, reads, untraceable, invokerRights }: CatalogRelation) {
  const view = {
    reads: reads === null ? null : reportReads(reads),
    lineage:
      lineage === null
        ? null
        : {
            columns: [...lineage.columns].map(([attnum, { copies, computedFrom }]) => ({
              attnum,
              copies: uniqueBy(copies, addressText),
              computedFrom: uniqueBy(computedFrom, addressText),
            })),
            conditions: lineage.conditions.map((condition) => ({ ...condition })),
            sources: unique(lineage.sources),
          },
    untraceable: untraceable?.slice(0, 500) ?? null,
    invokerRights,
  };
  const isSmall = reportedView.safeParse(view).success;
  return isSmall
    ? view
    : { reads: null, lineage: null, untraceable: 'it is too large to be reported', invokerRights };
}

/** Relations of the server that the reported views name: without them a view could not be judged. */
function systemRelations(catalog: Catalog, tables: readonly ReportedTable[]): DatabaseSchema['system'] {
  const named = new Set(
    tables.flatMap(({ view }) => [
      ...(view?.lineage?.sources ?? []),
      ...(view?.reads ?? []).map(({ oid }) => oid),
    ]),
  );
  return [...named]
    .toSorted((a, b) => a - b)
    .flatMap((oid) => {
      const relation = catalog.relations.get(oid);
      return relation?.system === true ? [{ oid, schema: relation.schema, name: relation.name }] : [];
    })
    .slice(0, 1_000);
}

/** Once for each relation, with all of its columns that are named. */
function reportReads(reads: NonNullable<CatalogRelation['reads']>) {
  const byOid = new Map<number, { oid: number; columns: number[] | null }>();
  for (const { oid, columns } of reads) {
    const known = byOid.get(oid) ?? { oid, columns: [] };
    byOid.set(oid, {
      oid,
      columns: known.columns === null || columns === null ? null : unique([...known.columns, ...columns]),
    });
  }
  return [...byOid.values()];
}

function unique(items: readonly number[]): number[] {
  return [...new Set(items)];
}

function uniqueBy<Item>(items: readonly Item[], keyOf: (item: Item) => string | number): Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function addressText({ oid, attnum }: ColumnAddress): string {
  return `${oid}.${attnum}`;
}

/** White space at the ends goes, and what is longer than the ceiling; null: nothing is left. */
function shortened(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed.length <= schemaLimits.comment) return trimmed === '' ? null : trimmed;
  return `${trimmed
    .slice(0, schemaLimits.comment - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}
