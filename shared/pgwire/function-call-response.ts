import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** FunctionCallResponse: the result as a view of the frame; null is SQL NULL. PROTOCOL_VIOLATION when malformed. */
export function decodeFunctionCallResponse(body: Buffer): Buffer | null {
  const reader = new ByteReader(body);
  const value = reader.value();
  reader.end();
  return value;
}

/** The whole frame. */
export function encodeFunctionCallResponse(value: Uint8Array | null): Buffer {
  return new ByteWriter(backendType.functionCallResponse).value(value).finish();
}
