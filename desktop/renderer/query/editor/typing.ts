/**
 * What is typed is put into the text here and not by the browser. Over a selection it would keep the look of the text that
 * goes by inline styles, which the content security policy refuses, loudly; and at a cursor its change of the document has to
 * be laid out and read back before the editor makes its own. Composed input (IME) stays the browser's.
 */
import { EditorView } from '@codemirror/view';

const typed = new Set(['insertText', 'insertReplacementText']);

export const typing = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (!typed.has(event.inputType) || view.composing) return false;
    const text = event.data ?? event.dataTransfer?.getData('text/plain');
    if (text === undefined) return false;
    const replaced = replacedRange(event, view);
    if (replaced === null) return false;
    const { from, to } = replaced;
    event.preventDefault();
    // A selection or a cursor that was set a moment ago may not have come to the editor yet.
    const { main } = view.state.selection;
    if (main.from !== from || main.to !== to) view.dispatch({ selection: { anchor: from, head: to } });
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type' });
    const isHandled = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, from, to, text, insert));
    if (!isHandled) view.dispatch(insert(), { scrollIntoView: true });
    return true;
  },
});

/** What the browser would replace, or where it would insert: that is what the person sees. Null: not in the text. */
function replacedRange(
  event: InputEvent,
  view: EditorView,
): { readonly from: number; readonly to: number } | null {
  const [range] = event.getTargetRanges();
  if (range === undefined || !view.contentDOM.contains(range.startContainer)) {
    const { main } = view.state.selection;
    return main.empty ? null : main;
  }
  const [from, to] = [
    view.posAtDOM(range.startContainer, range.startOffset),
    view.posAtDOM(range.endContainer, range.endOffset),
  ];
  return { from: Math.min(from, to), to: Math.max(from, to) };
}
