import { isUtf8 } from 'node:buffer';
import { AppError } from '../errors/app-error.ts';

/**
 * Bounds-checked reading of one message body. Every read past the end throws PROTOCOL_VIOLATION, and `end` throws
 * it for bytes that nobody read. Integers are big-endian (network order).
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** `count` bytes as a view. */
  bytes(count: number): Buffer {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** Everything that is left, as a view. */
  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** A value with a 32-bit length before it, as a view; null for length -1. */
  value(): Buffer | null {
    const length = this.int32();
    if (length === -1) return null;
    return this.bytes(length);
  }

  /** The bytes up to a zero byte, as a view; the zero is consumed. */
  cstringBytes(): Buffer {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw violation('a string has no terminator');
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return view;
  }

  /** A zero-terminated text; INVALID_ENCODING when it is not UTF-8, since a guess would differ from the server's. */
  cstring(): string {
    const view = this.cstringBytes();
    if (!isUtf8(view)) throw new AppError('INVALID_ENCODING');
    return view.toString('utf8');
  }

  /** Like `cstring`, with U+FFFD for malformed bytes: for diagnostics, which may come in any server encoding. */
  lenientCstring(): string {
    return this.cstringBytes().toString('utf8');
  }

  /** `count` items; `count` came from the wire, so nothing is allocated ahead. */
  list<Item>(count: number, read: (reader: ByteReader) => Item): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < count; i += 1) items.push(read(this));
    return items;
  }

  /** Asserts that the body was read to its end. */
  end(): void {
    if (this.remaining !== 0) throw violation(`${this.remaining} bytes after the end of a message`);
  }

  #take(count: number): number {
    const start = this.#at;
    if (count < 0 || count > this.#bytes.length - start) throw violation('a message ends too early');
    this.#at = start + count;
    return start;
  }
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { detail });
}

/** Asserts that a message without fields has no body. */
export function expectEmpty(body: Buffer): void {
  if (body.length !== 0) throw violation(`${body.length} bytes after the end of a message`);
}
