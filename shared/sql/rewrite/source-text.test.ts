import { describe, expect, test } from 'vitest';
import { SourceText } from './source-text.ts';

const of = (text: string): SourceText => new SourceText(Buffer.from(text));

describe('the tokens of a text', () => {
  test('are found by the byte at which they start', () => {
    const source = of('é b');
    expect([source.indexAt(0), source.indexAt(3), source.indexAt(1)]).toEqual([0, 1, null]);
    expect([source.endAt(0), source.endAt(3), source.endAt(1)]).toEqual([2, 4, 1]);
    expect([source.textOf(1), source.textOf(2), source.textOf(-1)]).toEqual(['b', null, null]);
  });

  test('are words in any case and punctuation, never what stands in quotes', () => {
    const source = of(`Only "only" 'only' (`);
    expect([0, 1, 2].map((index) => source.is(index, 'only'))).toEqual([true, false, false]);
    expect(source.is(1, '"only"')).toBe(false);
    expect(source.is(2, `'only'`)).toBe(false);
    expect([source.is(3, '('), source.is(4, '('), source.is(-1, '(')]).toEqual([true, false, false]);
  });

  test('are found one after the other', () => {
    const source = of('( a ( "(" )');
    expect([source.next(-1, '('), source.next(0, '('), source.next(2, '(')]).toEqual([0, 2, -1]);
  });

  test('have positions in characters', () => {
    expect(of('é🙂b').position(6)).toBe(3);
  });
});

describe('brackets', () => {
  test('are closed by the one that belongs to them', () => {
    const source = of('(a[(1)], (b)) [c[d](e)]');
    expect(source.closing(0)).toBe(11);
    expect(source.closing(2)).toBe(6);
    expect(source.closing(12)).toBe(20);
  });

  test('are none where another token stands, and stay open at the end of the text', () => {
    const source = of('a (b');
    expect([source.closing(0), source.closing(1), source.closing(9)]).toEqual([null, null, null]);
  });
});

describe('the last token of a dotted name', () => {
  test.each([
    ['a', 1, 0],
    ['a.b.*', 3, 4],
    ['a . "b"', 2, 2],
    [`U&"d!0061" UESCAPE '!'.b`, 1, 2],
    [`U&"d!0061" UESCAPE '!'.b`, 2, 4],
    ['a uescape', 1, 0],
    ['a b', 2, null],
    ['a uescape.b', 2, null],
  ])('of %s with %i parts', (text, parts, last) => {
    expect(of(text).lastOfName(0, parts)).toBe(last);
  });

  test('is not looked for where no token starts', () => {
    expect(of('ab').lastOfName(1, 1)).toBeNull();
  });
});
