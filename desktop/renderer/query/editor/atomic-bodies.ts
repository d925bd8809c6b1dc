/**
 * Functions in SQL's own form have a body with semicolons inside, BEGIN ATOMIC … END (PostgreSQL docs, CREATE FUNCTION). The
 * editor's grammar ends a statement at each of them; here they are put together again.
 */
import type { syntaxTree } from '@codemirror/language';
import type { EditorState, Text } from '@codemirror/state';

type Tree = ReturnType<typeof syntaxTree>;

export interface StatementRange {
  readonly from: number;
  readonly to: number;
}

const known = new WeakMap<Tree, readonly StatementRange[]>();

/** The whole statements, from CREATE to END, that have such a body; in their order. One that nobody ended yet is not among them. */
export function atomicStatements(state: EditorState, tree: Tree): readonly StatementRange[] {
  const before = known.get(tree);
  if (before !== undefined) return before;
  const found = hasWord(state.doc) ? findAtomic(state, tree) : [];
  known.set(tree, found);
  return found;
}

const parts = new WeakMap<Text, boolean>();

/** Nearly no text has one: then its tree need not be walked. A key changes one part of a long text; the others are known. */
function hasWord(doc: Text): boolean {
  const before = parts.get(doc);
  if (before !== undefined) return before;
  const has =
    doc.children === null ? /atomic/i.test(doc.sliceString(0)) : doc.children.some((part) => hasWord(part));
  parts.set(doc, has);
  return has;
}

function findAtomic(state: EditorState, tree: Tree): StatementRange[] {
  const found: StatementRange[] = [];
  let start: number | null = null;
  let depth = 0;
  let previous = '';
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name !== 'Statement') continue;
    const { from, to } = node;
    tree.iterate({
      from,
      to,
      enter: (inner) => {
        // Words in quotes and comments are no keywords.
        if (inner.name !== 'Keyword' || inner.from < from || inner.to > to) return;
        const word = state.sliceDoc(inner.from, inner.to).toLowerCase();
        if (word === 'atomic' && previous === 'begin' && depth === 0) {
          start = from;
          depth = 1;
        } else if (depth > 0 && word === 'case') depth += 1;
        else if (depth > 0 && word === 'end') depth -= 1;
        previous = word;
      },
    });
    if (start === null || depth > 0) continue;
    found.push({ from: start, to });
    start = null;
  }
  return found;
}
