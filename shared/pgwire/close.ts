import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';
import { type NamedObject, readNamedObject, writeNamedObject } from './named-object.ts';

/** Close: frees a prepared statement or a portal; closing an unknown name is not an error. */
export type Close = NamedObject;

/** PROTOCOL_VIOLATION when malformed; INVALID_ENCODING when the name is not UTF-8. */
export function decodeClose(body: Buffer): Close {
  const reader = new ByteReader(body);
  const message = readNamedObject(reader);
  reader.end();
  return message;
}

/** The whole frame. */
export function encodeClose(message: Close): Buffer {
  return writeNamedObject(new ByteWriter(frontendType.close), message).finish();
}
