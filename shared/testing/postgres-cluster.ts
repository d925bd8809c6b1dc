/** Makes or finds the folder that a PostgreSQL server works on. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';
import { type PostgresBinaries, resolvePostgresBinaries } from './postgres-binaries.ts';
import { binariesFor, isReachableFor, type UserIds, unprivilegedUser } from './unprivileged-user.ts';

/** Where a cluster lives: `data` is the server's folder, `password` the superuser's (kept in `home`, mode 0600). */
export interface Cluster {
  readonly home: string;
  readonly data: string;
  readonly password: string;
  /** The folder was made for this run alone. */
  readonly isTemporary: boolean;
  /** Whom the server runs as; null: this process's own user. */
  readonly user: UserIds | null;
  readonly binaries: PostgresBinaries;
}

/** Values of server parameters, without quotes. */
export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

/** Finds the cluster in `dataDir`, or initializes one there or, without it, in a temporary folder. */
export async function prepareCluster(major: PostgresMajor, dataDir: string | undefined): Promise<Cluster> {
  const user = unprivilegedUser();
  const binaries = binariesFor(user, resolvePostgresBinaries(major));
  const isTemporary = dataDir === undefined;
  const home = isTemporary ? await mkdtemp(join(tmpdir(), 'daam-pg-')) : resolve(dataDir);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  if (user !== null) await chown(home, user.uid, user.gid);
  if (user !== null && !isReachableFor(home, user)) {
    throw new AppError('INVALID_CONFIG', {
      message: `PostgreSQL cannot run as root, and the user nobody cannot reach ${home}. Choose another folder.`,
      field: 'dataDir',
    });
  }
  const secret = await keepPassword(join(home, 'superuser-password'), user);
  const data = join(home, 'data');
  const cluster = { home, data, password: secret, isTemporary, user, binaries };
  if (!(await hasCluster(data, major))) await initialize(cluster);
  return cluster;
}

/** Reads the password kept beside a cluster, or makes one. */
async function keepPassword(path: string, user: UserIds | null): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null) return kept;
  const password = randomBytes(24).toString('base64url');
  await writeFile(path, password, { mode: 0o600 });
  if (user !== null) await chown(path, user.uid, user.gid);
  return password;
}

async function hasCluster(data: string, major: PostgresMajor): Promise<boolean> {
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (found === null) return false;
  if (found.trim() === String(major)) return true;
  throw new AppError('INVALID_CONFIG', {
    message: `${data} holds a cluster of PostgreSQL ${found.trim()}, not ${major}.`,
    field: 'dataDir',
  });
}

async function initialize({ binaries, data, home, isTemporary, user }: Cluster): Promise<void> {
  await rm(data, { recursive: true, force: true });
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '-E',
    'UTF8',
    '--locale=C',
    '--auth=scram-sha-256',
    '--no-sync',
  ];
  args.push(`--pwfile=${join(home, 'superuser-password')}`);
  try {
    await promisify(execFile)(binaries.initdb, args, {
      ...user,
      env: serverEnv(),
      cwd: home,
      timeout: 120_000,
    });
  } catch (cause) {
    await rm(isTemporary ? home : data, { recursive: true, force: true });
    throw new AppError('INTERNAL', { message: 'initdb failed.', detail: String(cause), cause });
  }
  await appendFile(join(data, 'postgresql.conf'), "\ninclude 'embedded.conf'\n");
}

/** Writes the parameters that the next start reads. */
export async function writeSettings({ data }: Cluster, settings: ServerSettings): Promise<void> {
  // A socket's path holds at most 107 bytes.
  const socketDir = Buffer.byteLength(data) < 80 ? data : '';
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: socketDir, ...settings };
  const quoted = (value: string | number | boolean): string => `'${String(value).replaceAll("'", "''")}'`;
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${quoted(value)}\n`);
  await writeFile(join(data, 'embedded.conf'), lines.join(''));
}

/** The server's environment. Nothing of this process's environment reaches the server but the path and the temporary folder. */
export function serverEnv(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', TMPDIR: tmpdir() };
}
