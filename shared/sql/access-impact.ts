import { canonicalJson } from '../base/canonical-json.ts';
import { type TableOperation, tableOperations } from '../policy/effective-policy.ts';
import { compareMasks } from '../policy/restrictiveness.ts';
import type { ColumnMask, RelationAccess, ResolvedAccess } from './access.ts';
import type { Catalog } from './catalog.ts';
import { type ColumnState, type HeldMask, heldMask, readingOf } from './person-access.ts';

/** What somebody would gain and lose on one table. Columns with the same change are together. */
export interface TableImpact {
  readonly schema: string;
  readonly table: string;
  readonly gained: readonly TableOperation[];
  readonly lost: readonly TableOperation[];
  readonly columns: readonly ColumnImpact[];
  /** Whether the rows that exist for the person change; what the conditions are is the policies' business. */
  readonly isFilterChanged: boolean;
}

export interface ColumnImpact {
  readonly columns: readonly string[];
  readonly before: ColumnState;
  readonly after: ColumnState;
  readonly beforeMask: HeldMask | null;
  readonly afterMask: HeldMask | null;
  readonly effect: 'gain' | 'loss' | 'other';
}

/** Compares two accesses that were resolved against one catalogue; tables without a change are left out. */
export function compareAccess(
  before: ResolvedAccess,
  after: ResolvedAccess,
  catalog: Catalog,
): readonly TableImpact[] {
  if (before.fingerprint === after.fingerprint) return [];
  const oids = new Set([...before.relations.keys(), ...after.relations.keys()]);
  return [...oids]
    .map((oid) => compareTable(before.relations.get(oid), after.relations.get(oid), catalog))
    .filter((impact) => impact !== null)
    .toSorted((a, b) => (`${a.schema}.${a.table}` < `${b.schema}.${b.table}` ? -1 : 1));
}

function compareTable(
  before: RelationAccess | undefined,
  after: RelationAccess | undefined,
  catalog: Catalog,
): TableImpact | null {
  const relation = after ?? before;
  if (relation === undefined) return null;
  const [was, is] = [operationsOf(before), operationsOf(after)];
  const impact = {
    schema: relation.schema,
    table: relation.name,
    gained: tableOperations.filter((operation) => is.has(operation) && !was.has(operation)),
    lost: tableOperations.filter((operation) => was.has(operation) && !is.has(operation)),
    columns: compareColumns(before, after, catalog),
    isFilterChanged: was.size > 0 && is.size > 0 && conditionsOf(before) !== conditionsOf(after),
  };
  const { gained, lost, columns, isFilterChanged } = impact;
  const isSame = gained.length + lost.length + columns.length === 0 && !isFilterChanged;
  return isSame ? null : impact;
}

/** A table that is refused gives nothing, whatever is granted. */
function operationsOf(relation: RelationAccess | undefined): ReadonlySet<TableOperation> {
  return relation === undefined || relation.refusal !== null ? new Set() : relation.operations;
}

function conditionsOf(relation: RelationAccess | undefined): string {
  return canonicalJson(relation?.rowFilter?.conditions ?? null);
}

function compareColumns(
  before: RelationAccess | undefined,
  after: RelationAccess | undefined,
  catalog: Catalog,
): readonly ColumnImpact[] {
  const oid = (after ?? before)?.oid ?? 0;
  const changes = (catalog.relations.get(oid)?.columns ?? []).flatMap(({ attnum, name }) => {
    const [was, is] = [readingOf(before, attnum), readingOf(after, attnum)];
    const change = {
      before: was.state,
      after: is.state,
      beforeMask: was.mask === null ? null : heldMask(was.mask),
      afterMask: is.mask === null ? null : heldMask(is.mask),
    };
    const key = canonicalJson(change);
    const isSame =
      canonicalJson([was.state, change.beforeMask]) === canonicalJson([is.state, change.afterMask]);
    return isSame ? [] : [{ key, name, change, effect: effectOf(was, is) }];
  });
  return [...Map.groupBy(changes, ({ key, effect }) => `${effect} ${key}`).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [{ columns: same.map(({ name }) => name), ...first.change, effect: first.effect }];
  });
}

interface Reading {
  readonly state: ColumnState;
  readonly mask: ColumnMask | null;
}

const shows: Readonly<Record<ColumnState, number>> = { none: 0, hidden: 1, masked: 2, clear: 3 };

function effectOf(before: Reading, after: Reading): ColumnImpact['effect'] {
  const byState = shows[after.state] - shows[before.state];
  if (byState !== 0) return byState > 0 ? 'gain' : 'loss';
  if (before.mask === null || after.mask === null) return 'other';
  const byMask = compareMasks(ruleOf(after.mask), ruleOf(before.mask));
  return byMask === 0 ? 'other' : byMask > 0 ? 'gain' : 'loss';
}

function ruleOf({ preset, prefix, suffix, as, matchEquality }: ColumnMask) {
  const match = matchEquality ? ('equality' as const) : ('none' as const);
  return { preset, prefix, suffix, match, ...(as === null ? {} : { as }) };
}
