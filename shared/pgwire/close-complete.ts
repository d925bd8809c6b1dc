import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** CloseComplete. PROTOCOL_VIOLATION when it has a body. */
export function decodeCloseComplete(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeCloseComplete(): Buffer {
  return emptyMessage(backendType.closeComplete);
}
