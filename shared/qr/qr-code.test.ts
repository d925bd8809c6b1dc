import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { codewordCount, encodeText } from './codewords.ts';
import { encodeQr, pathOf, quietZone } from './qr-code.ts';
import { correctionOf, multiply } from './reed-solomon.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const wordsOf = (text: string): string[] =>
  (encodeQr(text) ?? []).map((row) => row.map((isDark) => (isDark ? '#' : '.')).join(''));
const longText = 'https://daam.example.com/device?code=BCDF-GHJK&'.repeat(15);

/** As another generator (qrcode of Python, ISO/IEC 18004 level M) draws the first 26 characters. */
const drawn = `
#######.....#.#.#.#######
#.....#..##.#..##.#.....#
#.###.#.####...##.#.###.#
#.###.#.#..#.##...#.###.#
#.###.#.###.##..#.#.###.#
#.....#.##.##.###.#.....#
#######.#.#.#.#.#.#######
........##.....#.........
#.#####..###.###..#####..
#####..##..#....#..#...#.
###..##...##..##..#..#.##
####.....#.#..##.###....#
....#.#.##..##..###.#.###
####.#.####.##..#..#.#.#.
#.##.##.....#####.####.##
#......#.#.....######...#
#.#.#.#.##..#########.#..
........#..#...##...##...
#######..##..#..#.#.#.###
#.....#.#.##..#.#...##...
#.###.#.##.##########.#..
#.###.#.#.####.####.#####
#.###.#.###..##.#....##.#
#.....#...#...####.###..#
#######.#..#####.########`.trim();

/** How many bytes each version holds at most (ISO/IEC 18004, table 7, level M), and the beginning of the SHA-256 of what that generator draws. */
const fullest = [
  [14, '71ade84d0b7de49e63af9df8d3acc595'],
  [26, 'fb8b56b26a21aafa5eaa61046f2784de'],
  [42, 'c5d804af5ee19a45258f2ce299f969bc'],
  [62, 'c4c0e1ab5bce8941b7ff33901a589bee'],
  [84, '37f57ce93ece8d8fa83e6a027c8372ad'],
  [106, 'bb7d806bf64bcd94f068e57707384ab1'],
  [122, '104b129ca21319c64cf76b68fd3d0a50'],
  [152, '9f26d36aeb49c5ba32c792b1fc76fadc'],
  [180, '87b9a4eacf22369adf71afe8a187c090'],
  [213, '8d43746ecf7ae1b04534489dbab339e7'],
  [251, '4b7f896cab6bf5ca4e320d739ca8fab7'],
  [287, '16ee390dfdd11a822300a2835ea6bf92'],
  [331, '0d5ca053581f07e894c4903f2273ee2b'],
  [362, '3dac341c8375143003e4c4e388edabae'],
  [412, '64b348a318aba2e5b7910e9bfe0fa4de'],
  [450, '71c12fcfdb0b7c481019dd0f8427aa0f'],
  [504, 'f9d41709de6910c802d3df7f1396e39d'],
  [560, '190ef14609c6105a489cb5e15c3dd7e1'],
  [624, '0d6af01d7bf7a83e5b46238fc4276d6d'],
  [666, 'd6519c8ec5143456f5e80d44873610c7'],
] as const;

describe('a QR code', () => {
  it('has the correction of the standard’s own example', () => {
    const data = Buffer.from('10200c566180ec11ec11ec11ec11ec11', 'hex');
    expect(hex(correctionOf(data, 10))).toBe('a524d4c1ed36c7872c55');
    expect(multiply(0, 7)).toBe(0);
  });

  it('holds mode, length, bytes and padding', () => {
    expect(hex(encodeText('abc')?.bytes ?? new Uint8Array()).slice(0, 32)).toBe(
      '4036162630ec11ec11ec11ec11ec11ec',
    );
    expect([1, 2, 7, 20].map(codewordCount)).toEqual([26, 44, 196, 1_085]);
  });

  it('is drawn as another generator draws it', () => {
    expect(wordsOf(longText.slice(0, 26)).join('\n')).toBe(drawn);
  });

  it('of every version is that of another generator when it is full, and one byte more takes the next version', () => {
    for (const [index, [bytes, hash]] of fullest.entries()) {
      const rows = wordsOf(longText.slice(0, bytes)).map((row) =>
        row.replaceAll('#', '1').replaceAll('.', '0'),
      );
      expect(rows.length).toBe(21 + 4 * index);
      expect(createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 32)).toBe(hash);
      expect(encodeText(longText.slice(0, bytes + 1))?.version ?? 21).toBe(index + 2);
    }
  });

  it('counts bytes and not characters, and is none above the bytes that it can hold', () => {
    expect(encodeText('é'.repeat(333))?.version).toBe(20);
    expect(encodeQr('é'.repeat(334))).toBeNull();
    expect(wordsOf('').length).toBe(21);
  });

  it('is the same as a path, with a light edge round it', () => {
    const rows = wordsOf(longText.slice(0, 60));
    const painted = rows.map((row) => row.replaceAll('#', '.').split(''));
    for (const [, x, y, length] of pathOf(encodeQr(longText.slice(0, 60)) ?? []).matchAll(
      /M(\d+) (\d+)h(\d+)v1h-\3z/g,
    )) {
      painted[Number(y) - quietZone]?.fill(
        '#',
        Number(x) - quietZone,
        Number(x) - quietZone + Number(length),
      );
    }
    expect(painted.map((row) => row.join(''))).toEqual(rows);
  });
});
