/**
 * The app: one window on the built screens, the bridge to the engine in this process, the tray, links and notifications.
 * Everything of Electron comes in as `electron`, the engine as `startEngine`, so that a test builds the same app.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import type { Target } from '../ipc/schema.ts';
import { loadAssets } from '../web/assets.ts';
import { registerAppScheme, serveAppScheme } from './app-scheme.ts';
import { findDeepLink, linkScheme, readDeepLink } from './deep-link.ts';
import { ExternalLinks } from './external-links.ts';
import { lockDown } from './lock-down.ts';
import { Shell, type ShellOptions } from './shell.ts';

/**
 * Runs until the app quits; resolves once it has started, or with null when another start of it runs already, which
 * then shows its window.
 */
export async function startShell(options: ShellOptions): Promise<AsyncDisposable | null> {
  const { electron, logger } = options;
  const { app } = electron;
  // All of this has to be told before the app is ready.
  app.enableSandbox();
  keepProfileIn(join(options.stateDir, 'electron'), app);
  registerAppScheme(electron.protocol);
  // Windows shows notifications of programs that it knows by this name alone (appId of electron-builder.yml).
  if (options.platform === 'win32') app.setAppUserModelId('io.github.daam.desktop');
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  const links: LinkQueue = { waiting: findDeepLink(options.argv), open: null };
  const follow = (target: Target | null): void => {
    if (links.open === null) links.waiting = target ?? links.waiting;
    else links.open(target);
  };
  app.on('second-instance', (_event, argv) => follow(findDeepLink(argv)));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    follow(readDeepLink(url));
  });
  await app.whenReady();
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  const external = new ExternalLinks({ shell: electron.shell, logger });
  lockDown({ app, session: electron.session.defaultSession, links: external });
  serveAppScheme(electron.protocol, await loadAssets(join(options.appDir, 'renderer')));
  const shell = await Shell.start(options, external);
  links.open = (target) => shell.open(target, 'link');
  shell.open(links.waiting, 'link');
  return shell;
}

/** Chromium's own files, and with them the lock of the single instance: one app for each state folder. */
function keepProfileIn(folder: string, app: Pick<App, 'setPath'>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  app.setPath('userData', folder);
}

/** Links that come before there is anything to show them. */
interface LinkQueue {
  waiting: Target | null;
  open: ((target: Target | null) => void) | null;
}
