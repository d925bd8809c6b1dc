import { AppError } from '../errors/app-error.ts';
import { backendType as b, frontendType as f, type Side } from './message-types.ts';

/** Longest untyped start-up packet, its length word included: the server's own MAX_STARTUP_PACKET_LENGTH. */
export const maxStartupPacketBytes = 10_000;

/** Largest frame of all: the server cannot build one above its allocation limit (1 GiB). */
export const absoluteFrameCeiling = 0x4000_0000;

/** Largest cancel key of protocol 3.2, in bytes; 3.0 always has 4. */
export const maxCancelKeyBytes = 256;
export const minCancelKeyBytes = 4;

const header = 5;
/** The server's PQ_SMALL_MESSAGE_LIMIT and PG_MAX_AUTH_TOKEN_LENGTH, plus the type byte. */
const small = 10_001;
const authentication = 65_536;
const large = absoluteFrameCeiling;

/**
 * Ceilings of whole frames (type and length bytes included) by type byte; a missing type is unknown and refused.
 * `large` types are cut further by the reader's own `maxFrameBytes`.
 */
const frontendCeilings: Readonly<Record<number, number>> = {
  [f.bind]: large,
  [f.close]: small,
  [f.copyData]: large,
  [f.copyDone]: header,
  [f.copyFail]: small,
  [f.describe]: small,
  [f.execute]: small,
  [f.flush]: header,
  [f.functionCall]: large,
  [f.parse]: large,
  [f.password]: authentication,
  [f.query]: large,
  [f.sync]: header,
  [f.terminate]: header,
};

const backendCeilings: Readonly<Record<number, number>> = {
  [b.authentication]: authentication,
  [b.backendKeyData]: header + 4 + maxCancelKeyBytes,
  [b.bindComplete]: header,
  [b.closeComplete]: header,
  [b.commandComplete]: 1_024,
  [b.copyBothResponse]: header + 3 + 2 * 65_535,
  [b.copyData]: large,
  [b.copyDone]: header,
  [b.copyInResponse]: header + 3 + 2 * 65_535,
  [b.copyOutResponse]: header + 3 + 2 * 65_535,
  [b.dataRow]: large,
  [b.emptyQueryResponse]: header,
  [b.errorResponse]: 16 * 1024 * 1024,
  [b.functionCallResponse]: large,
  [b.negotiateProtocolVersion]: 65_536,
  [b.noData]: header,
  [b.noticeResponse]: 16 * 1024 * 1024,
  [b.notificationResponse]: 16_384,
  [b.parameterDescription]: header + 2 + 4 * 65_535,
  [b.parameterStatus]: 65_536,
  [b.parseComplete]: header,
  [b.portalSuspended]: header,
  [b.readyForQuery]: header + 1,
  [b.rowDescription]: 1024 * 1024,
};

/** A table of 256 entries for the reader's hot path: the frame ceiling of each type byte, 0 when unknown. */
export function frameCeilings(side: Side, maxFrameBytes: number): Int32Array {
  const table = new Int32Array(256);
  const source = side === 'frontend' ? frontendCeilings : backendCeilings;
  for (const [type, ceiling] of Object.entries(source))
    table[Number(type)] = Math.min(ceiling, maxFrameBytes);
  return table;
}

/**
 * Checks a frame's header before anything is buffered and returns the whole frame's size in bytes.
 * `length` is the header's signed 32-bit length word, which counts itself but not the type byte.
 * Throws PROTOCOL_VIOLATION for an unknown type or an impossible length, FRAME_TOO_LARGE above the ceiling.
 */
export function checkedFrameSize(ceilings: Int32Array, type: number, length: number): number {
  const ceiling = ceilings[type] ?? 0;
  if (ceiling === 0) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: `unknown message type ${type}` });
  }
  if (length < 4) {
    throw new AppError('PROTOCOL_VIOLATION', { detail: `message type ${type} has length ${length}` });
  }
  if (length >= ceiling) {
    throw new AppError('FRAME_TOO_LARGE', {
      detail: `message type ${type} has length ${length}, limit ${ceiling - 1}`,
    });
  }
  return length + 1;
}
