/** Rows as text, for the clipboard and for files: each format writes what is before, a row, and what is behind. */
import { isSpreadsheetFormula } from '@daam/shared/base/spreadsheet-formula';
import type { CopyFormat, ExportFormat, ResultColumn } from '../../ipc/schema.ts';

export interface RowFormatOptions {
  readonly columns: readonly ResultColumn[];
  readonly hasHeader: boolean;
  readonly delimiter: string;
  readonly nullText: string;
  /** For INSERT. */
  readonly table: string;
  /** CSV and TSV: text that a spreadsheet would take for a formula gets a ' before it. */
  readonly defusesFormulas: boolean;
}

export interface RowWriter {
  readonly head: string;
  /** `index` counts the rows that were written before. */
  readonly row: (cells: readonly (string | null)[], index: number) => string;
  readonly tail: string;
}

export function rowWriter(format: CopyFormat | ExportFormat, options: RowFormatOptions): RowWriter {
  switch (format) {
    case 'csv':
      return separated(options, (text) => quoteCsv(text, options));
    case 'tsv':
      return separated({ ...options, delimiter: '\t' }, flattenTsv);
    case 'json':
      return json(options);
    case 'jsonl':
      return jsonLines(options);
    case 'markdown':
      return markdown(options);
    case 'insert':
      return insert(options);
    case 'in-list':
      return inList(options);
    default:
      return format satisfies never;
  }
}

function separated(options: RowFormatOptions, write: (text: string) => string): RowWriter {
  const { columns, hasHeader, delimiter, nullText, defusesFormulas } = options;
  const text = (cell: string, column?: ResultColumn): string =>
    write(defusesFormulas && isFormula(cell, column) ? `'${cell}` : cell);
  const head = `${columns.map(({ name }) => text(name)).join(delimiter)}\n`;
  const row = (cells: readonly (string | null)[]): string =>
    `${cells.map((cell, at) => (cell === null ? nullText : text(cell, columns[at]))).join(delimiter)}\n`;
  return { head: hasHeader ? head : '', row, tail: '' };
}

/** A number or a time with a sign is none, unless a mask made something else of it. */
function isFormula(text: string, column: ResultColumn | undefined): boolean {
  if (!isSpreadsheetFormula(text)) return false;
  const isSigned = column?.kind === 'number' || column?.kind === 'time';
  return !isSigned || /[=@|%!()'"\t\r\n]/.test(text);
}

/** RFC 4180; a text that reads as NULL does is quoted, so that the two stay apart. */
function quoteCsv(text: string, { delimiter, nullText }: RowFormatOptions): string {
  const isPlain =
    !/["\n\r]/.test(text) && !text.includes(delimiter) && text !== nullText && text.trim() === text;
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/** Spreadsheets know no escape here: what would begin a cell or a line becomes a space. */
function flattenTsv(text: string): string {
  return text.replaceAll(/[\t\n\r]+/g, ' ');
}

function json(options: RowFormatOptions): RowWriter {
  const { row } = jsonLines(options);
  return {
    head: '[\n',
    row: (cells, index) => `${index === 0 ? '' : ',\n'}${row(cells, index).trimEnd()}`,
    tail: '\n]\n',
  };
}

function jsonLines({ columns }: RowFormatOptions): RowWriter {
  const keys = uniqueNames(columns).map((name) => JSON.stringify(name));
  const row = (cells: readonly (string | null)[]): string =>
    `{${cells.map((cell, at) => `${keys[at]}:${jsonValue(cell, columns[at])}`).join(',')}}\n`;
  return { head: '', row, tail: '' };
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Numbers keep all of their digits; a masked value may be no number, and then is text. */
function jsonValue(cell: string | null, column: ResultColumn | undefined): string {
  if (cell === null) return 'null';
  if (column?.kind === 'number' && jsonNumber.test(cell)) return cell;
  if (column?.kind === 'boolean' && (cell === 't' || cell === 'f')) return cell === 't' ? 'true' : 'false';
  if (column?.kind === 'json' && isJson(cell)) return cell;
  return JSON.stringify(cell);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function uniqueNames(columns: readonly ResultColumn[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

function markdown({ columns, nullText }: RowFormatOptions): RowWriter {
  const write = (text: string): string =>
    text.replaceAll(/[\\|`<>*_[\]]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
  const line = (cells: readonly (string | null)[]): string =>
    `| ${cells.map((cell) => write(cell ?? nullText)).join(' | ')} |\n`;
  const rule = `|${columns.map(({ kind }) => (kind === 'number' ? ' ---: |' : ' --- |')).join('')}\n`;
  return { head: `${line(columns.map(({ name }) => name))}${rule}`, row: line, tail: '' };
}

function insert({ columns, table }: RowFormatOptions): RowWriter {
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  return {
    head: '',
    row: (cells) =>
      `INSERT INTO ${table} (${names}) VALUES (${cells.map((cell, at) => literal(cell, columns[at])).join(', ')});\n`,
    tail: '',
  };
}

/** The first column, each value once. */
function inList({ columns }: RowFormatOptions): RowWriter {
  const seen = new Set<string>();
  return {
    head: 'IN (',
    row: ([cell = null]) => {
      const text = literal(cell, columns[0]);
      if (cell === null || seen.has(text)) return '';
      seen.add(text);
      return seen.size === 1 ? text : `, ${text}`;
    },
    tail: ')',
  };
}

function literal(cell: string | null, column: ResultColumn | undefined): string {
  if (cell === null) return 'NULL';
  if (column?.kind === 'number' && jsonNumber.test(cell)) return cell;
  if (column?.kind === 'boolean' && (cell === 't' || cell === 'f')) return cell === 't' ? 'true' : 'false';
  const text = `'${cell.replaceAll("'", "''")}'`;
  // Whatever standard_conforming_strings says there.
  return cell.includes('\\') ? ` E${text.replaceAll('\\', '\\\\')}`.trimStart() : text;
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
