/**
 * A stand-in for the module `electron` that does nothing and keeps what it was told: the shell is judged by what it
 * asks of Electron. What Electron would tell, a test tells by `emit`.
 */
import { EventEmitter } from 'node:events';
import type { IpcMainInvokeEvent } from 'electron';
import type { ElectronPort } from '../electron-port.ts';

/** An event that may be prevented. */
export class FakeEvent {
  defaultPrevented = false;
  constructor(fields: Readonly<Record<string, unknown>> = {}) {
    Object.assign(this, fields);
  }
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

export interface FakeFrame {
  readonly url: string;
  readonly parent: FakeFrame | null;
}

let ids = 0;

export class FakeWebContents extends EventEmitter {
  readonly id = (ids += 1);
  readonly sent: [channel: string, message: string][] = [];
  readonly loaded: string[] = [];
  mainFrame: FakeFrame = { url: 'app://bundle/', parent: null };
  openWindow: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  session: FakeSession;
  isGone = false;
  constructor(session: FakeSession) {
    super();
    this.session = session;
  }
  send(channel: string, message: string): void {
    this.sent.push([channel, message]);
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openWindow = handler;
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  getURL(): string {
    return this.loaded.at(-1) ?? '';
  }
}

export class FakeWindow extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>> & {
    readonly webPreferences: Readonly<Record<string, unknown>>;
  };
  readonly webContents: FakeWebContents;
  readonly calls: string[] = [];
  isFocusedNow = false;
  constructor(options: FakeWindow['options'], session: FakeSession) {
    super();
    this.options = options;
    this.webContents = new FakeWebContents(session);
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.loaded.push(url);
  }
  show = (): void => void this.calls.push('show');
  focus = (): void => void this.calls.push('focus');
  hide = (): void => void this.calls.push('hide');
  restore = (): void => void this.calls.push('restore');
  close = (): void => void this.calls.push('close');
  destroy = (): void => void this.calls.push('destroy');
  isMinimized = (): boolean => false;
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  isFocused = (): boolean => this.isFocusedNow;
  isDestroyed = (): boolean => this.calls.includes('destroy');
  removeMenu = (): void => void this.calls.push('removeMenu');
  setMenuBarVisibility = (): void => {};
}

type PermissionHandler = (
  contents: FakeWebContents | null,
  permission: string,
  callbackOrOrigin: ((isGranted: boolean) => void) & string,
  details: Readonly<Record<string, unknown>>,
) => boolean | void;

export class FakeSession extends EventEmitter {
  readonly handlers = new Map<string, (...args: never[]) => unknown>();
  permissionCheck: PermissionHandler = () => true;
  permissionRequest: PermissionHandler = (_contents, _permission, callback) => callback(true);
  devicePermission: (details: unknown) => boolean = () => true;
  beforeRequest: (details: { url: string }, callback: (answer: { cancel?: boolean }) => void) => void = (
    _details,
    callback,
  ) => callback({});
  readonly webRequest = {
    onBeforeRequest: (listener: FakeSession['beforeRequest']): void => {
      this.beforeRequest = listener;
    },
  };
  setPermissionCheckHandler(handler: PermissionHandler): void {
    this.permissionCheck = handler;
  }
  setPermissionRequestHandler(handler: PermissionHandler): void {
    this.permissionRequest = handler;
  }
  setDevicePermissionHandler(handler: (details: unknown) => boolean): void {
    this.devicePermission = handler;
  }
  setDisplayMediaRequestHandler(handler: (...args: never[]) => unknown): void {
    this.handlers.set('displayMedia', handler);
  }
  setSpellCheckerEnabled = (): void => {};
}

class FakeApp extends EventEmitter {
  readonly calls: [name: string, ...args: unknown[]][] = [];
  isPackaged = true;
  hasLock = true;
  readonly #ready = Promise.withResolvers<void>();
  whenReady(): Promise<void> {
    this.calls.push(['whenReady']);
    return this.#ready.promise;
  }
  becomeReady(): void {
    this.#ready.resolve();
  }
  requestSingleInstanceLock(): boolean {
    this.calls.push(['requestSingleInstanceLock']);
    return this.hasLock;
  }
  enableSandbox = (): void => void this.calls.push(['enableSandbox']);
  setAsDefaultProtocolClient = (...args: unknown[]): boolean => {
    this.calls.push(['setAsDefaultProtocolClient', ...args]);
    return true;
  };
  setAppUserModelId = (id: string): void => void this.calls.push(['setAppUserModelId', id]);
  setPath = (...args: unknown[]): void => void this.calls.push(['setPath', ...args]);
  setName = (name: string): void => void this.calls.push(['setName', name]);
  quit = (): void => void this.calls.push(['quit']);
  exit = (code?: number): void => void this.calls.push(['exit', code]);
  focus = (): void => void this.calls.push(['focus']);
  getVersion = (): string => '0.1.0';
  getName = (): string => 'DAAM';
}

export class FakeTray extends EventEmitter {
  image: unknown;
  toolTip = '';
  menu: FakeMenu | null = null;
  isGone = false;
  constructor(image: unknown) {
    super();
    this.image = image;
  }
  setImage = (image: unknown): void => void (this.image = image);
  setToolTip = (text: string): void => void (this.toolTip = text);
  setContextMenu = (menu: FakeMenu | null): void => void (this.menu = menu);
  destroy = (): void => void (this.isGone = true);
}

export interface FakeMenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly accelerator?: string;
  readonly submenu?: readonly FakeMenuItem[];
  readonly click?: () => void;
}

export interface FakeMenu {
  readonly template: readonly FakeMenuItem[];
}

export class FakeNotification extends EventEmitter {
  readonly options: { readonly title: string; readonly body: string };
  isShown = false;
  constructor(options: FakeNotification['options']) {
    super();
    this.options = options;
  }
  show = (): void => void (this.isShown = true);
}

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown;

/** The fake, and what it was told. */
export class RecordingElectron {
  readonly app = new FakeApp();
  readonly session = new FakeSession();
  readonly windows: FakeWindow[] = [];
  readonly trays: FakeTray[] = [];
  readonly notifications: FakeNotification[] = [];
  readonly ipcHandlers = new Map<string, Handler>();
  readonly schemes: unknown[] = [];
  readonly opened: string[] = [];
  readonly copied: string[] = [];
  readonly dialogs: unknown[] = [];
  /** What the person chooses in the next dialogs. */
  readonly choices: { response: number; checkboxChecked: boolean }[] = [];
  readonly protocolHandlers = new Map<string, (request: Request) => Promise<Response> | Response>();
  applicationMenu: FakeMenu | null = null;
  readonly nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false });

  /** As the module that the shell is given. */
  get port(): ElectronPort {
    // oxlint-disable-next-line typescript/no-this-alias -- the fake's classes and functions close over it
    const recording = this;
    const module = {
      app: this.app,
      BrowserWindow: class extends FakeWindow {
        constructor(options: FakeWindow['options']) {
          super(options, recording.session);
          recording.windows.push(this);
          recording.app.emit('web-contents-created', new FakeEvent(), this.webContents);
        }
      },
      Tray: class extends FakeTray {
        constructor(image: unknown) {
          super(image);
          recording.trays.push(this);
        }
      },
      Notification: class extends FakeNotification {
        static isSupported = (): boolean => true;
        constructor(options: FakeNotification['options']) {
          super(options);
          recording.notifications.push(this);
        }
      },
      Menu: {
        buildFromTemplate: (template: readonly FakeMenuItem[]): FakeMenu => ({ template }),
        setApplicationMenu: (menu: FakeMenu | null): void => void (this.applicationMenu = menu),
      },
      clipboard: {
        writeText: (text: string): void => void this.copied.push(text),
        readText: async (): Promise<string> => this.copied.at(-1) ?? '',
        clear: (): void => void this.copied.push(''),
      },
      dialog: {
        showMessageBox: async (...args: unknown[]): Promise<unknown> => {
          this.dialogs.push(args.at(-1));
          return this.choices.shift() ?? { response: 0, checkboxChecked: false };
        },
        showErrorBox: (...args: unknown[]): void => void this.dialogs.push(args),
      },
      ipcMain: {
        handle: (channel: string, handler: Handler): void => void this.ipcHandlers.set(channel, handler),
        removeHandler: (channel: string): void => void this.ipcHandlers.delete(channel),
      },
      nativeImage: { createFromPath: (path: string): unknown => ({ path, setTemplateImage: () => {} }) },
      nativeTheme: this.nativeTheme,
      protocol: {
        registerSchemesAsPrivileged: (schemes: unknown[]): void => void this.schemes.push(...schemes),
        handle: (scheme: string, handler: (request: Request) => Promise<Response>): void =>
          void this.protocolHandlers.set(scheme, handler),
      },
      screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
      session: { defaultSession: this.session },
      shell: {
        openExternal: async (url: string): Promise<void> => void this.opened.push(url),
        openPath: async (path: string): Promise<string> => {
          this.opened.push(path);
          return '';
        },
      },
    };
    return module as unknown as ElectronPort;
  }

  /** Asks as a page does: through the channel, from a frame of these contents (its top one unless told). */
  async invoke(
    channel: string,
    from: { readonly contents: FakeWebContents; readonly frame?: FakeFrame | null },
    ...args: unknown[]
  ): Promise<unknown> {
    const handler = this.ipcHandlers.get(channel);
    if (handler === undefined) throw new Error(`nobody handles ${channel}`);
    const { contents, frame = contents.mainFrame } = from;
    const event = { sender: contents, senderFrame: frame, frameId: 1, processId: 1 };
    return await handler(event as unknown as IpcMainInvokeEvent, ...args);
  }
}
