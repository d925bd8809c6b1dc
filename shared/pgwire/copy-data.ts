import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** CopyData, in both directions: a piece of a COPY stream, as a view of the frame. Anything is well-formed. */
export function decodeCopyData(body: Buffer): Buffer {
  return body;
}

/** The whole frame. */
export function encodeCopyData(data: Uint8Array): Buffer {
  return new ByteWriter(frontendType.copyData).bytes(data).finish();
}
