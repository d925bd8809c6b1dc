/** The part of a result that is in this page: a few pages of packed rows, fetched as they are looked at. */
import { PackedRows } from '../../../ipc/packed-rows.ts';

export interface RowReader {
  readRows(first: number, rows: number): Promise<{ readonly first: number; readonly packed: string }>;
}

export const pageRows = 500;
const maxPages = 16;
const maxInFlight = 2;

/** Values by row and column; tells when more of them came. Rows never pile up: the pages used longest ago are dropped. */
export class ResultWindow {
  readonly #reader: RowReader;
  readonly #onLoaded: () => void;
  readonly #pages = new Map<number, PackedRows>();
  readonly #inFlight = new Set<number>();
  #wanted: number[] = [];
  #count = 0;
  #isClosed = false;

  constructor(options: { readonly reader: RowReader; readonly onLoaded: () => void }) {
    this.#reader = options.reader;
    this.#onLoaded = options.onLoaded;
  }

  /** How many rows there are now; a page that was short is read again when somebody looks at it. */
  setCount(count: number): void {
    this.#count = count;
  }

  /** Undefined: not here yet. */
  read(row: number, column: number): string | null | undefined {
    const page = this.#pages.get(Math.floor(row / pageRows));
    const at = row % pageRows;
    return page === undefined || at >= page.rows || column >= page.columns
      ? undefined
      : page.text(at, column);
  }

  isCut(row: number, column: number): boolean {
    const page = this.#pages.get(Math.floor(row / pageRows));
    return page !== undefined && row % pageRows < page.rows && page.isCut(row % pageRows, column);
  }

  /** Rows `first` up to `last` are looked at. */
  want(first: number, last: number): void {
    this.#wanted = [];
    for (let page = Math.floor(first / pageRows); page * pageRows < last; page += 1) {
      const kept = this.#pages.get(page);
      if (kept !== undefined && kept.rows >= this.#rowsOf(page)) {
        // Used last: dropped last.
        this.#pages.delete(page);
        this.#pages.set(page, kept);
      } else this.#wanted.push(page);
    }
    this.#fetchNext();
  }

  close(): void {
    this.#isClosed = true;
    this.#pages.clear();
  }

  #rowsOf(page: number): number {
    return Math.min(pageRows, this.#count - page * pageRows);
  }

  #fetchNext(): void {
    for (const page of this.#wanted) {
      if (this.#inFlight.size >= maxInFlight || this.#isClosed) return;
      if (!this.#inFlight.has(page)) void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    this.#inFlight.add(page);
    let isLoaded = false;
    try {
      const { packed } = await this.#reader.readRows(page * pageRows, pageRows);
      if (this.#isClosed) return;
      this.#pages.delete(page);
      this.#pages.set(page, PackedRows.fromBase64(packed));
      isLoaded = true;
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size <= maxPages) break;
        this.#pages.delete(oldest);
      }
    } catch {
      // The result is gone or the engine is lost; whoever shows the result says so.
    } finally {
      this.#inFlight.delete(page);
      this.#wanted = this.#wanted.filter((wanted) => wanted !== page);
    }
    if (isLoaded) this.#onLoaded();
    this.#fetchNext();
  }
}
