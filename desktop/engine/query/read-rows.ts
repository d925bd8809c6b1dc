/** Windows, single values, search, order and choice of the rows of a result. Masked values count as they show. */
import { AppError } from '@daam/shared/errors/app-error';
import { cutForWindow, packRows } from '../../ipc/packed-rows.ts';
import type { Params, Result } from '../../ipc/schema.ts';
import type { KeptResult, ResultStore } from './result-store.ts';
import { cellsOf } from './row-cells.ts';
import { newKey } from './wire-session.ts';

/** A window is cut to fewer rows rather than be larger. Bytes. */
const maxWindowBytes = 8 * 1024 * 1024;
/** One call reads so many characters of a value. */
const maxCellCharacters = 1_000_000;
/** One call of a search looks at so many bytes, so that nothing else waits long. */
const searchBytes = 64 * 1024 * 1024;
/** More are to be ordered by the server. */
const maxArrangedRows = 200_000;
const maxArrangedBytes = 256 * 1024 * 1024;

/** Rows of a result, or of a view of it, in blocks. */
export async function* readView(
  { spool, views }: KeptResult,
  view: string | null,
  { first, last }: { readonly first: number; readonly last: number },
): AsyncGenerator<readonly Buffer[]> {
  if (view === null) {
    for await (const { rows } of spool.read(first, last)) yield rows;
    return;
  }
  const order = views.get(view);
  if (order === undefined)
    throw new AppError('NOT_FOUND', {
      field: 'view',
      message: 'The order of the rows is not kept any more.',
    });
  for (let at = first; at < Math.min(last, order.length); at += 256) {
    const numbers = order.subarray(at, Math.min(at + 256, last, order.length));
    yield await Promise.all(Array.from(numbers, async (number) => await spool.row(number)));
  }
}

/** How many rows a result, or a view of it, has. */
export function rowsOfView({ spool, views }: KeptResult, view: string | null): number {
  return view === null ? spool.rows : (views.get(view)?.length ?? 0);
}

export async function readWindow(
  kept: KeptResult,
  { view, first, rows }: Params<'readRows'>,
): Promise<Result<'readRows'>> {
  const columns = kept.info.columns.length;
  const whole: (Buffer | null)[] = [];
  const cells: (Uint8Array | null)[] = [];
  let bytes = 0;
  let count = 0;
  for await (const block of readView(kept, view, { first, last: first + rows })) {
    for (const row of block) {
      if (bytes > maxWindowBytes) break;
      for (const cell of padded(cellsOf(row), columns)) {
        const cut = cell === null ? null : cutForWindow(cell);
        whole.push(cell);
        cells.push(cut);
        bytes += (cut?.length ?? 0) + 5;
      }
      count += 1;
    }
    if (bytes > maxWindowBytes) break;
  }
  const packed = packRows(columns, cells, (cell) => cells[cell]?.length !== whole[cell]?.length);
  return { first, rows: count, packed: Buffer.from(packed).toString('base64') };
}

/** A server that sends rows of another width than it said does not shift cells. */
function padded(cells: (Buffer | null)[], columns: number): (Buffer | null)[] {
  if (cells.length === columns) return cells;
  return Array.from({ length: columns }, (_, index) => cells[index] ?? null);
}

export async function readCell(
  kept: KeptResult,
  { view, row, column, from }: Params<'readCell'>,
): Promise<Result<'readCell'>> {
  for await (const [body] of readView(kept, view, { first: row, last: row + 1 })) {
    if (body === undefined) break;
    const cell = cellsOf(body)[column] ?? null;
    if (cell === null) return { value: null, length: 0, next: null };
    const text = cell.toString('utf8');
    const value = text.slice(from, from + maxCellCharacters);
    const next = from + value.length < text.length ? from + value.length : null;
    return { value, length: text.length, next };
  }
  throw new AppError('NOT_FOUND', { field: 'row' });
}

export async function searchRows(
  kept: KeptResult,
  asked: Params<'searchRows'>,
): Promise<Result<'searchRows'>> {
  const { view, text, isCaseSensitive, from, limit } = asked;
  const total = rowsOfView(kept, view);
  const fold = (value: string): string => (isCaseSensitive ? value : value.toLowerCase());
  const needle = fold(text);
  const matches: { row: number; column: number }[] = [];
  let row = from;
  let looked = 0;
  for await (const block of readView(kept, view, { first: from, last: total })) {
    for (const body of block) {
      if (matches.length >= limit || looked > searchBytes)
        return { matches: matches.slice(0, limit), next: row };
      looked += body.length;
      // Most rows hold it nowhere: one look at the whole of it is cheaper than one at each cell.
      if (fold(body.toString('utf8')).includes(needle)) {
        for (const [column, cell] of cellsOf(body).entries()) {
          if (cell !== null && fold(cell.toString('utf8')).includes(needle)) matches.push({ row, column });
        }
      }
      row += 1;
    }
  }
  const isFull = matches.length >= limit && row < total;
  return { matches: matches.slice(0, 1_000), next: isFull ? row : null };
}

export async function arrangeRows(
  results: ResultStore,
  { result, order, filters }: Params<'arrangeRows'>,
): Promise<Result<'arrangeRows'>> {
  const kept = results.get(result);
  if (kept.spool.rows > maxArrangedRows || kept.spool.bytes > maxArrangedBytes) {
    throw new AppError('TOO_LARGE', {
      message: 'These are too many rows to be ordered here.',
      hint: 'Order or filter them in the statement.',
    });
  }
  const columns = [...new Set([...order, ...filters].map(({ column }) => column))];
  const chosen: { readonly number: number; readonly cells: ReadonlyMap<number, string | null> }[] = [];
  let number = 0;
  for await (const { rows } of kept.spool.read(0, kept.spool.rows)) {
    for (const row of rows) {
      const all = cellsOf(row);
      const cells = new Map(columns.map((column) => [column, all[column]?.toString('utf8') ?? null]));
      if (
        filters.every((filter) =>
          passes(cells.get(filter.column) ?? null, filter, isNumber(kept, filter.column)),
        )
      )
        chosen.push({ number, cells });
      number += 1;
    }
  }
  chosen.sort((a, b) => {
    for (const { column, direction } of order) {
      const step = compare(a.cells.get(column) ?? null, b.cells.get(column) ?? null, isNumber(kept, column));
      if (step !== 0) return direction === 'ascending' ? step : -step;
    }
    return a.number - b.number;
  });
  const view = newKey();
  results.addView(
    result,
    view,
    Uint32Array.from(chosen, (each) => each.number),
  );
  return { view, rows: chosen.length };
}

function isNumber({ info }: KeptResult, column: number): boolean {
  return info.columns[column]?.kind === 'number';
}

/** NULL last, as PostgreSQL orders. Numbers by value, and where doubles cannot tell them apart by their digits. */
function compare(a: string | null, b: string | null, asNumbers: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (asNumbers) {
    const [x, y] = [Number(a), Number(b)];
    if (x < y) return -1;
    if (x > y) return 1;
    if (Number.isSafeInteger(x)) return 0;
    if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) {
      const [p, q] = [BigInt(a), BigInt(b)];
      return p < q ? -1 : p > q ? 1 : 0;
    }
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

type Filter = Params<'arrangeRows'>['filters'][number];

function passes(cell: string | null, { operator, text }: Filter, asNumbers: boolean): boolean {
  switch (operator) {
    case 'null':
      return cell === null;
    case 'not-null':
      return cell !== null;
    case 'contains':
      return cell?.toLowerCase().includes(text.toLowerCase()) ?? false;
    case 'equals':
      return cell === text;
    case 'differs':
      return cell !== null && cell !== text;
    case 'less':
      return cell !== null && compare(cell, text, asNumbers) < 0;
    case 'greater':
      return cell !== null && compare(cell, text, asNumbers) > 0;
    default:
      return operator satisfies never;
  }
}
