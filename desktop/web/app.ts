/**
 * The app in a browser of the same machine: this serves the built screens and the bridge to the engine on
 * http://localhost:<port>. Other programs, other users and other web pages reach that port too, so a request passes,
 * in this order: its Host (request-guard), its path (assets: a table in memory, no file path is ever built from a
 * request), and for the bridge its Origin, the token in the first message, sizes and rates (bridge-socket).
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { WebSocketServer } from 'ws';
import type { DesktopBackend } from '../ipc/backend.ts';
import { closeCodes, maxClientMessageBytes } from '../ipc/messages.ts';
import { loadAssets } from './assets.ts';
import type { Assets } from './assets.ts';
import { serveBridge } from './bridge-socket.ts';
import { securityHeaders } from './headers.ts';
import { isOwnHost, isOwnOrigin } from './request-guard.ts';

/** Fewer characters would be worth guessing. */
const minTokenLength = 32;
const maxSockets = 16;
const bridgePath = '/bridge';

export interface DesktopWebOptions {
  readonly backend: DesktopBackend;
  /** 0 takes a free one. */
  readonly port: number;
  /** Who knows it is the person at this machine. Made anew for each start. */
  readonly token: Secret;
  /** The folder of the built screens (`ensureRendererBuilt`). */
  readonly assetsDir: string;
  readonly logger: Logger;
}

export interface DesktopWeb extends AsyncDisposable {
  /** Where it is served; without the token, so it may be logged. */
  readonly url: string;
  /** What a person opens: the url with `#token=…`. Browsers do not send a fragment to any server. */
  readonly openUrl: Secret;
}

/** Serves until disposed. Throws PORT_IN_USE when another program has the port on any loopback address. */
export async function startDesktopWeb(options: DesktopWebOptions): Promise<DesktopWeb> {
  if (options.token.reveal().length < minTokenLength) {
    throw new AppError('INVALID_CONFIG', {
      field: 'token',
      message: 'The token of the desktop page is too short.',
    });
  }
  const assets = await loadAssets(options.assetsDir);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxClientMessageBytes,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const { servers, port } = await listenOnLoopback(options.port, () =>
    createLoopbackServer({ ...options, assets, sockets }),
  );
  const url = `http://localhost:${port}`;
  options.logger.info({ url }, 'the desktop page is served');
  return {
    url,
    openUrl: new Secret(`${url}/#token=${encodeURIComponent(options.token.reveal())}`),
    [Symbol.asyncDispose]: () => stop(servers, sockets),
  };
}

interface LoopbackServerOptions extends DesktopWebOptions {
  readonly assets: Assets;
  readonly sockets: WebSocketServer;
}

function createLoopbackServer(options: LoopbackServerOptions): Server {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) =>
    answer(request, response, options.assets),
  );
  server.on('upgrade', (request, socket, head) => upgrade(request, { socket, head }, options));
  server.maxConnections = 128;
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, assets: Assets): void {
  const port = request.socket.localPort ?? 0;
  for (const [name, value] of securityHeaders(port)) response.setHeader(name, value);
  if (!isOwnHost(request.headers.host, port))
    return end(response, 421, 'This is not the address of the app.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return end(response, 405, 'Only GET is answered here.');
  }
  const path = request.url?.split('?', 1)[0] ?? '';
  const asset = assets.get(path);
  if (asset === undefined) return end(response, 404, 'There is no such page.');
  response.setHeader('content-type', asset.type);
  response.setHeader('content-length', asset.bytes.length);
  response.setHeader('cache-control', asset.immutable ? 'private, max-age=31536000, immutable' : 'no-store');
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : asset.bytes);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.writeHead(status).end(`${text}\n`);
}

function upgrade(
  request: IncomingMessage,
  { socket, head }: { socket: Duplex; head: Buffer },
  { sockets, backend, token, logger }: LoopbackServerOptions,
): void {
  const port = request.socket.localPort ?? 0;
  const refusal = refuseUpgrade(request, port, sockets.clients.size);
  if (refusal !== null) {
    logger.warn({ reason: refusal }, 'a bridge connection was refused');
    socket.on('error', () => socket.destroy());
    socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => serveBridge({ client, backend, token, logger }));
}

function refuseUpgrade(request: IncomingMessage, port: number, open: number): string | null {
  if (!isOwnHost(request.headers.host, port)) return '421 Misdirected Request';
  if (request.url !== bridgePath) return '404 Not Found';
  if (!isOwnOrigin(request.headers.origin, port)) return '403 Forbidden';
  if (open >= maxSockets) return '503 Service Unavailable';
  return null;
}

/**
 * A browser takes `localhost` for either loopback address. Were only one of them ours, another user of the machine
 * could answer on the other one and be handed the token; so both are ours, or the start fails.
 */
async function listenOnLoopback(
  wanted: number,
  create: () => Server,
): Promise<{ servers: Server[]; port: number }> {
  const first = create();
  const port = await listen(first, '127.0.0.1', wanted);
  const second = create();
  try {
    await listen(second, '::1', port);
    return { servers: [first, second], port };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'PORT_IN_USE') {
      first.close();
      throw thrown;
    }
    // The machine has no IPv6 loopback, so nobody else can be there.
    return { servers: [first], port };
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(
        new AppError('PORT_IN_USE', { message: `Port ${port} is in use.`, field: 'port', cause: error }),
      );
    });
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

async function stop(servers: readonly Server[], sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) {
    client.close(closeCodes.shuttingDown);
    client.terminate();
  }
  sockets.close();
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    }),
  );
}
