import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** ParameterDescription: type OIDs of $1, $2, … of a prepared statement. PROTOCOL_VIOLATION when malformed. */
export function decodeParameterDescription(body: Buffer): number[] {
  const reader = new ByteReader(body);
  const types = reader.list(reader.uint16(), (r) => r.uint32());
  reader.end();
  return types;
}

/** The whole frame. */
export function encodeParameterDescription(types: readonly number[]): Buffer {
  const writer = new ByteWriter(backendType.parameterDescription);
  return writer.list(types, (oid) => writer.uint32(oid)).finish();
}
