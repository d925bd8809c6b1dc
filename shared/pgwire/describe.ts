import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';
import { type NamedObject, readNamedObject, writeNamedObject } from './named-object.ts';

/** Describe: asks for the parameters and columns of a prepared statement, or the columns of a portal. */
export type Describe = NamedObject;

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING when the name is not UTF-8. */
export function decodeDescribe(body: Buffer): Describe {
  const reader = new ByteReader(body);
  const message = readNamedObject(reader);
  reader.end();
  return message;
}

/** The whole frame. */
export function encodeDescribe(message: Describe): Buffer {
  return writeNamedObject(new ByteWriter(frontendType.describe), message).finish();
}
