import { ByteWriter } from './byte-writer.ts';

/** The code in place of a version that asks for GSSAPI encryption (docs 55.2.11). The answer is one byte: G or N. */
export const gssEncRequestCode = 80_877_104;

/** The whole packet. */
export function encodeGssEncRequest(): Buffer {
  return new ByteWriter(null).uint32(gssEncRequestCode).finish();
}
