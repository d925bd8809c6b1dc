import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';

/**
 * Small files that only the agent may read or write: its credential and its policy cache. A reader sees the
 * old content or the new one, never a part, even when the machine loses power in between.
 */

/** The text of the file; null when there is none. Tightens its mode to 0600. TOO_LARGE above `maxBytes`. */
export async function readPrivateFile(path: string, maxBytes: number): Promise<string | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
  try {
    const { size, mode } = await file.stat();
    if (size > maxBytes) throw new AppError('TOO_LARGE', { detail: 'a state file is too large' });
    // Volume mounts of container platforms widen modes on their own.
    if ((mode & 0o077) !== 0) await file.chmod(0o600);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Replaces the file by `text`, mode 0600, flushed to the disk before it resolves. The folder is made, 0700,
 * when it is not there. One writer at a time.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await preparePrivateFolder(path);
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  try {
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await flushFolder(dirname(path));
}

/** Room that a probe asks for, in bytes: more than a credential takes. */
const probeBytes = 64 * 1024;

/** Finds out whether `writePrivateFile(path)` could work, without touching the file. Throws what stands in the way. */
export async function probePrivateFile(path: string): Promise<void> {
  await preparePrivateFolder(path);
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  try {
    await writeNew(temporary, ' '.repeat(probeBytes));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes the file; fine when it is not there. */
export async function removePrivateFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function preparePrivateFolder(path: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode } = await stat(folder);
  // Whoever can rename in the folder can put another identity in the agent's place; the sticky bit forbids it.
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw new AppError('INVALID_CONFIG', { detail: 'the folder of a state file is writable by everyone' });
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its folder is. Not every file system can flush one. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync().catch(() => {});
  } finally {
    await handle.close();
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
