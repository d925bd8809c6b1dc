import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** CopyDone, in both directions: the COPY stream is complete. PROTOCOL_VIOLATION when it has a body. */
export function decodeCopyDone(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeCopyDone(): Buffer {
  return emptyMessage(frontendType.copyDone);
}
