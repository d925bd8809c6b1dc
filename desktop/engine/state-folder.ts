import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import type * as z from 'zod';

/** A state file is small; more than this was not written by us. Bytes. */
const maxFileBytes = 4 * 1024 * 1024;

/**
 * The folder where the engine keeps what must outlive it: 0700, owned by the person, files 0600, each replaced as a
 * whole so that a reader never sees half of one.
 */
export class StateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder when it is missing. A folder that others own is refused with INVALID_CONFIG. */
  static async open(path: string): Promise<StateFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw unusable(cause);
    });
    const stat = await lstat(path);
    const uid = process.getuid?.();
    if (!stat.isDirectory() || (uid !== undefined && stat.uid !== uid)) throw unusable();
    if ((stat.mode & 0o077) !== 0) await chmod(path, 0o700);
    return new StateFolder(path);
  }

  /** A folder inside, made when it is missing. */
  async folder(name: string): Promise<StateFolder> {
    return StateFolder.open(join(this.path, name));
  }

  /** The text of a file, or null when there is none. */
  async readText(name: string): Promise<string | null> {
    try {
      const path = join(this.path, name);
      const stat = await lstat(path);
      if (!stat.isFile() || stat.size > maxFileBytes) throw new AppError('TOO_LARGE', { field: name });
      return await readFile(path, 'utf8');
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw thrown;
    }
  }

  /** The parsed content, or null when there is none or what is there does not fit: then it is as good as lost. */
  async read<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    const text = await this.readText(name);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  /** Another text for each version of a file, without reading it; null when there is none. */
  async stamp(name: string): Promise<string | null> {
    try {
      const { ino, size, mtimeNs } = await lstat(join(this.path, name), { bigint: true });
      return `${ino} ${size} ${mtimeNs}`;
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw thrown;
    }
  }

  async write(name: string, value: unknown): Promise<void> {
    await this.writeText(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  async writeText(name: string, text: string): Promise<void> {
    const temporary = join(this.path, `.${name}.${randomUUID()}`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, join(this.path, name));
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  /** Whether there was one. */
  async remove(name: string): Promise<boolean> {
    try {
      await rm(join(this.path, name));
      return true;
    } catch (thrown) {
      if (isMissing(thrown)) return false;
      throw thrown;
    }
  }
}

function unusable(cause?: unknown): AppError {
  return new AppError('INVALID_CONFIG', {
    field: 'state-dir',
    message: 'The state folder is not a folder of this user.',
    hint: 'Choose another one with --state-dir or DAAM_HOME.',
    cause,
  });
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'ENOENT';
}
