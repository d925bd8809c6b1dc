/**
 * The SQL editor: CodeMirror behind a small interface, so that the rest of the app does not know which editor it is. It
 * lives in a shadow root, where its style sheets are adopted: the content security policy allows no style elements.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers, tooltips } from '@codemirror/view';
import type { KeyBinding } from '@codemirror/view';
import type { DatabaseObjects, Settings } from '../../../ipc/schema.ts';
import { joinCompletions, namespaceOf, usualSchema } from './completions.ts';
import { postgres } from './dialect.ts';
import { editorTheme } from './editor-theme.ts';
import { editorMarks, maskReferenceAt, setProblem, setTables } from './marks.ts';
import type { MaskReference } from './mask-references.ts';
import { rangeToRun } from './statements.ts';
import type { TextRange } from './statements.ts';
import { typing } from './typing.ts';

export interface EditorDocument {
  readonly id: string;
  readonly text: string;
  readonly cursor: number;
  readonly scroll: number;
}

export interface SqlEditorOptions {
  readonly host: HTMLElement;
  readonly label: string;
  readonly onChange: () => void;
  readonly onCursor: (cursor: {
    readonly line: number;
    readonly column: number;
    readonly hasSelection: boolean;
  }) => void;
}

export interface SqlEditor {
  /** Shows a tab; the one before keeps its undo history. */
  open(document: EditorDocument): void;
  text(): string;
  cursor(): number;
  scroll(): number;
  /** What Run would send, with its place. */
  toRun(): TextRange | null;
  insert(text: string): void;
  replaceAll(text: string): void;
  setObjects(objects: DatabaseObjects | null): void;
  setOptions(options: Settings['editor']): void;
  showProblem(range: TextRange | null): void;
  select(range: TextRange): void;
  maskAtCursor(): MaskReference | null;
  complete(): void;
  focus(): void;
  /** Undo histories of tabs that are gone are dropped. */
  keepOnly(ids: ReadonlySet<string>): void;
  dispose(): void;
}

export function createSqlEditor(options: SqlEditorOptions): SqlEditor {
  const root = options.host.shadowRoot ?? options.host.attachShadow({ mode: 'open' });
  const language = new Compartment();
  const behaviour = new Compartment();
  const states = new Map<string, { state: EditorState; scroll: number }>();
  let current: string | null = null;
  let objects: DatabaseObjects | null = null;
  let settings: Settings['editor'] | null = null;

  function extensions(): Extension[] {
    return [
      lineNumbers(),
      history(),
      drawSelection(),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ icons: false, activateOnTypingDelay: 80, maxRenderedOptions: 40 }),
      tooltips({ position: 'fixed' }),
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap.filter(isFree),
        ...historyKeymap.map(orElseApp),
        ...completionKeymap,
        indentWithTab,
      ]),
      language.of(languageOf(objects, settings)),
      behaviour.of(behaviourOf(settings)),
      EditorView.contentAttributes.of({
        'aria-label': options.label,
        'aria-multiline': 'true',
        spellcheck: 'false',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange();
        if (update.docChanged || update.selectionSet) tellCursor(update.state);
      }),
      typing,
      editorMarks,
      editorTheme,
    ];
  }

  function tellCursor(state: EditorState): void {
    const { main } = state.selection;
    const line = state.doc.lineAt(main.head);
    options.onCursor({ line: line.number, column: main.head - line.from + 1, hasSelection: !main.empty });
  }

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({ extensions: extensions() }),
  });
  // A region that scrolls must be reachable by keyboard also where its content is not.
  view.scrollDOM.tabIndex = 0;
  view.scrollDOM.setAttribute('role', 'group');
  view.scrollDOM.setAttribute('aria-label', `${options.label}, scrolled`);

  function configure(): void {
    view.dispatch({
      effects: [
        language.reconfigure(languageOf(objects, settings)),
        behaviour.reconfigure(behaviourOf(settings)),
        setTables.of(objects?.tables ?? []),
      ],
    });
  }

  return {
    open: (document) => {
      if (current === document.id) return;
      if (current !== null) states.set(current, { state: view.state, scroll: view.scrollDOM.scrollTop });
      current = document.id;
      const kept = states.get(document.id);
      view.setState(
        kept?.state ??
          EditorState.create({
            doc: document.text,
            selection: { anchor: Math.min(document.cursor, document.text.length) },
            extensions: extensions(),
          }),
      );
      configure();
      tellCursor(view.state);
      const scroll = kept?.scroll ?? document.scroll;
      requestAnimationFrame(() => {
        view.scrollDOM.scrollTop = scroll;
      });
    },
    text: () => view.state.doc.toString(),
    cursor: () => view.state.selection.main.head,
    scroll: () => view.scrollDOM.scrollTop,
    toRun: () => {
      closeCompletion(view);
      return rangeToRun(view.state);
    },
    insert: (text) => {
      view.dispatch(view.state.replaceSelection(text), { scrollIntoView: true });
      view.focus();
    },
    replaceAll: (text) =>
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: Math.min(view.state.selection.main.head, text.length) },
      }),
    setObjects: (next) => {
      objects = next;
      configure();
    },
    setOptions: (next) => {
      settings = next;
      configure();
    },
    showProblem: (range) => view.dispatch({ effects: setProblem.of(range) }),
    select: (range) => {
      view.dispatch({ selection: { anchor: range.from, head: range.to }, scrollIntoView: true });
      view.focus();
    },
    maskAtCursor: () => maskReferenceAt(view.state, view.state.selection.main.head),
    complete: () => void startCompletion(view),
    focus: () => view.focus(),
    keepOnly: (ids) => {
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
    },
    dispose: () => view.destroy(),
  };
}

/** Keys that are commands of the app. */
const appKeys = new Set(['Mod-Enter', 'Mod-/', 'Mod-[', 'Mod-]', 'Mod-e', 'Mod-s', 'Ctrl-k', 'Mod-Alt-\\']);

function isFree(binding: { readonly key?: string; readonly mac?: string }): boolean {
  return !appKeys.has(binding.key ?? '') && !appKeys.has(binding.mac ?? '');
}

/** Redo has ⌃Y where that is usual; with nothing to redo it is the key of the app's history. */
function orElseApp(binding: KeyBinding): KeyBinding {
  return binding.key === 'Mod-y' ? { ...binding, preventDefault: false } : binding;
}

function languageOf(objects: DatabaseObjects | null, settings: Settings['editor'] | null): Extension {
  const usual = objects === null ? undefined : usualSchema(objects);
  return [
    sql({
      dialect: postgres,
      upperCaseKeywords: settings?.keywordCase === 'upper',
      ...(objects === null ? {} : { schema: namespaceOf(objects) }),
      ...(usual === undefined ? {} : { defaultSchema: usual }),
    }),
    ...(objects === null ? [] : [postgres.language.data.of({ autocomplete: joinCompletions(objects) })]),
  ];
}

function behaviourOf(settings: Settings['editor'] | null): Extension {
  const size = settings?.tabSize ?? 2;
  return [
    EditorState.tabSize.of(size),
    indentUnit.of(' '.repeat(size)),
    settings?.wrapLines === true ? EditorView.lineWrapping : [],
  ];
}
