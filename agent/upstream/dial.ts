import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { AppError } from '@daam/shared/errors/app-error';
import { encodeSslRequest } from '@daam/shared/pgwire/ssl-request';
import { closed, readChunk, untilAny } from './socket-read.ts';

/**
 * - `disable`: never TLS.
 * - `prefer`: TLS when the server has it; protects against listeners only.
 * - `require`: TLS or nothing; the certificate is verified only when `ca` is given.
 * - `verify-full`: TLS, a certificate of a trusted CA (`ca`, else the system's), and its name is the host's.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-full';

/** Where a PostgreSQL server is and how to reach it. */
export interface Endpoint {
  /** A name, an address, or a directory that holds the server's Unix socket when it begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** PEM certificates of the CAs to trust. */
  readonly ca?: string;
}

/** A connection on which no protocol message was exchanged yet. `tls` is the same socket when it is encrypted. */
export interface Dialled {
  readonly socket: Socket;
  readonly tls: TLSSocket | null;
}

const accepted = 0x53; // S
const refused = 0x4e; // N

/** Connects and, as the mode says, encrypts. UPSTREAM_UNAVAILABLE when it fails; the signal's reason when aborted. */
export async function dial(endpoint: Endpoint, signal: AbortSignal): Promise<Dialled> {
  const socket = await openSocket(endpoint, signal);
  try {
    if (endpoint.tls === 'disable' || endpoint.host.startsWith('/')) {
      if (endpoint.tls !== 'disable' && endpoint.tls !== 'prefer') throw noTls();
      return { socket, tls: null };
    }
    if (!(await askForTls(socket, signal))) {
      if (endpoint.tls !== 'prefer') throw noTls();
      return { socket, tls: null };
    }
    const tls = await encrypt(socket, endpoint, signal);
    return { socket: tls, tls };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function openSocket(endpoint: Endpoint, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { host, port } = endpoint;
  const socket = host.startsWith('/')
    ? connectTcp({ path: `${host}/.s.PGSQL.${port}` })
    : connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  // A socket without an error listener ends the process; whoever reads or writes sees the failure too.
  socket.on('error', () => {});
  await untilAny(socket, ['connect', 'close'], signal);
  if (signal.aborted || socket.destroyed) {
    socket.destroy();
    signal.throwIfAborted();
    throw closed(socket.errored);
  }
  return socket;
}

async function askForTls(socket: Socket, signal: AbortSignal): Promise<boolean> {
  socket.write(encodeSslRequest());
  const answer = await readChunk(socket, signal);
  // More than the one byte was stuffed in by someone who cannot speak TLS (CVE-2021-23222).
  if (answer.length !== 1 || socket.readableLength !== 0) {
    throw new AppError('UPSTREAM_UNAVAILABLE', { detail: 'bytes follow the answer to the TLS request' });
  }
  if (answer[0] === accepted) return true;
  if (answer[0] === refused) return false;
  throw new AppError('UPSTREAM_UNAVAILABLE', {
    detail: 'the answer to the TLS request is neither yes nor no',
  });
}

async function encrypt(socket: Socket, endpoint: Endpoint, signal: AbortSignal): Promise<TLSSocket> {
  const named = isIP(endpoint.host) === 0;
  const tls = connectTls({
    socket,
    host: endpoint.host,
    ...(named ? { servername: endpoint.host } : {}),
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
    rejectUnauthorized: endpoint.tls === 'verify-full' || endpoint.ca !== undefined,
    ...(endpoint.tls === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ALPNProtocols: ['postgresql'],
    minVersion: 'TLSv1.2',
  });
  tls.on('error', () => {});
  await untilAny(tls, ['secureConnect', 'close'], signal);
  if (signal.aborted || tls.destroyed) {
    tls.destroy();
    signal.throwIfAborted();
    throw closed(tls.errored);
  }
  return tls;
}

function noTls(): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', {
    message: 'The database offers no TLS, but the agent is told to require it.',
  });
}
