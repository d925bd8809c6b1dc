const regions = 'header, nav[aria-label=Main], main, footer';

/** Moves the focus to the first control of the next or previous landmark (F6). */
export function moveRegion(direction: 'next' | 'previous'): void {
  const all = [...document.querySelectorAll<HTMLElement>(regions)].filter(
    (region) => region.checkVisibility() && firstControl(region) !== null,
  );
  const current = all.findIndex((region) => region.contains(document.activeElement));
  const step = direction === 'next' ? 1 : -1;
  const target = all[(current + step + all.length) % all.length];
  if (target !== undefined) firstControl(target)?.focus();
}

function firstControl(region: HTMLElement): HTMLElement | null {
  if (region.tagName === 'MAIN') return region;
  return region.querySelector<HTMLElement>('a[href], button, input, [tabindex="0"]');
}
