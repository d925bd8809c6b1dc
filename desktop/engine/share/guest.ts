/** The guest's side: asks the host, and is told when the host is gone. */
import type { Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import type { LocalEndpoint } from '../open-databases.ts';
import { readLines } from './lines.ts';
import { answerSchema, fromFailure, type ShareAnswer, type ShareRequest } from './messages.ts';

/** Longer than the host takes to open a port. Milliseconds. */
const answerTimeoutMs = 30_000;

type Asked = ShareRequest extends infer Each ? (Each extends ShareRequest ? Omit<Each, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (endpoints: readonly LocalEndpoint[]) => void;
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
  ask(request: Asked): Promise<readonly LocalEndpoint[]> {
    if (this.#socket.destroyed) return Promise.reject(new AppError('ENGINE_UNAVAILABLE'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new AppError('TIMEOUT'));
      }, answerTimeoutMs);
      this.#waiting.set(id, {
        resolve: (endpoints) => {
          clearTimeout(timer);
          resolve(endpoints);
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
    else waiting?.resolve(answer.endpoints);
  }
}

function parse(line: string): ShareAnswer | null {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
