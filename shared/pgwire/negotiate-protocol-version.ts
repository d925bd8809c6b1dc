import { AppError } from '../errors/app-error.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { backendType } from './message-types.ts';
import { newestProtocol, type ProtocolVersion, protocolCode, protocolVersionOf } from './protocol-version.ts';
import type { Startup } from './startup.ts';

/** NegotiateProtocolVersion: the server speaks less than was asked for. */
export interface NegotiateProtocolVersion {
  /** The newest version that the server will speak. On the wire the whole code stands, not only the minor number. */
  readonly protocol: ProtocolVersion;
  /** Names of `_pq_.*` options that the server does not know. */
  readonly unrecognized: readonly string[];
}

const maxOptions = 128;

/** PROTOCOL_VIOLATION when malformed or with more than 128 options. */
export function decodeNegotiateProtocolVersion(body: Buffer): NegotiateProtocolVersion {
  const reader = new ByteReader(body);
  const protocol = protocolVersionOf(reader.uint32());
  const count = reader.uint32();
  if (count > maxOptions)
    throw new AppError('PROTOCOL_VIOLATION', { detail: `${count} unrecognized options` });
  const unrecognized = reader.list(count, (r) => r.cstring());
  reader.end();
  return { protocol, unrecognized };
}

/** The whole frame. */
export function encodeNegotiateProtocolVersion(message: NegotiateProtocolVersion): Buffer {
  const writer = new ByteWriter(backendType.negotiateProtocolVersion);
  writer.uint32(protocolCode(message.protocol)).uint32(message.unrecognized.length);
  for (const name of message.unrecognized) writer.cstring(name);
  return writer.finish();
}

/**
 * What a server must answer to a start-up message: null when it can speak exactly what was asked for. The version
 * that both then speak is the lesser one.
 */
export function negotiationFor(startup: Startup): NegotiateProtocolVersion | null {
  const unrecognized = [...startup.parameters.keys()]
    .filter((name) => name.startsWith('_pq_.'))
    .slice(0, maxOptions);
  const tooNew = startup.protocol.minor > newestProtocol.minor;
  if (!tooNew && unrecognized.length === 0) return null;
  return { protocol: tooNew ? newestProtocol : startup.protocol, unrecognized };
}
