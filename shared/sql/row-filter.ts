import type { RelationAccess, ResolvedRowCondition, ResolvedRowFilter } from './access.ts';
import { quoteIdentifier } from './quote.ts';

/**
 * Row filters as SQL (adr/0004). A relation with one is read through a subquery with the filter in its WHERE,
 * and written only where the filter holds; see shared/sql/gate/row-guard.ts for the targets of writes.
 */

/**
 * Whether reads of a relation are rewritten and writes of it guarded: it has masks, or a row filter. The latter
 * alone makes every statement that touches it an elevated one (agent/roles/group-grants.ts).
 */
export function isProtected(access: RelationAccess): boolean {
  return access.masks.size > 0 || access.rowFilter !== null;
}

/** The quoted reference of a column by its name. */
export type ColumnReference = (column: string) => string;

/** References without a qualifier, for the subquery that reads one relation. */
export const bareReference: ColumnReference = quoteIdentifier;

/**
 * The condition that a visible row meets; every operator and type is one of pg_catalog's (or the column's own
 * enum), so that nothing a session made is picked. A NULL meets only `is_null`.
 */
export function rowFilterCondition(filter: ResolvedRowFilter, reference: ColumnReference): string {
  return filter.conditions
    .map((condition) => conditionText(condition, reference(condition.column)))
    .join(' AND ');
}

/** The same for one condition; `reference` may be any SQL expression of the column's type. */
export function conditionText({ operator, literals }: ResolvedRowCondition, reference: string): string {
  if (operator === 'is_null') return `${reference} IS NULL`;
  if (operator === 'is_not_null') return `${reference} IS NOT NULL`;
  if (operator !== 'in')
    return `${reference} OPERATOR(pg_catalog.${symbols[operator]}) ${literals[0] ?? 'NULL'}`;
  if (literals.length === 0) return 'FALSE';
  if (literals.length === 1) return `${reference} OPERATOR(pg_catalog.=) ${literals[0] ?? 'NULL'}`;
  return `${reference} OPERATOR(pg_catalog.=) ANY (ARRAY[${literals.join(', ')}])`;
}

const symbols = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
