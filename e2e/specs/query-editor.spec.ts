/** What goes on around a query in the editor: tabs of yesterday, keys that come at once, hints, results and plans. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { startApp } from './app-world.ts';
import type { AppWorld } from './app-world.ts';

let browser: Browser;
let assetsDir: string;

const yesterday = {
  id: 'yesterday',
  title: 'Query 1',
  database: 'id-orders',
  sql: 'select 1 as kept;\nselect 2 as kept',
  cursor: 0,
  scroll: 0,
  transaction: 'auto',
  savedQuery: null,
} as const;

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  const start = (): Promise<AppWorld> => startApp({ browser, assetsDir });

  /** The app as it is opened again, with a tab that was left. */
  async function startAgain(): Promise<AppWorld> {
    const world = await start();
    await world.backend.methods.writeWorkspace({ tabs: [yesterday], active: yesterday.id });
    await world.app.page.reload();
    return world;
  }

  const textsKept = async ({ backend }: AppWorld): Promise<string[]> =>
    (await backend.methods.readWorkspace({})).tabs.map(({ sql }) => sql);

  describe('an app that is opened again', () => {
    it('takes what is typed at once into the new tab, and leaves the one of yesterday as it was', async () => {
      await using world = await startAgain();
      const { app } = world;
      await app.page.getByRole('link', { name: 'Query orders' }).click();
      await expect
        .poll(() => app.page.evaluate(() => document.activeElement?.hasAttribute('data-editor')))
        .toBe(true);
      await app.page.keyboard.insertText('select id, email from customers');
      await app.page.keyboard.press('Control+Enter');
      await app.grid.getByRole('columnheader', { name: /^email,/ }).waitFor();
      await expect.poll(() => textsKept(world)).toEqual([yesterday.sql, 'select id, email from customers']);
      expect(app.complaints).toEqual([]);
    });

    it('keeps the result of a run that was over before the screen had read what there was', async () => {
      await using world = await startAgain();
      const { app, backend } = world;
      await app.go('#/query', 'Query');
      await app.editor.waitFor();
      await app.go('#/databases', 'Databases');
      const { listQueries } = backend.methods;
      const release = Promise.withResolvers<void>();
      backend.methods.listQueries = async (params) => {
        const before = await listQueries(params);
        await release.promise;
        return before;
      };
      await app.page.getByRole('link', { name: 'Query orders' }).click();
      await app.page.getByRole('tab', { name: 'Query 2' }).waitFor();
      await app.run('select id, email from customers');
      await app.grid.waitFor();
      release.resolve();
      // Answers come in their order: when the cell is shown, the list is there as well.
      await app.page.keyboard.press('Control+`');
      await app.page.keyboard.press('ArrowDown');
      await app.page.keyboard.press('Enter');
      await app.page.getByRole('complementary', { name: 'Cell' }).getByText('characters').waitFor();
      expect(await app.results.getByRole('tab').allTextContents()).toEqual(['customers', 'Messages']);
    });
  });
});
