/** Where statements begin and end, from the editor's own parse; the agent's grammar decides in the end. */
import { ensureSyntaxTree, syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { atomicStatements } from './atomic-bodies.ts';

type SyntaxNode = NonNullable<ReturnType<typeof syntaxTree>['topNode']['firstChild']>;

export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds that parsing may take before what is parsed so far is used: to draw, and to run. */
const drawTime = 40;
const runTime = 2_000;

/** The statement around a place; on white space, the one before on the same line or the next one. Null: there is none. */
export function statementAt(state: EditorState, place: number, parseTime = drawTime): TextRange | null {
  const tree =
    ensureSyntaxTree(state, Math.min(state.doc.length, place + 20_000), parseTime) ?? syntaxTree(state);
  const found = nearestStatement(state, tree, place);
  if (found === null) return null;
  const whole = atomicStatements(state, tree).find(({ from, to }) => from <= found.from && found.to <= to);
  return whole ?? found;
}

function nearestStatement(
  state: EditorState,
  tree: ReturnType<typeof syntaxTree>,
  place: number,
): TextRange | null {
  const top = tree.topNode;
  // Found through the tree and not along it: a text may have thousands of statements.
  const next = nearest(top.childAfter(place - 1), 'nextSibling');
  if (next !== null && next.from <= place) return rangeOf(next);
  const before = nearest(next === null ? top.lastChild : next.prevSibling, 'prevSibling');
  const isSameLine = before !== null && state.doc.lineAt(before.to).number === state.doc.lineAt(place).number;
  if (before !== null && (isSameLine || next === null)) return rangeOf(before);
  return next === null ? null : rangeOf(next);
}

function nearest(node: SyntaxNode | null, step: 'nextSibling' | 'prevSibling'): SyntaxNode | null {
  let found = node;
  while (found !== null && found.name !== 'Statement') found = found[step];
  return found;
}

function rangeOf({ from, to }: SyntaxNode): TextRange {
  return { from, to };
}

/** What Run sends: the selection, or the statement at the cursor. */
export function rangeToRun(state: EditorState): TextRange | null {
  const { main } = state.selection;
  if (!main.empty && state.sliceDoc(main.from, main.to).trim() !== '')
    return { from: main.from, to: main.to };
  return statementAt(state, main.head, runTime);
}
