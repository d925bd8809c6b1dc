import { describe, expect, test } from 'vitest';
import { loadParser } from '../parser.ts';
import { rewriteText, spliceText, type TextEdit } from './splice.ts';

const parser = await loadParser(18);

const edit = (start: number, end: number, text: string): TextEdit => ({ start, end, text });

describe('splicing', () => {
  const bytes = Buffer.from('SELECT é, b');

  test('counts in bytes, whatever order the edits come in', () => {
    expect(spliceText(bytes, [edit(11, 12, 'd'), edit(7, 9, 'c')])).toBe('SELECT c, d');
  });

  test('inserts where an edit is empty, also before one that begins there and at the very end', () => {
    expect(spliceText(bytes, [edit(7, 9, 'c'), edit(7, 7, 'x.'), edit(12, 12, ';')])).toBe('SELECT x.c, b;');
  });

  test('makes equal edits once', () => {
    expect(spliceText(bytes, [edit(7, 9, 'c'), edit(7, 9, 'c')])).toBe('SELECT c, b');
  });

  test.each([
    ['that overlap', [edit(7, 10, 'c'), edit(9, 12, 'd')]],
    ['of one place that differ', [edit(7, 9, 'c'), edit(7, 9, 'd')]],
    ['that end before they begin', [edit(9, 7, 'c')]],
    ['before the text', [edit(-1, 0, 'c')]],
    ['behind the text', [edit(12, 13, 'c')]],
  ])('refuses edits %s', (_, edits) => {
    expect(spliceText(bytes, edits)).toBeNull();
  });
});

describe('a rewritten text is given back only when its trees are the planned ones', () => {
  function rewrite(sql: string, edits: readonly TextEdit[], planned: unknown): string | null {
    const outcome = parser.parse(sql);
    if (outcome.kind !== 'parsed') throw new TypeError('the sample does not parse');
    const wrapper = outcome.statements[0]?.node.wrapper ?? {};
    const tree = planned === undefined ? new Map() : new Map([[wrapper, [() => planned]]]);
    return rewriteText(
      parser,
      { bytes: outcome.bytes, statements: outcome.statements },
      { text: edits, tree },
    );
  }

  function treeOf(sql: string): unknown {
    const outcome = parser.parse(sql);
    return outcome.kind === 'parsed' ? outcome.statements[0]?.node.wrapper : null;
  }

  test('text and tree that were changed alike fit', () => {
    expect(rewrite('SELECT a', [edit(7, 8, 'bcd')], treeOf('SELECT bcd'))).toBe('SELECT bcd');
  });

  test.each([
    ['the text alone was changed', [edit(7, 8, 'b')], undefined],
    ['the tree alone was changed', [], treeOf('SELECT b')],
    ['text and tree were changed differently', [edit(7, 8, 'b')], treeOf('SELECT c')],
    ['a statement was added', [edit(8, 8, '; SELECT 1')], undefined],
    ['the statement was taken away', [edit(0, 8, '')], undefined],
    ['the new text does not parse', [edit(7, 8, ')')], undefined],
    ['the edits do not fit the text', [edit(7, 9, 'b')], treeOf('SELECT b')],
  ])('nothing is given back when %s', (_, edits, planned) => {
    expect(rewrite('SELECT a', edits, planned)).toBeNull();
  });
});
