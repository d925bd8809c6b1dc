/**
 * A window of rows as one run of bytes, so that a screen makes no string for a cell that nobody sees:
 *
 *   u32 rows, u32 columns                          little-endian
 *   u8  × rows × columns                           0 a value, 1 NULL, 2 a value that was cut (`readCell` has it whole)
 *   padding to a multiple of 4
 *   u32 × rows × columns                           where the cell's bytes end; a cell begins where the one before ended
 *   UTF-8 of all cells, row by row
 *
 * On the bridge it travels as base64.
 */
import { AppError } from '@daam/shared/errors/app-error';

/** Longest value in a window, in bytes of UTF-8; cut at a character. */
export const maxWindowCellBytes = 512;

const headerBytes = 8;
export const cellMarks = { value: 0, null: 1, cut: 2 } as const;

/** One window, read. Texts are decoded when they are asked for. */
export class PackedRows {
  readonly rows: number;
  readonly columns: number;
  readonly #marks: Uint8Array;
  readonly #ends: DataView;
  readonly #text: Uint8Array;
  readonly #decoder = new TextDecoder();

  /** INVALID_INPUT when the bytes are not what the header says. */
  constructor(bytes: Uint8Array) {
    if (bytes.length < headerBytes) throw malformed();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.rows = view.getUint32(0, true);
    this.columns = view.getUint32(4, true);
    const cells = this.rows * this.columns;
    const endsAt = headerBytes + padded(cells);
    const textAt = endsAt + cells * 4;
    if (textAt > bytes.length) throw malformed();
    this.#marks = bytes.subarray(headerBytes, headerBytes + cells);
    this.#ends = new DataView(bytes.buffer, bytes.byteOffset + endsAt, cells * 4);
    this.#text = bytes.subarray(textAt);
    if (cells > 0 && this.#end(cells - 1) !== this.#text.length) throw malformed();
  }

  static fromBase64(text: string): PackedRows {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    // By index: an iterator over half a million characters takes longer than everything else of a window.
    for (let at = 0; at < characters.length; at += 1) bytes[at] = characters.charCodeAt(at);
    return new PackedRows(bytes);
  }

  /** Null for NULL. `row` counts from the window's first. */
  text(row: number, column: number): string | null {
    const cell = this.#cell(row, column);
    if (this.#marks[cell] === cellMarks.null) return null;
    const start = cell === 0 ? 0 : this.#end(cell - 1);
    return this.#decoder.decode(this.#text.subarray(start, this.#end(cell)));
  }

  isCut(row: number, column: number): boolean {
    return this.#marks[this.#cell(row, column)] === cellMarks.cut;
  }

  #cell(row: number, column: number): number {
    if (row < 0 || row >= this.rows || column < 0 || column >= this.columns) throw malformed();
    return row * this.columns + column;
  }

  #end(cell: number): number {
    return this.#ends.getUint32(cell * 4, true);
  }
}

/** The other way: cells row by row, each null or bytes, and whether they were cut. */
export function packRows(
  columns: number,
  cells: readonly (Uint8Array | null)[],
  isCut: (cell: number) => boolean = () => false,
): Uint8Array {
  const rows = columns === 0 ? 0 : cells.length / columns;
  const endsAt = headerBytes + padded(cells.length);
  const textAt = endsAt + cells.length * 4;
  const textBytes = cells.reduce((sum, cell) => sum + (cell?.length ?? 0), 0);
  const bytes = new Uint8Array(textAt + textBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows, true);
  view.setUint32(4, columns, true);
  let end = 0;
  for (const [index, cell] of cells.entries()) {
    if (cell === null) bytes[headerBytes + index] = cellMarks.null;
    else {
      if (isCut(index)) bytes[headerBytes + index] = cellMarks.cut;
      bytes.set(cell, textAt + end);
      end += cell.length;
    }
    view.setUint32(endsAt + index * 4, end, true);
  }
  return bytes;
}

/** The beginning of a value that fits into a window, ending at a character. */
export function cutForWindow(cell: Uint8Array): Uint8Array {
  if (cell.length <= maxWindowCellBytes) return cell;
  let end = maxWindowCellBytes;
  while (end > 0 && ((cell[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return cell.subarray(0, end);
}

function padded(cells: number): number {
  return Math.ceil(cells / 4) * 4;
}

function malformed(): AppError {
  return new AppError('INVALID_INPUT', { detail: 'a window of rows is not packed as it should be' });
}
