/**
 * The app as it is built for Electron, in Chromium: page, preload script and the shell's own protocol handler, content
 * security policy and bridge, over a recording fake of Electron and a backend in memory. What only Electron itself can
 * show (its sandbox, its windows) is not claimed here.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBackend } from '@daam/desktop/ipc/testing/memory-backend';
import { sampleDatabases, sampleStatus, sampleTime } from '@daam/desktop/ipc/testing/sample';
import { startShell } from '@daam/desktop/main/app';
import { FakeEvent, RecordingElectron } from '@daam/desktop/main/testing/recording-electron';
import { buildBundles } from '@daam/desktop/packaging/bundle';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle } from '../pages/accessibility.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { DatabasesPage } from '../pages/databases-page.ts';
import { screens } from '../pages/screens.ts';

/** Chromium knows no `app://`; any https origin gets the same answers and the same policy. */
const origin = 'https://bundle.example';
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-electron-page-'));
  if (findBrowser() === null) return;
  [browser] = await Promise.all([launchBrowser(), buildBundles(folder)]);
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the shell on the fake, and a page that is its window's. */
async function start() {
  const electron = new RecordingElectron();
  const memory = new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
  const starting = startShell({
    electron: electron.port,
    appDir: folder,
    stateDir: join(folder, 'state'),
    platform: 'linux',
    argv: [],
    logger: silentLogger,
    startEngine: async () => ({
      capabilities: memory.capabilities,
      methods: memory.methods,
      subscribe: (listener) => memory.subscribe(listener),
      [Symbol.asyncDispose]: async () => {},
    }),
  });
  electron.app.becomeReady();
  const shell = await starting;
  const context = await browser.newContext();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const asked = await servePage(page, electron);
  await installPreload(page, electron);
  const screen = new DatabasesPage(page);
  return {
    electron,
    memory,
    page,
    asked,
    screen,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await shell?.[Symbol.asyncDispose]();
    },
  };
}

/** Every request of the page goes to the shell's handler; the addresses are kept. */
async function servePage(page: Page, electron: RecordingElectron): Promise<string[]> {
  const asked: string[] = [];
  await page.route('**/*', async (route) => {
    const { url, method } = { url: route.request().url(), method: route.request().method() };
    asked.push(url);
    const answer = await electron.protocolHandlers.get('app')?.({
      url: url.replace(origin, 'app://bundle'),
      method,
    } as Request);
    if (answer === undefined) return await route.abort();
    const body = Buffer.from(await answer.arrayBuffer());
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body });
  });
  return asked;
}

/** The built preload script itself, given what Electron gives it. */
async function installPreload(page: Page, electron: RecordingElectron): Promise<void> {
  const contents = electron.windows[0]?.webContents;
  if (contents === undefined) throw new Error('the shell has no window');
  await page.exposeFunction('electronInvoke', (channel: string, ...args: unknown[]) =>
    electron.invoke(channel, { contents }, ...args),
  );
  contents.send = (channel, message) => {
    void page.evaluate(`electronListeners[${JSON.stringify(channel)}]?.({}, ${JSON.stringify(message)})`);
  };
  const preload = await readFile(join(folder, 'preload', 'preload.cjs'), 'utf8');
  await page.addInitScript(`
    globalThis.electronListeners = {};
    ((require) => {${preload}})(() => ({
      contextBridge: { exposeInMainWorld: (name, value) => Object.defineProperty(globalThis, name, { value }) },
      ipcRenderer: {
        invoke: (...args) => electronInvoke(...args),
        on: (channel, listener) => { electronListeners[channel] = listener; },
        off: (channel) => { delete electronListeners[channel]; },
      },
    }));
  `);
}

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed, the page of the app', () => {
  it('connects a database through the shell, and asks nothing of any network', async () => {
    await using started = await start();
    const { screen, memory, asked } = started;
    await screen.open(`${origin}/`);
    await screen.button('Connect orders').click();
    await expect.poll(() => screen.announcement()).toBe('orders connected at 127.0.0.1:54310.');
    expect(memory.subscribers).toBeGreaterThan(0);
    expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(screen.complaints).toEqual([]);
  });

  it('asks before it goes where a link of the system leads', async () => {
    await using started = await start();
    const { screen, electron, page } = started;
    await screen.open(`${origin}/`);
    electron.app.emit('second-instance', new FakeEvent(), ['daam', 'daam://settings'], '/');
    const settings = page.getByRole('heading', { level: 1, name: 'Settings' });
    await page.getByText('A link asks to show the settings').waitFor();
    expect(await settings.count()).toBe(0);
    expect(await screen.accessibilityFindings()).toEqual([]);
    await screen.button('Show it').click();
    await settings.waitFor();
    electron.app.emit('second-instance', new FakeEvent(), ['daam', 'daam://connect/orders'], '/');
    await page.getByText('A link asks to show the database orders').waitFor();
    await screen.button('Dismiss').click();
    expect(await page.getByText('A link asks').count()).toBe(0);
    electron.app.emit('second-instance', new FakeEvent(), ['daam', 'daam://connect/orders'], '/');
    await screen.button('Show it').click();
    await page.getByRole('heading', { level: 1, name: /orders/ }).waitFor();
    expect(screen.complaints).toEqual([]);
  });

  it('shows every screen of a developer without a question to any network', async () => {
    await using started = await start();
    const { screen, page, asked } = started;
    await screen.open(`${origin}/`);
    for (const { hash } of screens.filter(({ route }) => !route.startsWith('/admin'))) {
      await page.goto(`${origin}/${hash}`);
      await settle(page);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    }
    expect(asked.filter((url) => !url.startsWith(`${origin}/`))).toEqual([]);
    expect(screen.complaints).toEqual([]);
  });

  it('opens the editor without a style or script that the policy forbids', async () => {
    await using started = await start();
    const { screen, page } = started;
    await screen.open(`${origin}/`);
    await screen.button('Connect orders').click();
    await page.goto(`${origin}/#/query?db=id-orders`);
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.type('select 1');
    await expect.poll(() => editor.textContent()).toContain('select 1');
    expect(screen.complaints).toEqual([]);
  });
});
