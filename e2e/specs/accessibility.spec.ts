/**
 * Every route of app and console, in each state and both themes, against WCAG 2.2 AA; then once more for people who need
 * other colours, larger text or a narrow window.
 */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations, overflowsSideways } from '../pages/accessibility.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { routesOfTheRouter, screens } from '../pages/screens.ts';
import { screenStates, startScreens } from './screens-world.ts';

const themes = ['light', 'dark'] as const;

it('every route of the router is among the screens that are looked at', async () => {
  const listed = new Set(screens.map(({ route }) => route));
  const routes = await routesOfTheRouter();
  expect(routes.length).toBeGreaterThan(20);
  expect(routes.filter((route) => !listed.has(route))).toEqual([]);
});

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let assetsDir: string;

  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  it.each(screenStates)(
    'every route passes axe in both themes when it is %s',
    async (state) => {
      await using world = await startScreens({ browser, assetsDir, state });
      const { page } = world.app;
      const findings: string[] = [];
      for (const screen of screens) {
        await world.show(screen);
        for (const colorScheme of themes) {
          await page.emulateMedia({ colorScheme });
          const found = await findViolations(page);
          process.stdout.write(`${state} ${colorScheme} ${screen.hash} ${found.length} violations\n`);
          findings.push(...found.map((finding) => `${state} ${colorScheme} ${screen.hash} ${finding}`));
        }
      }
      expect(findings).toEqual([]);
      expect(world.app.complaints).toEqual([]);
    },
    300_000,
  );

  it.each([
    ['forced colours', { forcedColors: 'active' }, { width: 1_440, height: 900 }],
    ['more contrast, at twice the size', { contrast: 'more' }, { width: 640, height: 400 }],
    ['a window of 320 pixels', {}, { width: 320, height: 640 }],
  ] as const)('every route passes axe and fits with %s', async (what, context, viewport) => {
    await using world = await startScreens({ browser, assetsDir, context: { ...context, viewport } });
    const { page } = world.app;
    const findings: string[] = [];
    for (const screen of screens) {
      await world.show(screen);
      const found = await findViolations(page);
      if (await overflowsSideways(page)) found.push('it is wider than the window');
      process.stdout.write(`${what} ${screen.hash} ${found.length} violations\n`);
      findings.push(...found.map((finding) => `${screen.hash} ${finding}`));
    }
    expect(findings).toEqual([]);
  });
});
