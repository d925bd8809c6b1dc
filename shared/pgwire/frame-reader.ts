import { checkedFrameSize, frameCeilings } from './frame-limits.ts';
import type { Side } from './message-types.ts';

/** One typed message. Both buffers are views: valid as long as they are held, shared with the chunk they came in. */
export interface Frame {
  /** The type byte. */
  readonly type: number;
  /** The whole frame, type and length included: what is forwarded unchanged. */
  readonly bytes: Buffer;
  /** What follows the length word: what the decoders take. */
  readonly body: Buffer;
}

export interface FrameReaderOptions {
  /** Who sends these bytes; decides which types exist. */
  readonly side: Side;
  /** Ceiling of a whole frame in bytes; types with a smaller natural limit keep theirs (frame-limits.ts). */
  readonly maxFrameBytes: number;
}

const headerBytes = 5;
const firstAllocation = 4_096;
const empty = Buffer.alloc(0);

/** The bytes of a Uint8Array as a Buffer, without copying. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Cuts a byte stream into frames. A frame that lies within one pushed chunk is a view of it; only one that spans
 * chunks is copied, into memory that grows with what has arrived, never with what a header merely promises.
 *
 * Push a chunk, call `next` until it answers null, push the next. Errors (PROTOCOL_VIOLATION, FRAME_TOO_LARGE)
 * are final: the stream has lost its framing and must be closed.
 */
export class FrameReader {
  readonly #ceilings: Int32Array;
  #chunk: Buffer = empty;
  #offset = 0;
  /** A frame that spans chunks; `#held` bytes of it are here, `#wanted` (0 until the header is whole) complete it. */
  #partial: Buffer = empty;
  #held = 0;
  #wanted = 0;

  constructor(options: FrameReaderOptions) {
    this.#ceilings = frameCeilings(options.side, options.maxFrameBytes);
  }

  /** Bytes that were pushed and not yet returned as frames. */
  get buffered(): number {
    return this.#held + this.#chunk.length - this.#offset;
  }

  /** Adds bytes. The reader keeps views of them: do not write into the chunk afterwards. */
  push(chunk: Uint8Array): void {
    const added = asBuffer(chunk);
    const unread = this.#chunk.length - this.#offset;
    this.#chunk = unread === 0 ? added : Buffer.concat([this.#chunk.subarray(this.#offset), added]);
    this.#offset = 0;
  }

  /** The next whole frame, or null when more bytes are needed. */
  next(): Frame | null {
    if (this.#held > 0) return this.#nextAcrossChunks();
    const start = this.#offset;
    const chunk = this.#chunk;
    const available = chunk.length - start;
    if (available >= headerBytes) {
      const size = checkedFrameSize(this.#ceilings, chunk[start] ?? 0, chunk.readInt32BE(start + 1));
      if (available >= size) {
        this.#offset = start + size;
        return frameOf(chunk.subarray(start, start + size));
      }
      this.#wanted = size;
    }
    if (available > 0) this.#hold(available);
    return null;
  }

  /** Everything not yet returned as a frame, and the reader is empty afterwards. For handing a stream over. */
  takeRest(): Buffer {
    const rest = Buffer.concat([this.#partial.subarray(0, this.#held), this.#chunk.subarray(this.#offset)]);
    this.#reset();
    this.#chunk = empty;
    this.#offset = 0;
    return rest;
  }

  #nextAcrossChunks(): Frame | null {
    if (this.#wanted === 0) {
      this.#hold(Math.min(headerBytes - this.#held, this.#chunk.length - this.#offset));
      if (this.#held < headerBytes) return null;
      this.#wanted = checkedFrameSize(this.#ceilings, this.#partial[0] ?? 0, this.#partial.readInt32BE(1));
    }
    this.#hold(Math.min(this.#wanted - this.#held, this.#chunk.length - this.#offset));
    if (this.#held < this.#wanted) return null;
    const frame = frameOf(this.#partial.subarray(0, this.#held));
    this.#reset();
    return frame;
  }

  /** Moves `count` bytes from the chunk to the partial frame. */
  #hold(count: number): void {
    const needed = this.#held + count;
    if (needed > this.#partial.length) {
      const doubled = Math.max(needed, 2 * this.#partial.length, firstAllocation);
      const grown = Buffer.allocUnsafe(
        this.#wanted === 0 ? doubled : Math.max(needed, Math.min(doubled, this.#wanted)),
      );
      this.#partial.copy(grown, 0, 0, this.#held);
      this.#partial = grown;
    }
    this.#chunk.copy(this.#partial, this.#held, this.#offset, this.#offset + count);
    this.#held = needed;
    this.#offset += count;
  }

  #reset(): void {
    this.#partial = empty;
    this.#held = 0;
    this.#wanted = 0;
  }
}

function frameOf(bytes: Buffer): Frame {
  return { type: bytes[0] ?? 0, bytes, body: bytes.subarray(headerBytes) };
}
