/**
 * The rows on the screen, outside React: a pool of elements that is moved and refilled once a frame. The row that has the
 * focus always stays in the pool, so that the focus survives scrolling it away.
 */
import { columnWidth } from './cell-text.ts';
import { clearCell, createCell, createHeaderCell, fillCell, fillHeaderCell } from './cells.ts';
import type { GridColumn } from './cells.ts';
import { placeAt, rowOffset, scrolled, spacerHeight, topShowing, visibleRows } from './geometry.ts';
import type { GridSize, ScrollPlace } from './geometry.ts';
import { noSelection, selectedRange } from './selection.ts';
import type { GridExtent, GridPlace, GridRange, Selection } from './selection.ts';

/** Where values come from. `read` answers undefined for rows that are not here yet; `want` asks for them. */
export interface GridRows {
  readonly count: number;
  read(row: number, column: number): string | null | undefined;
  want(first: number, last: number): void;
  isFound(row: number, column: number): boolean;
}

export interface GridViewOptions {
  readonly grid: HTMLDivElement;
  readonly rowHeight: number;
}

interface RowElement {
  readonly element: HTMLDivElement;
  readonly number: HTMLDivElement;
  readonly cells: Map<number, HTMLDivElement>;
  stamp: number;
  /** Where it stands; null: nowhere yet. */
  offset: number | null;
}

const numberCharacters = 3;
/** Pixels a frame; above it only the numbers of rows are drawn, and the cells when it slows down. */
const flingSpeed = 1_500;
const none: GridRows = { count: 0, read: () => undefined, want: () => {}, isFound: () => false };

export class GridView {
  readonly #options: GridViewOptions;
  readonly #space = document.createElement('div');
  readonly #head = document.createElement('div');
  readonly #headNumber = document.createElement('div');
  readonly #body = document.createElement('div');
  readonly #rows = new Map<number, RowElement>();
  readonly #spare: RowElement[] = [];
  readonly #headCells = new Map<number, HTMLDivElement>();
  readonly #widths = new Map<number, number>();
  readonly #observer: ResizeObserver;
  #columns: readonly GridColumn[] = [];
  /** How many of them, from the first, stay where they are while the others scroll sideways. */
  #pinned = 0;
  #offsets: number[] = [];
  #source: GridRows = none;
  #selection: Selection = noSelection;
  #place: ScrollPlace = { scrollTop: 0, top: 0 };
  #viewport = { width: 0, height: 0 };
  #numberWidth = 48;
  #characterWidth = 7.5;
  #stamp = 1;
  #frame = 0;
  #isSized = false;
  #isMarked = false;
  #isFlung = false;

  constructor(options: GridViewOptions) {
    this.#options = options;
    const { grid, rowHeight } = options;
    this.#space.className = 'result-grid-space';
    this.#head.className = 'result-grid-head';
    this.#head.setAttribute('role', 'row');
    this.#head.setAttribute('aria-rowindex', '1');
    this.#head.style.height = `${rowHeight}px`;
    this.#headNumber.className = 'result-grid-number';
    this.#headNumber.setAttribute('role', 'columnheader');
    this.#headNumber.setAttribute('aria-colindex', '1');
    this.#headNumber.setAttribute('aria-label', 'Row');
    this.#headNumber.textContent = '#';
    this.#head.append(this.#headNumber);
    const headGroup = document.createElement('div');
    headGroup.setAttribute('role', 'rowgroup');
    headGroup.style.display = 'contents';
    headGroup.append(this.#head);
    this.#body.setAttribute('role', 'rowgroup');
    this.#space.append(headGroup, this.#body);
    grid.append(this.#space);
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(grid);
    grid.addEventListener('scroll', this.#onScroll, { passive: true });
    grid.addEventListener('scrollend', this.#onScrollEnd, { passive: true });
    this.#measure();
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#options.grid.removeEventListener('scroll', this.#onScroll);
    this.#options.grid.removeEventListener('scrollend', this.#onScrollEnd);
    cancelAnimationFrame(this.#frame);
    this.#space.remove();
  }

  /** Columns in the order that they are shown. Widths that a person chose stay. */
  setColumns(columns: readonly GridColumn[]): void {
    this.#columns = columns;
    const free = columns.findIndex(({ isPinned }) => !isPinned);
    this.#pinned = free < 0 ? columns.length : free;
    this.#isSized = columns.every(({ index }) => this.#widths.has(index));
    this.#layOut();
  }

  setRows(source: GridRows): void {
    this.#source = source;
    this.#layOut();
  }

  /** Values came, or what is found changed. */
  refresh(): void {
    this.#schedule(true);
  }

  setSelection(selection: Selection): void {
    this.#selection = selection;
    this.#schedule(true);
  }

  /** Scrolls to the focus of the selection and gives it the document's focus. */
  focus(): void {
    this.reveal();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#paint();
    this.elementAt(this.#selection.focus)?.focus({ preventScroll: true });
  }

  /** Scrolls so that the focus of the selection is seen. */
  reveal(): void {
    const { row, column } = this.#selection.focus;
    const { grid } = this.#options;
    if (row >= 0) {
      const top = topShowing(row, this.#place, this.#size());
      if (top !== this.#place.top) {
        this.#place = placeAt(top, this.#size());
        grid.scrollTop = this.#place.scrollTop;
      }
    }
    this.#revealColumn(column);
    this.#schedule(true);
  }

  /** Pinned columns are always seen; the others beside them. */
  #revealColumn(column: number): void {
    if (column < this.#pinned) return;
    const { grid } = this.#options;
    const left = this.#offsets[column] ?? 0;
    const width = this.#widthOf(column);
    const seen = this.#viewport.width - this.#numberWidth;
    const pinned = this.#offsets[this.#pinned] ?? 0;
    if (left < grid.scrollLeft + pinned) grid.scrollLeft = left - pinned;
    else if (left + width > grid.scrollLeft + seen) grid.scrollLeft = left + width - seen;
  }

  elementAt({ row, column }: GridPlace): HTMLElement | null {
    const cells = row < 0 ? this.#headCells : this.#rows.get(row)?.cells;
    return cells?.get(column) ?? null;
  }

  /** The cell under an event's target; null beside all cells. */
  placeOf(target: EventTarget | null): GridPlace | null {
    if (!(target instanceof Element)) return null;
    const cell = target.closest<HTMLElement>('.result-grid-cell');
    if (cell === null) return null;
    const column = Number(cell.dataset['column']);
    const row = Number(cell.parentElement?.dataset['row'] ?? -1);
    return Number.isInteger(column) && Number.isInteger(row) ? { row, column } : null;
  }

  extent(): GridExtent {
    return {
      rows: this.#source.count,
      columns: this.#columns.length,
      page: Math.max(1, Math.floor(this.#size().viewport / this.#options.rowHeight) - 1),
    };
  }

  widthAt(column: number): number {
    return this.#widthOf(column);
  }

  setWidth(column: number, width: number): void {
    const found = this.#columns[column];
    if (found === undefined) return;
    this.#widths.set(found.index, Math.round(Math.min(Math.max(width, 40), 1_200)));
    this.#layOut();
  }

  /** As wide as its header and the rows that are seen. */
  fitColumn(column: number): void {
    const found = this.#columns[column];
    if (found === undefined) return;
    this.setWidth(column, this.#fittingWidth(found));
  }

  readonly #onScroll = (): void => {
    const before = this.#place;
    this.#place = scrolled(before, this.#options.grid.scrollTop, this.#size());
    this.#isFlung = Math.abs(this.#place.top - before.top) > flingSpeed;
    this.#schedule(false);
  };

  /** Rows that were used again stand in the document in any order: who reads it from top to bottom gets theirs back. */
  readonly #onScrollEnd = (): void => {
    // Behind the paint of this very frame, which takes the rows.
    requestAnimationFrame(() => this.#putInOrder());
  };

  #putInOrder(): void {
    const rows = [...this.#rows].toSorted(([one], [other]) => one - other).map(([, { element }]) => element);
    if (rows.every((row, at) => this.#body.children[at] === row)) return;
    // A row that is moved loses the focus inside it.
    const kept = rows.findIndex((row) => row.contains(document.activeElement));
    const anchor = rows[kept];
    for (const [at, row] of rows.entries()) {
      if (anchor !== undefined && at < kept) anchor.before(row);
      else if (at !== kept) this.#body.append(row);
    }
  }

  #measure(): void {
    const { grid } = this.#options;
    this.#viewport = { width: grid.clientWidth, height: grid.clientHeight };
    const fontSize = Number.parseFloat(getComputedStyle(grid).fontSize);
    this.#characterWidth = Number.isFinite(fontSize) ? fontSize * 0.6 : 7.5;
    this.#layOut();
  }

  #size(): GridSize {
    const { rowHeight } = this.#options;
    return {
      rows: this.#source.count,
      rowHeight,
      viewport: Math.max(rowHeight, this.#viewport.height - rowHeight),
    };
  }

  #layOut(): void {
    const size = this.#size();
    const digits = Math.max(numberCharacters, String(size.rows).length);
    this.#numberWidth = Math.round(digits * this.#characterWidth + 18);
    if (!this.#isSized) this.#sizeColumns();
    let left = 0;
    this.#offsets = this.#columns.map((_, column) => {
      const at = left;
      left += this.#widthOf(column);
      return at;
    });
    this.#space.style.width = `${left + this.#numberWidth}px`;
    this.#space.style.height = `${spacerHeight(size) + this.#options.rowHeight}px`;
    this.#headNumber.style.width = `${this.#numberWidth}px`;
    this.#place = scrolled(this.#place, this.#options.grid.scrollTop, size);
    this.#schedule(true);
  }

  /** Once the first rows are here, from them. */
  #sizeColumns(): void {
    const isKnown =
      this.#source.count === 0 || this.#source.read(0, this.#columns[0]?.index ?? 0) !== undefined;
    for (const column of this.#columns) {
      if (isKnown || !this.#widths.has(column.index))
        this.#widths.set(column.index, this.#fittingWidth(column));
    }
    this.#isSized = isKnown && this.#source.count > 0;
  }

  #fittingWidth(column: GridColumn): number {
    const first = Math.floor(this.#place.top / this.#options.rowHeight);
    const sample: string[] = [];
    for (let row = first; row < Math.min(first + 50, this.#source.count); row += 1) {
      sample.push(this.#source.read(row, column.index) ?? 'NULL');
    }
    const header = `${column.isMasked ? '⊘ ' : ''}${column.name} ${column.type}`;
    return columnWidth(header, sample, this.#characterWidth);
  }

  #widthOf(column: number): number {
    const found = this.#columns[column];
    return found === undefined ? 0 : (this.#widths.get(found.index) ?? 120);
  }

  #schedule(isChanged: boolean): void {
    if (isChanged) this.#stamp += 1;
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      // As fast as it was scrolled last: another frame fills the cells when that was the end of it.
      const isFlung = this.#isFlung;
      this.#isFlung = false;
      this.#paint(isFlung);
      if (isFlung) this.#schedule(false);
    });
  }

  #paint(isFlung = false): void {
    if (!this.#isSized && this.#source.count > 0) {
      this.#sizeColumns();
      if (this.#isSized) this.#layOut();
    }
    const size = this.#size();
    const { first, last } = visibleRows(this.#place, size);
    const columns = this.#visibleColumns();
    const range = selectedRange(this.#selection, this.extent());
    this.#paintHead(columns, range);
    if (!isFlung && last > first) this.#source.want(first, last);
    const focusRow = this.#selection.focus.row;
    for (const [row, element] of this.#rows) {
      if (row >= size.rows || ((row < first || row >= last) && row !== focusRow)) {
        this.#rows.delete(row);
        this.#spare.push(element);
      }
    }
    for (let row = first; row < last; row += 1) this.#paintRow(row, { columns, range, isFlung });
    if (focusRow >= 0 && focusRow < size.rows && (focusRow < first || focusRow >= last))
      this.#paintRow(focusRow, { columns, range, isFlung: false });
    // Most rows that left are those that came: only what nobody took goes out of the document.
    for (const { element } of this.#spare) if (element.isConnected) element.remove();
    this.#markFirst(first);
  }

  /** The moment that the budget for "grid mounted" is measured by: values can be seen. */
  #markFirst(row: number): void {
    if (this.#isMarked || this.#source.count === 0) return;
    if (this.#source.read(row, this.#columns[0]?.index ?? 0) === undefined) return;
    this.#isMarked = true;
    performance.mark('grid:painted');
  }

  #paintRow(
    row: number,
    frame: {
      readonly columns: readonly number[];
      readonly range: GridRange | null;
      readonly isFlung: boolean;
    },
  ): void {
    const found = this.#rows.get(row) ?? this.#takeRow(row);
    // Below the header, which stands in the same space.
    const offset = rowOffset(row, this.#place, this.#size()) + this.#options.rowHeight;
    if (found.offset !== offset) {
      found.offset = offset;
      found.element.style.transform = `translateY(${offset}px)`;
    }
    if (frame.isFlung && found.stamp === 0) {
      // Not the values of the row that stood here before.
      for (const cell of found.cells.values()) clearCell(cell);
      found.stamp = -1;
    }
    if (frame.isFlung || found.stamp === this.#stamp) return;
    found.stamp = this.#stamp;
    found.number.style.width = `${this.#numberWidth}px`;
    for (const [column, cell] of found.cells) {
      if (frame.columns.includes(column)) continue;
      cell.remove();
      found.cells.delete(column);
    }
    const { range } = frame;
    const { focus } = this.#selection;
    for (const column of frame.columns) {
      const shown = this.#columns[column];
      if (shown === undefined) continue;
      const cell = found.cells.get(column) ?? this.#addCell(found, column);
      this.#position(cell, column);
      const isInside =
        range !== null &&
        row >= range.firstRow &&
        row <= range.lastRow &&
        column >= range.firstColumn &&
        column <= range.lastColumn;
      fillCell(cell, shown, {
        value: this.#source.read(row, shown.index),
        isSelected: isInside,
        isFound: this.#source.isFound(row, shown.index),
        isFocused: row === focus.row && column === focus.column,
      });
    }
  }

  #paintHead(columns: readonly number[], range: GridRange | null): void {
    if (this.#head.dataset['stamp'] === String(this.#stamp)) return;
    this.#head.dataset['stamp'] = String(this.#stamp);
    for (const [column, cell] of this.#headCells) {
      if (columns.includes(column)) continue;
      cell.remove();
      this.#headCells.delete(column);
    }
    const { focus, kind } = this.#selection;
    const tabStop = focus.row < 0 || this.#source.count === 0 ? focus.column : null;
    for (const column of columns) {
      const shown = this.#columns[column];
      if (shown === undefined) continue;
      let cell = this.#headCells.get(column);
      if (cell === undefined) {
        cell = createHeaderCell();
        this.#setColumn(cell, column);
        this.#headCells.set(column, cell);
        this.#head.append(cell);
      }
      this.#position(cell, column);
      const isInside = range !== null && column >= range.firstColumn && column <= range.lastColumn;
      fillHeaderCell(cell, shown, {
        isSelected: isInside && kind !== 'cells',
        isFocused: column === tabStop,
      });
    }
  }

  #takeRow(row: number): RowElement {
    const found = this.#spare.pop() ?? createRow(this.#options.rowHeight);
    found.stamp = 0;
    found.element.dataset['row'] = String(row);
    found.element.setAttribute('aria-rowindex', String(row + 2));
    found.number.textContent = String(row + 1);
    this.#rows.set(row, found);
    if (!found.element.isConnected) this.#body.append(found.element);
    return found;
  }

  #addCell(row: RowElement, column: number): HTMLDivElement {
    const cell = createCell();
    this.#setColumn(cell, column);
    row.cells.set(column, cell);
    row.element.append(cell);
    return cell;
  }

  #setColumn(cell: HTMLDivElement, column: number): void {
    cell.dataset['column'] = String(column);
    cell.setAttribute('aria-colindex', String(column + 2));
  }

  #position(cell: HTMLDivElement, column: number): void {
    const left = `${(this.#offsets[column] ?? 0) + this.#numberWidth}px`;
    const width = `${this.#widthOf(column)}px`;
    const isPinned = column < this.#pinned;
    if (cell.hasAttribute('data-pinned') !== isPinned) cell.toggleAttribute('data-pinned', isPinned);
    // Pinned ones stand in the row's own order, before all others.
    const order = isPinned ? String(column + 1) : '';
    if (cell.style.order !== order) cell.style.order = order;
    if (cell.style.left !== left) cell.style.left = left;
    if (cell.style.width !== width) cell.style.width = width;
  }

  /** The columns that are seen, and the one with the focus. */
  #visibleColumns(): number[] {
    const from = this.#options.grid.scrollLeft;
    const until = from + this.#viewport.width;
    const seen = this.#columns.flatMap((_, column) => {
      const left = this.#offsets[column] ?? 0;
      const isSeen = left + this.#widthOf(column) >= from - 200 && left <= until + 200;
      return isSeen || column < this.#pinned || column === this.#selection.focus.column ? [column] : [];
    });
    const key = seen.join();
    if (this.#body.dataset['columns'] !== key) {
      this.#body.dataset['columns'] = key;
      this.#stamp += 1;
    }
    return seen;
  }
}

function createRow(height: number): RowElement {
  const element = document.createElement('div');
  element.className = 'result-grid-row';
  element.setAttribute('role', 'row');
  element.style.height = `${height}px`;
  element.style.width = '100%';
  const number = document.createElement('div');
  number.className = 'result-grid-number';
  number.setAttribute('role', 'rowheader');
  number.setAttribute('aria-colindex', '1');
  element.append(number);
  return { element, number, cells: new Map(), stamp: 0, offset: null };
}
