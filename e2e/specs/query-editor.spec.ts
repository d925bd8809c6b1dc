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

/** A machine that does much else besides needs more than the usual second. */
const patient = { timeout: 20_000 };

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
        .poll(() => app.page.evaluate(() => document.activeElement?.hasAttribute('data-editor')), patient)
        .toBe(true);
      await app.page.keyboard.insertText('select id, email from customers');
      await app.page.keyboard.press('Control+Enter');
      await app.grid.getByRole('columnheader', { name: /^email,/ }).waitFor();
      await expect
        .poll(() => textsKept(world), patient)
        .toEqual([yesterday.sql, 'select id, email from customers']);
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
      Object.assign(backend.methods, {
        listQueries: async () => {
          const before = await listQueries({});
          await release.promise;
          return before;
        },
      });
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

  it('what is typed stands where the cursor is, in place of what is selected, composed or not, and is undone', async () => {
    await using world = await start();
    const { app } = world;
    await app.openEditor();
    const { keyboard } = app.page;
    const text = (): Promise<string | null> => app.editor.textContent();
    await app.editor.focus();
    await keyboard.type('select (1');
    await keyboard.press('Escape');
    expect(await text()).toBe('select (1)');
    await keyboard.press('Control+ArrowLeft');
    await keyboard.type('2');
    await keyboard.press('Home');
    await keyboard.type('x ');
    expect(await text()).toBe('x select (21)');
    await keyboard.press('Shift+End');
    await keyboard.type('y');
    expect(await text()).toBe('x y');
    // A click is told to the editor a moment later than to the browser.
    await app.editor.click({ position: { x: 2, y: 12 } });
    await keyboard.type('z');
    expect(await text()).toBe('zx y');
    const devtools = await app.page.context().newCDPSession(app.page);
    await devtools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    await devtools.send('Input.insertText', { text: '日本' });
    expect(await text()).toBe('z日本x y');
    for (let step = 0; step < 6 && (await text()) !== 'x select (21)'; step += 1)
      await keyboard.press('Control+z');
    expect(await text()).toBe('x select (21)');
    expect(app.complaints).toEqual([]);
  });

  describe('a result', () => {
    it('of a run beside the others is kept with them, and is found in the history by its database', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select id from customers');
      await app.grid.waitFor();
      await app.write('select id from events');
      await app.page.keyboard.press('Alt+Enter');
      await expect
        .poll(() => app.results.getByRole('tab').allTextContents(), patient)
        .toEqual(['customers', 'events', 'Messages']);
      expect(await app.editor.textContent()).toBe('select id from events');
      await app.page.keyboard.press('Control+y');
      const side = app.page.getByRole('complementary', { name: 'Schema, saved queries and history' });
      await side.getByRole('combobox', { name: 'Outcome' }).click();
      await app.page.getByRole('option', { name: 'Refused' }).click();
      const places = side.getByRole('listitem').filter({ hasText: 'refused' });
      await expect.poll(() => side.getByRole('listitem').count(), patient).toBe(7);
      expect(await places.filter({ hasText: 'orders' }).count()).toBe(7);
      await side.getByRole('checkbox', { name: 'All databases' }).click();
      await expect.poll(() => places.filter({ hasNotText: 'orders' }).count(), patient).toBeGreaterThan(0);
      expect(await app.accessibilityFindings()).toEqual([]);
      expect(app.complaints).toEqual([]);
    });

    it('says under which policy it was made when a newer one shows less, and is not exported then', async () => {
      await using world = await start();
      const { app, backend } = world;
      await app.openEditor();
      await app.run('select id, email from customers');
      await app.grid.waitFor();
      const [query] = await backend.methods.listQueries({});
      backend.queries.changePolicy(query?.tab ?? '', 'analyst v12 → v13: phone is now masked.');
      await app.page.getByText('analyst v12 → v13: phone is now masked.').waitFor();
      await expect
        .poll(() => app.results.getByRole('tab', { name: 'customers' }).textContent())
        .toContain('analyst v12');
      await app.results.getByText('run it again to export').waitFor();
      expect(await app.button('Export').getAttribute('aria-disabled')).toBe('true');
      await app.button('Export').click({ force: true });
      expect(await app.page.getByRole('dialog', { name: 'Export' }).count()).toBe(0);
      expect(await app.accessibilityFindings()).toEqual([]);
    });
  });

  describe('a value', () => {
    it('of JSON is a tree that keys walk, is searched, and its place is copied as PostgreSQL reads it', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from customers');
      await app.grid
        .getByRole('gridcell', { name: /"plan"/ })
        .first()
        .dblclick();
      const cell = app.page.getByRole('complementary', { name: 'Cell' });
      const tree = cell.getByRole('treegrid', { name: 'Value of profile' });
      await expect.poll(() => tree.getByRole('row').count(), patient).toBe(7);
      await cell.getByRole('searchbox', { name: 'Search the value' }).fill('tags');
      await expect.poll(() => tree.getByRole('row').count(), patient).toBe(3);
      await app.tabTo(tree.getByRole('row').nth(1));
      await app.page.keyboard.press('End');
      await cell.getByText(`"profile" -> 'tags'`).waitFor();
      // However little room there is, what values hold gets into no attribute.
      const path = cell.getByText(`"profile" -> 'tags'`);
      await path.evaluate((element: HTMLElement) => {
        element.style.width = '2rem';
      });
      await path.hover();
      expect(await path.getAttribute('title')).toBeNull();
      await cell.getByRole('button', { name: 'Copy path' }).click();
      await expect.poll(() => app.announcement(), patient).toContain('Copied');
      expect(await app.accessibilityFindings()).toEqual([]);
      expect(app.complaints).toEqual([]);
    });

    it('of bytes is shown as hex and base64, and an array as a list; either can be saved', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from hostile');
      const cell = app.page.getByRole('complementary', { name: 'Cell' });
      await app.grid.getByRole('gridcell', { name: /^\\x/ }).first().dblclick();
      await cell.getByText('4 bytes').waitFor();
      const value = cell.getByLabel('Value of bytes');
      expect(await value.textContent()).toMatch(/^00000000 {2}([0-9a-f]{2} ){4}/);
      await cell.getByText('Base64', { exact: true }).click();
      await expect.poll(() => value.textContent(), patient).toMatch(/^[\w+/]{6}==$/);
      await cell.getByRole('button', { name: 'Save to a file' }).click();
      await expect.poll(() => app.announcement(), patient).toContain('Saved as');
      await app.grid.getByRole('gridcell', { name: /^\{a,/ }).first().dblclick();
      const list = cell.getByRole('treegrid', { name: 'Value of list' });
      await expect.poll(() => list.getByRole('row').count(), patient).toBe(6);
      expect(app.complaints).toEqual([]);
    });
  });

  it('a plan is compared with the one before, and says what takes most', async () => {
    await using world = await start();
    const { app } = world;
    await app.openEditor();
    await app.write('select * from customers order by name');
    await app.page.keyboard.press('Control+e');
    const tree = app.page.getByRole('treegrid', { name: 'Plan' });
    await tree.getByText('slowest').waitFor();
    expect(await app.results.getByRole('combobox', { name: 'Compare with' }).count()).toBe(0);
    await app.editor.focus();
    await app.page.keyboard.press('Control+e');
    await app.results.getByRole('combobox', { name: 'Compare with' }).click();
    await app.page.getByRole('option', { name: /customers/ }).click();
    await tree.getByRole('columnheader', { name: 'Before' }).waitFor();
    expect(await app.results.getByRole('status').first().textContent()).toContain('before (the same)');
    expect(await app.accessibilityFindings()).toEqual([]);
    expect(app.complaints).toEqual([]);
  });
});
