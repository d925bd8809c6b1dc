/// <reference lib="dom" />
/** What axe and our own looks find on a page, for every page object. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe does not look at, and why. No rule is ever switched off. */
const exceptions = [
  {
    selector: '[data-base-ui-focus-guard]',
    reason:
      'ends of an open menu or dialog: they take the focus only to hand it on at once, and nobody is left on one',
  },
] as const;

/** What of axe's results is read (axe-core/axe.d.ts). */
interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
interface AxeInPage {
  readonly axe?: {
    readonly run: (context: object, options: object) => Promise<{ readonly violations: AxeViolation[] }>;
  };
}

/** What axe finds against WCAG 2.2 AA, one line a finding. A theme that has just changed is looked at when its colours have arrived. */
export async function findViolations(page: Page): Promise<string[]> {
  await transitionsDone(page);
  const isThere = await page.evaluate(() => (globalThis as AxeInPage).axe !== undefined);
  // The builder brings half a megabyte of script into the page each time, ten times the work of the look itself.
  if (!isThere) await new AxeBuilder({ page }).withRules('document-title').setLegacyMode().analyze();
  const violations = await page.evaluate(
    async ({ tags, exclude }) => {
      const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] };
      const found = await (globalThis as AxeInPage).axe?.run({ exclude }, options);
      return found === undefined
        ? null
        : found.violations.map(({ id, nodes }) => ({
            id,
            nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
          }));
    },
    { tags: rules, exclude: exceptions.map(({ selector }) => [selector]) },
  );
  if (violations === null) throw new Error('axe did not get into the page');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

/** Waits for what a change of theme or state has set going: it is drawn, and no transition is on its way. What never ends is not waited for. */
async function transitionsDone(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const drawn = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    await drawn();
    await drawn();
    const onTheirWay = document
      .getAnimations()
      .filter(
        ({ effect, playState }) =>
          playState === 'running' && Number.isFinite(Number(effect?.getComputedTiming().endTime)),
      );
    await Promise.allSettled(onTheirWay.map(({ finished }) => finished));
  });
}

/** Waits until nothing in the document has changed for a moment; a screen that never rests is looked at all the same. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(
    ({ quietMs, longestMs }) =>
      new Promise<void>((resolve) => {
        const done = (): void => {
          observer.disconnect();
          clearTimeout(longest);
          clearTimeout(quiet);
          resolve();
        };
        let quiet = setTimeout(done, quietMs);
        const longest = setTimeout(done, longestMs);
        const observer = new MutationObserver(() => {
          clearTimeout(quiet);
          quiet = setTimeout(done, quietMs);
        });
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      }),
    { quietMs: 60, longestMs: 2_000 },
  );
}

/** Whether anything is wider than the window. */
export function overflowsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const main = document.querySelector('main');
    const root = document.documentElement;
    return root.scrollWidth > root.clientWidth || (main !== null && main.scrollWidth > main.clientWidth);
  });
}
