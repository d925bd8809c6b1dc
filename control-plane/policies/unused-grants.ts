import type { UnusedGrants } from '@daam/shared/api/routes/publications';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { type TableOperation, tableOperations } from '@daam/shared/policy/effective-policy';
import { matchesSegment, parsePattern } from '@daam/shared/policy/pattern';

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

/**
 * Operations that a policy grants and nobody who has it used. A use counts for every line that would have allowed it:
 * several may, and none of them is told to be unused then.
 */
export function unusedGrants({ document, earlier, holders, uses }: UnusedQuestion): UnusedGrants['items'] {
  return document.policies.flatMap(({ name, grants }) => {
    const users = holders(name);
    const own = uses.filter(({ user }) => user === null || users.has(user));
    return grants.flatMap(({ table, operations }) => {
      const old = operations.filter((operation) => wasGranted(earlier, { policy: name, table, operation }));
      const used = usedOf(own, table);
      const unused = old.filter((operation) => !used.has(operation));
      if (unused.length === 0) return [];
      return [
        { policy: name, table, operations: [...unused], isWholeLine: unused.length === operations.length },
      ];
    });
  });
}

function usedOf(uses: readonly RecordedUse[], pattern: string): ReadonlySet<TableOperation> {
  const [schema = '', table = ''] = parsePattern(pattern, 2);
  return new Set(
    tableOperations.filter((operation) =>
      uses.some((use) => use.operation === operation && isMatched(use.table, { schema, table })),
    ),
  );
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

function wasGranted(
  { policies }: PolicyDocument,
  asked: { readonly policy: string; readonly table: string; readonly operation: TableOperation },
): boolean {
  const grants = policies.find(({ name }) => name === asked.policy)?.grants ?? [];
  return grants.some(
    ({ table, operations }) => table === asked.table && operations.includes(asked.operation),
  );
}
