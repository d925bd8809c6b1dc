/** The query editor and the other screens of a developer in a real browser, over a backend in memory. */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { startApp } from './app-world.ts';
import type { AppWorld, AppWorldOptions } from './app-world.ts';

let browser: Browser;
let assetsDir: string;

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(() => browser.close());

  const start = (options: Partial<AppWorldOptions> = {}): Promise<AppWorld> =>
    startApp({ browser, assetsDir, ...options });

  describe('a query', () => {
    it('is written, run, looked at and asked about without a mouse, up to the request for the real value', async () => {
      await using world = await start();
      const { app, asked } = world;
      const { keyboard } = app.page;
      await keyboard.press('g');
      await keyboard.press('q');
      await app.page.getByRole('heading', { level: 1, name: 'Query' }).waitFor();
      await app.tabTo(app.page.getByRole('button', { name: /^orders/ }));
      await keyboard.press('Enter');
      await app.editor.waitFor();
      await app.run('select id, email from customers');
      await expect.poll(() => app.announcement()).toContain('columns masked');
      await keyboard.press('Control+`');
      await keyboard.press('Control+Home');
      for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await keyboard.press(key);
      // What is masked is told before the first rows are read.
      await expect
        .poll(() => app.focusedCell())
        .toMatchObject({ row: 3, description: 'masked', text: expect.stringMatching(/^.\*\*\*@/) });
      const cell = await app.focusedCell();
      await keyboard.press('m');
      const why = app.page.getByRole('dialog', { name: 'Why is email masked?' });
      await expect.poll(() => why.textContent()).toContain('analyst v12');
      expect(await app.accessibilityFindings()).toEqual([]);
      await keyboard.press('Escape');
      await expect.poll(() => app.focusedCell()).toMatchObject({ row: 3, text: cell.text });
      await keyboard.press('m');
      await app.tabTo(why.getByRole('button', { name: 'Request unmasked access' }));
      await keyboard.press('Enter');
      const sheet = app.page.getByRole('dialog', { name: 'Request access' });
      expect(await sheet.getByLabel('Columns to see without a mask').inputValue()).toBe(
        'public.customers.email',
      );
      expect(await sheet.getByLabel('Statement, for the approvers').inputValue()).toContain('from customers');
      await sheet.getByLabel('Reason').focus();
      await keyboard.type('A customer asked for their address');
      await app.tabTo(sheet.getByRole('button', { name: 'Send request' }));
      await keyboard.press('Enter');
      await expect.poll(() => app.announcement()).toContain('Requested.');
      expect(asked.find(({ route }) => route === 'createRequest')?.body).toMatchObject({
        database: 'orders',
        access: { unmask: [{ column: 'public.customers.email' }] },
      });
      expect(app.complaints).toEqual([]);
    });

    it('that is refused says what is not granted, and the request names it', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from payments');
      const alert = app.results.getByRole('alert');
      await expect.poll(() => alert.textContent()).toContain('payments is not granted to you');
      expect(await alert.textContent()).toContain('42501');
      expect(await app.results.getByRole('listitem').first().textContent()).toContain(
        'select * from payments',
      );
      await alert.getByRole('button', { name: 'Request access' }).click();
      const sheet = app.page.getByRole('dialog', { name: 'Request access' });
      expect(await sheet.getByLabel('Tables', { exact: true }).last().inputValue()).toContain('payments');
      await sheet.getByRole('button', { name: 'Send request' }).click();
      await sheet.getByText('Say why in at least 10 characters').waitFor();
      expect(world.asked.some(({ route }) => route === 'createRequest')).toBe(false);
    });

    it('that changes every row is asked about beside the text, once', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('delete from customers');
      await app.page.getByText('Look again before this runs').waitFor();
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.button('Run anyway').click();
      await app.results.waitFor();
      expect(await app.page.getByText('Look again before this runs').count()).toBe(0);
    });

    it('that runs long is cancelled by its key, and the tab says so', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select pg_sleep(60)');
      await app.button('Cancel').waitFor();
      await app.page.keyboard.press('Control+.');
      await expect.poll(() => app.announcement()).toContain('Cancelled');
      await app.page.getByRole('button', { name: /^Run statement/ }).waitFor();
    });

    it('is there again after the page was closed', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.write('select 1 as kept');
      const kept = async (): Promise<string> => JSON.stringify(await world.backend.methods.readWorkspace({}));
      await expect.poll(kept).toContain('select 1 as kept');
      await app.page.reload();
      await app.editor.waitFor();
      await expect.poll(() => app.editor.textContent()).toContain('select 1 as kept');
    });

    it('says why its tabs cannot be read, and reads them again', async () => {
      await using world = await start();
      const { app, backend } = world;
      backend.failNext('listExports', new AppError('TIMEOUT'));
      await app.go('#/query', 'Query');
      await app.button('Try again').waitFor();
      expect(await app.page.getByText('Reading the tabs').count()).toBe(0);
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.button('Try again').click();
      await app.page.getByRole('button', { name: /^orders/ }).waitFor();
      expect(await app.button('Try again').count()).toBe(0);
      expect(app.complaints).toEqual([]);
    });

    it('goes from the page with the person who wrote it', async () => {
      await using world = await start();
      const { app, backend } = world;
      await app.openEditor();
      await app.write('select canary');
      await expect.poll(() => app.editor.textContent()).toContain('canary');
      const status = await backend.methods.status({});
      backend.setStatus({ ...status, account: null });
      await app.editor.waitFor({ state: 'detached' });
      // As the engine has it by then.
      await backend.methods.writeWorkspace({ tabs: [], active: null });
      backend.setStatus(status);
      const database = app.page.getByRole('button', { name: /^orders/ });
      await database.click();
      await app.editor.waitFor();
      expect(await app.editor.textContent()).not.toContain('canary');
      expect(app.complaints).toEqual([]);
    });

    it('is completed with what the person may use, masks marked', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.page.getByRole('treeitem', { name: /^customers/ }).waitFor();
      await app.editor.focus();
      await app.page.keyboard.type('select c.em from customers c');
      for (let step = 0; step < ' from customers c'.length; step += 1)
        await app.page.keyboard.press('ArrowLeft');
      await app.page.keyboard.press('Control+Space');
      const option = app.page.getByRole('option', { name: /email/ });
      await expect.poll(() => option.textContent()).toContain('⊘ email');
    });
  });

  describe('a result', () => {
    it('of a million rows is reached to its last row on a screen of scale 2, with few elements', async () => {
      await using world = await start({ context: { deviceScaleFactor: 2 } });
      const { app } = world;
      await app.openEditor();
      await app.run('select * from events');
      await expect.poll(() => app.grid.getAttribute('aria-rowcount')).toBe('1000001');
      await app.page.keyboard.press('Control+`');
      await app.grid.getByRole('columnheader').nth(1).click();
      await app.page.keyboard.press('Control+End');
      await expect.poll(() => app.focusedCell()).toMatchObject({ row: 1_000_001 });
      expect(await app.countNodes()).toBeLessThan(1_500);
      await app.page.keyboard.press('Control+Home');
      await expect.poll(() => app.focusedCell()).toMatchObject({ row: 2 });
      expect(await app.accessibilityFindings()).toEqual([]);
    });

    it('keeps the focus on a cell that was scrolled away', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from customers');
      await app.grid.getByRole('gridcell').first().click();
      await expect.poll(async () => (await app.focusedCell()).text).not.toBe('');
      const before = await app.focusedCell();
      await app.grid.evaluate((grid) => grid.scrollTo({ top: 12_000 }));
      await expect
        .poll(async () => Math.max(...(await app.columnTexts('id')).map(Number)))
        .toBeGreaterThan(400);
      expect(await app.focusedCell()).toEqual(before);
      await app.page.keyboard.press('ArrowDown');
      await expect.poll(async () => (await app.focusedCell()).row).toBe(before.row + 1);
    });

    it('is copied as the range that is selected, masks as they show', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select id, email from customers');
      await app.grid.getByRole('gridcell').first().click();
      await app.page.keyboard.press('Control+Home');
      await app.page.keyboard.press('Shift+ArrowDown');
      await app.page.keyboard.press('Control+c');
      await expect.poll(() => app.announcement()).toContain('Copied 2 rows');
    });

    it('is searched, and the search leads from cell to cell', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from customers');
      await app.button('Find').click();
      await app.page.getByLabel('Find in the result').fill('Quinn');
      const count = app.page.getByText(/^1 of/);
      await count.waitFor();
      await app.page.keyboard.press('Enter');
      await expect.poll(() => app.page.getByText(/^2 of/).count()).toBe(1);
      expect(app.complaints).toEqual([]);
    });

    it('with markup in values and names shows it as text', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.run('select * from hostile');
      await app.grid.getByRole('gridcell').first().waitFor();
      expect(await app.grid.locator('img, script, b').count()).toBe(0);
      expect(app.complaints).toEqual([]);
    });

    it('of EXPLAIN is a tree that arrows walk', async () => {
      await using world = await start();
      const { app } = world;
      await app.openEditor();
      await app.write('select * from customers');
      await app.page.keyboard.press('Control+e');
      const plan = app.page.getByRole('treegrid', { name: 'Plan' });
      await plan.getByRole('row').nth(1).focus();
      await app.page.keyboard.press('ArrowDown');
      expect(await app.accessibilityFindings()).toEqual([]);
    });
  });

  describe('the palette', () => {
    it('finds a database by two letters and opens it', async () => {
      await using world = await start();
      const { app } = world;
      await app.page.keyboard.press('Control+k');
      await app.page.getByRole('combobox').fill('billing');
      await app.page.keyboard.press('Enter');
      await expect.poll(() => app.page.getByRole('heading', { level: 1 }).textContent()).toBe('billing');
      expect(app.complaints).toEqual([]);
    });
  });

  describe('a decision', () => {
    it('that needs the touch of a passkey leads to the page that asks for it', async () => {
      await using world = await start();
      const { app } = world;
      await app.go('#/requests/0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a11', 'Request for orders');
      await app.button('Approve').click();
      const link = app.page.getByRole('link', { name: 'Continue in the browser' });
      expect(await link.getAttribute('href')).toBe('https://daam.example.com/decide#secret');
      expect(await link.getAttribute('rel')).toContain('noopener');
    });
  });

  describe('the log', () => {
    it('is named in the settings, opened, and told in the report', async () => {
      await using world = await start({ context: { permissions: ['clipboard-write'] } });
      const { app } = world;
      await app.go('#/settings/diagnostics', 'Settings');
      await app.page.getByText('~/.daam/logs').waitFor();
      await app.button('Open the folder').click();
      await expect.poll(() => app.announcement()).toContain('Opened the folder.');
      await app.button('Run the checks').click();
      await app.button('Copy report').click();
      await expect.poll(() => app.announcement()).toContain('Copied the report.');
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.go('#/databases', 'Databases');
      await expect.poll(() => app.paste()).toContain('logs: ~/.daam/logs');
      expect(app.complaints).toEqual([]);
    });
  });

  describe('mail', () => {
    it('about one’s own requests is switched off in the settings', async () => {
      await using world = await start();
      const { app, asked } = world;
      await app.go('#/settings/account', 'Settings');
      const own = app.page.getByRole('switch', { name: 'What becomes of my requests' });
      await own.focus();
      await app.page.keyboard.press('Space');
      await expect.poll(() => own.getAttribute('aria-checked')).toBe('false');
      expect(asked.filter(({ route }) => route === 'putNotificationPreferences')).toEqual([
        {
          route: 'putNotificationPreferences',
          body: { requests: { mine: false, inbox: true }, events: [] },
        },
      ]);
    });
  });

  describe.each(['light', 'dark'] as const)('every screen in the %s theme', (theme) => {
    it.each([1440, 390])('passes axe and fits at a width of %i', async (width) => {
      await using world = await start({ context: { colorScheme: theme, viewport: { width, height: 844 } } });
      const { app } = world;
      await app.button('Connect orders').click();
      await app.button('Disconnect orders').waitFor();
      const findings: string[] = [];
      for (const [hash, heading] of screens) {
        await app.go(hash, heading);
        findings.push(...(await app.accessibilityFindings()).map((finding) => `${hash} ${finding}`));
        if (await app.overflowsSideways()) findings.push(`${hash} is wider than the window`);
      }
      expect(findings).toEqual([]);
      expect(app.complaints).toEqual([]);
    });

    it('passes axe in the editor with everything open', async () => {
      await using world = await start({ context: { colorScheme: theme } });
      const { app } = world;
      await app.openEditor();
      await app.run('select * from customers');
      await app.grid.getByRole('gridcell').first().click();
      await app.page.keyboard.press('Enter');
      await app.page.getByRole('complementary', { name: 'Cell' }).waitFor();
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.button('Copy').first().click();
      await app.page.getByRole('menu').waitFor();
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.page.keyboard.press('Escape');
      await app.button('Export').click();
      await app.page.getByRole('dialog', { name: 'Export' }).waitFor();
      expect(await app.accessibilityFindings()).toEqual([]);
      await app.page.keyboard.press('Escape');
      await app.page.keyboard.press('Control+k');
      await app.page.getByRole('combobox').waitFor();
      expect(await app.accessibilityFindings()).toEqual([]);
      expect(app.complaints).toEqual([]);
    });
  });
});

const screens: readonly (readonly [hash: string, heading: string])[] = [
  ['#/databases', 'Databases'],
  ['#/databases/orders', 'orders'],
  ['#/query', 'Query'],
  ['#/requests', 'Requests'],
  ['#/requests/new', 'Request access'],
  ['#/requests/0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a11', 'Request for orders'],
  ['#/activity', 'Activity'],
  ['#/settings/account', 'Settings'],
  ['#/settings/appearance', 'Settings'],
  ['#/settings/editor', 'Settings'],
  ['#/settings/shortcuts', 'Settings'],
  ['#/settings/connections', 'Settings'],
  ['#/settings/notifications', 'Settings'],
  ['#/settings/diagnostics', 'Settings'],
  ['#/welcome', 'Sign in'],
];
