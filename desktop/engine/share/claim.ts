/**
 * One process of a state folder is the host: it has the tunnel, because two tunnels with one key would take each other's
 * packets. Whoever comes second becomes its guest. The socket in the folder is the claim; a lock of milliseconds keeps two
 * from clearing away a dead host's socket at once.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@daam/shared/errors/app-error';
import { StateFolder } from '../state-folder.ts';

/** Of the path of a Unix socket, in bytes: 104 on macOS, 108 on Linux, the final zero included. */
const maxSocketPath = 100;
/** A lock that is older than this was left behind by a process that died. Milliseconds. */
const staleLockMs = 5_000;
const maxGuests = 64;
const attempts = 100;
const pauseMs = 50;

/** What came of a claim. The owner closes it. */
export type Claim =
  | { readonly kind: 'host'; readonly server: Server }
  | { readonly kind: 'guest'; readonly socket: Socket };

/** Where the host of a state folder listens: in a folder that only this person can enter. */
export async function shareSocketPath(stateDir: string): Promise<string> {
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\daam-${name}`;
  const path = join(stateDir, 'engine.sock');
  if (Buffer.byteLength(path) <= maxSocketPath) return path;
  const folder = await StateFolder.open(
    join(tmpdir(), `daam-${process.getuid?.() ?? 0}-${name.slice(0, 12)}`),
  );
  return join(folder.path, 'engine.sock');
}

/**
 * Becomes host or guest. As the host it welcomes guests from the first moment: one that came before anybody listened to it
 * would wait for ever. ENGINE_UNAVAILABLE when neither can be had.
 */
export async function claim(path: string, welcome: (guest: Socket) => void): Promise<Claim> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const guest = await knockAt(path);
    if (guest !== null) return guest;
    const lock = `${path}.lock`;
    if (process.platform === 'win32' || (await takeLock(lock))) {
      try {
        // Between the look and the lock, another may have become the host.
        const other = await knockAt(path);
        if (other !== null) return other;
        if (process.platform !== 'win32') await rm(path, { force: true });
        const server = await listen(path, welcome);
        if (server !== null) return { kind: 'host', server };
      } finally {
        if (process.platform !== 'win32') await rmdir(lock).catch(() => {});
      }
    }
    await wait(pauseMs);
  }
  throw new AppError('ENGINE_UNAVAILABLE', { detail: 'no claim to the state folder' });
}

/** The host that is there; null when there is none. */
export function knockAt(path: string): Promise<Extract<Claim, { kind: 'guest' }> | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.off('error', onError);
      resolve({ kind: 'guest', socket });
    });
    const onError = (): void => resolve(null);
    socket.once('error', onError);
  });
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock, { mode: 0o700 });
    return true;
  } catch {
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleLockMs) await rmdir(lock).catch(() => {});
    return false;
  }
}

function listen(path: string, welcome: (guest: Socket) => void): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer(welcome);
    server.maxConnections = maxGuests;
    server.once('error', () => resolve(null));
    server.listen({ path }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve(server);
    });
  });
}
