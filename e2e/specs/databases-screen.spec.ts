/** The Databases screen in a real browser, served by desktop/web over a backend in memory. */
import { MemoryBackend } from '@daam/desktop/ipc/testing/memory-backend';
import { sampleDatabase, sampleDatabases, sampleStatus, sampleTime } from '@daam/desktop/ipc/testing/sample';
import { type DesktopWeb, startDesktopWeb } from '@daam/desktop/web/app';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { DatabasesPage } from '../pages/databases-page.ts';

const token = 'token-of-the-databases-screen-0123456789';
const psqlLine = 'psql "host=127.0.0.1 port=54310 dbname=orders user=dev sslmode=disable"';
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

  describe('the Databases screen by keyboard alone', () => {
    it('connects, says so, copies a line that psql reads, and disconnects', async () => {
      await using started = await start();
      const { screen } = started;
      const { keyboard } = screen.page;
      await screen.tabTo(screen.name('orders'));
      await keyboard.press('Enter');
      await expect.poll(() => screen.announcement()).toBe('orders connected at 127.0.0.1:54310.');
      expect(await screen.row('orders').textContent()).toContain('127.0.0.1:54310');
      await keyboard.press('c');
      await expect.poll(() => screen.announcement()).toBe('Copied psql for orders.');
      expect(await screen.paste()).toBe(psqlLine);
      await screen.name('orders').focus();
      await keyboard.press('d');
      await expect.poll(() => screen.announcement()).toBe('orders disconnected.');
      await screen.button('Connect orders').waitFor();
      expect(screen.complaints).toEqual([]);
    });

    it('copies any format from the menu, gives the focus back and remembers the choice', async () => {
      await using started = await start();
      const { screen } = started;
      const { keyboard } = screen.page;
      await screen.name('orders').focus();
      await keyboard.press('Enter');
      const copy = screen.button('Copy connection for orders');
      await copy.focus();
      await keyboard.press('Enter');
      const items = screen.page.getByRole('menuitem');
      await expect.poll(() => items.count()).toBe(18);
      for (const key of ['End', 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter'])
        await keyboard.press(key);
      await expect.poll(() => screen.announcement()).toBe('Copied JDBC for orders.');
      expect(await items.count()).toBe(0);
      expect(await screen.hasFocus(copy)).toBe(true);
      expect(await screen.paste()).toBe('jdbc:postgresql://127.0.0.1:54310/orders?user=dev&sslmode=disable');
      await screen.page.reload();
      await screen.name('orders').focus();
      await keyboard.press('c');
      await expect.poll(() => screen.announcement()).toBe('Copied JDBC for orders.');
    });

    it('closes the menu by Escape, which gives the focus back and copies nothing', async () => {
      await using started = await start();
      const { screen } = started;
      await screen.button('Connect orders').click();
      const copy = screen.button('Copy connection for orders');
      await copy.click();
      await screen.page.getByRole('menu').waitFor();
      await screen.page.keyboard.press('Escape');
      expect(await screen.page.getByRole('menu').count()).toBe(0);
      expect(await screen.hasFocus(copy)).toBe(true);
      expect(await screen.announcement()).not.toContain('Copied');
    });

    it('walks over all groups by arrow keys', async () => {
      await using started = await start();
      const { screen } = started;
      await screen.name('billing').focus();
      const walked: (string | null)[] = [];
      for (const key of ['ArrowDown', 'j', 'j', 'End', 'k', 'Home', 'ArrowUp']) {
        await screen.page.keyboard.press(key);
        walked.push((await screen.focused())?.label ?? null);
      }
      expect(walked).toEqual([
        'warehouse',
        'ledger-staging',
        'shop',
        'shop',
        'ledger-staging',
        'orders',
        'orders',
      ]);
    });

    it('filters by /, says when nothing matches, and clears', async () => {
      await using started = await start();
      const { screen } = started;
      await screen.name('orders').waitFor();
      await screen.page.keyboard.press('/');
      await screen.page.keyboard.type('support prod');
      await expect.poll(() => screen.names()).toEqual(['billing']);
      await screen.page.keyboard.type('x');
      await screen.page.getByText('No database matches the filter').waitFor();
      await screen.button('Clear filters').click();
      await expect.poll(() => screen.names()).toHaveLength(sampleDatabases.length);
    });

    it('shows the keys by ?, and turns single characters off for good', async () => {
      await using started = await start();
      const { screen } = started;
      const { keyboard } = screen.page;
      const dialog = screen.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
      await keyboard.press('?');
      await dialog.getByRole('switch').click();
      await keyboard.press('Escape');
      await expect.poll(() => dialog.count()).toBe(0);
      await keyboard.press('?');
      expect(await dialog.count()).toBe(0);
      await screen.page.reload();
      await screen.name('orders').waitFor();
      await keyboard.press('?');
      expect(await dialog.count()).toBe(0);
    });

    it('shows a focus ring on everything that Tab reaches, and reaches the end', async () => {
      await using started = await start();
      const { screen } = started;
      await screen.button('Connect shop').waitFor();
      const unmarked: string[] = [];
      const reached: string[] = [];
      for (let step = 0; step < 45; step += 1) {
        await screen.page.keyboard.press('Tab');
        const focused = await screen.focused();
        if (focused === null) break;
        reached.push(focused.label);
        if (!focused.isMarked) unmarked.push(focused.label);
      }
      expect(unmarked).toEqual([]);
      expect(reached[0]).toBe('Skip to the content');
      expect(reached.at(-1)).toBe('Connect shop');
    });
  });

  describe('the focus on the Databases screen', () => {
    it('stays on the button that connects, which then disconnects', async () => {
      await using started = await start();
      const { screen } = started;
      await screen.tabTo(screen.button('Connect orders'));
      await screen.page.keyboard.press('Space');
      const disconnect = screen.button('Disconnect orders');
      await disconnect.waitFor();
      expect(await screen.hasFocus(disconnect)).toBe(true);
      await screen.page.keyboard.press('Space');
      await screen.button('Connect orders').waitFor();
      expect(await screen.hasFocus(screen.button('Connect orders'))).toBe(true);
    });

    it('goes to the next row when its row is removed', async () => {
      await using started = await start();
      const { screen, backend } = started;
      await screen.button('Connect orders').focus();
      backend.setDatabases(sampleDatabases.filter(({ name }) => name !== 'orders'));
      await expect.poll(() => screen.focused()).toMatchObject({ label: 'billing' });
    });

    it('goes to the name when a problem is dismissed, and to the filter when it is cleared', async () => {
      await using started = await start();
      const { screen, backend } = started;
      backend.failNext('connect', new AppError('TIMEOUT'));
      await screen.button('Connect orders').click();
      await screen.button('Dismiss').click();
      await expect.poll(() => screen.focused()).toMatchObject({ label: 'orders' });
      await screen.page.getByLabel('Filter databases').fill('no such');
      await screen.button('Clear filters').click();
      await expect.poll(() => screen.focused()).toMatchObject({ label: 'Filter databases' });
    });
  });

  describe('the states of the Databases screen', () => {
    it('says in words what the person gets and why a database cannot be reached', async () => {
      await using started = await start();
      const { screen } = started;
      expect(await screen.row('orders').textContent()).toContain(
        'analyst v12 · 2 masked columns · read only',
      );
      expect(await screen.row('warehouse').textContent()).toContain('No agent of this database is online.');
      expect(await screen.button('Connect warehouse').getAttribute('aria-disabled')).toBe('true');
      await screen.name('warehouse').focus();
      await screen.page.keyboard.press('Enter');
      await screen.button('Connect orders').click();
      await screen.button('Disconnect orders').waitFor();
      expect(await screen.button('Disconnect warehouse').count()).toBe(0);
    });

    it('offers another port when the port is taken, and connects on it', async () => {
      await using started = await start();
      const { screen, backend } = started;
      backend.failNext(
        'connect',
        new AppError('PORT_IN_USE', { message: 'Port 54322 is used by another program.' }),
      );
      await screen.button('Connect billing').click();
      const alert = screen.page.getByRole('alert');
      await expect.poll(() => alert.textContent()).toContain('PORT_IN_USE');
      await alert.getByLabel('Port').fill('55001');
      await screen.page.keyboard.press('Enter');
      await expect.poll(() => screen.row('billing').textContent()).toContain('127.0.0.1:55001');
      expect(await alert.count()).toBe(0);
    });

    it('shows why the list cannot be read and reads it again', async () => {
      const backend = newBackend();
      backend.failNext('listDatabases', new AppError('CONTROL_PLANE_UNAVAILABLE'));
      await using started = await start({}, backend);
      const { screen } = started;
      await expect
        .poll(() => screen.page.getByRole('alert').textContent())
        .toContain('CONTROL_PLANE_UNAVAILABLE');
      expect(await screen.accessibilityFindings()).toEqual([]);
      await screen.button('Try again').click();
      await screen.name('orders').waitFor();
    });

    it('tells a person without access who can give it', async () => {
      const backend = newBackend();
      backend.setDatabases([]);
      await using started = await start({}, backend);
      await started.screen.page.getByText('No database is granted to you yet').waitFor();
      expect(await started.screen.accessibilityFindings()).toEqual([]);
    });

    it('tells who is not signed in how to, and begins with the sign-in at the next start', async () => {
      await using started = await start();
      const { screen, backend } = started;
      await screen.name('orders').waitFor();
      backend.setDatabases([]);
      backend.setStatus({ ...sampleStatus, account: null });
      await expect.poll(() => screen.page.getByRole('main').textContent()).toContain('daam login');
      await screen.page.reload();
      await screen.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
      expect(await screen.button('Continue').count()).toBe(1);
      await screen.page.getByRole('link', { name: 'Databases' }).first().click();
      await screen.page.getByText('daam login').waitFor();
    });

    it('shows at once what changes elsewhere: a grant, a removal, the control plane going away', async () => {
      await using started = await start();
      const { screen, backend } = started;
      await screen.name('orders').waitFor();
      backend.setDatabases(sampleDatabases.slice(1));
      await expect.poll(() => screen.announcement()).toBe('orders was removed. Its local port is closed.');
      expect(await screen.names()).not.toContain('orders');
      backend.setDatabases([...sampleDatabases.slice(1), sampleDatabase({ name: 'hr' })]);
      await screen.name('hr').waitFor();
      backend.setStatus({ ...sampleStatus, controlPlane: { kind: 'offline', since: null } });
      await screen.page.getByText('The control plane cannot be reached.').waitFor();
      expect(await screen.accessibilityFindings()).toEqual([]);
    });

    it('shows markup in a name as text', async () => {
      const hostile = '<img src=x onerror=alert(1)>';
      const backend = newBackend();
      backend.setDatabases([sampleDatabase({ name: hostile })]);
      await using started = await start({}, backend);
      await expect.poll(() => started.screen.names()).toEqual([hostile]);
      expect(started.screen.complaints).toEqual([]);
    });
  });

  describe('the token of the Databases screen', () => {
    it('leaves the address bar and the document, and a reload goes on', async () => {
      await using started = await start();
      const { screen, web } = started;
      await screen.name('orders').waitFor();
      expect(screen.page.url()).toBe(`${web.url}/#/databases`);
      expect(await screen.page.content()).not.toContain(token);
      await screen.page.reload();
      await screen.name('orders').waitFor();
    });

    it('is asked for when the page is opened without it, and refused when it is another', async () => {
      await using started = await start();
      const context = await browser.newContext();
      for (const fragment of ['', '#token=wrong-token-of-the-databases-screen']) {
        const page = await context.newPage();
        await page.goto(`${started.web.url}/${fragment}`);
        await page.getByText('Open this page by its link').waitFor();
        expect(await page.getByText('orders').count()).toBe(0);
      }
      await context.close();
    });

    it('says that the engine is lost when it stops, and cannot act then', async () => {
      await using started = await start();
      const { screen, web } = started;
      await screen.name('orders').waitFor();
      await web[Symbol.asyncDispose]();
      await expect.poll(() => screen.page.getByRole('alert').textContent()).toContain('does not answer');
      expect(await screen.button('Connect orders').getAttribute('aria-disabled')).toBe('true');
    });
  });

  describe.each(['light', 'dark'] as const)('the Databases screen in the %s theme', (theme) => {
    it.each([1440, 390, 320])('passes axe and fits at a width of %i, with everything open', async (width) => {
      await using started = await start({ colorScheme: theme, viewport: { width, height: 844 } });
      const { screen, backend } = started;
      expect(await screen.style('body', 'backgroundColor')).toBe(
        theme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(14, 17, 22)',
      );
      await screen.button('Connect orders').click();
      await screen.button('Disconnect orders').waitFor();
      backend.failNext('connect', new AppError('PORT_IN_USE'));
      await screen.button('Connect billing').click();
      await screen.page.getByRole('alert').waitFor();
      expect(await screen.accessibilityFindings()).toEqual([]);
      expect(await screen.overflowsSideways()).toBe(false);
      await screen.button('Copy connection for orders').click();
      await screen.page.getByRole('menu').waitFor();
      expect(await screen.accessibilityFindings()).toEqual([]);
      await screen.page.keyboard.press('Escape');
      await screen.name('orders').focus();
      await screen.page.keyboard.press('?');
      await screen.page.getByRole('dialog').waitFor();
      expect(await screen.accessibilityFindings()).toEqual([]);
      expect(screen.complaints).toEqual([]);
    });

    it('keeps the theme that the person chose instead', async () => {
      const other = theme === 'light' ? 'dark' : 'light';
      await using started = await start({ colorScheme: theme });
      const { page } = started.screen;
      await page.goto(`${started.web.url}/#/settings/appearance`);
      await page
        .getByRole('group', { name: 'Theme' })
        .getByText(other === 'dark' ? 'Dark' : 'Light')
        .click();
      await expect.poll(() => started.screen.style('html', 'colorScheme')).toBe(other);
      await page.reload();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await started.screen.style('html', 'colorScheme')).toBe(other);
    });
  });

  describe('the Databases screen on a narrow window', () => {
    it('opens the navigation by a menu button, and a link in it leads to its panel', async () => {
      await using started = await start({ viewport: { width: 390, height: 844 } });
      const { screen } = started;
      await screen.button('Connect shop').click();
      await screen.button('Disconnect shop').waitFor();
      expect(await screen.page.getByRole('navigation', { name: 'Main' }).count()).toBe(0);
      await screen.button('Menu').click();
      await screen.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'shop' }).click();
      await screen.page.getByRole('heading', { level: 1, name: 'shop' }).waitFor();
      expect(await screen.page.getByRole('navigation', { name: 'Main' }).count()).toBe(0);
    });
  });
});

interface Started extends AsyncDisposable {
  readonly backend: MemoryBackend;
  readonly web: DesktopWeb;
  readonly screen: DatabasesPage;
}

async function start(options: BrowserContextOptions = {}, backend = newBackend()): Promise<Started> {
  const web = await startDesktopWeb({
    backend,
    port: 0,
    token: new Secret(token),
    assetsDir,
    logger: silentLogger,
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const screen = new DatabasesPage(await context.newPage());
  const stop = async (): Promise<void> => {
    await context.close();
    await web[Symbol.asyncDispose]();
  };
  await screen.open(web.openUrl.reveal()).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { backend, web, screen, [Symbol.asyncDispose]: stop };
}

function newBackend(): MemoryBackend {
  return new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
}
