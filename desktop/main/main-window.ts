/** The app's one window. It is hidden, not closed, while local ports stay open behind it. */
import type { BrowserWindow, WebContents, WebPreferences } from 'electron';
import { appOrigin } from './app-scheme.ts';
import type { ElectronPort } from './electron-port.ts';
import type { WindowPlace } from './window-place.ts';

export interface MainWindowOptions {
  readonly electron: Pick<ElectronPort, 'BrowserWindow' | 'nativeTheme'>;
  /** Absolute path of the preload script. */
  readonly preload: string;
  /** Absolute path of the icon, where a window has one. */
  readonly icon: string;
  /** Whether the developer tools may be opened: not in the packed app. */
  readonly hasDevTools: boolean;
  /** Where it was last time; null: where the system puts it. */
  readonly place: WindowPlace | null;
  /** It was moved or resized, and is let go or hidden now. */
  readonly onPlace: (place: WindowPlace) => void;
  /** Asked when the person closes the window: true hides it, false lets it go. */
  readonly onClose: () => boolean;
}

/** Window colours before the page has painted, as in theme/tokens.css. */
const backgrounds = { light: '#F6F7F9', dark: '#0E1116' } as const;

export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | null = null;
  #deaths: readonly number[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** The contents whose messages are the app's own; null while there is no window. */
  get contents(): WebContents | null {
    return this.#window === null || this.#window.isDestroyed() ? null : this.#window.webContents;
  }

  get isFocused(): boolean {
    return this.contents !== null && this.#window?.isFocused() === true;
  }

  /** Shows it, made anew when it was let go. */
  async show(): Promise<void> {
    const window = this.contents === null ? null : this.#window;
    if (window === null) return await this.#create();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  async #create(): Promise<void> {
    const { electron, preload, icon, hasDevTools, place, onPlace, onClose } = this.#options;
    const window = new electron.BrowserWindow({
      title: 'DAAM',
      width: 1280,
      height: 840,
      ...place,
      minWidth: 480,
      minHeight: 400,
      show: false,
      icon,
      backgroundColor: backgrounds[electron.nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      webPreferences: { ...lockedPreferences, preload, devTools: hasDevTools },
    });
    this.#window = window;
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => {
      onPlace(window.getNormalBounds());
      if (!onClose()) return;
      event.preventDefault();
      window.hide();
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => this.#revive(window, reason));
    window.on('closed', () => {
      if (this.#window === window) this.#window = null;
    });
    await window.loadURL(`${appOrigin}/`);
  }

  /** The page's process died: the page is loaded anew, unless that is what kills it. Tabs are the engine's to keep. */
  #revive(window: BrowserWindow, reason: string): void {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < deathsWithin), now];
    if (reason === 'clean-exit' || this.#deaths.length > maxDeaths) return;
    window.loadURL(`${appOrigin}/`).catch(() => {});
  }
}

/** Milliseconds. */
const deathsWithin = 60_000;
const maxDeaths = 3;

/** Said in full, also where it is the default: a default may change. */
const lockedPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  enableWebSQL: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
} as const satisfies WebPreferences;
