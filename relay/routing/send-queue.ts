import type { DropReason } from './drop-reason.ts';

/** One message is at most this long, so that small frames share the cost of a message. Bytes. */
const maxCoalescedBytes = 60 * 1024;

/** What takes a message, and says when it left. */
export type Sink = (message: Buffer, sent: () => void) => void;

/**
 * What waits for one peer: bounded in bytes. When it is full the oldest frames go, as a router would do: the tunnel
 * inside repeats what it needs, and an old packet is worth less than a new one.
 */
export class SendQueue {
  readonly #sink: Sink;
  readonly #maxBytes: number;
  readonly #onDrop: (reason: DropReason) => void;
  #frames: Buffer[] = [];
  #bytes = 0;
  #isSending = false;
  #isClosed = false;

  constructor(options: {
    readonly sink: Sink;
    readonly maxBytes: number;
    readonly onDrop: (reason: DropReason) => void;
  }) {
    this.#sink = options.sink;
    this.#maxBytes = options.maxBytes;
    this.#onDrop = options.onDrop;
  }

  /** Bytes that wait, without those of the message under way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a frame. It is not copied: the caller must not change it any more. */
  push(frame: Buffer): void {
    if (this.#isClosed) return;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#frames.shift()?.length ?? 0;
      this.#onDrop('queue-full');
    }
    this.#sendNext();
  }

  /** Forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#frames = [];
    this.#bytes = 0;
  }

  #sendNext(): void {
    if (this.#isSending || this.#frames.length === 0) return;
    let count = 0;
    let size = 0;
    for (const frame of this.#frames) {
      if (count > 0 && size + frame.length > maxCoalescedBytes) break;
      size += frame.length;
      count += 1;
    }
    const message = Buffer.concat(this.#frames.splice(0, count), size);
    this.#bytes -= size;
    this.#isSending = true;
    this.#sink(message, () => {
      this.#isSending = false;
      this.#sendNext();
    });
  }
}
