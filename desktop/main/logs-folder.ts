import { mkdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ElectronPort } from './electron-port.ts';

/** Where the app's log is. */
export function logsFolder(stateDir: string): string {
  return join(stateDir, 'logs');
}

/** The log of this shell, for its page: where it is, without the name of the person's folder, and shown by the system. */
export class LogsFolder {
  readonly #shell: Pick<ElectronPort['shell'], 'openPath'>;
  readonly #path: string;
  readonly #home: string;

  constructor(options: {
    readonly shell: Pick<ElectronPort['shell'], 'openPath'>;
    readonly stateDir: string;
    /** The person's folder. */
    readonly home: string;
  }) {
    this.#shell = options.shell;
    this.#path = logsFolder(options.stateDir);
    this.#home = options.home;
  }

  get shown(): string {
    const inside = `${this.#home}${sep}`;
    const isInside = this.#home !== '' && this.#path.startsWith(inside);
    return (isInside ? `~${sep}${this.#path.slice(inside.length)}` : this.#path).slice(0, 1_024);
  }

  /** False: the system could not. */
  async open(): Promise<boolean> {
    // Nothing may have been written yet.
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    return (await this.#shell.openPath(this.#path)) === '';
  }
}
