/** Classes of the kit that cut words off where there is no room. */
const cutting = '.truncate, .line-clamp-2';

/**
 * Gives whatever is cut off its whole words as a tooltip, when a pointer or the focus comes to it: what fits needs none, and what is cut
 * is known only once it is drawn. Values of results stay out of attributes, in the grid and in their viewers. Stops by the answer.
 */
export function showWholeWords(document: Document): () => void {
  const listener = ({ target }: Event): void => {
    if (!(target instanceof Element)) return;
    const nearest = target.closest<HTMLElement>(cutting);
    // A link's or button's words are often in a part of it.
    const found = nearest === null ? target.querySelectorAll<HTMLElement>(cutting) : [nearest];
    for (const element of found) tell(element);
  };
  document.addEventListener('pointerover', listener);
  document.addEventListener('focusin', listener);
  return () => {
    document.removeEventListener('pointerover', listener);
    document.removeEventListener('focusin', listener);
  };
}

/** A title that was set here, so that others' stay. */
const mark = 'wholeWords';

function tell(element: HTMLElement): void {
  if (element.closest('.result-grid, [data-values]') !== null) return;
  const isCut =
    element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
  const isOurs = element.dataset[mark] !== undefined;
  if (!isCut && isOurs) {
    element.removeAttribute('title');
    delete element.dataset[mark];
  } else if (isCut && (isOurs || !element.hasAttribute('title'))) {
    element.title = element.textContent?.trim() ?? '';
    element.dataset[mark] = '';
  }
}
