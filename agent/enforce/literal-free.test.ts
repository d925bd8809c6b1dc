import { describe, expect, it } from 'vitest';
import { literalFreeKey } from './literal-free.ts';

describe('literalFreeKey', () => {
  it('gives the same key to statements that differ in integers and plain strings', () => {
    expect(literalFreeKey('SELECT a FROM t WHERE id = 7')).toBe(
      literalFreeKey('SELECT a FROM t WHERE id = 812'),
    );
    expect(literalFreeKey("SELECT a FROM t WHERE n='x'")).toBe(
      literalFreeKey("SELECT a FROM t WHERE n='longer text'"),
    );
  });

  it.each([
    ['identifiers with digits', 'SELECT a1 FROM t', 'SELECT a2 FROM t'],
    ['parameters', 'SELECT $1', 'SELECT $2'],
    ['names', 'SELECT a FROM t', 'SELECT a FROM u'],
    ['a literal and a column', 'SELECT 1 FROM t', 'SELECT x FROM t'],
    ['spacing', 'SELECT  1', 'SELECT 1'],
  ])('keeps apart statements that differ in %s', (_what, left, right) => {
    expect(literalFreeKey(left)).not.toBe(literalFreeKey(right));
  });

  it.each([
    ['a line comment', 'SELECT 1 -- 2'],
    ['a block comment', 'SELECT /* 1 */ 2'],
    ['a backslash in a string', "SELECT 'a\\'"],
    ['a doubled quote', "SELECT 'it''s'"],
    ['an escape string', "SELECT E'a'"],
    ['a Unicode string', "SELECT U&'a'"],
    ['a bit string', "SELECT B'1'"],
    ['a dollar quote', 'SELECT $$a$$'],
    ['a tagged dollar quote', 'SELECT $a$1$a$'],
    ['a quoted identifier', 'SELECT "a" FROM t'],
    ['a decimal', 'SELECT 1.5'],
    ['an exponent', 'SELECT 1e5'],
    ['a hexadecimal', 'SELECT 0x1F'],
    ['digits glued to a name', 'SELECT 123abc'],
    ['a number after a dot', 'SELECT .5'],
    ['a number that passes 32 bits', 'SELECT 2147483648'],
    ['an unterminated string', "SELECT 'a"],
    ['text that is not ASCII', "SELECT 'é'"],
    ['a NUL', 'SELECT 1\u0000'],
    ['a psql-style backslash', 'SELECT \\ 1'],
  ])('gives up on %s', (_what, sql) => {
    expect(literalFreeKey(sql)).toBeNull();
  });

  it('gives up on very long texts', () => {
    expect(literalFreeKey(`SELECT ${'1,'.repeat(17_000)}1`)).toBeNull();
  });
});
