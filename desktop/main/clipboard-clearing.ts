import type { ElectronPort } from './electron-port.ts';

/** The system's clipboard. The page may not read it; this compares, and tells nothing of what is in it. */
export type ShellClipboard = Pick<ElectronPort['clipboard'], 'readText' | 'clear'>;

/** Takes what was copied out of the clipboard if it is still there. The time is kept here: a page may be gone before it is over. */
export class ClipboardClearing {
  readonly #clipboard: ShellClipboard | null;
  #timer: NodeJS.Timeout | null = null;

  constructor(clipboard: ShellClipboard | null) {
    this.#clipboard = clipboard;
  }

  /** False: it holds something else, or there is none. */
  async now(text: string): Promise<boolean> {
    if (this.#clipboard === null || (await this.#clipboard.readText()) !== text) return false;
    this.#clipboard.clear();
    return true;
  }

  /** What was asked before is no longer in the clipboard then: only the last is waited for. */
  later(text: string, afterMs: number): void {
    if (this.#clipboard === null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(text).catch(() => {}), afterMs);
    this.#timer.unref();
  }
}
