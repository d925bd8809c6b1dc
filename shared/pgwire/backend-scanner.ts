import { absoluteFrameCeiling, checkedFrameSize, frameCeilings } from './frame-limits.ts';
import { asBuffer } from './frame-reader.ts';
import { backendType } from './message-types.ts';

const headerBytes = 5;
const dataRow: number = backendType.dataRow;
const copyData: number = backendType.copyData;
const empty = Buffer.alloc(0);

/**
 * Walks the bytes from a server for a proxy, without an allocation or a copy per row.
 *
 * Two kinds of item are reported, each as `[start, end)` of `buffer` with its `type`:
 * - a **run** of DataRow or CopyData bytes: as many consecutive frames of that one type as the chunk holds, a frame
 *   cut by the chunk's end included. Rows are never held back; `completed` says how many frames ended in this run.
 * - any other message: always whole. It is a view of the chunk, or of a copy when it spanned chunks.
 *
 * ```ts
 * scanner.push(chunk);
 * while (scanner.advance()) forward(scanner.buffer, scanner.start, scanner.end);
 * ```
 * Errors (PROTOCOL_VIOLATION, FRAME_TOO_LARGE) are final.
 */
export class BackendScanner {
  /** Type byte of the item. */
  type = 0;
  /** Where the item's bytes are. */
  buffer: Buffer = empty;
  start = 0;
  end = 0;
  /** Frames that ended within this item: 1 for a whole message, 0 or more for a run. */
  completed = 0;

  readonly #ceilings: Int32Array;
  #chunk: Buffer = empty;
  #offset = 0;
  /** Bytes of a cut row that are still to come, and its type. */
  #remaining = 0;
  #runType = 0;
  /** A message (or only its header) that was cut by the chunk's end. */
  #partial: Buffer = empty;
  #held = 0;
  #wanted = 0;

  /** `maxFrameBytes` bounds messages that must be held whole; rows stream and are bounded by 1 GiB alone. */
  constructor(options: { readonly maxFrameBytes: number }) {
    this.#ceilings = frameCeilings('backend', options.maxFrameBytes);
    this.#ceilings[dataRow] = absoluteFrameCeiling;
    this.#ceilings[copyData] = absoluteFrameCeiling;
  }

  /** True when the reported items end inside a row: nothing of our own may be sent to the client now. */
  get midFrame(): boolean {
    return this.#remaining > 0;
  }

  /** Adds the next chunk; call `advance` until it answers false first. The scanner keeps views of the chunk. */
  push(chunk: Uint8Array): void {
    const added = asBuffer(chunk);
    const unread = this.#chunk.length - this.#offset;
    this.#chunk = unread === 0 ? added : Buffer.concat([this.#chunk.subarray(this.#offset), added]);
    this.#offset = 0;
  }

  /**
   * Moves to the next item; false when more bytes are needed.
   * A run stops after `maxCompleted` (1 or more) whole frames, so that a row limit can be enforced exactly.
   */
  advance(maxCompleted = Number.POSITIVE_INFINITY): boolean {
    if (this.#remaining > 0) return this.#run(maxCompleted);
    if (this.#held > 0) return this.#advancePartial();
    const start = this.#offset;
    const chunk = this.#chunk;
    const available = chunk.length - start;
    if (available >= headerBytes) {
      const type = chunk[start] ?? 0;
      if (type === dataRow || type === copyData) {
        this.#runType = type;
        return this.#run(maxCompleted);
      }
      const size = checkedFrameSize(this.#ceilings, type, chunk.readInt32BE(start + 1));
      if (available >= size) {
        this.#offset = start + size;
        return this.#report(type, chunk, start, start + size);
      }
      this.#wanted = size;
    }
    if (available > 0) this.#hold(available);
    return false;
  }

  /** Reports the rest of a cut row and all whole and cut rows of the same type behind it. */
  #run(maxCompleted: number): boolean {
    const chunk = this.#chunk;
    const length = chunk.length;
    const start = this.#offset;
    let position = start;
    let completed = 0;
    let size = this.#remaining;
    for (;;) {
      if (size === 0) {
        if (completed >= maxCompleted || length - position < headerBytes || chunk[position] !== this.#runType)
          break;
        size = checkedFrameSize(this.#ceilings, this.#runType, int32(chunk, position + 1));
      }
      if (length - position < size) {
        size -= length - position;
        position = length;
        break;
      }
      position += size;
      size = 0;
      completed += 1;
    }
    this.#remaining = size;
    this.#offset = position;
    if (position === start) return false;
    this.#report(this.#runType, chunk, start, position);
    this.completed = completed;
    return true;
  }

  #advancePartial(): boolean {
    if (this.#wanted === 0) {
      this.#hold(Math.min(headerBytes - this.#held, this.#chunk.length - this.#offset));
      if (this.#held < headerBytes) return false;
      const type = this.#partial[0] ?? 0;
      this.#wanted = checkedFrameSize(this.#ceilings, type, this.#partial.readInt32BE(1));
      if (type === dataRow || type === copyData) return this.#reportCutHeader(type);
    }
    this.#hold(Math.min(this.#wanted - this.#held, this.#chunk.length - this.#offset));
    if (this.#held < this.#wanted) return false;
    this.#report(this.#partial[0] ?? 0, this.#partial, 0, this.#held);
    this.#reset();
    return true;
  }

  /** A row whose five header bytes were cut: they are an item of their own, the row's body follows as a run. */
  #reportCutHeader(type: number): boolean {
    this.#runType = type;
    this.#remaining = this.#wanted - headerBytes;
    this.#report(type, this.#partial, 0, headerBytes);
    this.completed = this.#remaining === 0 ? 1 : 0;
    this.#reset();
    return true;
  }

  #report(type: number, buffer: Buffer, start: number, end: number): true {
    this.type = type;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.completed = 1;
    return true;
  }

  /** Moves `count` bytes of the chunk into the partial message; memory grows with what has arrived. */
  #hold(count: number): void {
    const needed = this.#held + count;
    if (needed > this.#partial.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#partial.length, 64));
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

function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
