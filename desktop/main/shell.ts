import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { StateFolder } from '../engine/state-folder.ts';
import type { DesktopBackend } from '../ipc/backend.ts';
import { serveElectronBridge } from '../ipc/electron-server.ts';
import type { Target } from '../ipc/schema.ts';
import { appMenu } from './app-menu.ts';
import { Closing } from './closing.ts';
import type { ElectronPort } from './electron-port.ts';
import type { ExternalLinks } from './external-links.ts';
import { LogsFolder } from './logs-folder.ts';
import { MainWindow, type MainWindowOptions } from './main-window.ts';
import { SystemNotifications } from './notifications.ts';
import { mayQuit } from './quitting.ts';
import { type LinkSource, type ShellBackend, shellBackend } from './shell-backend.ts';
import { ShellState, type ShellView } from './shell-state.ts';
import { TrayIcon } from './tray.ts';
import { connectedCount, type TrayActions } from './tray-menu.ts';
import { isTrustedFrame } from './trusted-frame.ts';
import { readWindowPlace, type WindowPlace, writeWindowPlace } from './window-place.ts';

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

interface ShellParts {
  readonly engine: DesktopBackend;
  readonly closing: Closing;
  readonly external: ExternalLinks;
  readonly place: WindowPlace | null;
  readonly keepPlace: (place: WindowPlace) => void;
  readonly stack: AsyncDisposableStack;
}

/** Window, tray, bridge and notifications over one engine. Disposing stops them, and the engine last. */
export class Shell implements AsyncDisposable {
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
    const screens = options.electron.screen.getAllDisplays().map(({ workArea }) => workArea);
    const place = await readWindowPlace(state, screens);
    const keepPlace = (moved: WindowPlace): void => void writeWindowPlace(state, moved).catch(() => {});
    const parts = { engine, closing, external, place, keepPlace, stack: stack.move() };
    const shell = new Shell(options, parts);
    await shell.#state.read();
    return shell;
  }

  private constructor(options: ShellOptions, parts: ShellParts) {
    const { electron, appDir, platform, logger } = options;
    const { engine, external, stack } = parts;
    const hasDevTools = !electron.app.isPackaged;
    this.#options = options;
    this.#stack = stack;
    const pages = {
      prepared: (url: string): void => external.allow(url),
      reached: (url: string): void => external.allowInvitations(url),
    };
    const logs = new LogsFolder({ shell: electron.shell, stateDir: options.stateDir, home: homedir() });
    this.#backend = shellBackend(engine, pages, electron.clipboard, logs);
    this.#window = new MainWindow(this.#windowOptions(parts));
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
        actions: this.#trayActions(),
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

  #windowOptions({ closing, place, keepPlace }: ShellParts): MainWindowOptions {
    const { electron, appDir } = this.#options;
    return {
      electron,
      preload: join(appDir, 'preload', 'preload.cjs'),
      icon: join(appDir, 'icon.png'),
      hasDevTools: !electron.app.isPackaged,
      place,
      onPlace: keepPlace,
      onClose: () => {
        if (this.#isQuitting) return false;
        closing.closed(connectedCount(this.#state.view)).catch(this.#logFailure);
        return true;
      },
    };
  }

  #trayActions(): TrayActions {
    const { electron } = this.#options;
    return {
      open: () => this.open(null),
      openAt: (target) => this.open(target),
      copy: (text) => void electron.clipboard.writeText(text),
      connect: (database) => this.#connect(database),
      disconnect: (database) => void this.#backend.methods.disconnect({ database }).catch(() => {}),
      quit: () => electron.app.quit(),
    };
  }

  /** Shows the window, at the target where there is one. */
  open(target: Target | null, from: LinkSource = 'app'): void {
    if (target !== null) this.#backend.openLink(target, from);
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
