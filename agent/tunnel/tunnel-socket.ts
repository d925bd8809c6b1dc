/**
 * Where connections that came through the tunnel arrive: a Unix socket in a folder that only the agent may enter. The sidecar
 * writes a header (proxy-header.ts) before a connection's bytes; who is there is looked up by its key among those that
 * were admitted, and never taken from the header. After this: agent/session.
 */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import type { AcceptedStream, PeerIdentity } from './accept.ts';
import type { AdmittedPeer } from './admitted-peers.ts';
import { maxProxyHeaderBytes, readProxyHeader, type TunnelPeer } from './proxy-header.ts';

export interface TunnelSocketOptions {
  /** A folder of the agent's own; the socket goes below it where its path is short enough (108 bytes on Linux). */
  readonly folder: string;
  /** What the sidecar must show: 32 bytes. */
  readonly secret: Buffer;
  /** Who holds the key now. */
  readonly peerOf: (key: string) => AdmittedPeer | null;
  readonly onAccepted: (stream: AcceptedStream) => void | Promise<void>;
  /** A connection that became no session; something on this machine, or a peer that was removed just now. */
  readonly onRefused: (refused: { readonly code: ErrorCode; readonly detail: string | null }) => void;
  readonly headerTimeoutMs?: number;
  readonly maxPending?: number;
  readonly maxConnections?: number;
}

/** Bytes that fit into sockaddr_un on every system, its end included. */
const maxSocketPath = 100;

export class TunnelSocket implements AsyncDisposable {
  readonly path: string;
  readonly #options: TunnelSocketOptions;
  readonly #server: Server;
  readonly #pending = new Set<Socket>();

  private constructor(path: string, options: TunnelSocketOptions) {
    this.path = path;
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
    this.#server.maxConnections = options.maxConnections ?? 2_000;
  }

  /** Makes the folder (0700) and listens. INVALID_CONFIG when that cannot be done. */
  static async start(options: TunnelSocketOptions): Promise<TunnelSocket> {
    try {
      const path = join(await socketFolder(options.folder), 'tunnel.sock');
      await rm(path, { force: true });
      const made = new TunnelSocket(path, options);
      await new Promise<void>((resolve, reject) => {
        made.#server.once('error', reject);
        made.#server.listen(path, resolve);
      });
      made.#server.removeAllListeners('error');
      // Accepting can fail for lack of file descriptors; the next connection may find some.
      made.#server.on('error', () => {});
      await chmod(path, 0o600);
      return made;
    } catch (cause) {
      throw new AppError('INVALID_CONFIG', {
        field: 'wireguard.private_key_path',
        message: 'wireguard.private_key_path: no socket can be made beside the key file.',
        detail: toAppError(cause).detail ?? 'socket',
        cause,
      });
    }
  }

  /** No new connections; accepted ones go on. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#pending) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await rm(dirname(this.path), { recursive: true, force: true });
  }

  async #serve(socket: Socket): Promise<void> {
    // Without a listener, a reset by the sidecar would end the process.
    socket.on('error', () => {});
    try {
      const stream = await this.#accept(socket);
      await this.#options.onAccepted(stream);
    } catch (thrown) {
      socket.destroy();
      const { code, detail } = toAppError(thrown);
      this.#options.onRefused({ code, detail: detail ?? null });
    }
  }

  async #accept(socket: Socket): Promise<AcceptedStream> {
    if (this.#pending.size >= (this.#options.maxPending ?? 1_024)) throw new AppError('TOO_MANY_SESSIONS');
    this.#pending.add(socket);
    const timer = setTimeout(() => socket.destroy(), this.#options.headerTimeoutMs ?? 5_000);
    try {
      const { peer, leftover } = await readHeader(socket, this.#options.secret);
      return { socket, leftover, identity: this.#identityOf(peer) };
    } finally {
      clearTimeout(timer);
      this.#pending.delete(socket);
    }
  }

  #identityOf({ key, address, path }: TunnelPeer): PeerIdentity {
    const admitted = this.#options.peerOf(key);
    if (admitted === null) throw new AppError('REVOKED', { detail: 'tunnel: the key is not admitted' });
    if (admitted.address !== address)
      throw new AppError('PROTOCOL_VIOLATION', { detail: 'tunnel: the address is another peer’s' });
    return { ...admitted.identity, path: path === 'direct' ? 'direct' : 'relay' };
  }
}

/** Reads the header and nothing after it but what came in the same chunk; leaves the socket paused. */
async function readHeader(
  socket: Socket,
  secret: Buffer,
): Promise<{ readonly peer: TunnelPeer; readonly leftover: Buffer }> {
  let bytes = Buffer.alloc(0);
  const { promise, resolve, reject } = Promise.withResolvers<{ peer: TunnelPeer; leftover: Buffer }>();
  const onReadable = (): void => {
    try {
      for (let chunk = read(socket); chunk !== null; chunk = read(socket)) {
        bytes = Buffer.concat([bytes, chunk]);
        const header = readProxyHeader(bytes, secret);
        if (header === null && bytes.length > maxProxyHeaderBytes)
          throw new AppError('PROTOCOL_VIOLATION', { detail: 'tunnel header: length' });
        if (header !== null) return resolve({ peer: header.peer, leftover: bytes.subarray(header.length) });
      }
    } catch (thrown) {
      reject(toAppError(thrown));
    }
  };
  const onClosed = (): void =>
    reject(new AppError('PROTOCOL_VIOLATION', { detail: 'tunnel header: it closed before it was whole' }));
  socket.on('readable', onReadable);
  socket.on('end', onClosed);
  socket.on('close', onClosed);
  try {
    return await promise;
  } finally {
    socket.off('readable', onReadable);
    socket.off('end', onClosed);
    socket.off('close', onClosed);
    socket.pause();
  }
}

function read(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}

async function socketFolder(folder: string): Promise<string> {
  const own = join(folder, 'tunnel');
  if (join(own, 'tunnel.sock').length > maxSocketPath) return await mkdtemp(join(tmpdir(), 'daam-agent-'));
  await mkdir(own, { recursive: true, mode: 0o700 });
  await chmod(own, 0o700);
  return own;
}
