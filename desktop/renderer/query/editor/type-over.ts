/**
 * Typing over a selection is done here and not by the browser, which would keep the look of the text that goes by inline
 * styles: the content security policy refuses them, loudly.
 */
import { EditorView } from '@codemirror/view';

const typing = new Set(['insertText', 'insertReplacementText']);

export const typeOverSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (!typing.has(event.inputType) || view.composing) return false;
    const text = event.data ?? event.dataTransfer?.getData('text/plain');
    if (text === undefined) return false;
    const { from, to } = replacedRange(event, view);
    if (from === to) return false;
    event.preventDefault();
    // A selection that was made a moment ago may not have come to the editor yet.
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

/** What the browser would replace: that is what the person sees selected. */
function replacedRange(event: InputEvent, view: EditorView): { readonly from: number; readonly to: number } {
  const [range] = event.getTargetRanges();
  if (range === undefined || !view.contentDOM.contains(range.startContainer))
    return view.state.selection.main;
  if (range.collapsed) return view.state.selection.main;
  const [from, to] = [
    view.posAtDOM(range.startContainer, range.startOffset),
    view.posAtDOM(range.endContainer, range.endOffset),
  ];
  return { from: Math.min(from, to), to: Math.max(from, to) };
}
