import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** SASLResponse: the mechanism's next message, as a view of the frame. Anything is well-formed. */
export function decodeSaslResponse(body: Buffer): Buffer {
  return body;
}

/** The whole frame. */
export function encodeSaslResponse(data: Uint8Array): Buffer {
  return new ByteWriter(frontendType.password).bytes(data).finish();
}
