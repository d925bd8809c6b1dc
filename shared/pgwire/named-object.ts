import { AppError } from '../errors/app-error.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What Describe and Close point at. */
export interface NamedObject {
  readonly target: 'statement' | 'portal';
  /** Empty for the unnamed one. */
  readonly name: string;
}

const statementByte = 0x53; // S
const portalByte = 0x50; // P

/** Reads a target byte and a name; PROTOCOL_VIOLATION for any other target. */
export function readNamedObject(reader: ByteReader): NamedObject {
  const byte = reader.uint8();
  if (byte !== statementByte && byte !== portalByte) {
    throw new AppError('PROTOCOL_VIOLATION', {
      detail: `target ${byte} is neither a statement nor a portal`,
    });
  }
  return { target: byte === statementByte ? 'statement' : 'portal', name: reader.cstring() };
}

/** Writes a target byte and a name. */
export function writeNamedObject(writer: ByteWriter, object: NamedObject): ByteWriter {
  return writer.uint8(object.target === 'statement' ? statementByte : portalByte).cstring(object.name);
}
