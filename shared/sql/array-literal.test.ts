import { describe, expect, test } from 'vitest';
import { arrayElements } from './array-literal.ts';

describe('elements of an array literal', () => {
  test.each([
    ['{}', []],
    [' { a , b } ', ['a', 'b']],
    ['{a,NULL,"NULL",null}', ['a', null, 'NULL', null]],
    ['{"a,b","c\\"d","{e}"}', ['a,b', 'c"d', '{e}']],
    ['{a\\,b}', ['a,b']],
    ['{{a,b},{c,d}}', ['a', 'b', 'c', 'd']],
    ['[0:1]={a,b}', ['a', 'b']],
    ['[1:1][1:2] = {{a,b}}', ['a', 'b']],
    ['{"a"b}', ['ab']],
  ])('%s', (text, elements) => {
    expect(arrayElements(text)).toEqual(elements);
  });

  test.each(['', 'a', '{a', '{"a}', '{a}}', '{a} b', 'x{a}', '{a}{b}'])('%s is no array', (text) => {
    expect(arrayElements(text)).toBeNull();
  });

  test('reading ends behind the limit', () => {
    const many = `{${Array.from({ length: 1_000 }, (_, index) => index).join(',')}}`;
    expect(arrayElements(many, 10)).toHaveLength(11);
    expect(arrayElements(many)).toHaveLength(1_000);
  });
});
