import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import {
  decodeFrames,
  encodeFrame,
  type Frame,
  type FrameKind,
  frameTypes,
  goneReasonOf,
  headerBytes,
  keyBytes,
  maxMessageBytes,
  maxPayloadBytes,
  noKey,
} from './frames.ts';

const key = new Uint8Array(keyBytes).fill(0xab);
const send: Frame = { kind: 'send', key, payload: Buffer.from('hi') };
const smallest: Record<FrameKind, number> = {
  send: 1,
  recv: 1,
  peerPresent: 0,
  peerGone: 1,
  ping: 0,
  pong: 0,
  note: 0,
  restarting: 4,
};

function plain(frames: readonly Frame[]) {
  return frames.map((each) => ({
    kind: each.kind,
    key: Buffer.from(each.key),
    payload: Buffer.from(each.payload),
  }));
}

describe('relay frames', () => {
  it('have these bytes', () => {
    expect(encodeFrame(send).toString('hex')).toBe(`010002${'ab'.repeat(32)}6869`);
    expect(encodeFrame({ kind: 'ping', key: noKey, payload: Buffer.of(1, 2) }).toString('hex')).toBe(
      `050002${'00'.repeat(32)}0102`,
    );
    expect(encodeFrame({ kind: 'peerGone', key, payload: Buffer.of(2) }).toString('hex')).toBe(
      `040001${'ab'.repeat(32)}02`,
    );
  });

  it('come back in order when several share a message, each kind of them', () => {
    const frames = Object.keys(frameTypes).map((kind, n): Frame => {
      const size = smallest[kind as FrameKind];
      return { kind: kind as FrameKind, key: key.map((byte) => byte ^ n), payload: Buffer.alloc(size, n) };
    });
    expect(plain(decodeFrames(Buffer.concat(frames.map(encodeFrame))))).toEqual(plain(frames));
  });

  it('are refused when cut anywhere but between two frames', () => {
    const size = headerBytes + 2;
    const message = Buffer.concat([encodeFrame(send), encodeFrame(send)]);
    expect(decodeFrames(message.subarray(0, size))).toHaveLength(1);
    expect(decodeFrames(message)).toHaveLength(2);
    for (let length = 0; length < 2 * size; length += 1) {
      if (length === size) continue;
      expect(() => decodeFrames(message.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }) as Error,
      );
    }
  });

  it('are refused with an unknown type', () => {
    for (const type of [0, 9, 255]) {
      const bytes = encodeFrame(send);
      bytes[0] = type;
      expect(() => decodeFrames(bytes)).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }) as Error,
      );
    }
  });

  it('keep the bounds of their payloads, both ways', () => {
    for (const [kind, payload] of [
      ['send', maxPayloadBytes + 1],
      ['peerPresent', 1],
      ['ping', 9],
      ['note', 513],
      ['restarting', 5],
    ] as const) {
      const frame: Frame = { kind, key, payload: Buffer.alloc(payload) };
      expect(() => encodeFrame(frame)).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }) as Error);
      const header = Buffer.alloc(headerBytes + payload);
      header.writeUInt8(frameTypes[kind], 0);
      header.writeUInt16BE(payload, 1);
      expect(() => decodeFrames(header)).toThrow(
        expect.objectContaining({ code: 'FRAME_TOO_LARGE' }) as Error,
      );
    }
    const empty = encodeFrame(send).subarray(0, headerBytes);
    empty.writeUInt16BE(0, 1);
    expect(() => decodeFrames(empty)).toThrow(AppError);
    expect(() => encodeFrame({ ...send, payload: Buffer.alloc(0) })).toThrow(AppError);
    expect(() => encodeFrame({ ...send, key: Buffer.alloc(31) })).toThrow(AppError);
    expect(decodeFrames(encodeFrame({ ...send, payload: Buffer.alloc(maxPayloadBytes) }))).toHaveLength(1);
    expect(() => decodeFrames(Buffer.alloc(maxMessageBytes + 1))).toThrow(
      expect.objectContaining({ code: 'FRAME_TOO_LARGE' }) as Error,
    );
  });

  it('never end in anything but frames or an AppError, whatever the bytes are', () => {
    let seed = 11;
    const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) >> 8;
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Buffer.from(Array.from({ length: next() % 120 }, () => next() & 0xff));
      // Half of them begin like a frame, to get past the first check.
      if (round % 2 === 0 && bytes.length > 3) bytes.set([1 + (next() % 8), 0, next() % 40], 0);
      let outcome: unknown;
      try {
        outcome = decodeFrames(bytes);
      } catch (thrown) {
        outcome = thrown;
      }
      expect(outcome instanceof AppError || (Array.isArray(outcome) && outcome.length > 0)).toBe(true);
    }
  });

  it('read an unknown reason as disconnected', () => {
    const gone = (code: number): Frame => ({ kind: 'peerGone', key, payload: Uint8Array.of(code) });
    expect([0, 1, 2, 77].map((code) => goneReasonOf(gone(code)))).toEqual([
      'notHere',
      'disconnected',
      'notACounterpart',
      'disconnected',
    ]);
  });
});
