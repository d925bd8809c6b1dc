/** The folder that holds all that a development system keeps: 0700, secrets in files of mode 0600. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';

const marker = 'daam-state';
const lockName = 'running-pid';

/** An opened folder; disposing it lets another process use it. */
export class StateDir implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens or makes the folder. `fresh` empties it first. CONFLICT while another process runs on it; INVALID_CONFIG for
   * a folder with other people's things in it, which is never emptied.
   */
  static async open(folder: string, { fresh }: { readonly fresh: boolean }): Promise<StateDir> {
    const state = new StateDir(resolve(folder));
    await mkdir(state.path, { recursive: true, mode: 0o700 });
    const entries = await readdir(state.path);
    if (entries.length > 0 && !entries.includes(marker)) {
      throw new AppError('INVALID_CONFIG', {
        message: `${state.path} holds other things. Choose an empty folder.`,
        field: 'state-dir',
      });
    }
    await state.#refuseWhileInUse();
    if (fresh)
      await Promise.all(entries.map((name) => rm(state.file(name), { recursive: true, force: true })));
    // PostgreSQL's own user passes through; it may not list or read.
    await chmod(state.path, 0o711);
    await writeFile(
      state.file(marker),
      'A development system of DAAM lives here. npm start -- --fresh empties it.\n',
    );
    await writeFile(state.file(lockName), `${process.pid}\n`);
    return state;
  }

  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** A folder inside, for this user alone. */
  async folder(...names: readonly string[]): Promise<string> {
    const path = this.file(...names);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Writes a file that only this user can read, as a whole. */
  async writePrivate(path: string, text: string): Promise<void> {
    const temporary = `${path}.new`;
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  }

  /** The secret of this name, or null. */
  async readSecret(name: string): Promise<Secret | null> {
    const text = await readFile(this.file('secrets', name), 'utf8').catch(() => null);
    return text === null ? null : new Secret(text.trim());
  }

  /** Keeps a secret and returns the path of its file. */
  async keepSecret(name: string, secret: Secret): Promise<string> {
    const path = join(await this.folder('secrets'), name);
    await this.writePrivate(path, `${secret.reveal()}\n`);
    return path;
  }

  /** The secret of this name, made of random bytes the first time. */
  async secret(name: string, encoding: 'base64' | 'base64url' = 'base64url'): Promise<Secret> {
    const kept = await this.readSecret(name);
    if (kept !== null) return kept;
    const made = new Secret(randomBytes(32).toString(encoding));
    await this.keepSecret(name, made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.file(lockName), { force: true });
  }

  async #refuseWhileInUse(): Promise<void> {
    const pid = Number.parseInt(await readFile(this.file(lockName), 'utf8').catch(() => ''), 10);
    if (Number.isNaN(pid) || pid === process.pid || !isAlive(pid)) return;
    throw new AppError('CONFLICT', {
      message: `Another system (process ${pid}) runs on ${this.path}. Stop it, or choose --state-dir and --port-base.`,
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
