import { type CopyFormat, decodeCopyFormat, encodeCopyFormat } from './copy-format.ts';
import { backendType } from './message-types.ts';

/** CopyInResponse: the server waits for CopyData from the client. PROTOCOL_VIOLATION when malformed. */
export function decodeCopyInResponse(body: Buffer): CopyFormat {
  return decodeCopyFormat(body);
}

/** The whole frame. */
export function encodeCopyInResponse(format: CopyFormat): Buffer {
  return encodeCopyFormat(backendType.copyInResponse, format);
}
