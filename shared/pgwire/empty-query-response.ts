import { expectEmpty } from './byte-reader.ts';
import { emptyMessage } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** EmptyQueryResponse: stands for CommandComplete when the text held no statement. PROTOCOL_VIOLATION when it has a body. */
export function decodeEmptyQueryResponse(body: Buffer): void {
  expectEmpty(body);
}

/** The whole frame. */
export function encodeEmptyQueryResponse(): Buffer {
  return emptyMessage(backendType.emptyQueryResponse);
}
