import { once } from 'node:events';
import { type AgentMessage, type ControlMessage, controlMessage, feedPath } from '@daam/shared/api/feed';
import type { RelayTicket } from '@daam/shared/api/schemas';
import { WebSocket } from 'ws';

/** The agent's side of the feed, for tests. */
export class FeedClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #messages: ControlMessage[] = [];
  readonly #waiting: ((message: ControlMessage) => void)[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.on('message', (data: Buffer) => {
      const message = controlMessage.parse(JSON.parse(data.toString('utf8')));
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
  }

  /** Connects; rejects with the HTTP status as its message when the upgrade is refused. */
  static async open(
    port: number,
    credential: string,
    headers: Record<string, string> = {},
  ): Promise<FeedClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${feedPath}`, {
      headers: { authorization: `Bearer ${credential}`, ...headers },
    });
    const client = new FeedClient(socket);
    const refused = new Promise<never>((_, reject) => {
      socket.once('unexpected-response', (_request, response) => {
        reject(new Error(String(response.statusCode)));
        socket.on('error', () => {});
        socket.terminate();
      });
      socket.once('error', reject);
    });
    refused.catch(() => {});
    await Promise.race([once(socket, 'open'), refused]);
    return client;
  }

  say(message: AgentMessage | object): void {
    this.#socket.send(JSON.stringify(message));
  }

  hello(epoch = 0): void {
    this.say({ type: 'hello', version: '0.1.0', epoch, listen: { host: '127.0.0.1', port: 7430 } });
  }

  /** The next message, whatever it is. */
  async next(): Promise<ControlMessage> {
    const ready = this.#messages.shift();
    if (ready !== undefined) return ready;
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next bundle, as its JWS. Rejects with the close code when the feed is closed before. */
  async nextBundle(): Promise<string> {
    const gone = this.closed.then((code) => Promise.reject(new Error(`closed with ${code}`)));
    gone.catch(() => {});
    for (;;) {
      const message = await Promise.race([this.next(), gone]);
      if (message.type === 'bundle') return message.jws;
    }
  }

  /** The next relay ticket; null where there is no relay. */
  async nextRelay(): Promise<RelayTicket | null> {
    for (;;) {
      const message = await this.next();
      if (message.type === 'relay') return message.ticket;
      if (message.type === 'ping') this.say({ type: 'pong' });
    }
  }

  /** How many messages came that nobody asked for. */
  get unread(): number {
    return this.#messages.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}
