/** Every screen as a picture, in both themes, wide and narrow: left in e2e/dist/pictures for a person to look at. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overflowsSideways } from '../pages/accessibility.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { reportFolder } from '../pages/report-folder.ts';
import { screens } from '../pages/screens.ts';
import { docsPictures, pictures } from './docs-pictures.ts';
import { startScreens } from './screens-world.ts';

const themes = ['light', 'dark'] as const;
const root = join(import.meta.dirname, '..', '..');

describe('the pictures of the README', () => {
  it('are five, small, and shown there', async () => {
    const files = (await readdir(join(root, docsPictures))).toSorted();
    expect(files).toEqual(pictures.map(({ file }) => file).toSorted());
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    for (const file of files) {
      expect((await stat(join(root, docsPictures, file))).size).toBeLessThanOrEqual(120 * 1_024);
      expect(readme).toContain(`${docsPictures}/${file}`);
    }
  });
});

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let assetsDir: string;
  let folder: string;

  beforeAll(async () => {
    folder = await reportFolder('pictures');
    await rm(folder, { recursive: true, force: true });
    await reportFolder('pictures');
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  it.each([1_440, 390])('every screen has a picture in both themes at a width of %i', async (width) => {
    const viewport = { width, height: width === 390 ? 844 : 900 };
    await using world = await startScreens({ browser, assetsDir, context: { viewport } });
    const { page } = world.app;
    const tooWide: string[] = [];
    for (const screen of screens) {
      await world.show(screen);
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme });
        const name = screen.hash.replace(/[^a-z0-9]+/gi, '-').replace(/^-/, '');
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
      }
      if (await overflowsSideways(page)) tooWide.push(screen.hash);
    }
    expect(tooWide).toEqual([]);
    const taken = (await readdir(folder)).filter((file) => file.endsWith(`-${width}.png`));
    expect(taken).toHaveLength(screens.length * themes.length);
  });
});
