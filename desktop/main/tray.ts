import { join } from 'node:path';
import type { NativeImage, Tray } from 'electron';
import type { ElectronPort } from './electron-port.ts';
import type { ShellView } from './shell-state.ts';
import { type TrayActions, type TrayGlyph, trayGlyph, trayMenu, trayStatus } from './tray-menu.ts';

export interface TrayIconOptions {
  readonly electron: Pick<ElectronPort, 'Tray' | 'Menu' | 'nativeImage' | 'nativeTheme'>;
  /** Folder of the tray's pictures. */
  readonly pictures: string;
  readonly platform: NodeJS.Platform;
  readonly actions: TrayActions;
}

/** The icon in the system's tray. */
export class TrayIcon implements Disposable {
  readonly #options: TrayIconOptions;
  readonly #tray: Tray;
  #glyph: TrayGlyph = 'signed-out';
  #menu = '';

  constructor(options: TrayIconOptions) {
    this.#options = options;
    this.#tray = new options.electron.Tray(this.#picture());
    this.#tray.on('click', () => options.actions.open());
    options.electron.nativeTheme.on('updated', this.#repaint);
  }

  /** Shows the view. The menu is made anew only when its words change: an open one must not close under the pointer. */
  show(view: ShellView): void {
    const glyph = trayGlyph(view);
    if (glyph !== this.#glyph) {
      this.#glyph = glyph;
      this.#repaint();
    }
    const { electron, actions } = this.#options;
    const template = trayMenu(view, actions);
    const words = JSON.stringify(template);
    if (words === this.#menu) return;
    this.#menu = words;
    this.#tray.setToolTip(`DAAM: ${trayStatus(view)}`);
    this.#tray.setContextMenu(electron.Menu.buildFromTemplate(template));
  }

  [Symbol.dispose](): void {
    this.#options.electron.nativeTheme.off('updated', this.#repaint);
    this.#tray.destroy();
  }

  readonly #repaint = (): void => this.#tray.setImage(this.#picture());

  /** macOS colours a template by itself; elsewhere the picture fits the theme. `@2x` files are found by Electron. */
  #picture(): NativeImage {
    const { electron, pictures, platform } = this.#options;
    const theme = electron.nativeTheme.shouldUseDarkColors ? 'dark' : 'light';
    const name = platform === 'darwin' ? `${this.#glyph}-Template` : `${this.#glyph}-${theme}`;
    return electron.nativeImage.createFromPath(join(pictures, `${name}.png`));
  }
}
