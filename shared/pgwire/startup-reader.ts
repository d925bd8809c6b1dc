import { AppError } from '../errors/app-error.ts';
import { maxStartupPacketBytes } from './frame-limits.ts';
import { asBuffer } from './frame-reader.ts';

const lengthBytes = 4;
const minPacketBytes = 8;

/**
 * Collects the untyped packets that open a connection: SSLRequest, GSSENCRequest, CancelRequest, StartupMessage
 * (decode what it returns with `decodeStartupPacket`). The ceiling is the server's own, 10,000 bytes.
 *
 * After each packet the caller decides what may follow, and must check `buffered`: bytes stuffed behind an
 * SSLRequest or GSSENCRequest are an attack (CVE-2021-23222), bytes behind a StartupMessage belong to
 * authentication and are taken with `takeRest`.
 */
export class StartupReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** Bytes that arrived after the packets returned so far. */
  get buffered(): number {
    return this.#bytes.length;
  }

  /** Adds bytes; PROTOCOL_VIOLATION when a client sends more than any opening may need. */
  push(chunk: Uint8Array): void {
    if (this.#bytes.length + chunk.length > 2 * 65_536)
      throw violation('too many bytes before authentication');
    this.#bytes = this.#bytes.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#bytes, chunk]);
  }

  /**
   * The next whole packet, its length word included, or null when more bytes are needed.
   * Throws PROTOCOL_VIOLATION for a length below 8, FRAME_TOO_LARGE for one above 10,000.
   */
  next(): Buffer | null {
    if (this.#bytes.length < lengthBytes) return null;
    const length = this.#bytes.readInt32BE(0);
    if (length < minPacketBytes) throw violation(`start-up packet has length ${length}`);
    if (length > maxStartupPacketBytes) {
      throw new AppError('FRAME_TOO_LARGE', { detail: `start-up packet has length ${length}` });
    }
    if (this.#bytes.length < length) return null;
    const packet = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return packet;
  }

  /** The bytes behind the last packet; the reader is empty afterwards. */
  takeRest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { detail });
}
