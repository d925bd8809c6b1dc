/** What is drawn over the text: the statement that Run would send, masked names, and where an error is. */
import { StateEffect, StateField, RangeSet } from '@codemirror/state';
import type { EditorState, Extension, Range } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  GutterMarker,
  gutterLineClass,
  hoverTooltip,
  ViewPlugin,
} from '@codemirror/view';
import type { DecorationSet, ViewUpdate } from '@codemirror/view';
import type { DatabaseTable } from '../../../ipc/schema.ts';
import { findMaskReferences, knownTables } from './mask-references.ts';
import type { KnownTables, MaskReference } from './mask-references.ts';
import { statementAt } from './statements.ts';
import type { TextRange } from './statements.ts';

/** Where an error is; null: none any more. It goes when the text changes. */
export const setProblem = StateEffect.define<TextRange | null>();
export const setTables = StateEffect.define<readonly DatabaseTable[]>();

class StatementMarker extends GutterMarker {
  override elementClass = 'cm-statement';
}
const statementMarker = new StatementMarker();

const statementGutter = StateField.define<RangeSet<GutterMarker>>({
  create: markStatement,
  update: (marks, transaction) =>
    transaction.docChanged || transaction.selection !== undefined ? markStatement(transaction.state) : marks,
  provide: (field) => gutterLineClass.from(field),
});

function markStatement(state: EditorState): RangeSet<GutterMarker> {
  const range = statementAt(state, state.selection.main.head);
  if (range === null) return RangeSet.empty;
  const marks: Range<GutterMarker>[] = [];
  const last = state.doc.lineAt(range.to).number;
  for (let line = state.doc.lineAt(range.from).number; line <= last && marks.length < 2_000; line += 1) {
    marks.push(statementMarker.range(state.doc.line(line).from));
  }
  return RangeSet.of(marks);
}

const problemMark = Decoration.mark({ class: 'cm-problem' });
const problem = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    for (const effect of transaction.effects) {
      if (!effect.is(setProblem)) continue;
      if (effect.value === null) return Decoration.none;
      const to = Math.min(Math.max(effect.value.to, effect.value.from + 1), transaction.state.doc.length);
      return effect.value.from < to
        ? Decoration.set([problemMark.range(effect.value.from, to)])
        : Decoration.none;
    }
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const tables = StateField.define<KnownTables>({
  create: () => knownTables([]),
  update: (value, { effects }) => {
    const next = effects.find((effect) => effect.is(setTables));
    return next === undefined ? value : knownTables(next.value);
  },
});

const maskedMark = Decoration.mark({ class: 'cm-masked' });

/** Masked names of the statements that are seen. */
const maskedNames = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    /** What was found in the statements that are seen: a key changes one of them. */
    found: FoundMasks = new Map();
    constructor(view: EditorView) {
      this.decorations = this.draw(view);
    }
    update({ view, startState, docChanged, viewportChanged }: ViewUpdate): void {
      const isNew = startState.field(tables) !== view.state.field(tables);
      if (isNew) this.found = new Map();
      if (docChanged || viewportChanged || isNew) this.decorations = this.draw(view);
    }
    draw(view: EditorView): DecorationSet {
      const { decorations, found } = drawMasked(view, this.found);
      this.found = found;
      return decorations;
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** By the text of the statement. */
type FoundMasks = ReadonlyMap<string, readonly MaskReference[]>;

function drawMasked(
  view: EditorView,
  before: FoundMasks,
): { readonly decorations: DecorationSet; readonly found: FoundMasks } {
  const known = view.state.field(tables);
  const found = new Map<string, readonly MaskReference[]>();
  if (!known.hasMasks) return { decorations: Decoration.none, found };
  const marks: Range<Decoration>[] = [];
  let at = view.viewport.from;
  while (at <= view.viewport.to) {
    const range = statementAt(view.state, at);
    if (range === null || range.to <= at) break;
    const statement = view.state.sliceDoc(range.from, range.to);
    const references = before.get(statement) ?? findMaskReferences(statement, known);
    found.set(statement, references);
    for (const { from, to } of references) {
      marks.push(maskedMark.range(range.from + from, range.from + to));
    }
    at = range.to + 1;
  }
  return { decorations: Decoration.set(marks, true), found };
}

/** The masked name at a place, or null. */
export function maskReferenceAt(state: EditorState, place: number): MaskReference | null {
  const range = statementAt(state, place);
  if (range === null) return null;
  const statement = state.sliceDoc(range.from, range.to);
  const at = place - range.from;
  return (
    findMaskReferences(statement, state.field(tables)).find(({ from, to }) => from <= at && at <= to) ?? null
  );
}

const maskHover = hoverTooltip((view, place) => {
  const reference = maskReferenceAt(view.state, place);
  if (reference === null) return null;
  return {
    pos: place,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'cm-why';
      dom.textContent = maskWords(reference);
      return { dom };
    },
  };
});

/** One sentence: what is masked, and what comparisons see. */
export function maskWords({ table, column }: MaskReference): string {
  const filter =
    column.match === 'equality'
      ? 'Equality compares the real value; everything else sees the mask.'
      : 'Conditions and order see the mask.';
  return `⊘ ${table.schema}.${table.name}.${column.name} is masked: ${column.preset ?? ''}. ${filter} F1 tells more.`;
}

export const editorMarks: Extension = [statementGutter, problem, tables, maskedNames, maskHover];
