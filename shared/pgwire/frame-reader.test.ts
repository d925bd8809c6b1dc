import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { testRandom } from '../testing/random.ts';
import { randomBytes, randomPieces } from '../testing/random-bytes.ts';
import { type Frame, FrameReader } from './frame-reader.ts';
import { encodeParse } from './parse.ts';
import { encodeQuery } from './query.ts';
import { encodeSync } from './sync.ts';

const mib = 1024 * 1024;
const frames = [
  encodeParse({ name: 's1', sql: 'select $1', parameterTypes: [23] }),
  encodeSync(),
  encodeQuery({ sql: 'x'.repeat(9_000) }),
  encodeSync(),
];
const stream = Buffer.concat(frames);

function readAll(chunks: readonly Buffer[], maxFrameBytes = mib): Frame[] {
  const reader = new FrameReader({ side: 'frontend', maxFrameBytes });
  const found: Frame[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) found.push(frame);
  }
  return found;
}

function header(type: string, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 'latin1');
  bytes.writeInt32BE(length, 1);
  return bytes;
}

describe('FrameReader', () => {
  it('returns views of the chunk when a frame lies within it', () => {
    const chunk = Buffer.from(stream);
    const found = readAll([chunk]);
    expect(found.map((frame) => frame.bytes)).toEqual(frames);
    expect(found.every((frame) => frame.bytes.buffer === chunk.buffer)).toBe(true);
    expect(found[0]?.bytes.byteOffset).toBe(chunk.byteOffset);
  });

  it('cuts the same frames wherever the stream is split in two', () => {
    for (let at = 0; at <= stream.length; at += at < 60 ? 1 : 97) {
      const found = readAll([stream.subarray(0, at), stream.subarray(at)]);
      expect(found.map((frame) => frame.bytes)).toEqual(frames);
    }
  });

  it('cuts the same frames byte by byte', () => {
    const found = readAll(Array.from(stream, (byte) => Buffer.from([byte])));
    expect(found.map((frame) => frame.bytes)).toEqual(frames);
    expect(found.map((frame) => frame.body)).toEqual(frames.map((frame) => frame.subarray(5)));
  });

  it('cuts the same frames at random places', () => {
    const random = testRandom(7);
    for (let round = 0; round < 200; round += 1) {
      const chunks = randomPieces(random, stream, 4_000);
      expect(readAll(chunks).map((frame) => frame.bytes)).toEqual(frames);
    }
  });

  it('keeps earlier frames intact while it assembles later ones', () => {
    const reader = new FrameReader({ side: 'frontend', maxFrameBytes: mib });
    const kept: Buffer[] = [];
    for (const half of [
      stream.subarray(0, 5_000),
      stream.subarray(5_000),
      stream.subarray(0, 10),
      stream.subarray(10),
    ]) {
      reader.push(half);
      for (let frame = reader.next(); frame !== null; frame = reader.next()) kept.push(frame.bytes);
    }
    expect(Buffer.concat(kept)).toEqual(Buffer.concat([stream, stream]));
  });

  it('accepts chunks that are pushed before the last one was read', () => {
    const reader = new FrameReader({ side: 'frontend', maxFrameBytes: mib });
    reader.push(stream.subarray(0, 3));
    reader.push(stream.subarray(3, 40));
    reader.push(stream.subarray(40));
    expect(reader.buffered).toBe(stream.length);
    expect(reader.next()?.bytes).toEqual(frames[0]);
  });

  it.each([0, 1, 2, 3, -1, -2_147_483_648])('refuses the length %i', (length) => {
    expect(codeOf(() => readAll([header('Q', length)]))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => readAll(Array.from(header('Q', length), (byte) => Buffer.from([byte]))))).toBe(
      'PROTOCOL_VIOLATION',
    );
  });

  it('refuses a frame above the ceiling from its header alone', () => {
    expect(codeOf(() => readAll([header('Q', mib)]))).toBe('FRAME_TOO_LARGE');
    expect(codeOf(() => readAll([header('Q', 0x7fff_ffff)]))).toBe('FRAME_TOO_LARGE');
    expect(readAll([header('Q', mib - 1)])).toEqual([]);
  });

  it.each([
    ['S', 5],
    ['X', 5],
    ['E', 10_001],
    ['p', 65_536],
  ])('gives %s its own smaller ceiling', (type, length) => {
    expect(codeOf(() => readAll([header(type, length)]))).toBe('FRAME_TOO_LARGE');
  });

  it.each(['Z', 'R', 'T', '\0', 'q'])('refuses the type %j that no client sends', (type) => {
    expect(codeOf(() => readAll([header(type, 4)]))).toBe('PROTOCOL_VIOLATION');
  });

  it('keeps refusing after an error', () => {
    const reader = new FrameReader({ side: 'frontend', maxFrameBytes: mib });
    reader.push(Buffer.concat([header('Q', 2), encodeSync()]));
    expect(codeOf(() => reader.next())).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => reader.next())).toBe('PROTOCOL_VIOLATION');
  });

  it('does not reserve what a header only promises', () => {
    const reader = new FrameReader({ side: 'frontend', maxFrameBytes: 1024 * mib });
    const before = process.memoryUsage().arrayBuffers;
    reader.push(Buffer.concat([header('Q', 900 * mib), Buffer.alloc(100)]));
    expect(reader.next()).toBeNull();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mib);
    expect(reader.buffered).toBe(105);
  });

  it('hands over every byte that is not yet a frame', () => {
    const reader = new FrameReader({ side: 'frontend', maxFrameBytes: mib });
    const seen = (frames[0]?.length ?? 0) + (frames[1]?.length ?? 0);
    reader.push(stream.subarray(0, seen + 3));
    while (reader.next() !== null);
    reader.push(stream.subarray(seen + 3, seen + 50));
    expect(reader.takeRest()).toEqual(stream.subarray(seen, seen + 50));
    expect(reader.buffered).toBe(0);
  });

  it('answers random bytes with frames or AppErrors only', () => {
    const random = testRandom(99);
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = randomBytes(random, random.int(64));
      const code = codeOf(() => readAll([bytes.subarray(0, 7), bytes.subarray(7)]));
      expect([null, 'PROTOCOL_VIOLATION', 'FRAME_TOO_LARGE']).toContain(code);
    }
  });
});
