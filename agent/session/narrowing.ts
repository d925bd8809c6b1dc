import type { RelationAccess } from '@daam/shared/sql/access';
import type { TableUse } from '@daam/shared/sql/verdict';
import type { AccessView } from '../enforce/decisions.ts';

/** What a change of access takes away: who was in the middle of using it must not go on. */
export interface Narrowing {
  readonly isEmpty: boolean;
  /** Whether this use of a table is no longer allowed, or shows more than it may now. */
  forbids(use: Pick<TableUse, 'oid' | 'operation'>): boolean;
  /** Whether reading any of these relations shows more than it may now. */
  forbidsReading(oids: Iterable<number>): boolean;
}

/** What is compared: an access, and whether value masks may be computed in it. */
export interface Extent {
  readonly view: AccessView;
  readonly elevation: boolean;
}

/**
 * Compares two accesses relation by relation. An operation that is gone is lost; a mask, a row filter or a refusal
 * that is new or different loses the whole relation, whichever of the two is the stricter: telling would only save
 * a statement from being run again.
 */
export function narrowingOf(before: Extent, after: Extent): Narrowing {
  const lost = new Map<number, ReadonlySet<string> | 'all'>();
  if (before.view !== after.view || before.elevation !== after.elevation) {
    const losesValues = before.elevation && !after.elevation;
    for (const [oid, old] of before.view.access.relations) {
      const now = after.view.access.relations.get(oid);
      if (now === undefined || isRestricted(old, now) || (losesValues && showsValues(old))) {
        lost.set(oid, 'all');
        continue;
      }
      const isMasked = hasOtherMasks(old, now);
      // What only inserts shows nothing but what it brought.
      const gone = [...old.operations].filter(
        (operation) => !now.operations.has(operation) || (isMasked && operation !== 'insert'),
      );
      if (gone.length > 0) lost.set(oid, new Set(gone));
    }
  }
  const forbids: Narrowing['forbids'] = ({ oid, operation }) => {
    const what = lost.get(oid);
    return what !== undefined && (what === 'all' || what.has(operation));
  };
  return {
    isEmpty: lost.size === 0,
    forbids,
    forbidsReading: (oids) => [...oids].some((oid) => forbids({ oid, operation: 'select' })),
  };
}

function isRestricted(old: RelationAccess, now: RelationAccess): boolean {
  if (now.refusal !== null && old.refusal === null) return true;
  return now.rowFilter !== null && content(now.rowFilter) !== content(old.rowFilter);
}

function hasOtherMasks(old: RelationAccess, now: RelationAccess): boolean {
  return [...now.masks].some(([attnum, mask]) => content(mask) !== content(old.masks.get(attnum)));
}

function showsValues({ masks, rowFilter }: RelationAccess): boolean {
  return rowFilter !== null || [...masks.values()].some((mask) => mask.needsValue || mask.matchEquality);
}

/** As text, without where it came from: another version of a policy with the same mask is the same mask. */
function content(value: unknown): string {
  return (
    JSON.stringify(value, (key, part: unknown) => {
      if (key === 'origin' || key === 'origins') return undefined;
      if (part instanceof Map || part instanceof Set) return [...part];
      return part;
    }) ?? ''
  );
}
