import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Query: the simple protocol. The text may hold several statements. */
export interface Query {
  readonly sql: string;
}

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING (the session may go on) when the text is not UTF-8. */
export function decodeQuery(body: Buffer): Query {
  const reader = new ByteReader(body);
  const sql = reader.cstring();
  reader.end();
  return { sql };
}

/** The whole frame. */
export function encodeQuery(message: Query): Buffer {
  return new ByteWriter(frontendType.query).cstring(message.sql).finish();
}
