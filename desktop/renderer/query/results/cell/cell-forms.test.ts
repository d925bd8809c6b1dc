import { describe, expect, it } from 'vitest';
import { hexDump, readBytes, toBase64 } from './bytes.ts';
import { jsonRows, sqlPath, valueText } from './json-rows.ts';
import type { JsonNode } from './parse-json.ts';
import { parseJson } from './parse-json.ts';

function found<Value>(value: Value | null): Value {
  if (value === null) throw new Error('not read');
  return value;
}

function parsed(text: string): JsonNode {
  return found(parseJson(text));
}

const order = '{"id": 12345678901234567890.10, "items": [{"name": "a\\"b", "n": 1}, {}], "id": null}';

describe('JSON in a cell', () => {
  it('keeps every digit and every member', () => {
    const rows = jsonRows(parsed(order), new Set());
    expect(rows.map(({ level, name, shown }) => [level, name, shown])).toEqual([
      [1, '', '3 members'],
      [2, 'id', '12345678901234567890.10'],
      [2, 'items', '2 items'],
      [3, '0', '2 members'],
      [4, 'name', '"a\\"b"'],
      [4, 'n', '1'],
      [3, '1', '0 members'],
      [2, 'id', 'null'],
    ]);
    expect(JSON.parse(valueText(parsed('[1,{"a":[]},"x\\u0041"]')))).toEqual([1, { a: [] }, 'xA']);
  });

  it('is folded, and searched by keys and values with the way to them', () => {
    expect(jsonRows(parsed(order), new Set(['$.1'])).map(({ name }) => name)).toEqual([
      '',
      'id',
      'items',
      'id',
    ]);
    expect(jsonRows(parsed(order), new Set(['$.1']), 'A"B').map(({ name }) => name)).toEqual([
      '',
      'items',
      '0',
      'name',
    ]);
    expect(jsonRows(parsed(order), new Set(), 'nowhere')).toEqual([]);
  });

  it('has paths that PostgreSQL reads, whatever the keys are', () => {
    expect(sqlPath('pay "load"', ['items', 0, "o'clock"], 'string')).toBe(
      `"pay ""load""" -> 'items' -> 0 ->> 'o''clock'`,
    );
    expect(sqlPath('p', ['items'], 'array')).toBe(`"p" -> 'items'`);
    expect(sqlPath('p', [], 'object')).toBe('"p"');
  });

  it.each(['', '{', '[1,]', '{"a"}', '{"a":1,}', '01', "{'a':1}", '1 2', '"\n"', '[1 2]', 'nul', '}', ','])(
    'is not read from %j',
    (text) => {
      expect(parseJson(text)).toBeNull();
    },
  );

  it('is shown as text when it is too deep or too much', () => {
    expect(parseJson(`${'['.repeat(300)}${']'.repeat(300)}`)).toBeNull();
    expect(parseJson(`[${'0,'.repeat(60_000)}0]`)).toBeNull();
    expect(jsonRows(parsed(`[${'0,'.repeat(5_000)}0]`), new Set())).toHaveLength(1_000);
  });
});

describe('bytes in a cell', () => {
  it('are read from hex, dumped, and written as base64', () => {
    const bytes = found(readBytes('\\x00416263ff'));
    expect(hexDump(bytes)).toBe(`00000000  00 41 62 63 ff${' '.repeat(33)}  .Abc.`);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    const many = Uint8Array.from({ length: 20_001 }, (_, index) => index);
    expect(toBase64(many)).toBe(Buffer.from(many).toString('base64'));
    expect(hexDump(many, 32).split('\n')).toHaveLength(2);
  });

  it.each(['abc', '\\x0', '\\xzz', '\\000a'])('are not read from %j', (value) => {
    expect(readBytes(value)).toBeNull();
  });
});
