import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type AgentMessage, agentMessage, type ControlMessage, feedPath } from '@daam/shared/api/feed';
import type { SigningKey } from '@daam/shared/identity/keys';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AgentIdentity } from '../registration.ts';

export interface FakeControlPlaneOptions {
  readonly key: SigningKey;
  /** Who a registering agent becomes. */
  readonly identity: AgentIdentity;
  /** The registration token that works, once. */
  readonly token: string;
  /** The credential that is given and accepted. */
  readonly credential: string;
}

/**
 * The control plane's side of registration and feed, in memory, on a port of 127.0.0.1 that stays the same
 * when it is stopped and started again.
 */
export class FakeControlPlane implements AsyncDisposable {
  /** Every message that agents sent, in order, over all connections. */
  readonly messages: AgentMessage[] = [];
  registrations = 0;
  /** Bodies of schema reports, in order. */
  readonly schemas: unknown[] = [];
  /** The status that a schema report is answered with. */
  schemaStatus = 200;
  connections = 0;
  /** Sent after each hello; null: nothing. */
  bundle: string | null = null;
  /** Sent beside each bundle; null: none is. */
  pseudonymKey: string | null = null;
  /** Whether credentials are accepted. */
  acceptsCredential = true;
  readonly #options: FakeControlPlaneOptions;
  readonly #sockets = new Set<WebSocket>();
  readonly #waiting = new Set<() => void>();
  #isTokenUsed = false;
  #server: Server | null = null;
  #port = 0;

  constructor(options: FakeControlPlaneOptions) {
    this.#options = options;
  }

  /** Listens; the first time on a free port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        },
        () => response.destroy(),
      );
    });
    const feed = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on('upgrade', (request, socket, head) => {
      const isKnown = request.headers.authorization === `Bearer ${this.#options.credential}`;
      if (request.url !== feedPath || !isKnown || !this.acceptsCredential) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      feed.handleUpgrade(request, socket, head, (opened) => this.#open(opened));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Reserves a port without serving on it: a control plane that is away. */
  async reserve(): Promise<void> {
    await this.start();
    await this.stop();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Goes away: cuts every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    for (const socket of this.#sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Sends a bundle to who is connected, and to who comes later. */
  push(jws: string): void {
    this.bundle = jws;
    this.send(this.#bundleMessage(jws));
  }

  /** Sends a message, or whatever text, to everyone who is connected. */
  send(message: ControlMessage | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    for (const socket of this.#sockets) socket.send(text);
  }

  /** Closes every feed with this code. */
  close(code: number): void {
    for (const socket of this.#sockets) socket.close(code);
  }

  /** Resolves when `condition` holds; looked at after each thing that an agent does. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** Resolves when an agent has acknowledged this epoch `times` times. */
  async acknowledged(epoch: number, times = 1): Promise<void> {
    await this.until(
      () => this.messages.filter((said) => said.type === 'applied' && said.epoch === epoch).length >= times,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #bundleMessage(jws: string): ControlMessage {
    const { pseudonymKey } = this;
    return { type: 'bundle', jws, ...(pseudonymKey === null ? {} : { pseudonymKey }) };
  }

  #open(socket: WebSocket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const message = agentMessage.parse(JSON.parse(data.toString('utf8')));
      this.messages.push(message);
      if (message.type === 'hello' && this.bundle !== null) {
        socket.send(JSON.stringify(this.#bundleMessage(this.bundle)));
      }
      this.#wake();
    });
    this.#wake();
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { token?: unknown };
    if (request.method === 'PUT' && request.url === '/api/v1/agents/schema') {
      return this.#takeSchema(request, body);
    }
    const { token } = body;
    this.registrations += 1;
    this.#wake();
    if (request.url !== '/api/v1/agents/register' || token !== this.#options.token || this.#isTokenUsed) {
      const error = {
        code: 'UNAUTHENTICATED',
        message: 'The registration token is not valid.',
        requestId: '1',
      };
      return { status: 401, body: { error } };
    }
    this.#isTokenUsed = true;
    return {
      status: 201,
      body: {
        ...this.#options.identity,
        credential: this.#options.credential,
        orgKeys: [this.#options.key.publicKey],
      },
    };
  }

  #takeSchema({ headers }: IncomingMessage, body: unknown): { status: number; body: object } {
    this.schemas.push(body);
    this.#wake();
    const isKnown = headers.authorization === `Bearer ${this.#options.credential}`;
    const status = isKnown ? this.schemaStatus : 401;
    if (status === 200) return { status, body: { version: this.schemas.length, isNew: true } };
    return { status, body: { error: { code: 'INTERNAL', message: 'no', requestId: '1' } } };
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
