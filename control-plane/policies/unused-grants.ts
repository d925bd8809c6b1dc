import { setImmediate } from 'node:timers/promises';
import type { UnusedGrants } from '@daam/shared/api/routes/publications';
import type { PolicyDocument } from '@daam/shared/policy/document';
import type { TableOperation } from '@daam/shared/policy/effective-policy';
import { isLiteralSegment, matchesSegment, parsePattern } from '@daam/shared/policy/pattern';

/** That somebody did something with a table, at least once. */
export interface RecordedUse {
  /** Null: the record does not say who; it counts for everybody. */
  readonly user: string | null;
  readonly operation: string;
  /** `schema.table` as records have it, not quoted. */
  readonly table: string;
}

export interface UnusedQuestion {
  readonly document: PolicyDocument;
  /** The document that was in force when the time that is looked at began: what is younger was not there to be used. */
  readonly earlier: PolicyDocument;
  /** Ids of whoever has a policy today, by its name. */
  readonly holders: (policy: string) => ReadonlySet<string>;
  readonly uses: readonly RecordedUse[];
}

/** Tables and people that are looked at for lines with wildcards, in all; and after how many of them others have their turn. */
const defaultSteps = 5_000_000;
const stepsAtOnce = 100_000;

/** Who did what, by table and operation. */
type UsesByTable = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string | null>>>;

interface Steps {
  left: number;
  sincePause: number;
}

/**
 * Operations that a policy grants and nobody who has it used. A use counts for every line that would have allowed it:
 * several may, and none of them is told to be unused then. `isPartial`: there was too much to compare; the lines that were
 * not looked at wholly are told nothing about.
 */
export async function unusedGrants(
  { document, earlier, holders, uses }: UnusedQuestion,
  maxSteps = defaultSteps,
): Promise<{ readonly items: UnusedGrants['items']; readonly isPartial: boolean }> {
  const steps: Steps = { left: maxSteps, sincePause: 0 };
  const byTable = groupByTable(uses);
  const items: UnusedGrants['items'] = [];
  for (const { name: policy, grants } of document.policies) {
    const users = holders(policy);
    const granted = grantedBefore(earlier, policy);
    for (const { table, operations } of grants) {
      if (steps.sincePause >= stepsAtOnce) await pause(steps);
      const old = operations.filter((operation) => granted.get(table)?.has(operation));
      const unused = old.length === 0 ? [] : unusedOf(old, { table, byTable, users, steps });
      // What was not compared to the end may have been used.
      if (steps.left <= 0) return { items, isPartial: true };
      if (unused.length === 0) continue;
      items.push({ policy, table, operations: unused, isWholeLine: unused.length === operations.length });
    }
    // Also where no line has a wildcard.
    steps.sincePause += stepsAtOnce / 10;
  }
  return { items, isPartial: false };
}

async function pause(steps: Steps): Promise<void> {
  steps.sincePause = 0;
  await setImmediate();
}

function groupByTable(uses: readonly RecordedUse[]): UsesByTable {
  const found = new Map<string, Map<string, Set<string | null>>>();
  for (const { table, operation, user } of uses) {
    const ofTable = found.get(table) ?? new Map<string, Set<string | null>>();
    found.set(table, ofTable);
    ofTable.set(operation, (ofTable.get(operation) ?? new Set()).add(user));
  }
  return found;
}

function unusedOf(
  operations: readonly TableOperation[],
  {
    table: pattern,
    byTable,
    users,
    steps,
  }: {
    readonly table: string;
    readonly byTable: UsesByTable;
    readonly users: ReadonlySet<string>;
    readonly steps: Steps;
  },
): TableOperation[] {
  const [schema = '', table = ''] = parsePattern(pattern, 2);
  const isLiteral = isLiteralSegment(schema) && isLiteralSegment(table);
  const name = `${schema}.${table}`;
  let unused = [...operations];
  for (const [used, ofTable] of isLiteral ? [[name, byTable.get(name)] as const] : byTable) {
    count(steps, 1);
    if (unused.length === 0 || steps.left <= 0) break;
    if (ofTable === undefined || (!isLiteral && !isMatched(used, { schema, table }))) continue;
    unused = unused.filter((operation) => !isUsedBy(ofTable.get(operation), users, steps));
  }
  return unused;
}

function isUsedBy(
  by: ReadonlySet<string | null> | undefined,
  users: ReadonlySet<string>,
  steps: Steps,
): boolean {
  if (by === undefined || by.has(null)) return by !== undefined;
  count(steps, Math.min(by.size, users.size));
  return !users.isDisjointFrom(by);
}

function count(steps: Steps, more: number): void {
  steps.left -= more;
  steps.sincePause += more;
}

/** A name may have dots of its own: any way to read it counts, since a use must never be missed. */
function isMatched(name: string, pattern: { readonly schema: string; readonly table: string }): boolean {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const matches =
      matchesSegment(pattern.schema, name.slice(0, dot)) &&
      matchesSegment(pattern.table, name.slice(dot + 1));
    if (matches) return true;
  }
  return false;
}

/** What a policy granted, by the line's table. */
function grantedBefore(
  { policies }: PolicyDocument,
  policy: string,
): ReadonlyMap<string, ReadonlySet<TableOperation>> {
  const granted = new Map<string, Set<TableOperation>>();
  for (const { table, operations } of policies.find(({ name }) => name === policy)?.grants ?? [])
    granted.set(table, new Set([...(granted.get(table) ?? []), ...operations]));
  return granted;
}
