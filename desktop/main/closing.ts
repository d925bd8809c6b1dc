/** What becomes of the app when its window is closed: a choice that is asked for once and kept. */
import * as z from 'zod';
import type { ElectronPort } from './electron-port.ts';
import type { StateFolder } from '../engine/state-folder.ts';

const file = 'shell.json';
const schema = z.strictObject({ onClose: z.enum(['hide', 'quit']) });

export interface ClosingOptions {
  readonly electron: Pick<ElectronPort, 'dialog'>;
  readonly state: StateFolder;
  readonly quit: () => void;
}

/** Decides when the window is closed. */
export class Closing {
  readonly #options: ClosingOptions;
  #choice: 'hide' | 'quit' | null = null;

  private constructor(options: ClosingOptions) {
    this.#options = options;
  }

  static async open(options: ClosingOptions): Promise<Closing> {
    const closing = new Closing(options);
    closing.#choice = (await options.state.read(file, schema))?.onClose ?? null;
    return closing;
  }

  /** The window was closed while `connections` local ports are open. It is hidden already. */
  async closed(connections: number): Promise<void> {
    // Nothing runs behind the window: there is nothing to ask about.
    if (connections === 0 && this.#choice === null) return;
    const choice = this.#choice ?? (await this.#ask(connections));
    if (choice === 'quit') this.#options.quit();
  }

  async #ask(connections: number): Promise<'hide' | 'quit'> {
    const { response, checkboxChecked } = await this.#options.electron.dialog.showMessageBox({
      type: 'question',
      title: 'DAAM',
      message: connections === 1 ? 'Keep the connection open?' : `Keep ${connections} connections open?`,
      detail: 'DAAM stays in the tray and the local ports keep working. Quitting closes them.',
      buttons: ['Keep open', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      checkboxLabel: 'Do this every time',
      noLink: true,
    });
    const choice = response === 1 ? 'quit' : 'hide';
    if (checkboxChecked) {
      this.#choice = choice;
      await this.#options.state.write(file, { onClose: choice });
    }
    return choice;
  }
}
