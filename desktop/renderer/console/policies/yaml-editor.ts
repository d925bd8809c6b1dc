/** The editor of a document's text: YAML with the schema's names for completion and the server's problems as marks. In a shadow root, as the SQL editor is. */
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers, tooltips } from '@codemirror/view';
import { editorTheme } from '../../query/editor/editor-theme.ts';

export interface YamlProblem {
  readonly message: string;
  readonly field: string;
  readonly line: number | null;
  readonly column: number | null;
}

export interface YamlEditorOptions {
  readonly host: HTMLElement;
  readonly label: string;
  readonly text: string;
  readonly isReadOnly: boolean;
  /** Words that may stand where one is typed. */
  readonly words: () => readonly string[];
  readonly onChange: (text: string) => void;
}

export interface YamlEditor {
  readonly text: () => string;
  readonly replace: (text: string) => void;
  readonly showProblems: (problems: readonly YamlProblem[]) => void;
  readonly focus: () => void;
  readonly dispose: () => void;
}

/** Problems that are marked at once. */
const maxMarks = 50;

export function createYamlEditor(options: YamlEditorOptions): YamlEditor {
  const { host, label, isReadOnly, words, onChange } = options;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const complete = (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/[\w."*-]+/);
    if (before === null && !context.explicit) return null;
    return {
      from: before?.from ?? context.pos,
      options: words().map((word) => ({ label: word })),
      validFor: /^[\w."*-]*$/,
    };
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        yaml(),
        lintGutter(),
        autocompletion({ override: [complete], icons: false }),
        tooltips({ position: 'fixed' }),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorState.tabSize.of(2),
        EditorState.readOnly.of(isReadOnly),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-multiline': 'true',
          spellcheck: 'false',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
        editorTheme,
      ],
    }),
  });
  // A region that scrolls must be reachable by keyboard also where its content is not.
  view.scrollDOM.tabIndex = 0;
  view.scrollDOM.setAttribute('role', 'group');
  view.scrollDOM.setAttribute('aria-label', `${label}, scrolled`);
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    showProblems: (problems) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.slice(0, maxMarks).map((problem) => diagnosticOf(view.state, problem)),
        ),
      ),
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  };
}

function diagnosticOf({ doc }: EditorState, { message, field, line, column }: YamlProblem): Diagnostic {
  const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
  const from = Math.min(at.from + Math.max((column ?? 1) - 1, 0), at.to);
  return { from, to: at.to, severity: 'error', message: field === '' ? message : `${field}: ${message}` };
}
