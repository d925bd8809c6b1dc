import { describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { arrayElementsOfBinary } from './binary-array.ts';

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function element(text: string | null): Buffer {
  return text === null ? int(-1) : Buffer.concat([int(text.length), Buffer.from(text)]);
}

function array(sizes: readonly number[], elements: readonly (string | null)[]): Buffer {
  const dimensions = sizes.flatMap((size) => [int(size), int(1)]);
  return Buffer.concat([int(sizes.length), int(0), int(25), ...dimensions, ...elements.map(element)]);
}

function texts(bytes: Buffer): readonly (string | null)[] | null {
  return arrayElementsOfBinary(bytes)?.map((value) => value?.toString() ?? null) ?? null;
}

describe('elements of a binary array', () => {
  it('reads every element of every dimension', () => {
    expect(texts(array([], []))).toEqual([]);
    expect(texts(array([3], ['a', null, '']))).toEqual(['a', null, '']);
    expect(texts(array([2, 2], ['a', 'b', 'c', 'd']))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refuses what is cut, too long, or claims more than it holds', () => {
    const whole = array([2], ['ab', 'cd']);
    for (let length = 0; length < whole.length; length += 1)
      expect(texts(whole.subarray(0, length))).toBeNull();
    expect(texts(Buffer.concat([whole, int(0)]))).toBeNull();
    expect(texts(array([100_000, 100_000], ['a']))).toBeNull();
    expect(texts(array([-1], []))).toBeNull();
    expect(texts(Buffer.concat([int(7), Buffer.alloc(80)]))).toBeNull();
  });

  it('never throws', () => {
    for (let run = 0; run < 2_000; run += 1) {
      const bytes = randomBytes(run % 60);
      if (bytes.length > 4) bytes.writeInt32BE(run % 8);
      expect(() => arrayElementsOfBinary(bytes)).not.toThrow();
    }
  });
});
