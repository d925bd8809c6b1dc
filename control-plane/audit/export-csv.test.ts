import { describe, expect, it } from 'vitest';
import { csvText } from './export-csv.ts';

describe('CSV', () => {
  it('lets no cell begin as a formula', () => {
    for (const cell of [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r\n=1',
      ' =1',
      '＝1',
      '%x',
      '|calc',
      '\u0001=1',
    ]) {
      const text = csvText([[cell]]).replace(/^"/, '');
      expect(text.startsWith("'")).toBe(true);
    }
    expect(csvText([['select 1 = 1', '5', 'a-b']])).toBe('select 1 = 1,5,a-b\r\n');
  });

  it('quotes what would end a cell or a line', () => {
    expect(csvText([['a,b', 'say "x"', 'one\ntwo', '']])).toBe('"a,b","say ""x""","one\ntwo",\r\n');
    expect(csvText([])).toBe('');
  });
});
