import { z } from 'zod';
import { pattern } from '../policy/document.ts';
import { tableOperations } from '../policy/effective-policy.ts';

/**
 * A database's schema as its agent reports it: names, types, keys and how views are made, never a row. It is as much
 * of a `Catalog` as a policy needs to be resolved without the database (schema-catalog.ts), plus the comments that
 * people wrote. Two reports of the same schema are the same value, so that their hashes can be compared.
 */

/** Ceilings of a report. What does not fit is left out and counted in `omitted`. */
export const schemaLimits = {
  tables: 5_000,
  columnsOfTable: 1_600,
  columns: 60_000,
  comment: 500,
  /** Of everything by which columns and tables hang together (`edgesOf`): resolving a policy takes time by them. */
  edges: 200_000,
  /** Of the whole report as JSON, in bytes. */
  bytes: 6 * 1024 * 1024,
} as const;

/** A stored identifier: at most 63 bytes (PostgreSQL docs, 4.1.1). */
const identifier = z.string().min(1).max(63);
const oid = z.number().int().min(1).max(4_294_967_295);
const attnum = z.number().int().min(1).max(schemaLimits.columnsOfTable);
const attnums = z.array(attnum).max(schemaLimits.columnsOfTable);
const typeName = z.string().min(1).max(400);
const comment = z.string().max(schemaLimits.comment);
/** System columns have negative numbers, 0 is the whole row. */
const anyAttnum = z.number().int().min(-32).max(schemaLimits.columnsOfTable);
const address = z.object({ oid, attnum: anyAttnum });
const addresses = z.array(address).max(schemaLimits.columnsOfTable);

export const reportedColumn = z.object({
  attnum,
  name: identifier,
  /** Schema-qualified where needed, with its modifiers: `pg_catalog.varchar(60)`. */
  type: typeName,
  /** Without modifiers, a domain followed to its base type. Absent: as `type`. */
  baseType: typeName.optional(),
  /** pg_type.typcategory of the base type. */
  category: z.string().length(1),
  notNull: z.literal(true).optional(),
  /** The columns that a generated column is computed from. Absent: it is not generated. */
  generatedFrom: attnums.optional(),
  comment: comment.optional(),
});
export type ReportedColumn = z.infer<typeof reportedColumn>;

/** How a view is made (shared/sql/catalog.ts, ViewLineage). */
export const reportedView = z.object({
  reads: z
    .array(z.object({ oid, columns: z.array(anyAttnum).max(schemaLimits.columnsOfTable).nullable() }))
    .max(1_000)
    .nullable(),
  lineage: z
    .object({
      columns: z
        .array(z.object({ attnum, copies: addresses, computedFrom: addresses }))
        .max(schemaLimits.columnsOfTable),
      conditions: z
        .array(
          z.object({
            column: address,
            through: z.string().max(100),
            asks: z.union([z.enum(['anything', 'is null']), z.object({ equals: address })]),
          }),
        )
        .max(5_000),
      sources: z.array(oid).max(1_000),
    })
    .nullable(),
  untraceable: z.string().max(500).nullable(),
  invokerRights: z.boolean(),
});

export const reportedKinds = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
} as const;
export const tableKind = z.enum(['table', 'partitioned table', 'view', 'materialized view', 'foreign table']);
export type TableKind = z.infer<typeof tableKind>;

export const reportedTable = z.object({
  oid,
  schema: identifier,
  name: identifier,
  kind: tableKind,
  columns: z.array(reportedColumn).max(schemaLimits.columnsOfTable),
  primaryKey: attnums.optional(),
  foreignKeys: z
    .array(z.object({ columns: attnums, references: oid, referenced: attnums }))
    .max(1_000)
    .optional(),
  /** Direct parents by partitioning or inheritance. */
  parents: z.array(oid).max(1_000).optional(),
  /** Operations that the agent's own role may not pass on. */
  ungrantable: z.array(z.enum(tableOperations)).max(4).optional(),
  view: reportedView.optional(),
  comment: comment.optional(),
});
export type ReportedTable = z.infer<typeof reportedTable>;

const databaseSchemaShape = z.object({
  /** The name of the database on the server. */
  database: identifier,
  major: z.number().int().min(13).max(99),
  /** `upstream.scope` of the agent, as patterns; null: no limit. */
  scope: z.array(pattern(2)).max(1_000).nullable(),
  searchPath: z.array(identifier).max(100),
  /** In order of schema and name. */
  tables: z.array(reportedTable).max(schemaLimits.tables),
  /** Relations of the server itself that views read. */
  system: z.array(z.object({ oid, schema: identifier, name: identifier })).max(1_000),
  /** Tables that did not fit. */
  omitted: z.number().int().min(0),
});

/** Bounded as a whole too, and nothing in it twice: what an agent reports is worked through on everybody's thread. */
export const databaseSchema = databaseSchemaShape.superRefine(({ tables }, context) => {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (hasTwice(tables.map((table) => table.oid))) refuse(['tables'], 'a table is in it twice');
  if (tables.reduce((sum, { columns }) => sum + columns.length, 0) > schemaLimits.columns)
    refuse(['tables'], `more than ${schemaLimits.columns} columns`);
  if (tables.reduce((sum, table) => sum + edgesOf(table), 0) > schemaLimits.edges)
    refuse(['tables'], `more than ${schemaLimits.edges} dependencies`);
  for (const [at, table] of tables.entries())
    if (!isWithoutTwice(table)) refuse(['tables', at], 'something is in a list of it twice');
});
export type DatabaseSchema = z.infer<typeof databaseSchema>;

/** How many dependencies a table brings along. A parent is one for each column of the child, since masks follow names. */
export function edgesOf({ columns, foreignKeys = [], parents = [], view }: ReportedTable): number {
  const { reads, lineage } = view ?? { reads: null, lineage: null };
  return (
    sumOf(columns, ({ generatedFrom = [] }) => generatedFrom.length) +
    sumOf(foreignKeys, (key) => 1 + Math.max(key.columns.length, key.referenced.length)) +
    parents.length * Math.max(1, columns.length) +
    sumOf(reads ?? [], (read) => 1 + (read.columns?.length ?? 0)) +
    sumOf(lineage?.columns ?? [], ({ copies, computedFrom }) => copies.length + computedFrom.length) +
    (lineage?.conditions.length ?? 0) +
    (lineage?.sources.length ?? 0)
  );
}

function isWithoutTwice({ columns, parents = [], view }: ReportedTable): boolean {
  const { reads, lineage } = view ?? { reads: null, lineage: null };
  const made = lineage?.columns ?? [];
  return ![
    columns.map((column) => column.attnum),
    ...columns.map(({ generatedFrom = [] }) => generatedFrom),
    parents,
    (reads ?? []).map((read) => read.oid),
    ...(reads ?? []).map((read) => read.columns ?? []),
    made.map((column) => column.attnum),
    ...made.flatMap(({ copies, computedFrom }) => [copies.map(textOf), computedFrom.map(textOf)]),
    lineage?.sources ?? [],
  ].some(hasTwice);
}

function hasTwice(items: readonly (string | number)[]): boolean {
  return new Set(items).size < items.length;
}

function textOf(each: z.infer<typeof address>): string {
  return `${each.oid}.${each.attnum}`;
}

function sumOf<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
