import { checkCancelKey } from './backend-key-data.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** The code in place of a version that asks to cancel (docs 55.2.8). There is no answer. */
export const cancelRequestCode = 80_877_102;

/** CancelRequest: names a session by what its BackendKeyData said. */
export interface CancelRequest {
  /** Unsigned 32 bits: proxies need not use process ids. */
  readonly pid: number;
  /** 4 bytes in protocol 3.0, up to 256 in 3.2. A view of the packet. */
  readonly secret: Buffer;
}

/** Decodes a packet without its length word. PROTOCOL_VIOLATION when malformed or the key has an impossible size. */
export function decodeCancelRequest(body: Buffer): CancelRequest {
  const reader = new ByteReader(body);
  reader.uint32();
  const pid = reader.uint32();
  const secret = reader.rest();
  checkCancelKey(secret);
  return { pid, secret };
}

/** The whole packet. */
export function encodeCancelRequest(message: CancelRequest): Buffer {
  checkCancelKey(message.secret);
  return new ByteWriter(null).uint32(cancelRequestCode).uint32(message.pid).bytes(message.secret).finish();
}
