import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Sync: ends an extended-protocol batch; the server answers ReadyForQuery. PROTOCOL_VIOLATION when it has a body. */
export function decodeSync(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeSync(): Buffer {
  return emptyMessage(frontendType.sync);
}
