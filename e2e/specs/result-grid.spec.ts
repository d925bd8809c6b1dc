/** Columns and rows of a result as a person arranges them, by the keyboard above all, over a backend in memory. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppPage } from '../pages/app-page.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { startApp } from './app-world.ts';
import type { AppWorld } from './app-world.ts';

let browser: Browser;
let assetsDir: string;
const patience = { timeout: 20_000 };

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  /** The result of a statement, with the focus on its first cell. */
  async function open(sql: string): Promise<AppWorld> {
    const world = await startApp({ browser, assetsDir });
    const { app } = world;
    await app.openEditor();
    await app.run(sql);
    await app.grid.getByRole('gridcell').first().click();
    await expect.poll(async () => (await app.focusedCell()).text, patience).not.toBe('');
    return world;
  }

  const header = (app: AppPage, name: string): Locator =>
    app.grid.getByRole('columnheader', { name: new RegExp(`^${name}(,|$)`) });
  const names = async (app: AppPage): Promise<string[]> => {
    const labels = await app.grid.locator('[role=columnheader]').evaluateAll((all) =>
      all
        .map(
          (cell) =>
            [Number(cell.getAttribute('aria-colindex')), cell.getAttribute('aria-label') ?? ''] as const,
        )
        .toSorted(([one], [other]) => one - other)
        .map(([, label]) => label.split(',')[0] ?? ''),
    );
    return labels.slice(1);
  };
  const width = async (target: Locator): Promise<number> => (await target.boundingBox())?.width ?? 0;
  const choose = async (app: AppPage, entry: string): Promise<void> => {
    const item = app.page.getByRole('menuitem', { name: entry });
    await item.focus();
    await app.page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
  };

  it('a column is widened, moved, pinned and hidden by keys alone', async () => {
    await using world = await open('select * from events');
    const { app } = world;
    const { keyboard } = app.page;
    const before = await width(header(app, 'id'));
    await keyboard.press('Control+Shift+ArrowRight');
    await expect.poll(() => width(header(app, 'id')), patience).toBe(before + 24);
    await keyboard.press('Alt+ArrowRight');
    await expect.poll(async () => (await names(app)).slice(0, 3), patience).toEqual(['name', 'id', 'email']);
    await keyboard.press('Control+ArrowUp');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await choose(app, 'Pin column');
    await expect.poll(async () => (await names(app)).slice(0, 2), patience).toEqual(['id', 'name']);
    await expect
      .poll(() => header(app, 'id').getAttribute('aria-label'), patience)
      .toBe('id, bigint, pinned');
    await app.grid.evaluate((grid) => grid.scrollTo({ left: 1_200 }));
    await expect.poll(() => header(app, 'name').count(), patience).toBe(0);
    const [grid, pinned, cell] = await Promise.all([
      app.grid.boundingBox(),
      header(app, 'id').boundingBox(),
      app.grid.locator('[role=gridcell][data-pinned]').nth(3).boundingBox(),
    ]);
    expect((pinned?.x ?? 0) - (grid?.x ?? 0)).toBeLessThan(100);
    expect(cell?.x).toBe(pinned?.x);
    expect(await app.accessibilityFindings()).toEqual([]);
    await app.grid.evaluate((element) => element.scrollTo({ left: 0 }));
    await header(app, 'name').click();
    await keyboard.press('Shift+F10');
    await choose(app, 'Hide column');
    await expect.poll(async () => (await names(app)).slice(0, 2), patience).toEqual(['id', 'email']);
    await app.button('1 hidden · Show all').click();
    await expect.poll(async () => (await names(app)).slice(0, 3), patience).toEqual(['id', 'name', 'email']);
    expect(app.complaints).toEqual([]);
  });

  it('a double click on the edge of a header fits its column, elsewhere it does nothing', async () => {
    await using world = await open('select * from customers');
    const { app } = world;
    const column = header(app, 'region');
    const fitting = await width(column);
    await column.click();
    for (const _ of [1, 2, 3]) await app.page.keyboard.press('Control+Shift+ArrowRight');
    await column.dblclick({ position: { x: 8, y: 8 } });
    await expect.poll(() => width(column), patience).toBe(fitting + 72);
    await column.locator('.result-grid-edge').dblclick();
    await expect.poll(() => width(column), patience).toBe(fitting);
  });

  it('rows stand in the document in their order when one stops scrolling, and the focus stays', async () => {
    await using world = await open('select * from events');
    const { app } = world;
    const before = await app.focusedCell();
    const inOrder = () =>
      app.grid.locator('[role=row][data-row]').evaluateAll((rows) => {
        const numbers = rows.map((row) => Number(row.getAttribute('aria-rowindex')));
        return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0));
      });
    for (const top of [600, 90_000, 88_000]) {
      await app.grid.evaluate((grid, to) => grid.scrollTo({ top: to }), top);
      await expect.poll(inOrder, patience).toBe(true);
    }
    expect(await app.focusedCell()).toEqual(before);
  });

  it('a row is read from top to bottom, and the next one', async () => {
    await using world = await open('select * from customers');
    const { app } = world;
    await app.page.keyboard.press('Space');
    const row = app.page.getByRole('complementary', { name: 'Row' });
    await row.getByRole('heading', { name: 'Row 1', exact: true }).waitFor();
    expect(await row.getByRole('term').count()).toBe(11);
    await expect.poll(() => row.getByRole('definition').first().textContent(), patience).toBe('1');
    expect(await row.getByText('email, masked: email').count()).toBe(1);
    expect(await app.accessibilityFindings()).toEqual([]);
    await row.getByRole('button', { name: 'Next row' }).click();
    await expect.poll(() => row.getByRole('definition').first().textContent(), patience).toBe('2');
    await app.page.keyboard.press('Escape');
    await row.waitFor({ state: 'detached' });
    await expect.poll(() => app.focusedCell(), patience).toMatchObject({ row: 3 });
    await app.page.keyboard.press('Control+Shift+t');
    await row.getByRole('heading', { name: 'Row 2', exact: true }).waitFor();
    expect(app.complaints).toEqual([]);
  });

  it('an order by a masked column says that it is the mask that is ordered', async () => {
    await using world = await open('select * from customers');
    const { app } = world;
    await header(app, 'region').click();
    await app.page.keyboard.press('Enter');
    await choose(app, 'Sort ascending');
    await app.button('Sorted by region on loaded rows · Reset').waitFor();
    await expect.poll(() => header(app, 'region').getAttribute('aria-sort'), patience).toBe('ascending');
    await header(app, 'email').click();
    await app.page.keyboard.press('Enter');
    await choose(app, 'Sort descending');
    await app.button('Sorted by email on loaded rows, by what the mask shows · Reset').click();
    await expect.poll(() => header(app, 'email').getAttribute('aria-sort'), patience).toBe(null);
  });
});
