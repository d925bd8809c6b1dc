import { copyTree, sameTree, type TreeEdits } from '../ast/tree.ts';
import type { ParsedStatement, SqlParser } from '../parser.ts';

/** Replaces the bytes [start, end) of the text; start = end inserts. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One planned change, twice: in the text and in the tree. Both must come to the same. */
export interface PlannedEdits {
  readonly text: readonly TextEdit[];
  readonly tree: TreeEdits;
}

/**
 * The text with the edits; null when two of them overlap. Equal edits count once (a row assigned to several
 * columns stands once in the text and several times in the tree).
 */
export function spliceText(bytes: Buffer, edits: readonly TextEdit[]): string | null {
  const unique = new Map(edits.map((edit) => [`${edit.start}:${edit.end}:${edit.text}`, edit]));
  const ordered = [...unique.values()].sort(
    (left, right) => left.start - right.start || left.end - right.end,
  );
  const parts: string[] = [];
  let at = 0;
  for (const edit of ordered) {
    if (edit.start < at || edit.end < edit.start || edit.end > bytes.length) return null;
    parts.push(bytes.toString('utf8', at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(bytes.toString('utf8', at));
  return parts.join('');
}

/**
 * Splices, parses the result again, and compares: the new trees must be the old ones with the planned
 * changes and nothing else. Null: they are not, and the statement must be refused.
 */
export function rewriteText(
  parser: SqlParser,
  source: { readonly bytes: Buffer; readonly statements: readonly ParsedStatement[] },
  edits: PlannedEdits,
): string | null {
  const sql = spliceText(source.bytes, edits.text);
  if (sql === null) return null;
  const outcome = parser.parse(sql);
  if (outcome.kind !== 'parsed' || outcome.statements.length !== source.statements.length) return null;
  for (const [index, statement] of source.statements.entries()) {
    const expected = copyTree(statement.node.wrapper, edits.tree);
    if (!sameTree(expected, outcome.statements[index]?.node.wrapper)) return null;
  }
  return sql;
}
