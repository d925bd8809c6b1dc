import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** DataRow: the values of one row, as views of the frame; null is SQL NULL. PROTOCOL_VIOLATION when malformed. */
export function decodeDataRow(body: Buffer): (Buffer | null)[] {
  const reader = new ByteReader(body);
  const values = reader.list(reader.uint16(), (r) => r.value());
  reader.end();
  return values;
}

/** The whole frame. */
export function encodeDataRow(values: readonly (Uint8Array | null)[]): Buffer {
  const writer = new ByteWriter(backendType.dataRow);
  return writer.list(values, (value) => writer.value(value)).finish();
}
