import { createHash, timingSafeEqual } from 'node:crypto';
import { systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import { toAppError } from '@daam/shared/errors/app-error';
import type { RawData, WebSocket } from 'ws';
import { answerCall } from '../ipc/answer-call.ts';
import type { DesktopBackend } from '../ipc/backend.ts';
import { closeCodes, parseClientMessage } from '../ipc/messages.ts';
import type { ClientMessage, ServerMessage } from '../ipc/messages.ts';
import { bridgeVersion } from '../ipc/schema.ts';
import type { BridgeEvent } from '../ipc/schema.ts';
import { tellEvent } from '../ipc/tell-event.ts';
import { createRateLimit } from './rate-limit.ts';

/** Long messages are for those whose token was right. Bytes. */
const maxHelloBytes = 4 * 1024;
/** A page says hello at once; who does not is not a page. Milliseconds. */
const helloTimeout = 5_000;
const pingInterval = 30_000;
/** Answers and events that a page may leave unread before it is dropped; it reads all anew when it comes back. Bytes. */
const maxUnreadBytes = 96 * 1024 * 1024;
/** A client of the bridge has no more under way (ipc/bridge.ts). */
const maxCallsAtOnce = 64;
/** A grid that is scrolled asks for a window a frame. */
const messageRate = { burst: 600, perSecond: 200 };

export interface BridgeSocketOptions {
  readonly client: WebSocket;
  readonly backend: DesktopBackend;
  readonly token: Secret;
  readonly logger: Logger;
}

/** Serves the bridge to one page until either side closes. Nothing is answered or told before the token is right. */
export function serveBridge(options: BridgeSocketOptions): void {
  const { client, logger } = options;
  const mayPass = createRateLimit({ clock: systemClock, ...messageRate });
  const session = new BridgeSession(options);
  const helloTimer = setTimeout(() => client.close(closeCodes.unauthenticated), helloTimeout);
  const pings = keepAlive(client);

  client.on('message', (data, isBinary) => {
    if (!mayPass()) return client.close(closeCodes.rateLimited);
    if (isBinary) return client.close(closeCodes.invalidMessage);
    if (!session.isOpen && (data as Buffer).length > maxHelloBytes)
      return client.close(closeCodes.invalidMessage);
    const message = readMessage(data);
    if (message === null) return client.close(closeCodes.invalidMessage);
    session.receive(message);
    if (session.isOpen) clearTimeout(helloTimer);
  });
  client.on('error', (error) => logger.debug({ code: toAppError(error).code }, 'a bridge connection failed'));
  client.on('close', () => {
    clearTimeout(helloTimer);
    clearInterval(pings);
    session.end();
  });
}

class BridgeSession {
  readonly #options: BridgeSocketOptions;
  #unsubscribe: (() => void) | null = null;
  #calls = 0;

  constructor(options: BridgeSocketOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#unsubscribe !== null;
  }

  receive(message: ClientMessage): void {
    const { client } = this.#options;
    if (message.kind === 'hello')
      return this.isOpen ? client.close(closeCodes.invalidMessage) : this.#hello(message.token);
    if (!this.isOpen) return client.close(closeCodes.unauthenticated);
    if (this.#calls >= maxCallsAtOnce) return client.close(closeCodes.rateLimited);
    void this.#answer(message);
  }

  end(): void {
    this.#unsubscribe?.();
  }

  #hello(offered: string): void {
    const { client, backend, token, logger } = this.#options;
    if (!isSameSecret(offered, token.reveal())) {
      logger.warn({}, 'a bridge connection came with a wrong token');
      return client.close(closeCodes.unauthenticated);
    }
    this.#unsubscribe = backend.subscribe((event) => this.#tell(event));
    this.#send({ kind: 'welcome', version: bridgeVersion, capabilities: backend.capabilities });
  }

  #tell(event: BridgeEvent): void {
    const message = tellEvent(event);
    if (message !== null) return this.#send(message);
    this.#options.logger.error({ event: event.event }, 'an event is not what the bridge says');
  }

  async #answer(call: Extract<ClientMessage, { kind: 'call' }>): Promise<void> {
    this.#calls += 1;
    const answer = await answerCall(this.#options.backend, call);
    this.#calls -= 1;
    if (answer.kind === 'error') {
      this.#options.logger.info(
        { method: call.method, code: answer.error.code },
        'a call of a screen failed',
      );
    }
    this.#send(answer);
  }

  #send(message: ServerMessage): void {
    const { client } = this.#options;
    if (client.readyState !== client.OPEN) return;
    if (client.bufferedAmount > maxUnreadBytes) return client.terminate();
    client.send(JSON.stringify(message));
  }
}

function readMessage(data: RawData): ClientMessage | null {
  try {
    return parseClientMessage((data as Buffer).toString('utf8'));
  } catch {
    return null;
  }
}

/** Hashes make the lengths equal, so that the time tells nothing about the token. */
function isSameSecret(offered: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered), digest(expected));
}

function keepAlive(client: WebSocket): ReturnType<typeof setInterval> {
  let isAlive = true;
  client.on('pong', () => {
    isAlive = true;
  });
  return setInterval(() => {
    if (!isAlive) return client.terminate();
    isAlive = false;
    client.ping();
  }, pingInterval);
}
