import { isSupportedMajor } from '../domain/postgres-version.ts';
import { matchesTable, parsePattern } from '../policy/pattern.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import type { ResolvedAccess } from './access.ts';
import {
  type Catalog,
  type CatalogRelation,
  type RelationKind,
  relationKey,
  type ViewLineage,
} from './catalog.ts';
import type { DatabaseSchema, ReportedColumn, ReportedTable, TableKind } from './database-schema.ts';
import { resolveAccess } from './resolve-access.ts';

/**
 * The catalogue that a reported schema stands for: enough to resolve policies against it (`resolveAccess`), without a
 * database. It knows no functions, operators, types and triggers, so that no statement can be judged by it.
 */
export function catalogOfSchema(schema: DatabaseSchema): Catalog {
  const system = schema.system.map(({ oid, schema: name, name: table }) => ({
    ...emptyRelation,
    oid,
    schema: name,
    name: table,
    kind: 'r' as const,
    system: true,
  }));
  const relations = [...schema.tables.map(relationOf), ...system];
  return {
    major: isSupportedMajor(schema.major) ? schema.major : 18,
    database: schema.database,
    version: 'reported',
    relations: new Map(relations.map((relation) => [relation.oid, relation])),
    byName: new Map(relations.map((relation) => [relationKey(relation.schema, relation.name), relation])),
    schemas: new Set(relations.map((relation) => relation.schema)),
    defaultSearchPath: schema.searchPath,
    userFunctions: new Map(),
    userOperators: new Set(),
    userTypes: new Map(),
  };
}

/**
 * What a policy gives on the database that was reported, as its agent would resolve it: tables outside of the agent's own
 * scope are left out. `catalog` is `catalogOfSchema(schema)`, made once for many policies.
 */
export function resolveReported(
  policy: EffectivePolicy,
  { schema, catalog }: { readonly schema: DatabaseSchema; readonly catalog: Catalog },
): ResolvedAccess {
  const access = resolveAccess(policy, catalog);
  if (schema.scope === null) return access;
  const relations = [...access.relations].filter(([, relation]) => isInScope(schema, relation));
  return { ...access, relations: new Map(relations) };
}

/** Whether the agent's own configuration lets it serve a table. */
export function isInScope(
  { scope }: Pick<DatabaseSchema, 'scope'>,
  table: { readonly schema: string; readonly name: string },
): boolean {
  if (scope === null) return true;
  return scope.some((text) => {
    const [schema = '', name = ''] = parsePattern(text, 2);
    return matchesTable({ schema, table: name }, { schema: table.schema, table: table.name });
  });
}

const kinds: Readonly<Record<TableKind, RelationKind>> = {
  table: 'r',
  'partitioned table': 'p',
  view: 'v',
  'materialized view': 'm',
  'foreign table': 'f',
};

const emptyRelation = {
  system: false,
  columns: [],
  primaryKey: [],
  userTriggers: [],
  hasRules: false,
  hasUserExpressions: false,
  rowSecurity: false,
  parents: [],
  reads: null,
  lineage: null,
  untraceable: null,
  invokerRights: false,
  foreignKeys: [],
  ownedSequences: [],
} satisfies Partial<CatalogRelation>;

function relationOf(table: ReportedTable): CatalogRelation {
  const { oid, schema, name, kind, columns, primaryKey = [], foreignKeys = [], parents = [], view } = table;
  return {
    ...emptyRelation,
    oid,
    schema,
    name,
    kind: kinds[kind],
    columns: columns.map(columnOf),
    primaryKey,
    parents,
    foreignKeys: foreignKeys.map((key) => ({ ...key, onDelete: null, onUpdate: null })),
    ...(table.ungrantable === undefined ? {} : { ungrantable: table.ungrantable }),
    ...(view === undefined
      ? {}
      : {
          reads: view.reads,
          lineage: view.lineage === null ? null : lineageOf(view.lineage),
          untraceable: view.untraceable,
          invokerRights: view.invokerRights,
        }),
  };
}

function columnOf(column: ReportedColumn): CatalogRelation['columns'][number] {
  const { attnum, name, type, baseType = type, category, notNull = false, generatedFrom = null } = column;
  return {
    attnum,
    name,
    typeOid: 0,
    typeName: type,
    baseTypeName: baseType,
    typeCategory: category,
    notNull,
    generatedFrom,
  };
}

type ReportedLineage = NonNullable<NonNullable<ReportedTable['view']>['lineage']>;

function lineageOf({ columns, conditions, sources }: ReportedLineage): ViewLineage {
  return {
    columns: new Map(columns.map(({ attnum, ...column }) => [attnum, column])),
    conditions,
    sources,
  };
}
