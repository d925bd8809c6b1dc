import { type CopyFormat, decodeCopyFormat, encodeCopyFormat } from './copy-format.ts';
import { backendType } from './message-types.ts';

/** CopyOutResponse: CopyData from the server follows. PROTOCOL_VIOLATION when malformed. */
export function decodeCopyOutResponse(body: Buffer): CopyFormat {
  return decodeCopyFormat(body);
}

/** The whole frame. */
export function encodeCopyOutResponse(format: CopyFormat): Buffer {
  return encodeCopyFormat(backendType.copyOutResponse, format);
}
