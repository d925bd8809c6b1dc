import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** BindComplete. PROTOCOL_VIOLATION when it has a body. */
export function decodeBindComplete(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeBindComplete(): Buffer {
  return emptyMessage(backendType.bindComplete);
}
