import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** ParseComplete. PROTOCOL_VIOLATION when it has a body. */
export function decodeParseComplete(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeParseComplete(): Buffer {
  return emptyMessage(backendType.parseComplete);
}
