import type { Readable } from 'node:stream';
import { AppError } from '@daam/shared/errors/app-error';

/** Between two looks, in milliseconds. */
const lookEveryMs = 30_000;

/** What a reader takes from one look to the next, at least: 32 KiB a second. */
export const minBytesBetweenLooks = 32 * 1024 * (lookEveryMs / 1000);

/** What is handed on at a time: small, so that a slow reader of one long line is not taken for one that stands still. */
const pieceBytes = 64 * 1024;

/**
 * Nobody who reads slowly, or not at all, keeps an export's connection and snapshot: whoever left something unread at
 * two looks and took less than the minimum between them is cut off by `signal`. What is slow to be found in the store is
 * not the reader's fault: then nothing waits to be read. Dispose when the export is over.
 */
export class ReadingPace implements Disposable {
  readonly #body: Readable;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #handedOn = 0;
  #takenBefore = 0;
  #wasWaiting = false;

  /** `body` is what the reader reads, and what the pieces are written to. */
  constructor(body: Readable) {
    this.#body = body;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The texts as bytes, in pieces, counted as they go on to the body. */
  async *pieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
    for await (const text of texts) {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes);
        this.#handedOn += piece.length;
        yield piece;
      }
    }
  }

  /** Whether the reader took enough since the last look. */
  look(): void {
    const waiting = this.#body.readableLength;
    const taken = this.#handedOn - waiting;
    const isSlow = this.#wasWaiting && waiting > 0 && taken - this.#takenBefore < minBytesBetweenLooks;
    this.#wasWaiting = waiting > 0;
    this.#takenBefore = taken;
    if (!isSlow) return;
    this.#controller.abort(new AppError('RATE_LIMITED', { message: 'The export was read too slowly.' }));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
