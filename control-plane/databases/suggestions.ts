import type { PlacedSuggestion } from '@daam/shared/api/database-schema';
import { liftPolicy, type PolicyVersion } from '@daam/shared/policy/merge';
import { suggestMasks } from '@daam/shared/policy/suggest-masks';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { DatabaseSchema, ReportedTable } from '@daam/shared/sql/database-schema';
import { displayType } from '@daam/shared/sql/display-type';
import { resolveReported } from '@daam/shared/sql/schema-catalog';

/** A policy, and what it alone gives on the reported schema. Row filters are left out: they decide about rows. */
export interface ResolvedPolicy {
  readonly policy: PolicyVersion;
  readonly access: ResolvedAccess;
}

/** Resolves one policy by itself. */
export function resolveAlone(
  policy: PolicyVersion,
  world: { readonly database: string; readonly schema: DatabaseSchema; readonly catalog: Catalog },
): ResolvedPolicy {
  const effective = { ...liftPolicy(world.database, policy, {}), rowFilters: [] };
  return { policy, access: resolveReported(effective, world) };
}

/** Columns of tables that look as if they should be masked, with the policies that show them as they are. */
export function placeSuggestions(
  { tables }: DatabaseSchema,
  policies: readonly ResolvedPolicy[],
): PlacedSuggestion[] {
  return tables.filter(isOwn).flatMap((table) =>
    suggestionsOf(table).map(({ column, ...suggestion }) => {
      const readers = policies.filter(({ access }) => mayRead(access, table));
      const exposing = readers.filter(({ access }) => !isMasked(access, table, column));
      return {
        schema: table.schema,
        table: table.name,
        column,
        type: displayType(table.columns.find(({ name }) => name === column)?.type ?? ''),
        ...suggestion,
        exposedBy: exposing.map(({ policy }) => policy.name),
        isCovered: readers.length > 0 && exposing.length === 0,
      };
    }),
  );
}

/** What the names, types and comments of a reported table suggest. */
export function suggestionsOf({ name, columns }: ReportedTable) {
  return suggestMasks({
    name,
    columns: columns.map(({ name: column, type, baseType = type, category, comment = null }) => ({
      name: column,
      type,
      baseType,
      category,
      comment,
    })),
  });
}

/** Partitions and children have their parent's masks, views those of their sources. */
export function isOwn({ kind, parents = [] }: ReportedTable): boolean {
  return (kind === 'table' || kind === 'partitioned table') && parents.length === 0;
}

export function mayRead({ relations }: ResolvedAccess, { oid }: ReportedTable): boolean {
  const relation = relations.get(oid);
  return relation !== undefined && relation.refusal === null && relation.operations.has('select');
}

export function isMasked({ relations }: ResolvedAccess, table: ReportedTable, column: string): boolean {
  const attnum = table.columns.find(({ name }) => name === column)?.attnum ?? 0;
  return relations.get(table.oid)?.masks.has(attnum) ?? false;
}

const confidences = ['high', 'medium', 'low'] as const;

/** Exposed ones first, then those that nobody masks, the surest first. */
export function bySuggestionWeight(a: PlacedSuggestion, b: PlacedSuggestion): number {
  return (
    weightOf(a) - weightOf(b) ||
    confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
    compare(`${a.schema}.${a.table}`, `${b.schema}.${b.table}`)
  );
}

function weightOf({ exposedBy, isCovered }: PlacedSuggestion): number {
  if (exposedBy.length > 0) return 0;
  return isCovered ? 2 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
