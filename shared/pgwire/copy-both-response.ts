import { type CopyFormat, decodeCopyFormat, encodeCopyFormat } from './copy-format.ts';
import { backendType } from './message-types.ts';

/** CopyBothResponse: both send CopyData; only replication does this. PROTOCOL_VIOLATION when malformed. */
export function decodeCopyBothResponse(body: Buffer): CopyFormat {
  return decodeCopyFormat(body);
}

/** The whole frame. */
export function encodeCopyBothResponse(format: CopyFormat): Buffer {
  return encodeCopyFormat(backendType.copyBothResponse, format);
}
