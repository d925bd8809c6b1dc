/** Where statements begin and end, from the editor's own parse; the agent's grammar decides in the end. */
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';

export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds that parsing may take before what is parsed so far is used. */
const parseTime = 40;

/** The statement around a place; on white space, the one before on the same line or the next one. Null: there is none. */
export function statementAt(state: EditorState, place: number): TextRange | null {
  const tree =
    ensureSyntaxTree(state, Math.min(state.doc.length, place + 20_000), parseTime) ?? syntaxTree(state);
  let before: TextRange | null = null;
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name !== 'Statement') continue;
    const range = { from: node.from, to: node.to };
    if (place < range.from) {
      const isSameLine =
        before !== null && state.doc.lineAt(before.to).number === state.doc.lineAt(place).number;
      return isSameLine ? before : range;
    }
    if (place <= range.to) return range;
    before = range;
  }
  return before;
}

/** What Run sends: the selection, or the statement at the cursor. */
export function rangeToRun(state: EditorState): TextRange | null {
  const { main } = state.selection;
  if (!main.empty && state.sliceDoc(main.from, main.to).trim() !== '')
    return { from: main.from, to: main.to };
  return statementAt(state, main.head);
}
