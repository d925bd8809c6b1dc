import { describe, expect, it } from 'vitest';
import type { CopyFormat, ExportFormat, ResultColumn } from '../../ipc/schema.ts';
import { rowWriter } from './row-formats.ts';

const column = (name: string, kind: ResultColumn['kind'] = 'text'): ResultColumn => ({
  name,
  type: 'text',
  typeOid: 25,
  kind,
  relation: null,
  shows: 'plain',
  masks: [],
});

function write(
  format: CopyFormat | ExportFormat,
  columns: readonly ResultColumn[],
  rows: readonly (readonly (string | null)[])[],
  nullText = '',
): string {
  const options = { columns, hasHeader: true, delimiter: ',', nullText, table: 't' };
  const { head, row, tail } = rowWriter(format, options);
  return `${head}${rows.map((cells, index) => row(cells, index)).join('')}${tail}`;
}

/** What a reader of RFC 4180 gets back. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const awkward = [
  '',
  ' a ',
  'a,b',
  'a"b',
  'a\nb',
  'a\r\nb',
  '"',
  '=1+1',
  'é👩',
  '\\N',
  "it's",
  '|x|',
  '<b>',
  '`',
];

describe('rows as text', () => {
  it('come back from CSV as they were', () => {
    const rows = awkward.map((value, index) => [value, String(index)]);
    expect(readCsv(write('csv', [column('a,"b'), column('n', 'number')], rows)).slice(1)).toEqual(rows);
  });

  it('keep NULL apart from a text that looks like it', () => {
    expect(write('csv', [column('a')], [[null], ['NULL'], ['']], 'NULL')).toBe('a\nNULL\n"NULL"\n\n');
    expect(write('csv', [column('a')], [[null], ['']])).toBe('a\n\n""\n');
  });

  it('come back from JSON as they were, numbers with all of their digits', () => {
    const columns = [
      column('a'),
      column('a'),
      column('n', 'number'),
      column('j', 'json'),
      column('b', 'boolean'),
    ];
    const rows = awkward.map((value) => [value, null, '12345678901234567890.5', '{"x": [1]}', 't']);
    const text = write('json', columns, rows);
    expect(JSON.parse(text)).toEqual(
      awkward.map((value) => ({
        a: value,
        a_2: null,
        n: Number('12345678901234567890.5'),
        j: { x: [1] },
        b: true,
      })),
    );
    expect(text).toContain('"n":12345678901234567890.5');
    const lines = write('jsonl', columns, rows).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as { a: string }).map(({ a }) => a)).toEqual(awkward);
  });

  it('write a masked number, which is none, as text', () => {
    expect(write('jsonl', [column('n', 'number')], [['***'], ['NaN']])).toBe('{"n":"***"}\n{"n":"NaN"}\n');
    expect(write('insert', [column('n', 'number')], [['1); drop table t; --']])).toBe(
      "INSERT INTO t (n) VALUES ('1); drop table t; --');\n",
    );
  });

  it('cannot leave a literal or a name in SQL', () => {
    const columns = [column('a"; drop'), column('Upper')];
    expect(write('insert', columns, [["o'x", 'a\\b']])).toBe(
      `INSERT INTO t ("a""; drop", "Upper") VALUES ('o''x', E'a\\\\b');\n`,
    );
  });

  it('make a list of each value once', () => {
    expect(write('in-list', [column('id', 'number')], [['1'], ['2'], ['1'], [null]])).toBe('IN (1, 2)');
  });

  it('cannot leave a cell in TSV or Markdown', () => {
    expect(write('tsv', [column('a'), column('b')], [['x\ty\nz', 'c']])).toBe('a\tb\nx y z\tc\n');
    expect(write('markdown', [column('a|b'), column('n', 'number')], [['<img>|\n[x](y)', '1']])).toBe(
      '| a\\|b | n |\n| --- | ---: |\n| \\<img\\>\\| \\[x\\](y) | 1 |\n',
    );
  });
});
