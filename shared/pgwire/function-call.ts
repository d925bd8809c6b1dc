import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { frontendType } from './message-types.ts';

/** FunctionCall: runs a function by OID, past all SQL. A gate must refuse it; it is decoded to record what was tried. */
export interface FunctionCall {
  readonly functionOid: number;
  readonly argumentFormats: readonly number[];
  /** Views of the frame; null is SQL NULL. */
  readonly arguments: readonly (Buffer | null)[];
  /** 0 text, 1 binary. */
  readonly resultFormat: number;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeFunctionCall(body: Buffer): FunctionCall {
  const reader = new ByteReader(body);
  const functionOid = reader.uint32();
  const argumentFormats = reader.list(reader.uint16(), (r) => r.uint16());
  const values = reader.list(reader.uint16(), (r) => r.value());
  const resultFormat = reader.uint16();
  reader.end();
  return { functionOid, argumentFormats, arguments: values, resultFormat };
}

/** The whole frame. */
export function encodeFunctionCall(message: FunctionCall): Buffer {
  const writer = new ByteWriter(frontendType.functionCall).uint32(message.functionOid);
  return writer
    .list(message.argumentFormats, (format) => writer.uint16(format))
    .list(message.arguments, (value) => writer.value(value))
    .uint16(message.resultFormat)
    .finish();
}
