import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** CopyFail: the client gives up a COPY FROM STDIN. */
export interface CopyFail {
  /** Becomes part of the server's error message. */
  readonly reason: string;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeCopyFail(body: Buffer): CopyFail {
  const reader = new ByteReader(body);
  const reason = reader.lenientCstring();
  reader.end();
  return { reason };
}

/** The whole frame. */
export function encodeCopyFail(message: CopyFail): Buffer {
  return new ByteWriter(frontendType.copyFail).cstring(message.reason).finish();
}
