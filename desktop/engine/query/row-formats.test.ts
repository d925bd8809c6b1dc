import { describe, expect, it } from 'vitest';
import type { CopyFormat, ExportFormat, ResultColumn } from '../../ipc/schema.ts';
import { type RowFormatOptions, rowWriter } from './row-formats.ts';

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
  return writeAs(format, columns, rows, { nullText, defusesFormulas: false });
}

function writeAs(
  format: CopyFormat | ExportFormat,
  columns: readonly ResultColumn[],
  rows: readonly (readonly (string | null)[])[],
  wish: Pick<RowFormatOptions, 'nullText' | 'defusesFormulas'>,
): string {
  const options = { columns, hasHeader: true, delimiter: ',', table: 't', ...wish };
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

  it.each(['=1+1', '+31 6', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '|x', '＝1'])(
    'are no formula to a spreadsheet: %j',
    (text) => {
      const [, [cell = '', number = ''] = []] = readCsv(
        writeAs('csv', [column('a'), column('n', 'number')], [[text, '-1.5']], {
          nullText: '',
          defusesFormulas: true,
        }),
      );
      expect([cell, number]).toEqual([`'${text}`, '-1.5']);
      const [, line = ''] = writeAs('tsv', [column('a')], [[text]], {
        nullText: '',
        defusesFormulas: true,
      }).split('\n');
      expect(line[0]).toBe("'");
    },
  );

  it('keep numbers and times as they are, and no more than that of their columns', () => {
    const columns = [column('n', 'number'), column('t', 'time')];
    const rows = [
      ['-$1,234.50', '-1 days -02:03:04'],
      ['-Infinity', '-infinity'],
    ];
    expect(readCsv(writeAs('csv', columns, rows, { nullText: '', defusesFormulas: true })).slice(1)).toEqual(
      rows,
    );
    const masked = ["=HYPERLINK('x')", '+cmd|x'];
    expect(readCsv(writeAs('csv', columns, [masked], { nullText: '', defusesFormulas: true }))[1]).toEqual(
      masked.map((cell) => `'${cell}`),
    );
  });

  it('name no column by a formula, and leave NULL and other formats alone', () => {
    expect(writeAs('csv', [column('=a')], [[null]], { nullText: '-', defusesFormulas: true })).toBe(
      "'=a\n-\n",
    );
    expect(writeAs('jsonl', [column('a')], [['=1']], { nullText: '', defusesFormulas: true })).toBe(
      '{"a":"=1"}\n',
    );
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
