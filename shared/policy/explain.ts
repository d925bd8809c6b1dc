import type { EffectivePolicy, EffectiveRowFilter, RuleOrigin, TableOperation } from './effective-policy.ts';
import { formatPattern, matchesSegment, matchesTable } from './pattern.ts';
import { type CombinedMask, combineMasks, compareMasks } from './restrictiveness.ts';

/** A column, as PostgreSQL stores its names, and what is wanted of it. */
export interface ExplainQuestion {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Default: select. */
  readonly operation?: TableOperation;
  /** Whether the column's type is text; decides the default of matching. Default: true. */
  readonly isText?: boolean;
}

/** One rule that played a part. `decisive`: without it the answer would be another. */
export interface ExplainedRule {
  readonly kind: 'grant' | 'mask' | 'row-filter' | 'default-deny';
  readonly origin: RuleOrigin | null;
  readonly pattern: string | null;
  readonly text: string;
  readonly decisive: boolean;
}

export interface Explanation {
  readonly allowed: boolean;
  /** What is shown instead of the value; null when it is shown as it is, or not at all. */
  readonly mask: CombinedMask | null;
  readonly rowFilters: readonly EffectiveRowFilter[];
  readonly rules: readonly ExplainedRule[];
}

/**
 * Says why a person may or may not use a column, rule by rule, grants first. It speaks of the policy
 * only: whether the table exists, and what views and partitions inherit, is resolved against the database.
 */
export function explainColumn(policy: EffectivePolicy, question: ExplainQuestion): Explanation {
  const operation = question.operation ?? 'select';
  const name = { schema: question.schema, table: question.table };
  const grants = policy.grants.filter(
    ({ columns, ...grant }) =>
      matchesTable(grant, name) &&
      grant.operations.includes(operation) &&
      (columns === undefined || columns.includes(question.column)),
  );
  if (grants.length === 0) {
    return { allowed: false, mask: null, rowFilters: [], rules: [defaultDeny(question, operation)] };
  }
  const masks = policy.masks
    .filter((mask) => matchesTable(mask, name) && matchesSegment(mask.column, question.column))
    .toSorted(compareMasks);
  const column = { isText: question.isText ?? true };
  const combined =
    operation === 'select' ? lift(policy, { ...question, ...column }, combineMasks(masks, column)) : null;
  const rowFilters = policy.rowFilters.filter((filter) => matchesTable(filter, name));
  return {
    allowed: true,
    mask: combined,
    rowFilters,
    rules: [
      ...grants.map((grant) => explainGrant(grant, operation, grants.length === 1)),
      ...(operation === 'select' ? masks.map((mask) => explainMask(mask, combined)) : []),
      ...rowFilters.map(explainFilter),
    ],
  };
}

/** What is left of a mask where an approved access request lifts it. */
function lift(
  policy: EffectivePolicy,
  { schema, table, column, isText }: ExplainQuestion & { readonly isText: boolean },
  held: CombinedMask | null,
): CombinedMask | null {
  const level = policy.unmasks?.find(
    (unmask) => unmask.schema === schema && unmask.table === table && unmask.column === column,
  );
  if (held === null || level === undefined) return held;
  if (level.mask === null) return null;
  const { as, matchEquality, ...rule } = held;
  const match = matchEquality ? 'equality' : 'none';
  if (compareMasks(as === null ? { ...rule, match } : { ...rule, as, match }, level.mask) >= 0) return held;
  return combineMasks([{ schema, table, column, ...level.mask, origin: level.origin }], { isText });
}

function defaultDeny(question: ExplainQuestion, operation: TableOperation): ExplainedRule {
  const table = formatPattern([question.schema, question.table]);
  return {
    kind: 'default-deny',
    origin: null,
    pattern: null,
    text: `No policy grants ${operation} on ${table}, so it is denied.`,
    decisive: true,
  };
}

function explainGrant(
  grant: EffectivePolicy['grants'][number],
  operation: TableOperation,
  decisive: boolean,
): ExplainedRule {
  const pattern = formatPattern([grant.schema, grant.table]);
  const text = `Policy ${grant.origin.policy} grants ${operation} on ${pattern}.`;
  return { kind: 'grant', origin: grant.origin, pattern, text, decisive };
}

function explainMask(mask: EffectivePolicy['masks'][number], combined: CombinedMask | null): ExplainedRule {
  const pattern = formatPattern([mask.schema, mask.table, mask.column]);
  const decisive = mask.preset === combined?.preset;
  const outcome = decisive ? '' : `, and the stronger ${combined?.preset ?? 'mask'} holds`;
  const text = `Policy ${mask.origin.policy} masks ${pattern} as ${mask.preset}${outcome}.`;
  return { kind: 'mask', origin: mask.origin, pattern, text, decisive };
}

function explainFilter(filter: EffectiveRowFilter): ExplainedRule {
  const pattern = formatPattern([filter.schema, filter.table]);
  const conditions = filter.where.map(describeCondition).join(' and ');
  const text = `Policy ${filter.origin.policy} limits the rows of ${pattern} to ${conditions}.`;
  return { kind: 'row-filter', origin: filter.origin, pattern, text, decisive: true };
}

/** Values that explain shows at once; a longer list ends in how many more there are. */
const shownValues = 10;

/** One condition of a row filter in words: `region in (EU, UK)`, `total gt 100`, `closed_at is null`. */
export function describeCondition({
  column,
  operator,
  value,
  problem,
}: EffectiveRowFilter['where'][number]): string {
  if (problem !== undefined) return `nothing (${problem})`;
  if (value === undefined) return `${column} ${operator.replaceAll('_', ' ')}`;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (operator !== 'in') return `${column} ${operator} ${String(values[0])}`;
  const more = values.length > shownValues ? `, and ${values.length - shownValues} more` : '';
  return `${column} in (${values.slice(0, shownValues).join(', ')}${more})`;
}
