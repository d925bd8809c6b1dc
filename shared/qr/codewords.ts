/** A text as the codewords of a QR code: bytes, padded, in blocks that each correct their own errors (ISO/IEC 18004, 7.4 to 7.6). */
import { correctionOf } from './reed-solomon.ts';

export interface Codewords {
  /** 1 to 20: the size. */
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Level M, which bears the loss of about 15 %: codewords of correction in each block, and blocks, by version (table 9). */
const correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const blockCounts = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const byteMode = 0b0100;
const padding = [0xec, 0x11];

/** In the smallest version that holds it; null: longer than version 20 holds, 666 bytes. */
export function encodeText(text: string): Codewords | null {
  const data = new TextEncoder().encode(text);
  for (let version = 1; version <= correction.length; version += 1) {
    const capacity = dataLength(version);
    if (headerBits(version) + data.length * 8 > capacity * 8) continue;
    return { version, bytes: inBlocks(version, padded(version, data)) };
  }
  return null;
}

/** Codewords of a version in all, from the modules that no pattern takes. */
export function codewordCount(version: number): number {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2;
  const alignment = aligned === 0 ? 0 : (25 * aligned - 10) * aligned - 55;
  const modules = (16 * version + 128) * version + 64 - alignment - (version >= 7 ? 36 : 0);
  return Math.floor(modules / 8);
}

function dataLength(version: number): number {
  return codewordCount(version) - (correction[version - 1] ?? 0) * (blockCounts[version - 1] ?? 0);
}

function headerBits(version: number): number {
  return 4 + countBits(version);
}

function countBits(version: number): number {
  return version < 10 ? 8 : 16;
}

function padded(version: number, data: Uint8Array): Uint8Array {
  const length = dataLength(version);
  const bits = [
    ...bitsOf(byteMode, 4),
    ...bitsOf(data.length, countBits(version)),
    ...[...data].flatMap((byte) => bitsOf(byte, 8)),
  ];
  // The terminator of four bits, or as many as are left; then to the end of the byte.
  bits.push(...bitsOf(0, Math.min(4, length * 8 - bits.length)));
  bits.push(...bitsOf(0, (8 - (bits.length % 8)) % 8));
  const filled = bits.length / 8;
  return Uint8Array.from({ length }, (_, index) =>
    index < filled
      ? Number.parseInt(bits.slice(index * 8, index * 8 + 8).join(''), 2)
      : (padding[(index - filled) % 2] ?? 0),
  );
}

function bitsOf(value: number, length: number): number[] {
  return Array.from({ length }, (_, index) => (value >> (length - 1 - index)) & 1);
}

/** The last blocks hold one byte more where it does not come out even; then all blocks are written byte by byte in turn. */
function inBlocks(version: number, data: Uint8Array): Uint8Array {
  const count = blockCounts[version - 1] ?? 1;
  const short = Math.floor(data.length / count);
  const firstLong = count - (data.length % count);
  const blocks = Array.from({ length: count }, (_, index) => {
    const from = index * short + Math.max(0, index - firstLong);
    return data.subarray(from, from + short + (index >= firstLong ? 1 : 0));
  });
  const corrections = blocks.map((block) => correctionOf(block, correction[version - 1] ?? 0));
  return Uint8Array.from([...inTurn(blocks), ...inTurn(corrections)]);
}

function inTurn(blocks: readonly Uint8Array[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block[at] ?? [])).flat();
}
