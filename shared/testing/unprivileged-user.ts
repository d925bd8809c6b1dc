/** PostgreSQL refuses to run as root; these find the user it runs as instead, and what that user can reach. */
import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { binariesIn, type PostgresBinaries } from './postgres-binaries.ts';

/** Numeric ids, as `spawn` and `chown` take them. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** The ids of `nobody` when this process is root, else null: run as yourself. */
export function unprivilegedUser(): UserIds | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number => {
    const text = execFileSync('id', [flag, 'nobody'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(text, 10);
  };
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** True if the user may enter every folder above the path and read the path itself (mode bits only). */
export function isReachableFor(path: string, user: UserIds): boolean {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    const needed = at === path ? 0o5 : 0o1;
    if (((mode >> shift) & needed) !== needed) return false;
    if (at === parse(at).root) return true;
  }
}

/** The binaries at a place that the user can execute: where they are, or a copy in the temporary folder. */
export function binariesFor(user: UserIds | null, installed: PostgresBinaries): PostgresBinaries {
  if (user === null || isReachableFor(dirname(installed.postgres), user)) return installed;
  const copy = join(tmpdir(), `daam-postgres-${installed.version}`);
  if (!isOurFolder(copy)) copyOnce(installed.native, copy);
  return binariesIn(copy, installed.version);
}

function copyOnce(from: string, to: string): void {
  const staging = mkdtempSync(`${to}-`);
  cpSync(from, staging, { recursive: true, verbatimSymlinks: true });
  chmodSync(staging, 0o755);
  try {
    renameSync(staging, to);
  } catch (cause) {
    rmSync(staging, { recursive: true, force: true });
    // Another process may have been faster; a folder of someone else must not be executed.
    if (!isOurFolder(to)) {
      throw new AppError('INTERNAL', { message: `${to} belongs to another user. Remove it.`, cause });
    }
  }
}

function isOurFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === process.getuid?.() &&
    (found.mode & 0o022) === 0
  );
}
