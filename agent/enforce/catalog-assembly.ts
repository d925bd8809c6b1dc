import { isSupportedMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';
import {
  type Catalog,
  type CatalogColumn,
  type CatalogForeignKey,
  type CatalogFunction,
  type CatalogRelation,
  type CatalogType,
  type RelationKind,
  relationKey,
} from '@daam/shared/sql/catalog';
import { type TypeNames, typeNames } from './catalog-types.ts';
import { parseSearchPath } from './search-path.ts';
import { type TraceCache, traceViews, type ViewRows, type ViewTrace } from './view-trace.ts';

/** The rows that the catalogue queries give, by query. */
export interface CatalogRows {
  readonly settings: readonly { database: string; version_num: number; search_path: string }[];
  readonly schemas: readonly { name: string }[];
  readonly relations: readonly {
    oid: number;
    schema: string;
    name: string;
    kind: RelationKind;
    row_security: boolean;
    system: boolean;
  }[];
  readonly columns: readonly {
    oid: number;
    attnum: number;
    name: string;
    type: number;
    not_null: boolean;
    formatted: string | null;
    generated: boolean;
  }[];
  readonly types: readonly {
    oid: number;
    schema: string;
    name: string;
    kind: CatalogType['kind'];
    base: number;
    category: string;
  }[];
  readonly generatedSources: readonly { oid: number; attnum: number; source: number }[];
  readonly primaryKeys: readonly { oid: number; attnums: number[] }[];
  readonly triggers: readonly {
    oid: number;
    type: number;
    trigger: number;
    name: string;
    source_hash: string;
  }[];
  readonly rules: readonly { oid: number }[];
  readonly userExpressions: readonly { oid: number }[];
  readonly parents: readonly { oid: number; parent: number }[];
  readonly ownedSequences: readonly { oid: number; sequence: number }[];
  readonly views: ViewRows['views'];
  readonly viewFacts: ViewRows['viewFacts'];
  readonly foreignKeys: readonly {
    oid: number;
    columns: number[];
    references: number;
    referenced: number[];
    on_delete: string;
    on_update: string;
  }[];
  readonly ungrantable: readonly { oid: number; operations: ('select' | 'insert' | 'update' | 'delete')[] }[];
  readonly functions: readonly {
    oid: number;
    schema: string;
    name: string;
    security_definer: boolean;
    kind: CatalogFunction['kind'];
    parameters: string;
    source_hash: string;
  }[];
  readonly operators: readonly { name: string; harmless: boolean }[];
  readonly castTypes: readonly { oid: number }[];
}

/** The rows, the queries of views that were not traced yet, and what is known of the others. */
export interface CatalogReading {
  readonly rows: CatalogRows;
  readonly trees: readonly { readonly oid: number; readonly tree: string | null }[];
  readonly traces: TraceCache;
}

/** Builds the snapshot from the rows. A server major that DAAM does not know throws UNSUPPORTED. */
export function assembleCatalog(reading: CatalogReading, version: string): Catalog {
  const { rows } = reading;
  const settings = rows.settings[0];
  const major = Math.floor((settings?.version_num ?? 0) / 10_000);
  if (settings === undefined || !isSupportedMajor(major)) {
    throw new AppError('UNSUPPORTED', { message: `PostgreSQL ${major} is not supported; 13 to 18 are.` });
  }
  const relations = assembleRelations(reading);
  const schemas = new Set(rows.schemas.map((schema) => schema.name));
  return {
    major,
    database: settings.database,
    version,
    relations,
    byName: new Map(
      [...relations.values()].map((relation) => [relationKey(relation.schema, relation.name), relation]),
    ),
    schemas,
    defaultSearchPath: parseSearchPath(settings.search_path, schemas),
    userFunctions: byBareName(
      rows.functions.map(({ security_definer, source_hash, ...rest }) => ({
        ...rest,
        securityDefiner: security_definer,
        sourceHash: source_hash,
      })),
    ),
    userOperators: operatorNames(rows, false),
    harmlessOperators: operatorNames(rows, true),
    castTypes: new Set(rows.castTypes.map((type) => type.oid)),
    userTypes: byBareName(
      rows.types
        .filter((type) => !systemSchemas.has(type.schema))
        .map(({ oid, schema, name, kind }) => ({ oid, schema, name, kind })),
    ),
  };
}

function operatorNames(rows: CatalogRows, harmless: boolean): ReadonlySet<string> {
  const chosen = rows.operators.filter((operator) => operator.harmless === harmless);
  return new Set(chosen.map((operator) => operator.name));
}

const systemSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema', 'pg_toast']);

function assembleRelations({ rows, trees, traces }: CatalogReading): Map<number, CatalogRelation> {
  const columns = Map.groupBy(rows.columns, (column) => column.oid);
  const names = typeNames(rows.types);
  const generated = Map.groupBy(rows.generatedSources, (source) => source.oid);
  const primaryKeys = new Map(rows.primaryKeys.map((key) => [key.oid, key.attnums]));
  const triggers = Map.groupBy(rows.triggers, (trigger) => trigger.oid);
  const ruled = new Set(rows.rules.map((rule) => rule.oid));
  const expressive = new Set(rows.userExpressions.map((table) => table.oid));
  const parents = Map.groupBy(rows.parents, (edge) => edge.oid);
  const sequences = Map.groupBy(rows.ownedSequences, (edge) => edge.oid);
  const views = traceViews(rows, trees, traces);
  const foreignKeys = Map.groupBy(rows.foreignKeys, (key) => key.oid);
  const ungrantable = new Map(rows.ungrantable.map(({ oid, operations }) => [oid, operations]));
  return new Map(
    rows.relations.map(({ oid, schema, name, kind, row_security, system }) => [
      oid,
      {
        oid,
        schema,
        name,
        kind,
        system,
        columns: (columns.get(oid) ?? []).map((column) =>
          toColumn(column, { names, sources: generated.get(oid) ?? [] }),
        ),
        primaryKey: primaryKeys.get(oid) ?? [],
        userTriggers: triggerOperations((triggers.get(oid) ?? []).map((trigger) => trigger.type)),
        triggers: (triggers.get(oid) ?? []).map(({ trigger, name: triggerName, type, source_hash }) => ({
          oid: trigger,
          name: triggerName,
          events: triggerOperations([type]),
          sourceHash: source_hash,
        })),
        hasRules: ruled.has(oid),
        hasUserExpressions: expressive.has(oid),
        rowSecurity: row_security,
        parents: (parents.get(oid) ?? []).map((edge) => edge.parent),
        ...(views.get(oid) ?? noView),
        ownedSequences: (sequences.get(oid) ?? []).map((edge) => edge.sequence),
        foreignKeys: (foreignKeys.get(oid) ?? []).map(toForeignKey),
        ungrantable: ungrantable.get(oid) ?? [],
      },
    ]),
  );
}

const noView: ViewTrace = { lineage: null, untraceable: null, invokerRights: false, reads: null };

/** The actions' letters are those of pg_constraint.confdeltype: cascade, set null, set default; others change nothing. */
function toForeignKey(key: CatalogRows['foreignKeys'][number]): CatalogForeignKey {
  const { columns, references, referenced, on_delete: onDelete, on_update: onUpdate } = key;
  const changes = (action: string): 'update' | null => (['c', 'n', 'd'].includes(action) ? 'update' : null);
  return {
    columns,
    references,
    referenced,
    onDelete: onDelete === 'c' ? 'delete' : changes(onDelete),
    onUpdate: changes(onUpdate),
  };
}

function toColumn(
  column: CatalogRows['columns'][number],
  { names, sources }: { readonly names: TypeNames; readonly sources: CatalogRows['generatedSources'] },
): CatalogColumn {
  return {
    attnum: column.attnum,
    name: column.name,
    typeOid: column.type,
    typeName: names.withTypmod(column.type, column.formatted),
    baseTypeName: names.base(column.type),
    typeCategory: names.category(column.type),
    notNull: column.not_null,
    generatedFrom: column.generated
      ? sources.filter((source) => source.attnum === column.attnum).map((source) => source.source)
      : null,
  };
}

/** The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h). */
const triggerBits = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
] as const;

function triggerOperations(types: readonly number[]): CatalogRelation['userTriggers'] {
  return triggerBits
    .filter(([bit]) => types.some((type) => (type & bit) !== 0))
    .map(([, operation]) => operation);
}

function byBareName<Item extends { readonly name: string }>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  return Map.groupBy(items, (item) => item.name);
}
