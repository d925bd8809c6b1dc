/**
 * Where streams from developers arrive that do not come through the tunnel: a TLS listener (plain TCP in tests) whose
 * every connection must pass accept.ts before a session sees it. Connections that are not known yet are few, short-lived and small, however many of them there are.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { prefaceTimeoutMs } from '@daam/shared/identity/preface';
import type { Secret } from '@daam/shared/base/secret';
import { type AcceptDeps, type AcceptedStream, acceptIdentity, type PeerIdentity } from './accept.ts';
import { FailureCounter } from './failure-counter.ts';

/** A connection that did not become a session. */
export interface RefusedStream {
  readonly path: PeerIdentity['path'];
  readonly address: string;
  readonly code: ErrorCode;
  /** Refusals of this address in the current minute, this one included. */
  readonly failures: number;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one; see `listen`. */
  readonly port: number;
  readonly accept: AcceptDeps;
  /** PEM. Absent: plain TCP, which no configuration gives. */
  readonly tls?: { readonly certificate: string; readonly key: Secret };
  /** Takes over the stream. What it throws ends the stream; it must not be what closes the agent. */
  readonly onAccepted: (stream: AcceptedStream) => void | Promise<void>;
  readonly onRefused?: (refused: RefusedStream) => void;
  /** Connections that may be in the preface at once. Default 256. */
  readonly maxPending?: number;
  /** Connections altogether. Default 2,000. */
  readonly maxConnections?: number;
}

/** The listener. Disposing stops it and ends what is still in the preface. */
export class TunnelListener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #pending = new Set<Socket>();
  readonly #failures: FailureCounter;
  readonly #maxPending: number;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#maxPending = options.maxPending ?? 256;
    this.#failures = new FailureCounter({
      limit: 20,
      windowMs: 60_000,
      maxAddresses: 10_000,
      now: options.accept.now,
    });
    this.#server = openServer(options, (socket) => this.#onConnection(socket));
    this.#server.maxConnections = options.maxConnections ?? 2_000;
  }

  /** Binds and listens. A taken port is PORT_IN_USE. */
  static async start(options: ListenerOptions): Promise<TunnelListener> {
    const listener = new TunnelListener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
        reject(new AppError(code, { field: 'listen', detail: cause.message, cause }));
      });
      listener.#server.listen({ host: options.host, port: options.port }, resolve);
    });
    listener.#server.removeAllListeners('error');
    // Accepting can fail for lack of file descriptors; the next connection may find some.
    listener.#server.on('error', () => {});
    return listener;
  }

  /** The address that it really listens on. */
  get listen(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** No new connections; those in the preface end, accepted streams go on. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#pending) socket.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Accepted streams belong to their sessions: waiting for them here could wait for ever.
    this.stop();
    return Promise.resolve();
  }

  #onConnection(socket: Socket): void {
    // Without a listener, a reset by the peer would end the process.
    socket.on('error', () => {});
    const address = socket.remoteAddress ?? 'unknown';
    if (this.#pending.size >= this.#maxPending) {
      socket.destroy();
      this.#refused(address, 'TOO_MANY_SESSIONS');
    } else if (this.#failures.isBarred(address)) {
      socket.destroy();
      this.#refused(address, 'RATE_LIMITED');
    } else {
      void this.#serve(socket, address);
    }
  }

  async #serve(socket: Socket, address: string): Promise<void> {
    this.#pending.add(socket);
    let stream: AcceptedStream;
    try {
      stream = await acceptIdentity(socket, this.#options.accept, this.#path);
    } catch (thrown) {
      this.#refused(address, toAppError(thrown).code);
      return;
    } finally {
      this.#pending.delete(socket);
    }
    try {
      await this.#options.onAccepted(stream);
    } catch {
      socket.destroy();
    }
  }

  #refused(address: string, code: ErrorCode): void {
    this.#options.onRefused?.({ address, code, path: this.#path, failures: this.#failures.add(address) });
  }

  get #path(): PeerIdentity['path'] {
    return this.#options.tls === undefined ? 'loopback' : 'tls';
  }
}

function openServer({ tls }: ListenerOptions, onConnection: (socket: Socket) => void): Server {
  const tcp = { noDelay: true, keepAlive: true };
  if (tls === undefined) return createServer(tcp, onConnection);
  const { certificate: cert, key } = tls;
  try {
    const secured = {
      ...tcp,
      cert,
      key: key.reveal(),
      minVersion: 'TLSv1.2',
      handshakeTimeout: prefaceTimeoutMs,
    } as const;
    return createTlsServer(secured, onConnection);
  } catch (cause) {
    // Not OpenSSL's own words: they may quote the key.
    throw new AppError('INVALID_CONFIG', {
      field: 'listen_tls',
      message: 'listen_tls: certificate and private key do not fit.',
      cause,
    });
  }
}
