/**
 * What opens above a screen: each menu, popover, list, dialog and sheet passes axe in both themes, is opened by the keyboard, and gives
 * the focus back to what opened it.
 */
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolations, settle } from '../pages/accessibility.ts';
import type { AppPage } from '../pages/app-page.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { analyst } from '../pages/samples/organization.ts';
import { screens } from '../pages/screens.ts';
import { type ScreensWorld, startScreens } from './screens-world.ts';

interface Overlay {
  readonly what: string;
  readonly hash: string;
  readonly opener: (app: AppPage) => Locator;
  readonly opened: 'dialog' | 'menu' | 'listbox';
  readonly prepare?: (app: AppPage) => Promise<void>;
  /** Enter, unless it is another one. */
  readonly key?: string;
}

const button =
  (name: string | RegExp) =>
  ({ page }: AppPage): Locator =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).first();

async function connect(app: AppPage): Promise<void> {
  const connected = app.button('Disconnect orders');
  if ((await connected.count()) === 0) await app.button('Connect orders').click();
  await connected.waitFor();
}

async function runQuery(app: AppPage): Promise<void> {
  await app.openEditor();
  await app.run('select * from customers');
  await app.grid.getByRole('gridcell').first().click();
}

const overlays: readonly Overlay[] = [
  { what: 'notifications', hash: '#/databases', opener: button(/^Notifications/), opened: 'dialog' },
  { what: 'account', hash: '#/databases', opener: button(/^dev@example.com/), opened: 'menu' },
  { what: 'palette', hash: '#/databases', opener: button(/^Search databases/), opened: 'dialog' },
  {
    what: 'copy formats',
    hash: '#/databases',
    opener: button('Copy connection for orders'),
    opened: 'menu',
    prepare: connect,
  },
  {
    what: 'choice of a setting',
    hash: '#/settings/editor',
    opener: ({ page }) => page.getByRole('main').getByRole('combobox').first(),
    opened: 'listbox',
  },
  {
    what: 'export of a result',
    hash: '#/query',
    opener: button('Export'),
    opened: 'dialog',
    prepare: runQuery,
  },
  { what: 'copy of a result', hash: '#/query', opener: button('Copy'), opened: 'menu' },
  {
    what: 'menu of a cell',
    hash: '#/query',
    opener: ({ grid }) => grid.getByRole('gridcell').first(),
    opened: 'menu',
    key: 'Shift+F10',
  },
  {
    what: 'masked columns',
    hash: '#/query',
    opener: button('⊘ 4 columns masked'),
    opened: 'dialog',
    prepare: runQuery,
  },
  {
    what: 'reason of a mask',
    hash: '#/query',
    opener: ({ grid }) => grid.getByRole('gridcell', { name: /@e/ }).first(),
    opened: 'dialog',
    key: 'm',
    prepare: async ({ grid }) => await grid.getByRole('gridcell', { name: /@e/ }).first().click(),
  },
  { what: 'more for a query', hash: '#/query', opener: button('More for this query'), opened: 'menu' },
  {
    what: 'saving a query',
    hash: '#/query',
    opener: ({ editor }) => editor,
    opened: 'dialog',
    key: 'Control+s',
  },
  {
    what: 'completion',
    hash: '#/query',
    opener: ({ editor }) => editor,
    opened: 'listbox',
    key: 'Control+Space',
    prepare: async (app) => await app.write('select * from cust'),
  },
  {
    what: 'connections',
    hash: '#/databases',
    opener: button(/\d connected/),
    opened: 'dialog',
    prepare: connect,
  },
  {
    what: 'shortcuts',
    hash: '#/databases',
    opener: (app) => app.name('orders'),
    opened: 'dialog',
    key: '?',
  },
  { what: 'keeping a question', hash: '#/admin/audit', opener: button('Views'), opened: 'menu' },
  { what: 'end of a session', hash: '#/admin/sessions', opener: button(/^End session of/), opened: 'dialog' },
  {
    what: 'suspension of a person',
    hash: `#/admin/people/${analyst.id}`,
    opener: button('Suspend'),
    opened: 'dialog',
  },
  { what: 'new database', hash: '#/admin/databases', opener: button('Add database'), opened: 'dialog' },
  { what: 'new person', hash: '#/admin/people', opener: button('Add person'), opened: 'dialog' },
  { what: 'policy history', hash: '#/admin/policies/orders', opener: button('History'), opened: 'dialog' },
  {
    what: 'preview of rights',
    hash: '#/admin/policies/orders',
    opener: button('Preview as…'),
    opened: 'dialog',
  },
  { what: 'new policy', hash: '#/admin/policies/orders', opener: button('New policy'), opened: 'dialog' },
  { what: 'audit export', hash: '#/admin/audit', opener: button('Export'), opened: 'dialog' },
  { what: 'audit record', hash: '#/admin/audit', opener: button('select * from payments'), opened: 'dialog' },
];

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  let browser: Browser;
  let world: ScreensWorld;

  beforeAll(async () => {
    let assetsDir: string;
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
    world = await startScreens({ browser, assetsDir });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await browser?.close();
  });

  it.each(overlays)('$what opens by a key, passes axe, and gives the focus back', async (overlay) => {
    const { app, show } = world;
    const { page } = app;
    // Whatever the case before left open when it failed.
    await page.keyboard.press('Escape');
    const screen = screens.find(({ hash }) => hash === overlay.hash);
    if (screen === undefined) throw new Error(`${overlay.hash} is not among the screens`);
    await show(screen);
    await overlay.prepare?.(app);
    const opener = overlay.opener(app);
    await opener.focus();
    await page.keyboard.press(overlay.key ?? 'Enter');
    const opened = page.getByRole(overlay.opened);
    await opened.first().waitFor();
    await settle(page);
    const findings: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      findings.push(...(await findViolations(page)).map((finding) => `${colorScheme} ${finding}`));
    }
    process.stdout.write(`${overlay.what} ${findings.length} violations\n`);
    expect(findings).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => opened.count()).toBe(0);
    await expect.poll(() => app.hasFocus(opener)).toBe(true);
    expect(app.complaints).toEqual([]);
  });
});
