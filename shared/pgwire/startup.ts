import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type ProtocolVersion, protocolCode, protocolVersionOf } from './protocol-version.ts';

/** StartupMessage: opens a session. */
export interface Startup {
  readonly protocol: ProtocolVersion;
  /** `user`, `database`, `options`, `replication`, run-time settings and `_pq_.*` protocol extensions, in order. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Decodes a start-up packet without its length word (what follows the version code included).
 * UNSUPPORTED when the major version is not 3. PROTOCOL_VIOLATION for a key that comes twice (which one counts would
 * differ between programs), an empty key, a missing terminator, bytes behind it. INVALID_ENCODING when not UTF-8.
 */
export function decodeStartup(body: Buffer): Startup {
  const reader = new ByteReader(body);
  const protocol = protocolVersionOf(reader.uint32());
  if (protocol.major !== 3) {
    throw new AppError('UNSUPPORTED', {
      message: 'Only protocol version 3 is supported. Use a newer client.',
    });
  }
  const parameters = new Map<string, string>();
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) {
    if (parameters.has(name))
      throw new AppError('PROTOCOL_VIOLATION', { detail: 'a start-up parameter comes twice' });
    parameters.set(name, reader.cstring());
  }
  reader.end();
  return { protocol, parameters };
}

/** The whole packet. INVALID_INPUT for an empty name, which would end the list early. */
export function encodeStartup(message: Startup): Buffer {
  const writer = new ByteWriter(null).uint32(protocolCode(message.protocol));
  for (const [name, value] of message.parameters) {
    if (name === '') throw new AppError('INVALID_INPUT', { message: 'A start-up parameter has no name.' });
    writer.cstring(name).cstring(value);
  }
  return writer.uint8(0).finish();
}
