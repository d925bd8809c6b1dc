/**
 * A PostgreSQL server that does what a test tells it: `startFakePostgres({ serve })` calls `serve` with each
 * connection, which reads messages and sends whatever it likes, well-formed or not. `greet` and `authenticateScram`
 * play the honest parts.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Frame, FrameReader } from '../pgwire/frame-reader.ts';
import { sslRequestCode } from '../pgwire/ssl-request.ts';
import { StartupReader } from '../pgwire/startup-reader.ts';
import type { TestCertificate } from './self-signed-certificate.ts';

export interface FakePostgresOptions {
  /** Plays the server on one connection; when it returns or throws, the connection is closed. */
  readonly serve: (peer: FakePeer) => Promise<void>;
  /** With a certificate SSLRequest is answered with S and a TLS handshake, without with N. */
  readonly tls?: TestCertificate;
  /** Sent in place of the one-byte answer to SSLRequest, to stuff bytes behind it. */
  readonly sslAnswer?: Buffer;
}

/** Dispose to close the port and all connections. */
export interface FakePostgres extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** What `serve` threw, in order, except that a client went away. */
  readonly failures: readonly unknown[];
}

/** One client's connection as the server sees it. */
export interface FakePeer {
  readonly socket: Socket;
  /** The start-up packet (length word included) behind any SSLRequest. */
  startup(): Promise<Buffer>;
  /** The next typed message; rejects when the client leaves. */
  next(): Promise<Frame>;
  send(...messages: readonly Buffer[]): void;
}

/** Thrown by `startup` and `next` when the client leaves. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft';
}

/** Starts listening on a free loopback port. */
export async function startFakePostgres(options: FakePostgresOptions): Promise<FakePostgres> {
  const open = new Set<Socket>();
  const failures: unknown[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    options
      .serve(createPeer(socket, options))
      .catch((thrown: unknown) => {
        if (!(thrown instanceof ClientLeft)) failures.push(thrown);
      })
      .finally(() => socket.destroySoon());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    failures,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function createPeer(raw: Socket, options: FakePostgresOptions): FakePeer {
  const opening = new StartupReader();
  const reader = new FrameReader({ side: 'frontend', maxFrameBytes: 1024 * 1024 });
  let socket = raw;
  let chunks = raw[Symbol.asyncIterator]();
  const pull = async (): Promise<Buffer> => {
    try {
      const { value, done } = await chunks.next();
      if (done !== true) return value as Buffer;
    } catch {
      // A reset is a way to leave, too.
    }
    throw new ClientLeft();
  };
  return {
    get socket() {
      return socket;
    },
    async startup() {
      for (;;) {
        const packet = opening.next();
        if (packet === null) opening.push(await pull());
        else if (packet.readUInt32BE(4) !== sslRequestCode) {
          reader.push(opening.takeRest());
          return packet;
        } else {
          socket.write(options.sslAnswer ?? Buffer.from(options.tls === undefined ? 'N' : 'S'));
          if (options.tls === undefined) continue;
          socket = await secured(raw, options.tls);
          chunks = socket[Symbol.asyncIterator]();
        }
      }
    },
    async next() {
      for (let frame = reader.next(); ; frame = reader.next()) {
        if (frame !== null) return frame;
        reader.push(await pull());
      }
    },
    send(...messages) {
      socket.write(Buffer.concat(messages));
    },
  };
}

async function secured(raw: Socket, tls: TestCertificate): Promise<TLSSocket> {
  const socket = new TLSSocket(raw, {
    isServer: true,
    key: tls.key,
    cert: tls.certificate,
    ALPNProtocols: ['postgresql'],
  });
  socket.on('error', () => {});
  await Promise.race([once(socket, 'secure'), once(socket, 'close')]);
  if (socket.destroyed) throw new ClientLeft();
  return socket;
}
