/**
 * What a peer and the relay say to each other once the peer is admitted (admission.ts): binary WebSocket messages,
 * each of one or more frames, back to back:
 *
 *   byte 0        type
 *   bytes 1..2    length of the payload, unsigned, big-endian
 *   bytes 3..34   X25519 public key of the other peer; zero where the relay itself is meant
 *   bytes 35..    payload
 *
 * The relay reads type, length and key; the payload of `send` and `recv` is ciphertext to it.
 */
import { AppError } from '../errors/app-error.ts';

export const headerBytes = 35;
export const keyBytes = 32;

/** Ceiling of a payload. WireGuard packets are far smaller; a sealed knock with its certificate is the largest. */
export const maxPayloadBytes = 16 * 1024;

/** Ceiling of a WebSocket message, either way. */
export const maxMessageBytes = 64 * 1024;

export const frameTypes = {
  /** Peer to relay: forward the payload to the peer of this key. */
  send: 1,
  /** Relay to peer: the peer of this key sent the payload. */
  recv: 2,
  /** Relay to peer: the peer of this key, a counterpart of yours, is connected. */
  peerPresent: 3,
  /** Relay to peer: the peer of this key is not connected; the payload is one byte of `goneReasons`. */
  peerGone: 4,
  /** Either way, at most 8 bytes of payload, answered by a pong with the same payload. */
  ping: 5,
  pong: 6,
  /** Relay to peer: text for a log, UTF-8, at most 512 bytes. */
  note: 7,
  /** Relay to peer: going away; the payload is a delay before the next attempt in milliseconds, 32 bits. */
  restarting: 8,
} as const;
export type FrameKind = keyof typeof frameTypes;

export const goneReasons = { notHere: 0, disconnected: 1, notACounterpart: 2 } as const;
export type GoneReason = keyof typeof goneReasons;

/** A frame. Decoded ones are views of the message: copy what must outlive it. */
export interface Frame {
  readonly kind: FrameKind;
  readonly key: Uint8Array;
  readonly payload: Uint8Array;
}

/** The key of frames that mean the relay itself. */
export const noKey: Uint8Array = new Uint8Array(keyBytes);

const kindByType = new Map<number, FrameKind>(
  Object.entries(frameTypes).map(([kind, type]) => [type, kind as FrameKind]),
);

/** Bounds of each payload in bytes. */
const payloadBounds: Readonly<Record<FrameKind, readonly [min: number, max: number]>> = {
  send: [1, maxPayloadBytes],
  recv: [1, maxPayloadBytes],
  peerPresent: [0, 0],
  peerGone: [1, 1],
  ping: [0, 8],
  pong: [0, 8],
  note: [0, 512],
  restarting: [4, 4],
};

/** One frame as bytes. A key or payload outside its bounds is INVALID_INPUT or FRAME_TOO_LARGE. */
export function encodeFrame({ kind, key, payload }: Frame): Buffer {
  const [min, max] = payloadBounds[kind];
  if (payload.length > max) throw new AppError('FRAME_TOO_LARGE', { detail: `${kind}: ${payload.length}` });
  if (key.length !== keyBytes || payload.length < min) throw new AppError('INVALID_INPUT', { detail: kind });
  const bytes = Buffer.allocUnsafe(headerBytes + payload.length);
  bytes.writeUInt8(frameTypes[kind], 0);
  bytes.writeUInt16BE(payload.length, 1);
  bytes.set(key, 3);
  bytes.set(payload, headerBytes);
  return bytes;
}

/**
 * The frames of a message, in order, as views of it. Every byte must belong to a frame: an unknown type, a payload
 * outside its bounds, a truncated frame and an empty message are PROTOCOL_VIOLATION, an oversized one FRAME_TOO_LARGE.
 */
export function decodeFrames(message: Uint8Array): Frame[] {
  if (message.length > maxMessageBytes) throw new AppError('FRAME_TOO_LARGE', { detail: 'message' });
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const frames: Frame[] = [];
  let at = 0;
  do {
    if (bytes.length - at < headerBytes) throw violation('truncated header');
    const kind = kindByType.get(bytes.readUInt8(at));
    if (kind === undefined) throw violation('unknown type');
    const length = bytes.readUInt16BE(at + 1);
    const [min, max] = payloadBounds[kind];
    if (length > max) throw new AppError('FRAME_TOO_LARGE', { detail: `${kind}: ${length}` });
    if (length < min) throw violation(`${kind}: payload too short`);
    const start = at + headerBytes;
    if (bytes.length - start < length) throw violation('truncated payload');
    frames.push({ kind, key: bytes.subarray(at + 3, start), payload: bytes.subarray(start, start + length) });
    at = start + length;
  } while (at < bytes.length);
  return frames;
}

/** The reason in a `peerGone` frame; an unknown one reads as `disconnected`. */
export function goneReasonOf(frame: Frame): GoneReason {
  const found = Object.entries(goneReasons).find(([, code]) => code === frame.payload[0]);
  return (found?.[0] as GoneReason | undefined) ?? 'disconnected';
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { message: 'The relay protocol was violated.', detail });
}
