import { describe, expect, it } from 'vitest';
import { cutForWindow, maxWindowCellBytes, PackedRows, packRows } from './packed-rows.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a packed window', () => {
  it('gives back texts, NULLs, empty strings and marks of cut values', () => {
    const cells = [bytes('a'), null, bytes(''), bytes('Søren 👩‍👩‍👧'), null, bytes('z')];
    const read = new PackedRows(packRows(3, cells, (cell) => cell === 5));
    expect([read.rows, read.columns]).toEqual([2, 3]);
    expect([0, 1].map((row) => [0, 1, 2].map((column) => read.text(row, column)))).toEqual([
      ['a', null, ''],
      ['Søren 👩‍👩‍👧', null, 'z'],
    ]);
    expect(read.isCut(1, 2)).toBe(true);
    expect(read.isCut(0, 0)).toBe(false);
  });

  it('travels as base64', () => {
    const packed = Buffer.from(packRows(1, [bytes('a'), null])).toString('base64');
    expect(PackedRows.fromBase64(packed).text(1, 0)).toBeNull();
  });

  it('reads from the middle of a larger buffer', () => {
    const packed = packRows(2, [bytes('left'), bytes('right')]);
    const larger = new Uint8Array(packed.length + 6);
    larger.set(packed, 3);
    expect(new PackedRows(larger.subarray(3, 3 + packed.length)).text(0, 1)).toBe('right');
  });

  it('refuses bytes that were cut anywhere, or have more behind them', () => {
    const packed = packRows(2, [bytes('one'), bytes('two')]);
    for (let length = 0; length < packed.length; length += 1) {
      expect(() => new PackedRows(packed.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      );
    }
    expect(() => new PackedRows(Uint8Array.from([...packed, 0]))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  });

  it('refuses a cell outside', () => {
    const read = new PackedRows(packRows(1, [bytes('a')]));
    expect(() => read.text(1, 0)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => read.text(0, 1)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('cuts a long value at a character', () => {
    const cut = cutForWindow(bytes('é'.repeat(maxWindowCellBytes)));
    expect(cut.length).toBe(maxWindowCellBytes);
    expect(cutForWindow(bytes(`a${'é'.repeat(maxWindowCellBytes)}`)).length).toBe(maxWindowCellBytes - 1);
    expect(new TextDecoder('utf-8', { fatal: true }).decode(cut)).toBe('é'.repeat(maxWindowCellBytes / 2));
  });
});
