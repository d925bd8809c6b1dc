import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { heldMask, readingOf } from '@daam/shared/sql/person-access';

/** A column that is masked or hidden for somebody, where its name stands in a text. */
export interface StatementMark {
  /** Characters of the text: the first one, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** `schema.table.column`. */
  readonly column: string;
  /** The preset; null: hidden. */
  readonly preset: string | null;
  /** Whether the request would show it as it is. */
  readonly isCleared: boolean;
}

const maxMarks = 200;

/**
 * Where a statement names columns that are masked for its author, by their words alone and without understanding it: a
 * column counts in a statement that also names its table. For whoever reads it before they decide; nothing hangs on it.
 */
export function statementMarks(
  text: string,
  {
    before,
    after,
    catalog,
  }: { readonly before: ResolvedAccess; readonly after: ResolvedAccess; readonly catalog: Catalog },
): readonly StatementMark[] {
  const places = wordsOf(text);
  const marks = [...before.relations.values()].flatMap((relation): readonly StatementMark[] => {
    if (!places.has(relation.name.toLowerCase())) return [];
    const now = after.relations.get(relation.oid);
    return (catalog.relations.get(relation.oid)?.columns ?? []).flatMap(({ attnum, name }) => {
      const found = places.get(name.toLowerCase());
      const { state, mask } = readingOf(relation, attnum);
      if (found === undefined || (state !== 'masked' && state !== 'hidden')) return [];
      const isCleared = readingOf(now, attnum).state === 'clear';
      const column = `${relation.schema}.${relation.name}.${name}`;
      const preset = state === 'hidden' || mask === null ? null : heldMask(mask).preset;
      return found.map((from) => ({ from, to: from + name.length, column, preset, isCleared }));
    });
  });
  const first = new Map(marks.toReversed().map((mark) => [mark.from, mark]));
  return [...first.values()].toSorted((a, b) => a.from - b.from).slice(0, maxMarks);
}

/** Each word of a text in lower case, with where it stands. */
function wordsOf(text: string): ReadonlyMap<string, readonly number[]> {
  const words = new Map<string, number[]>();
  for (const { 0: word, index } of text.matchAll(/[\p{L}_][\p{L}\p{N}_$]*/gu)) {
    const key = word.toLowerCase();
    const known = words.get(key);
    if (known === undefined) words.set(key, [index]);
    else known.push(index);
  }
  return words;
}
