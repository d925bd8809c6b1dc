/** Where a local port is: on the loopback interface, or as a Unix socket in a folder that only its person can enter. */
import { createHash, randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import { StateFolder } from './state-folder.ts';

/** `socket` opens no TCP port at all: other users of the machine cannot reach it. */
export type PortPlace = 'tcp' | 'socket';

export interface LocalAddress {
  /** 127.0.0.1, or the socket's folder: what libpq takes as `host`. */
  readonly host: string;
  readonly port: number;
}

export const loopbackHost = '127.0.0.1';

/** Of the path of a Unix socket, in bytes: 104 on macOS, 108 on Linux, the final zero included. */
const maxSocketPath = 100;
const longestName = '.s.PGSQL.65535';

/** Below every system's range of ports for outgoing connections, so that none of those sits on it one day. */
const range = { from: 20_000, to: 32_000 } as const;

/** A random number for a port: nobody can sit on the next one beforehand. */
export function randomPort(): number {
  return randomInt(range.from, range.to);
}

/** The path of the Unix socket; null for a TCP port. libpq looks for this name (docs, 34.1.2, `host`). */
export function socketPath({ host, port }: LocalAddress): string | null {
  return host === loopbackHost ? null : join(host, `.s.PGSQL.${port}`);
}

/** For people. */
export function addressWords(at: LocalAddress): string {
  return socketPath(at) ?? `${at.host}:${at.port}`;
}

/** For `connect` of node:net. */
export function connectTo(at: LocalAddress): { readonly path: string } | LocalAddress {
  const path = socketPath(at);
  return path === null ? at : { path };
}

/** The folder of a state folder's sockets, made when it is missing: 0700, or it is refused. INVALID_INPUT on Windows. */
export async function socketFolder(stateDir: string): Promise<string> {
  if (process.platform === 'win32') {
    throw new AppError('INVALID_INPUT', {
      field: 'socket',
      message: 'PostgreSQL clients have no Unix sockets on this system.',
      hint: 'Use the port; "daam password on" keeps others from it.',
    });
  }
  const path = join(stateDir, 'sockets');
  if (Buffer.byteLength(join(path, longestName)) <= maxSocketPath) return (await StateFolder.open(path)).path;
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  return (await StateFolder.open(join(tmpdir(), `daam-${process.getuid?.() ?? 0}-${name}-s`))).path;
}
