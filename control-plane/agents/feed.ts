import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { feedCloseCodes, feedPath, maxAgentMessageBytes } from '@daam/shared/api/feed';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Change } from '../db/notifications.ts';
import { fromDriver } from '../db/scope.ts';
import type { AgentCaller } from '../http/call.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { admit, type GuardDeps, RateLimitedError } from '../http/guard.ts';
import type { Services } from '../services.ts';
import { FeedConnection } from './feed-connection.ts';
import type { AskAgent, AskJudgement, EndAtAgent } from './questions.ts';
import { RelayedQuestions } from './relayed-questions.ts';

export interface AgentFeedOptions {
  readonly services: Services;
  readonly guard: GuardDeps;
  readonly trustProxy: boolean;
  /** Milliseconds between heartbeats. */
  readonly heartbeatMs: number;
}

/**
 * The agents' WebSockets at this replica. An upgrade passes the same guard as a request (the `agentFeed`
 * row of the security table); changes that any replica announces reach the connections that are held here.
 * Dispose to close them all.
 */
export class AgentFeed implements AsyncDisposable {
  readonly #options: AgentFeedOptions;
  readonly #relayed: RelayedQuestions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxAgentMessageBytes,
  });
  readonly #connections = new Map<FeedConnection, Promise<void>>();
  readonly #heart: NodeJS.Timeout;
  #isClosing = false;

  constructor(options: AgentFeedOptions) {
    this.#options = options;
    this.#relayed = new RelayedQuestions(options.services);
    this.#heart = setInterval(() => this.#beat(), options.heartbeatMs);
    this.#heart.unref();
  }

  /** The listener for `upgrade` of the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#admit(request, socket).then(
      (agent) => {
        if (socket.destroyed) return;
        this.#server.handleUpgrade(request, socket, head, (opened) => this.#open(agent, opened));
      },
      (thrown: unknown) => {
        const error = toAppError(fromDriver(thrown));
        if (error.code !== 'REVOKED' || socket.destroyed) return refuseUpgrade(socket, error);
        // By the close code, as an agent hears it that is connected: it gives up its cached policy.
        this.#server.handleUpgrade(request, socket, head, (opened) => {
          opened.on('error', () => opened.terminate());
          opened.close(feedCloseCodes.revoked, 'revoked');
        });
      },
    );
  }

  /** A change that was announced by some replica. */
  apply(change: Change): void {
    this.#relayed.apply(change, (database, agent) => this.#connectionOf(database, agent));
    for (const connection of this.#connections.keys()) {
      if (change.kind === 'epoch' && connection.agent.database === change.database) connection.push();
      if (change.kind === 'examine' && connection.agent.database === change.database) connection.examine();
      if (change.kind === 'introspect' && connection.agent.database === change.database)
        connection.introspect();
      if (change.kind === 'agent' && connection.agent.id === change.agent) connection.taken(change.feed);
    }
  }

  /** Agents whose feed ends here. */
  get size(): number {
    return this.#connections.size;
  }

  /** Announcements may have been missed: sends every agent the newest bundle. Revoked ones are cut off. */
  resync(): void {
    for (const connection of this.#connections.keys()) {
      connection.missed();
      connection.push();
    }
  }

  /** Asks an agent of a database: here if its feed is at this replica, else by way of another (relayed-questions.ts). */
  readonly ask: AskAgent = async (database, asked) =>
    (await this.#connectionOf(database.id)?.ask(asked)) ??
    (await this.#relayed.ask(database, 'explain', asked));

  /** The same for statements under two policies. */
  readonly judge: AskJudgement = async (database, asked) =>
    (await this.#connectionOf(database.id)?.judge(asked)) ??
    (await this.#relayed.ask(database, 'judge', asked));

  /** Has one agent end one of its sessions, wherever its feed is. */
  readonly endSession: EndAtAgent = async (database, asked) =>
    (await this.#connectionOf(database.id, database.agent)?.endSession(asked)) ??
    (await this.#relayed.ask(database, 'end-session', asked));

  /** Of several agents one that serves; of one agent the newest feed: one that was replaced may not be gone yet. */
  #connectionOf(database: string, id?: string): FeedConnection | null {
    const greeted = [...this.#connections.keys()].filter(
      ({ agent, isGreeted }) =>
        agent.database === database && isGreeted && (id === undefined || agent.id === id),
    );
    return greeted.findLast(({ isServing }) => isServing) ?? greeted.at(-1) ?? null;
  }

  async #admit(request: IncomingMessage, socket: Duplex): Promise<AgentCaller> {
    const path = request.url?.split('?')[0];
    if (path !== feedPath || request.method !== 'GET') throw new AppError('NOT_FOUND');
    if (this.#isClosing) throw new AppError('CONTROL_PLANE_UNAVAILABLE');
    // Only browsers send it, and no browser is an agent.
    if (request.headers.origin !== undefined) throw new AppError('FORBIDDEN');
    const caller = await admit(this.#options.guard, {
      route: 'agentFeed',
      address: addressOf(request, socket, this.#options.trustProxy),
      authorization: request.headers.authorization,
    });
    if (caller?.kind !== 'agent') throw new AppError('FORBIDDEN');
    return caller;
  }

  #open(agent: AgentCaller, socket: WebSocket): void {
    if (this.#isClosing) return socket.terminate();
    const connection = new FeedConnection({ agent, socket, services: this.#options.services });
    socket.once('close', (code) => this.#options.services.events.agentDisconnected(agent.id, code));
    this.#connections.set(
      connection,
      connection.run().finally(() => this.#connections.delete(connection)),
    );
  }

  #beat(): void {
    for (const connection of this.#connections.keys()) connection.beat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#heart);
    const running = [...this.#connections.values()];
    for (const connection of this.#connections.keys())
      connection.close(1001, 'the control plane is stopping');
    const cut = setTimeout(() => {
      for (const connection of this.#connections.keys()) connection.terminate();
    }, 1000);
    await Promise.allSettled(running);
    clearTimeout(cut);
  }
}

/** As Koa finds it for requests: the last address of X-Forwarded-For, only behind a proxy. */
function addressOf(request: IncomingMessage, socket: Duplex, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',').at(-1)?.trim();
  if (last) return last;
  return 'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? socket.remoteAddress : '';
}

const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

function refuseUpgrade(socket: Duplex, error: AppError): void {
  const { status } = error.entry;
  const body = JSON.stringify(errorAnswer(error, randomUUID()));
  const lines = [
    `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Error'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(error instanceof RateLimitedError ? [`Retry-After: ${error.retryAfterSeconds}`] : []),
    ...(status === 401 ? ['WWW-Authenticate: Bearer'] : []),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
