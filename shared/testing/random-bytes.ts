import type { TestRandom } from './random.ts';

/** `count` bytes of a seeded generator. */
export function randomBytes(random: TestRandom, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let i = 0; i < count; i += 1) bytes[i] = random.int(256);
  return bytes;
}

/** The bytes cut into pieces of 1 to `largest` bytes, as a network might deliver them. */
export function randomPieces(random: TestRandom, bytes: Buffer, largest: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.int(largest);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** A copy with one byte changed, removed, added, or the end cut off: what an attacker tries first. */
export function mutated(random: TestRandom, bytes: Buffer): Buffer {
  const at = random.int(bytes.length + 1);
  const byte = random.int(2) === 0 ? random.pick([0, 1, 0x7f, 0x80, 0xff]) : random.int(256);
  const before = bytes.subarray(0, at);
  const one = Buffer.from([byte]);
  switch (random.int(4)) {
    case 0:
      return Buffer.concat([before, one, bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, bytes.subarray(at + 1)]);
    case 2:
      return Buffer.concat([before, one, bytes.subarray(at)]);
    default:
      return Buffer.from(before);
  }
}
