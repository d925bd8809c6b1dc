import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { afterEach, describe, expect, it } from 'vitest';
import type { BackendMethods } from '../ipc/backend.ts';
import { bridgeChannels } from '../ipc/electron-channels.ts';
import { MemoryBackend } from '../ipc/testing/memory-backend.ts';
import { sampleDatabases, sampleStatus, sampleTime } from '../ipc/testing/sample.ts';
import { startShell } from './app.ts';
import { FakeEvent, RecordingElectron } from './testing/recording-electron.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(
    folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })),
  );
});

async function start(
  options: {
    readonly argv?: readonly string[];
    readonly hasLock?: boolean;
    readonly methods?: Partial<BackendMethods>;
    /** Of a start before. */
    readonly root?: string;
  } = {},
) {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'daam-shell-')));
  folders.push(root);
  await mkdir(join(root, 'renderer'), { recursive: true });
  await writeFile(join(root, 'renderer', 'index.html'), '<html>');
  const electron = new RecordingElectron();
  electron.app.hasLock = options.hasLock ?? true;
  const memory = new MemoryBackend({
    databases: sampleDatabases,
    status: sampleStatus,
    now: sampleTime,
    user: 'dev',
  });
  let stops = 0;
  const starting = startShell({
    electron: electron.port,
    appDir: root,
    stateDir: join(root, 'state'),
    platform: 'linux',
    argv: options.argv ?? [],
    logger: silentLogger,
    startEngine: async () => ({
      capabilities: memory.capabilities,
      methods: { ...memory.methods, ...options.methods },
      subscribe: (listener) => memory.subscribe(listener),
      [Symbol.asyncDispose]: async () => void (stops += 1),
    }),
  });
  // Whoever registers a scheme after this is too late.
  const beforeReady = { schemes: electron.schemes.length, calls: electron.app.calls.map(([name]) => name) };
  electron.app.becomeReady();
  const shell = await starting;
  return { root, electron, memory, shell, beforeReady, stops: () => stops };
}

/** As the page does when it starts: it opens the bridge and asks for the status. */
async function openPage(electron: RecordingElectron): Promise<unknown[]> {
  const contents = electron.windows.at(-1)?.webContents;
  if (contents === undefined) throw new Error('there is no window');
  await electron.invoke(bridgeChannels.open, { contents });
  await electron.invoke(
    bridgeChannels.call,
    { contents },
    '{"kind":"call","id":1,"method":"status","params":{}}',
  );
  await new Promise((resolve) => setImmediate(resolve));
  return contents.sent.map(([, text]) => JSON.parse(text) as unknown);
}

const link = (target: unknown, from: 'link' | 'app' = 'link') => ({
  kind: 'event',
  event: 'linkOpened',
  payload: { target, from },
});

describe('the app', () => {
  it('switches the sandbox on and names its scheme before it is ready', async () => {
    const { beforeReady } = await start();
    expect(beforeReady.schemes).toBe(1);
    expect(beforeReady.calls).toEqual(['enableSandbox', 'setPath', 'requestSingleInstanceLock', 'whenReady']);
  });

  it('is one for each state folder: its profile is in there', async () => {
    const { electron, root } = await start();
    const folder = join(root, 'state', 'electron');
    expect(electron.app.calls).toContainEqual(['setPath', 'userData', folder]);
    expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  it('opens one window on its own page, locked', async () => {
    const { electron } = await start();
    expect(electron.windows).toHaveLength(1);
    const [window] = electron.windows;
    expect(window?.webContents.loaded).toEqual(['app://bundle/']);
    expect(window?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      devTools: false,
    });
    expect(window?.webContents.openWindow({ url: 'https://evil.example' })).toEqual({ action: 'deny' });
  });

  it('opens where it was closed last time', async () => {
    const { electron, root } = await start();
    electron.windows[0]?.emit('close', new FakeEvent());
    await expect
      .poll(() => readFile(join(root, 'state', 'window.json'), 'utf8').catch(() => ''))
      .toContain('1000');
    const again = await start({ root });
    expect(again.electron.windows[0]?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
  });

  it('says that it has a tray', async () => {
    const { electron } = await start();
    const contents = electron.windows[0]?.webContents;
    if (contents === undefined) throw new Error('there is no window');
    const welcome = JSON.parse(String(await electron.invoke(bridgeChannels.open, { contents }))) as {
      capabilities: unknown;
    };
    expect(welcome.capabilities).toMatchObject({ tray: true, openInTool: false });
  });

  it('started again only shows the window that there is', async () => {
    const second = await start({ hasLock: false });
    expect(second.shell).toBeNull();
    expect(second.electron.windows).toHaveLength(0);
    const { electron } = await start();
    electron.app.emit('second-instance', new FakeEvent(), ['daam'], '/');
    expect(electron.windows).toHaveLength(1);
    expect(electron.windows[0]?.calls).toEqual(['show', 'focus']);
  });

  it('leads the page to a link that it was started with, once the page is up', async () => {
    const { electron } = await start({ argv: ['daam://connect/orders'] });
    expect(await openPage(electron)).toEqual([link({ kind: 'database', id: 'orders' })]);
    expect(electron.windows[0]?.webContents.loaded).toEqual(['app://bundle/']);
  });

  it('leads the page to links that come later, from a second start or the system', async () => {
    const { electron } = await start();
    await openPage(electron);
    electron.app.emit('second-instance', new FakeEvent(), ['daam', 'daam://request/r1'], '/');
    const event = new FakeEvent();
    electron.app.emit('open-url', event, 'daam://settings');
    electron.app.emit('open-url', new FakeEvent(), 'daam://query?sql=drop');
    expect(event.defaultPrevented).toBe(true);
    expect(electron.windows[0]?.webContents.sent.map(([, text]) => JSON.parse(text) as unknown)).toEqual([
      link({ kind: 'request', id: 'r1' }),
      link({ kind: 'settings' }),
    ]);
  });

  it('hides its window while local ports are open, and asks once', async () => {
    const { electron, memory, root } = await start();
    await memory.methods.connect({ database: 'id-orders' });
    const [window] = electron.windows;
    electron.choices.push({ response: 0, checkboxChecked: true });
    for (const _time of [1, 2]) {
      const event = new FakeEvent();
      window?.emit('close', event);
      expect(event.defaultPrevented).toBe(true);
      await expect.poll(() => electron.dialogs.length).toBe(1);
      await expect.poll(() => readFile(join(root, 'state', 'shell.json'), 'utf8')).toContain('hide');
    }
    expect(window?.calls).toEqual(['hide', 'hide']);
    expect(electron.app.calls.map(([name]) => name)).not.toContain('quit');
  });

  it('quits where the person says so', async () => {
    const { electron, memory } = await start();
    await memory.methods.connect({ database: 'id-orders' });
    electron.choices.push({ response: 1, checkboxChecked: false });
    electron.windows[0]?.emit('close', new FakeEvent());
    await expect.poll(() => electron.app.calls.map(([name]) => name)).toContain('quit');
  });

  it('asks before a transaction that is open is rolled back by quitting', async () => {
    const query = {
      tab: 'tab-1',
      database: 'id-orders',
      session: { kind: 'open', transaction: 'open', transactionSince: sampleTime, since: sampleTime },
      run: null,
      results: [],
      policyChanged: null,
    } as const;
    const listQueries: BackendMethods['listQueries'] = async () => [{ ...query, results: [] }];
    const { electron } = await start({ methods: { listQueries } });
    const quits = (): number => electron.app.calls.filter(([name]) => name === 'quit').length;
    for (const response of [0, 1]) {
      electron.choices.push({ response, checkboxChecked: false });
      const event = new FakeEvent();
      electron.app.emit('before-quit', event);
      expect(event.defaultPrevented).toBe(true);
      await expect.poll(() => electron.dialogs.length).toBe(response + 1);
      await expect.poll(quits).toBe(response);
    }
    expect(electron.dialogs[0]).toMatchObject({ message: 'A transaction is open on orders.' });
  });

  it('stops the engine before the process ends, once', async () => {
    const { electron, stops } = await start();
    electron.app.emit('before-quit', new FakeEvent());
    await expect.poll(() => electron.app.calls.map(([name]) => name)).toContain('quit');
    const closing = new FakeEvent();
    electron.windows[0]?.emit('close', closing);
    expect(closing.defaultPrevented).toBe(false);
    const event = new FakeEvent();
    electron.app.emit('will-quit', event);
    expect(event.defaultPrevented).toBe(true);
    await expect.poll(() => electron.app.calls.map(([name]) => name)).toContain('quit');
    const again = new FakeEvent();
    electron.app.emit('will-quit', again);
    expect([again.defaultPrevented, stops()]).toEqual([false, 1]);
    expect(electron.trays[0]?.isGone).toBe(true);
    expect(electron.ipcHandlers.size).toBe(0);
  });

  it('loads its page anew when the page’s process died, and gives up when that happens again and again', async () => {
    const { electron } = await start();
    const contents = electron.windows[0]?.webContents;
    for (let death = 1; death <= 8; death += 1)
      contents?.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(contents?.loaded).toEqual(Array(4).fill('app://bundle/'));
  });

  it('shows in the tray what is connected', async () => {
    const { electron, memory } = await start();
    expect(electron.trays).toHaveLength(1);
    await memory.methods.connect({ database: 'id-orders' });
    const labels = electron.trays[0]?.menu?.template.map(({ label }) => label) ?? [];
    expect(labels.join('\n')).toMatch(/orders {2}:\d+/);
  });

  it('opens pages of the control plane that is signed in to, and of a sign-in', async () => {
    const { electron, memory } = await start();
    const openWindow = (url: string) => electron.windows[0]?.webContents.openWindow({ url });
    openWindow('https://login.example.com/auth/authorize');
    await memory.methods.startSignIn({
      controlPlane: 'https://login.example.com',
      way: 'browser',
      organization: null,
    });
    openWindow('https://login.example.com/auth/authorize');
    openWindow('https://other.example.com/');
    expect(electron.opened).toEqual(['https://login.example.com/auth/authorize']);
  });

  it.each(['beginDecision', 'beginPublication'])(
    'opens the page that the control plane prepared at %s, wherever its pages are',
    async (begin) => {
      const url = 'https://pages.example.com/approve#secret';
      const callApi: BackendMethods['callApi'] = async () => ({ value: { url, expiresAt: sampleTime } });
      const { electron } = await start({ methods: { callApi } });
      const contents = electron.windows[0]?.webContents;
      if (contents === undefined) throw new Error('there is no window');
      await electron.invoke(bridgeChannels.open, { contents });
      for (const route of ['getRequest', begin]) {
        contents.openWindow({ url });
        const call = JSON.stringify({ kind: 'call', id: 1, method: 'callApi', params: { route } });
        await electron.invoke(bridgeChannels.call, { contents }, call);
      }
      expect(electron.opened).toEqual([]);
      contents.openWindow({ url });
      expect(electron.opened).toEqual([url]);
    },
  );

  it('has no shortcut in its menu that the page needs', async () => {
    const { electron } = await start();
    const items = electron.applicationMenu?.template.flatMap(({ submenu }) => submenu ?? []) ?? [];
    const roles = items.map(({ role }) => role);
    expect(items.length).toBeGreaterThan(8);
    for (const role of ['close', 'reload', 'forceReload', 'toggleDevTools', 'find', 'quit'])
      expect(roles).not.toContain(role);
  });
});
