import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { maxCancelKeyBytes, minCancelKeyBytes } from './frame-limits.ts';
import { backendType } from './message-types.ts';

/** BackendKeyData: what a CancelRequest must repeat. */
export interface BackendKeyData {
  /** Unsigned 32 bits. */
  readonly pid: number;
  /** 4 bytes in protocol 3.0, up to 256 in 3.2. A view of the frame. */
  readonly secret: Buffer;
}

/** PROTOCOL_VIOLATION unless the key has 4 to 256 bytes. */
export function checkCancelKey(secret: Uint8Array): void {
  if (secret.length < minCancelKeyBytes || secret.length > maxCancelKeyBytes) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: `a cancel key of ${secret.length} bytes` });
  }
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeBackendKeyData(body: Buffer): BackendKeyData {
  const reader = new ByteReader(body);
  const pid = reader.uint32();
  const secret = reader.rest();
  checkCancelKey(secret);
  return { pid, secret };
}

/** The whole frame. Send a key longer than 4 bytes only to a client that speaks 3.2. */
export function encodeBackendKeyData(message: BackendKeyData): Buffer {
  checkCancelKey(message.secret);
  return new ByteWriter(backendType.backendKeyData).uint32(message.pid).bytes(message.secret).finish();
}
