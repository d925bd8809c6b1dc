/**
 * The local port of one database: on 127.0.0.1 only, or a Unix socket; each client connection gets a stream of its own to the agent.
 * SSLRequest and CancelRequest pass through untouched; only what has no stream is answered here.
 */
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { answerFailure } from './answer-failure.ts';
import { loopbackHost, randomPort, socketPath } from './local-address.ts';
import { knockAt } from './share/claim.ts';
import { maxPortSessions, type PortSession } from './port-session.ts';
import { ProgramNameReader } from './program-name.ts';
import { splice } from './splice.ts';

export interface LocalListenerOptions {
  /** Candidates in order; 0 takes a free one. The first that can be had is used. */
  readonly ports: readonly number[];
  /** A folder to be a Unix socket in; else a TCP port. */
  readonly folder?: string | undefined;
  /** Opens the stream for one client. Rejects with an AppError, which the client is told. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  readonly logger: Logger;
  /** Client connections at once; more wait for nothing and are closed. Default 200. */
  readonly maxConnections?: number;
}

interface Session {
  readonly client: Socket;
  readonly program: ProgramNameReader;
  readonly since: number;
}

export class LocalListener implements AsyncDisposable {
  readonly #options: LocalListenerOptions;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  /** Those whose stream is open, by number. */
  readonly #sessions = new Map<number, Session>();
  readonly #serving = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #port = 0;
  #visits = 0;

  private constructor(options: LocalListenerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#onClient(client));
    this.#server.maxConnections = options.maxConnections ?? 200;
  }

  /** PORT_IN_USE when none of the ports can be had. */
  static async start(options: LocalListenerOptions): Promise<LocalListener> {
    const listener = new LocalListener(options);
    for (const port of options.ports) {
      if (await listener.#bind(port)) return listener;
    }
    const [port] = options.ports;
    throw new AppError('PORT_IN_USE', {
      message: `Port ${port} on this machine is in use by another program.`,
      hint: 'Choose another one with --port, or stop the program that has it.',
      field: 'port',
    });
  }

  get host(): string {
    return this.#options.folder ?? loopbackHost;
  }

  /** How many clients have come so far. */
  get visits(): number {
    return this.#visits;
  }

  get port(): number {
    return this.#port;
  }

  /** Whether it has the port, and takes clients. */
  get isListening(): boolean {
    return this.#server.listening;
  }

  /** How many clients are connected now. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Who has a stream now, the oldest first. */
  get sessions(): readonly PortSession[] {
    return [...this.#sessions].slice(0, maxPortSessions).map(([number, { client, program, since }]) => ({
      id: String(number),
      program: program.name,
      since,
      sent: client.bytesRead,
      received: client.bytesWritten,
    }));
  }

  /** Closes one of them; false when there is none of the id. */
  endSession(id: string): boolean {
    const found = this.#sessions.get(Number(id));
    found?.client.destroy();
    return found !== undefined;
  }

  /** Gives the port up, so that another process can take it. Clients that are connected stay. */
  release(): void {
    this.#server.close();
  }

  /** Closes the port and everything that came through it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#stop.abort();
    for (const client of this.#clients) client.destroy();
    await Promise.all([closed, ...this.#serving]);
  }

  async #bind(asked: number): Promise<boolean> {
    const port = asked === 0 && this.#options.folder !== undefined ? randomPort() : asked;
    const path = socketPath({ host: this.host, port });
    if (path !== null && !(await clearSocket(path))) return false;
    return await new Promise((resolve, reject) => {
      const onError = (cause: NodeJS.ErrnoException): void => {
        if (cause.code === 'EADDRINUSE') resolve(false);
        else
          reject(
            new AppError('INVALID_INPUT', { field: 'port', message: 'The port cannot be used.', cause }),
          );
      };
      this.#server.once('error', onError);
      const at = path === null ? { host: this.host, port } : { path };
      this.#server.listen({ ...at, exclusive: true }, () => {
        this.#server.off('error', onError);
        this.#port = path === null ? (this.#server.address() as AddressInfo).port : port;
        // Accepting can fail for lack of file descriptors; the next client may find some.
        this.#server.on('error', () => {});
        resolve(true);
      });
    });
  }

  #onClient(client: Socket): void {
    client.on('error', () => client.destroy());
    this.#clients.add(client);
    this.#visits += 1;
    client.once('close', () => this.#clients.delete(client));
    const serving = this.#serve(client, this.#visits).finally(() => this.#serving.delete(serving));
    this.#serving.add(serving);
  }

  async #serve(client: Socket, number: number): Promise<void> {
    const gone = new AbortController();
    const abandon = (): void => gone.abort();
    client.once('close', abandon);
    let remote: Duplex;
    try {
      remote = await this.#options.open(AbortSignal.any([gone.signal, this.#stop.signal]));
    } catch (thrown) {
      const failure = toAppError(thrown);
      this.#options.logger.warn({ code: failure.code }, 'a client could not be connected');
      await answerFailure(client, failure);
      return;
    } finally {
      client.off('close', abandon);
    }
    const program = new ProgramNameReader();
    const read = (bytes: Buffer): void => {
      program.take(bytes);
      if (program.isDone) client.off('data', read);
    };
    this.#sessions.set(number, { client, program, since: Date.now() });
    const splicing = splice(client, remote);
    // After the pipe: it says when the client is read, this only looks on.
    client.on('data', read);
    await splicing.finally(() => this.#sessions.delete(number));
  }
}

/** Removes a socket that nobody listens at, which a process that died has left behind; false when somebody does. */
async function clearSocket(path: string): Promise<boolean> {
  const other = await knockAt(path);
  other?.socket.destroy();
  if (other === null) await rm(path, { force: true });
  return other === null;
}
