import { AppError } from '@daam/shared/errors/app-error';
import type { Params, Result, ResultColumn } from '../../ipc/schema.ts';
import { readView } from './read-rows.ts';
import type { KeptResult } from './result-store.ts';
import { cellsOf } from './row-cells.ts';
import { rowWriter } from './row-formats.ts';

/** Above it a file is the better place. Characters. */
const maxText = 8_000_000;

export interface CopiedRows {
  readonly answer: Result<'copyRows'>;
  /** What the masked cells among them show: it must not be written back. */
  readonly masks: ReadonlySet<string>;
}

/** Cells as text for the clipboard. */
export async function copyRows(kept: KeptResult, asked: Params<'copyRows'>): Promise<CopiedRows> {
  const columns = chooseColumns(kept, asked.columns);
  const writer = rowWriter(asked.format, {
    columns,
    hasHeader: asked.hasHeader,
    delimiter: ',',
    nullText: '',
    table: tableOf(columns),
    // What is copied is pasted into SQL and code as well: it stays as it is.
    defusesFormulas: false,
  });
  const masks = new Set<string>();
  const pieces = [writer.head];
  let length = 0;
  let count = 0;
  for (const { first, last } of asked.rows) {
    for await (const block of readView(kept, asked.view, { first, last })) {
      for (const row of block) {
        const cells = textsOf(row, asked.columns);
        noteMasks(cells, columns, masks);
        const piece = writer.row(cells, count);
        length += piece.length;
        count += 1;
        if (length > maxText) throw tooLarge();
        pieces.push(piece);
      }
    }
  }
  const text = [...pieces, writer.tail].join('');
  const maskedColumns = columns.filter(({ shows }) => shows === 'masked' || shows === 'derived').length;
  return { answer: { text, rows: count, maskedColumns }, masks };
}

/** INVALID_INPUT when a column is not there. */
export function chooseColumns({ info }: KeptResult, chosen: readonly number[]): ResultColumn[] {
  return chosen.map((index) => {
    const column = info.columns[index];
    if (column === undefined) throw new AppError('INVALID_INPUT', { field: 'columns' });
    return column;
  });
}

export function textsOf(row: Buffer, columns: readonly number[]): (string | null)[] {
  const cells = cellsOf(row);
  return columns.map((column) => cells[column]?.toString('utf8') ?? null);
}

/** The one table that the columns are of, else a word to be replaced. */
export function tableOf(columns: readonly ResultColumn[]): string {
  const relations = new Set(columns.flatMap(({ relation }) => relation ?? []));
  const [only] = relations;
  if (relations.size !== 1 || only === undefined) return 'table_name';
  return only
    .split('.')
    .map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.');
}

function noteMasks(
  cells: readonly (string | null)[],
  columns: readonly ResultColumn[],
  masks: Set<string>,
): void {
  for (const [index, cell] of cells.entries()) {
    if (cell !== null && cell !== '' && columns[index]?.shows === 'masked') masks.add(cell);
  }
}

function tooLarge(): AppError {
  return new AppError('TOO_LARGE', {
    message: 'This is too much for the clipboard.',
    hint: 'Export it to a file.',
  });
}
