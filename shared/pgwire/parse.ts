import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** Parse: makes a prepared statement of one SQL statement. */
export interface Parse {
  /** The statement's name; empty for the unnamed one. */
  readonly name: string;
  readonly sql: string;
  /** Type OIDs of $1, $2, …; 0 leaves a type to the server. May be shorter than the statement's parameters. */
  readonly parameterTypes: readonly number[];
}

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING (the session may go on) when a text is not UTF-8. */
export function decodeParse(body: Buffer): Parse {
  const reader = new ByteReader(body);
  const name = reader.cstring();
  const sql = reader.cstring();
  const parameterTypes = reader.list(reader.uint16(), (r) => r.uint32());
  reader.end();
  return { name, sql, parameterTypes };
}

/** The whole frame. */
export function encodeParse(message: Parse): Buffer {
  const writer = new ByteWriter(frontendType.parse).cstring(message.name).cstring(message.sql);
  return writer.list(message.parameterTypes, (oid) => writer.uint32(oid)).finish();
}
