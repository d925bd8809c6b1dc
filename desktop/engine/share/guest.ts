/** The guest's side: asks the host, and is told when the host is gone. */
import type { Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import type { LocalEndpoint } from '../open-databases.ts';
import type { PortSession } from '../port-session.ts';
import { readLines } from './lines.ts';
import {
  answerSchema,
  fromFailure,
  type PortsRequest,
  type ShareAnswer,
  type ShareRequest,
} from './messages.ts';

/** Longer than the host takes to open a port. Milliseconds. */
const answerTimeoutMs = 30_000;

type WithoutId<Each> = Each extends ShareRequest ? Omit<Each, 'id'> : never;
type Answer = Exclude<ShareAnswer, { readonly closed: string } | { readonly error: unknown }>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: AppError) => void;
}

export class ShareGuest implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isDisposed = false;

  constructor(options: {
    readonly socket: Socket;
    /** The host has closed this database for everybody. */
    readonly onClosed: (databaseId: string) => void;
    /** The host has gone. Not after `dispose`. */
    readonly onGone: () => void;
  }) {
    this.#socket = options.socket;
    readLines(options.socket, (line) => this.#take(line, options.onClosed));
    options.socket.once('close', () => {
      const gone = new AppError('ENGINE_UNAVAILABLE', { detail: 'the host has gone' });
      for (const { reject } of this.#waiting.values()) reject(gone);
      this.#waiting.clear();
      if (!this.#isDisposed) options.onGone();
    });
  }

  /** The host's answer, or its failure. ENGINE_UNAVAILABLE when it goes, TIMEOUT when it says nothing. */
  async ask(request: WithoutId<PortsRequest>): Promise<readonly LocalEndpoint[]> {
    const answer = await this.#ask(request);
    return 'endpoints' in answer ? answer.endpoints : unexpected();
  }

  /** Who is connected through a database's port at the host. Fails as `ask` does. */
  async sessions(database: string): Promise<readonly PortSession[]> {
    const answer = await this.#ask({ do: 'sessions', database });
    return 'sessions' in answer ? answer.sessions : unexpected();
  }

  /** Ends one of them. Fails as `ask` does. */
  async endSession(database: string, session: string): Promise<boolean> {
    const answer = await this.#ask({ do: 'endSession', database, session });
    return 'ended' in answer ? answer.ended : unexpected();
  }

  #ask(request: WithoutId<ShareRequest>): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.reject(new AppError('ENGINE_UNAVAILABLE'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AppError('TIMEOUT'));
      }, answerTimeoutMs);
      this.#waiting.set(id, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (failure) => {
          clearTimeout(timer);
          reject(failure);
        },
      });
      this.#socket.write(`${JSON.stringify({ ...request, id })}\n`);
    });
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#socket.destroy();
  }

  #take(line: string, onClosed: (databaseId: string) => void): void {
    const answer = parse(line);
    if (answer === null) {
      this.#socket.destroy();
      return;
    }
    if ('closed' in answer) {
      onClosed(answer.closed);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(fromFailure(answer.error));
    else waiting?.resolve(answer);
  }
}

function unexpected(): never {
  throw new AppError('PROTOCOL_VIOLATION', { detail: 'another answer than was asked for' });
}

function parse(line: string): ShareAnswer | null {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
