import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';

/** ParameterStatus: a setting that clients follow, at start-up and at every change. */
export interface ParameterStatus {
  readonly name: string;
  readonly value: string;
}

/** PROTOCOL_VIOLATION when malformed. */
export function decodeParameterStatus(body: Buffer): ParameterStatus {
  const reader = new ByteReader(body);
  const name = reader.lenientCstring();
  const value = reader.lenientCstring();
  reader.end();
  return { name, value };
}

/** The whole frame. */
export function encodeParameterStatus(message: ParameterStatus): Buffer {
  return new ByteWriter(backendType.parameterStatus).cstring(message.name).cstring(message.value).finish();
}
