/**
 * The app: one window on the built screens, the bridge to the engine in this process, the tray, links and notifications.
 * Everything of Electron comes in as `electron`, the engine as `startEngine`, so that a test builds the same app.
 */
import { join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { StateFolder } from '../engine/state-folder.ts';
import type { DesktopBackend } from '../ipc/backend.ts';
import { serveElectronBridge } from '../ipc/electron-server.ts';
import type { Target } from '../ipc/schema.ts';
import { loadAssets } from '../web/assets.ts';
import { appMenu } from './app-menu.ts';
import { registerAppScheme, serveAppScheme } from './app-scheme.ts';
import { Closing } from './closing.ts';
import { findDeepLink, linkScheme, readDeepLink } from './deep-link.ts';
import type { ElectronPort } from './electron-port.ts';
import { ExternalLinks } from './external-links.ts';
import { lockDown } from './lock-down.ts';
import { MainWindow } from './main-window.ts';
import { SystemNotifications } from './notifications.ts';
import { mayQuit } from './quitting.ts';
import { type ShellBackend, shellBackend } from './shell-backend.ts';
import { ShellState, type ShellView } from './shell-state.ts';
import { TrayIcon } from './tray.ts';
import { connectedCount } from './tray-menu.ts';
import { isTrustedFrame } from './trusted-frame.ts';

export interface ShellOptions {
  readonly electron: ElectronPort;
  /** Starts the engine; disposed of when the app quits. */
  readonly startEngine: () => Promise<DesktopBackend & AsyncDisposable>;
  /** Folder of the built app: `renderer`, `preload`, `tray`, the icon. */
  readonly appDir: string;
  readonly stateDir: string;
  readonly platform: NodeJS.Platform;
  /** The words of the command line, where a link may be. */
  readonly argv: readonly string[];
  readonly logger: Logger;
}

/**
 * Runs until the app quits; resolves once it has started, or with null when another start of it runs already, which
 * then shows its window.
 */
export async function startShell(options: ShellOptions): Promise<AsyncDisposable | null> {
  const { electron, logger } = options;
  const { app } = electron;
  // All of this has to be told before the app is ready.
  app.enableSandbox();
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
  links.open = (target) => shell.open(target);
  shell.open(links.waiting);
  return shell;
}

/** Links that come before there is anything to show them. */
interface LinkQueue {
  waiting: Target | null;
  open: ((target: Target | null) => void) | null;
}

class Shell implements AsyncDisposable {
  readonly #options: ShellOptions;
  readonly #backend: ShellBackend;
  readonly #window: MainWindow;
  readonly #tray: TrayIcon;
  readonly #notifications: SystemNotifications;
  readonly #state: ShellState;
  readonly #stack: AsyncDisposableStack;
  #isQuitting = false;
  #isAsking = false;

  static async start(options: ShellOptions, external: ExternalLinks): Promise<Shell> {
    await using stack = new AsyncDisposableStack();
    const engine = stack.use(await options.startEngine());
    const state = await StateFolder.open(options.stateDir);
    const quit = (): void => options.electron.app.quit();
    const closing = await Closing.open({ electron: options.electron, state, quit });
    const shell = new Shell(options, { engine, closing, external, stack: stack.move() });
    await shell.#state.read();
    return shell;
  }

  private constructor(
    options: ShellOptions,
    parts: {
      readonly engine: DesktopBackend;
      readonly closing: Closing;
      readonly external: ExternalLinks;
      readonly stack: AsyncDisposableStack;
    },
  ) {
    const { electron, appDir, platform, logger } = options;
    const { engine, closing, external, stack } = parts;
    const hasDevTools = !electron.app.isPackaged;
    this.#options = options;
    this.#stack = stack;
    this.#backend = shellBackend(engine, (url) => external.allow(url));
    this.#window = new MainWindow({
      electron,
      preload: join(appDir, 'preload', 'preload.cjs'),
      icon: join(appDir, 'icon.png'),
      hasDevTools,
      onClose: () => {
        if (this.#isQuitting) return false;
        closing.closed(connectedCount(this.#state.view)).catch(this.#logFailure);
        return true;
      },
    });
    this.#notifications = new SystemNotifications({
      electron,
      isFocused: () => this.#window.isFocused,
      onFollow: (id, target) => this.#follow(id, target),
    });
    this.#tray = stack.use(
      new TrayIcon({
        electron,
        platform,
        pictures: join(appDir, 'tray'),
        actions: {
          open: () => this.open(null),
          openAt: (target) => this.open(target),
          copy: (text) => void electron.clipboard.writeText(text),
          connect: (database) => this.#connect(database),
          disconnect: (database) => void this.#backend.methods.disconnect({ database }).catch(() => {}),
          quit: () => electron.app.quit(),
        },
      }),
    );
    this.#state = stack.use(
      new ShellState({ backend: engine, logger, onChange: (now) => this.#show(now, external) }),
    );
    stack.use(
      serveElectronBridge({
        ipc: electron.ipcMain,
        backend: this.#backend,
        isTrusted: (event) => isTrustedFrame(event, this.#window.contents),
        logger,
      }),
    );
    stack.defer(
      engine.subscribe((event) => {
        const signIn = event.event === 'signInChanged' ? event.payload.signIn : null;
        if (signIn?.kind === 'browser' || signIn?.kind === 'device-code') external.allow(signIn.url);
      }),
    );
    const menu = appMenu({ platform, hasDevTools, onQuit: () => electron.app.quit() });
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu));
    this.#watchApp();
  }

  /** Shows the window, at the target where there is one. */
  open(target: Target | null): void {
    if (target !== null) this.#backend.openLink(target);
    this.#window.show().catch(this.#logFailure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #show(view: ShellView, external: ExternalLinks): void {
    const controlPlane = view.status?.account?.controlPlane ?? null;
    if (controlPlane !== null) external.allow(controlPlane);
    this.#tray.show(view);
    if (view.settings !== null) this.#notifications.show(view.notifications, view.settings);
  }

  readonly #logFailure = (thrown: unknown): void => {
    const { code, detail } = toAppError(thrown);
    this.#options.logger.error({ code, detail }, 'the shell failed');
  };

  /** What went wrong is told on the database's own screen. */
  #connect(database: string): void {
    this.#backend.methods.connect({ database }).catch(() => this.open({ kind: 'database', id: database }));
  }

  #follow(id: string, target: Target | null): void {
    this.#backend.methods.markNotificationRead({ id }).catch(() => {});
    this.open(target);
  }

  async #askToQuit(): Promise<void> {
    const { electron } = this.#options;
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#isQuitting = await mayQuit(electron, this.#backend).finally(() => {
      this.#isAsking = false;
    });
    if (this.#isQuitting) electron.app.quit();
  }

  #watchApp(): void {
    const { app } = this.#options.electron;
    app.on('activate', () => this.open(null));
    // It stays in the tray; without this listener Electron would quit.
    app.on('window-all-closed', () => {});
    app.on('before-quit', (event) => {
      if (this.#isQuitting) return;
      event.preventDefault();
      this.#askToQuit().catch(this.#logFailure);
    });
    let isStopped = false;
    app.on('will-quit', (event) => {
      if (isStopped) return;
      // Local ports are closed and the tunnel ended before the process is.
      event.preventDefault();
      this[Symbol.asyncDispose]()
        .catch(this.#logFailure)
        .finally(() => {
          isStopped = true;
          app.quit();
        });
    });
  }
}
