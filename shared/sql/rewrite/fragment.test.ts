import { describe, expect, test } from 'vitest';
import { loadParser, type SqlParser } from '../parser.ts';
import { parseExpression, parseSelect, parseStatement, parseTargets } from './fragment.ts';

const parser = await loadParser(18);

/** A parser that remembers nothing of another test, and how often it was asked. */
function counting(): SqlParser & { asked: number } {
  const counted = {
    major: parser.major,
    asked: 0,
    parse: (sql: string) => {
      counted.asked += 1;
      return parser.parse(sql);
    },
  };
  return counted;
}

describe('an expression', () => {
  test('is the tree of the text', () => {
    expect(parseExpression(parser, 'lower(a)')).toHaveProperty('FuncCall');
  });

  test.each([
    '',
    'a, b',
    'a AS b',
    'a FROM t',
    'a WHERE b',
    'DISTINCT a',
    'a; SELECT b',
    'a)',
    'a UNION SELECT b',
  ])('%j is none', (text) => {
    expect(parseExpression(parser, text)).toBeNull();
  });
});

describe('a select list', () => {
  test('is its targets, named ones too', () => {
    expect(parseTargets(parser, 'a, b AS c')).toHaveLength(2);
  });

  test.each(['a FROM t', 'a; SELECT b', 'a)', 'DISTINCT a', 'a LIMIT 1'])('%j is none', (text) => {
    expect(parseTargets(parser, text)).toBeNull();
  });
});

describe('a whole statement', () => {
  test('is one of its kind', () => {
    expect(parseSelect(parser, 'SELECT 1')).toHaveProperty('SelectStmt');
    expect(parseStatement(parser, 'DO $$ $$')).toHaveProperty('DoStmt');
  });

  test.each(['DELETE FROM t', 'SELECT 1; SELECT 2', 'SELEKT', ''])('%j is no SELECT', (text) => {
    expect(parseSelect(parser, text)).toBeNull();
  });

  test('is not made of two', () => {
    expect(parseStatement(parser, 'DO $$ $$; DO $$ $$')).toBeNull();
    expect(parseStatement(parser, '')).toBeNull();
  });
});

describe('what is parsed again and again', () => {
  const long = (of: string): string => `'${of.padStart(300, 'x')}'`;

  test('is a mask, which is long, or a subquery: each is parsed once', () => {
    const counted = counting();
    const first = parseExpression(counted, long('a'));
    expect(parseExpression(counted, long('a'))).toBe(first);
    expect(parseExpression(counted, long('b'))).not.toEqual(first);
    expect(parseExpression(counted, long('a'))).toBe(first);
    const select = parseSelect(counted, 'SELECT 1');
    expect(parseSelect(counted, 'SELECT 2')).not.toEqual(select);
    expect(parseSelect(counted, 'SELECT 1')).toBe(select);
    expect(counted.asked).toBe(4);
  });

  test('is no short text, which holds the client’s own literals', () => {
    const counted = counting();
    parseExpression(counted, '1');
    parseExpression(counted, '1');
    expect(counted.asked).toBe(2);
  });

  test('is not mistaken for a select list of the same text', () => {
    expect(parseTargets(parser, long('c'))).toHaveLength(1);
    expect(parseExpression(parser, long('c'))).toHaveProperty('A_Const');
  });

  test('is forgotten before it grows without end', () => {
    const counted = counting();
    for (let index = 0; index <= 256; index += 1) parseExpression(counted, long(String(index)));
    parseExpression(counted, long('256'));
    expect(counted.asked).toBe(257);
    parseExpression(counted, long('0'));
    expect(counted.asked).toBe(258);
    for (let index = 0; index <= 64; index += 1) parseSelect(counted, `SELECT ${index}`);
    parseSelect(counted, 'SELECT 0');
    expect(counted.asked).toBe(258 + 66);
  });
});
