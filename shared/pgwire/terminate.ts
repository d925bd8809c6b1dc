import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Terminate: the client is leaving. PROTOCOL_VIOLATION when it has a body. */
export function decodeTerminate(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeTerminate(): Buffer {
  return emptyMessage(frontendType.terminate);
}
