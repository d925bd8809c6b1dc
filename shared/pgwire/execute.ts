import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Execute: runs a portal. */
export interface Execute {
  /** Empty for the unnamed portal. */
  readonly portal: string;
  /** Rows to return before PortalSuspended; 0 (or less) means all. */
  readonly maxRows: number;
}

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING when the name is not UTF-8. */
export function decodeExecute(body: Buffer): Execute {
  const reader = new ByteReader(body);
  const portal = reader.cstring();
  const maxRows = reader.int32();
  reader.end();
  return { portal, maxRows };
}

/** The whole frame. */
export function encodeExecute(message: Execute): Buffer {
  return new ByteWriter(frontendType.execute).cstring(message.portal).int32(message.maxRows).finish();
}
