/// <reference lib="dom" />
/** What axe cannot see: where the focus is and whether one sees it, what is cut off, what is said. All of it in the page. */
import type { Page } from 'playwright-core';

export interface FocusLook {
  readonly label: string;
  /** Width of the ring in pixels; 0: there is none. */
  readonly ring: number;
  /** How many of its middle and corners something else covers, of 5. */
  readonly covered: number;
  readonly isInMain: boolean;
}

/** What has the focus, and whether a person sees that it has; null when nothing has. */
export function lookAtFocus(page: Page): Promise<FocusLook | null> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === null || element === document.body) return null;
    const ringOf = (of: Element | null): number => {
      if (of === null) return 0;
      const { outlineStyle, outlineWidth } = getComputedStyle(of);
      return outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth);
    };
    // A radio button that is drawn as a part of its group, or an editor, has its ring around the whole.
    const root = element.getRootNode() as Document | ShadowRoot;
    const drawn = element.closest('label') ?? element.closest('.cm-editor') ?? element;
    const box = (ringOf(element) > 0 ? element : drawn).getBoundingClientRect();
    const inset = Math.min(4, box.width / 3, box.height / 3);
    const points = [
      [box.left + box.width / 2, box.top + box.height / 2],
      [box.left + inset, box.top + inset],
      [box.right - inset, box.top + inset],
      [box.left + inset, box.bottom - inset],
      [box.right - inset, box.bottom - inset],
    ] as const;
    const covered = points.filter(([x, y]) => {
      const at = root.elementFromPoint(x, y) ?? document.elementFromPoint(x, y);
      return at === null || !(drawn.contains(at) || at.contains(drawn));
    }).length;
    return {
      label: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent ?? ''}`.slice(
        0,
        60,
      ),
      ring: Math.max(ringOf(element), ringOf(drawn)),
      covered,
      isInMain: element.closest('main') !== null || root !== document,
    };
  });
}

/** Presses Tab from the beginning of the screen until the focus leaves it again. */
export async function tabThroughMain(page: Page, most: number): Promise<FocusLook[]> {
  await page.evaluate(() => document.getElementById('main')?.focus());
  const looks: FocusLook[] = [];
  while (looks.length < most) {
    await page.keyboard.press('Tab');
    const look = await lookAtFocus(page);
    if (look === null || !look.isInMain) return looks;
    looks.push(look);
  }
  throw new Error(`${most} steps of Tab did not leave the screen; the last is ${looks.at(-1)?.label ?? ''}`);
}

/** Words that do not fit where they stand and that nothing shows whole: no tooltip, no title, no way to scroll. */
export function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isHidden = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return width <= 1 || height <= 1 || !element.checkVisibility();
    };
    const cuts = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
      const hasWords = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.nodeValue?.trim() !== '',
      );
      if (!hasWords || isHidden(element)) return false;
      // As when a pointer comes to it.
      element.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      for (let at: HTMLElement | null = element; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at);
        if (overflowX === 'auto' || overflowX === 'scroll') return false;
        const isCutAcross = overflowX !== 'visible' && at.scrollWidth > at.clientWidth + 1;
        const isCutBelow =
          overflowY !== 'visible' && overflowY !== 'auto' && at.scrollHeight > at.clientHeight + 2;
        if (isCutAcross || isCutBelow) return element.closest('[title]') === null;
      }
      return false;
    });
    return cuts.map(
      (element) =>
        `${element.tagName} ${element.className.slice(0, 60)}: ${element.textContent?.slice(0, 60) ?? ''}`,
    );
  });
}

/** WCAG 1.4.12: what a person may set without losing anything. By the object model: the policy forbids a style in the page. */
export async function spaceText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }' +
        'p { margin-bottom: 2em !important; }',
    );
    document.adoptedStyleSheets = [sheet];
  });
}

/** Makes every word of the screen as long as in a longer language: two fifths more. */
export async function lengthenWords(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.nodeValue ?? '';
      if (text.trim() === '' || /^\d+$/.test(text.trim())) continue;
      node.nodeValue = `${text}${'ẍ'.repeat(Math.ceil(text.trim().length * 0.4))}`;
    }
  });
}

/** Keeps everything that live regions say from now on; read with `said`. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const regions = 'output, [role=status], [role=alert], [aria-live]:not([aria-live=off])';
    const kept: string[] = [];
    Object.assign(globalThis, { keptWords: kept });
    new MutationObserver((changes) => {
      const touched = new Set<Element>();
      for (const { target, addedNodes } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(regions);
        if (region) touched.add(region);
        for (const node of addedNodes) {
          if (node instanceof Element)
            for (const inside of node.querySelectorAll(regions)) touched.add(inside);
          if (node instanceof Element && node.matches(regions)) touched.add(node);
        }
      }
      for (const region of touched) {
        const words = region.textContent?.trim() ?? '';
        if (words !== '') kept.push(words);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** What live regions said since `listen`, or since the last time that it was asked. */
export function said(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as { keptWords?: string[] }).keptWords?.splice(0) ?? []);
}
