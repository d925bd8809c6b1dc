import { ByteWriter } from './byte-writer.ts';

/** The code in place of a version that asks for TLS (docs 55.2.10). The answer is one byte: S or N. */
export const sslRequestCode = 80_877_103;

/** The whole packet. */
export function encodeSslRequest(): Buffer {
  return new ByteWriter(null).uint32(sslRequestCode).finish();
}
