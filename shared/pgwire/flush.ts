import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Flush: asks the server to send what it has. PROTOCOL_VIOLATION when it has a body. */
export function decodeFlush(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeFlush(): Buffer {
  return emptyMessage(frontendType.flush);
}
