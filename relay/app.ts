/**
 * The relay: a blind forwarder between peers that cannot reach each other. One WebSocket a peer; a token says who may
 * speak with whom, a proof says that the peer is who the token names; then frames go from key to key. What they carry
 * is ciphertext. In packet order: this file (HTTP and WebSocket), server/admit, routing/router, routing/send-queue.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import { type Logger, silentLogger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { type Admitted, relayCloseCodes, relayPath } from '@daam/shared/relay-protocol/admission';
import { decodeFrames, encodeFrame, maxMessageBytes, noKey } from '@daam/shared/relay-protocol/frames';
import type { RelayToken } from '@daam/shared/relay-protocol/token';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RelayConfig } from './config.ts';
import { RelayEvents } from './events.ts';
import { KeyedBuckets, TokenBucket } from './limits/token-bucket.ts';
import { serveMetrics } from './metrics.ts';
import { type Peer, Router } from './routing/router.ts';
import { SendQueue } from './routing/send-queue.ts';
import { admit } from './server/admit.ts';
import { startStun } from './stun/server.ts';

/** A peer that answers no ping for this long is gone. Milliseconds. */
const heartbeatMs = 30_000;
/** Connections that may be waiting for admission at once. */
const maxPending = 256;
/** Addresses whose connections are counted. */
const maxAddresses = 50_000;

export interface RelayDeps {
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface Relay extends AsyncDisposable {
  /** Where peers connect: `ws://host:port/relay/v1`. */
  readonly url: string;
  /** UDP port of STUN; null when it is off. */
  readonly stunPort: number | null;
  /** Where the metrics are; null when they are off. */
  readonly metricsUrl: string | null;
  readonly events: RelayEvents;
}

/** Listens until disposed. A taken port is PORT_IN_USE. */
export async function startRelay(config: RelayConfig, deps: RelayDeps = {}): Promise<Relay> {
  const events = new RelayEvents({ logger: deps.logger ?? silentLogger });
  const clock = deps.clock ?? systemClock;
  await using stack = new AsyncDisposableStack();
  const { stun: stunListen, metrics: metricsListen } = config;
  const onRequest = (outcome: string): void => events.metrics.stun(outcome);
  const stun =
    stunListen === null ? null : stack.use(await startStun({ listen: stunListen, clock, onRequest }));
  const metrics =
    metricsListen === null ? null : stack.use(await serveMetrics(events.metrics.registry, metricsListen));
  const service = new RelayService({ config, events, clock });
  const url = await service.listen();
  stack.defer(() => service.stop());
  events.listening(url);
  const held = stack.move();
  return {
    url,
    stunPort: stun?.port ?? null,
    metricsUrl: metrics?.url ?? null,
    events,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

class RelayService {
  readonly #config: RelayConfig;
  readonly #events: RelayEvents;
  readonly #clock: Clock;
  readonly #router: Router;
  readonly #connects: KeyedBuckets;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    clientTracking: true,
  });
  #pending = 0;
  #isStopping = false;

  constructor(options: {
    readonly config: RelayConfig;
    readonly events: RelayEvents;
    readonly clock: Clock;
  }) {
    this.#config = options.config;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#router = new Router({ events: options.events });
    const { connectRate: rate } = options.config;
    this.#connects = new KeyedBuckets({ rate, clock: options.clock, maxKeys: maxAddresses });
    this.#http = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
      const isHealth = request.method === 'GET' && request.url === '/health';
      const status = isHealth ? (this.#isStopping ? 503 : 200) : 404;
      response.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
      response.end(isHealth ? JSON.stringify({ status: this.#isStopping ? 'draining' : 'healthy' }) : '{}');
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(): Promise<string> {
    const { host, port } = this.#config.listen;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (cause: NodeJS.ErrnoException) => {
        const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
        reject(new AppError(code, { field: 'listen', cause }));
      });
      this.#http.listen({ host, port }, resolve);
    });
    this.#http.removeAllListeners('error');
    this.#http.on('error', () => {});
    const bound = (this.#http.address() as AddressInfo).port;
    return `ws://${host.includes(':') ? `[${host}]` : host}:${bound}${relayPath}`;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const delay = Buffer.alloc(4);
    delay.writeUInt32BE(1_000);
    this.#router.broadcast(encodeFrame({ kind: 'restarting', key: noKey, payload: delay }));
    for (const socket of this.#sockets.clients) {
      socket.close(1001);
      // A peer that does not answer the close is not waited for.
      setTimeout(() => socket.terminate(), 500).unref();
    }
    await new Promise((resolve) => {
      this.#http.close(resolve);
      this.#http.closeIdleConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = request.url?.split('?')[0];
    // Browsers send an Origin: no web page has any business here.
    const status =
      path !== relayPath
        ? '404 Not Found'
        : request.headers.origin !== undefined
          ? '403 Forbidden'
          : this.#isStopping || this.#isFull()
            ? '503 Service Unavailable'
            : this.#connects.take(request.socket.remoteAddress ?? '', 1)
              ? null
              : '429 Too Many Requests';
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      void this.#serve(webSocket, request.socket.remoteAddress ?? 'unknown');
    });
  }

  #isFull(): boolean {
    return this.#pending >= maxPending || this.#router.size >= this.#config.maxPeers;
  }

  async #serve(socket: WebSocket, address: string): Promise<void> {
    this.#pending += 1;
    try {
      const { issuerKeys: keys, name } = this.#config;
      const token = await admit(socket, { keys, name, now: () => this.#clock.now() });
      this.#admitted(socket, token);
    } catch (thrown) {
      const { code } = toAppError(thrown);
      this.#events.peerRefused(address, code);
      if (socket.readyState === socket.OPEN) {
        socket.send(JSON.stringify({ ok: false, code } satisfies Admitted));
        socket.close(relayCloseCodes.refused, code);
      }
    } finally {
      this.#pending -= 1;
    }
  }

  #admitted(socket: WebSocket, token: RelayToken): void {
    const queue = new SendQueue({
      sink: (message, sent) => socket.send(message, { binary: true }, sent),
      maxBytes: this.#config.queueBytes,
      onDrop: (reason) => this.#events.frameDropped(reason),
    });
    const peer: Peer = {
      key: token.publicKey,
      counterparts: new Set(token.counterparts),
      deliver: (frame) => queue.push(frame),
      replace: () => socket.close(relayCloseCodes.replaced, 'replaced'),
    };
    const heartbeat = keepAlive(socket);
    const rate = new TokenBucket({ rate: this.#config.peerRate, clock: this.#clock });
    const lifetime = Math.max(0, token.exp * 1000 - this.#clock.now());
    const expiry = setTimeout(() => socket.close(relayCloseCodes.tokenExpired, 'token expired'), lifetime);
    socket.on('message', (data: Buffer, isBinary: boolean) =>
      this.#onMessage(socket, { peer, rate }, isBinary ? data : null),
    );
    socket.once('close', (code) => {
      clearTimeout(expiry);
      clearInterval(heartbeat);
      queue.close();
      this.#router.remove(peer);
      this.#events.peerLeft(peer.key, { closeCode: code, peers: this.#router.size });
    });
    this.#router.add(peer);
    this.#events.peerAdmitted(peer.key, this.#router.size);
  }

  #onMessage(
    socket: WebSocket,
    { peer, rate }: { readonly peer: Peer; readonly rate: TokenBucket },
    message: Buffer | null,
  ): void {
    if (socket.readyState !== socket.OPEN) return;
    try {
      if (message === null) throw new AppError('PROTOCOL_VIOLATION', { detail: 'text after admission' });
      for (const frame of decodeFrames(message)) {
        if (frame.kind === 'send' && !rate.take(frame.payload.length))
          this.#events.frameDropped('rate-limited');
        else this.#router.handle(peer, frame);
      }
    } catch (thrown) {
      socket.close(relayCloseCodes.badMessage, toAppError(thrown).code);
    }
  }
}

/** Pings; a peer that has not answered the last one by the next is cut. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    socket.ping();
  }, heartbeatMs);
  timer.unref();
  return timer;
}
