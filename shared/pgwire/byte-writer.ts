import { AppError } from '../errors/app-error.ts';
import { absoluteFrameCeiling } from './frame-limits.ts';

const initialBytes = 128;

/**
 * Builds one message. `finish` writes the length word, and asserts that it counts what was written: a length that
 * wraps lets an attacker smuggle messages (CVE-2024-27304), so nothing above 1 GiB is ever built.
 */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafe(initialBytes);
  #length = 0;
  readonly #lengthAt: number;

  /** `type` is the type byte; null for start-up packets, which have none. */
  constructor(type: number | null) {
    this.#lengthAt = type === null ? 0 : 1;
    if (type !== null) this.uint8(type);
    this.int32(0);
  }

  uint8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes.writeUInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#reserve(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  uint16(value: number): this {
    const at = this.#reserve(2);
    this.#bytes.writeUInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#reserve(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  uint32(value: number): this {
    const at = this.#reserve(4);
    this.#bytes.writeUInt32BE(value, at);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** A value with its 32-bit length before it; null is length -1. */
  value(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).bytes(value);
  }

  /** A zero-terminated text; a zero inside would end it early and shift every field behind it, so it throws. */
  cstring(text: string): this {
    if (text.includes('\0')) throw new AppError('INVALID_INPUT', { message: 'A text holds a zero byte.' });
    const size = Buffer.byteLength(text, 'utf8');
    const at = this.#reserve(size + 1);
    this.#bytes.write(text, at, 'utf8');
    this.#bytes[at + size] = 0;
    return this;
  }

  /** The count of `items` as an unsigned 16-bit number, then each item. */
  list<Item>(items: readonly Item[], write: (item: Item) => void): this {
    if (items.length > 65_535)
      throw new AppError('TOO_LARGE', { message: 'A list has more than 65,535 items.' });
    this.uint16(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** The finished message. */
  finish(): Buffer {
    this.#bytes.writeInt32BE(this.#length - this.#lengthAt, this.#lengthAt);
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > absoluteFrameCeiling) throw new AppError('FRAME_TOO_LARGE');
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }
}

/** A message that has no body: type byte and length 4. */
export function emptyMessage(type: number): Buffer {
  return new ByteWriter(type).finish();
}
