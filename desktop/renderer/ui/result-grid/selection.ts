/** What is selected, and where the keys lead. Row -1 is the header. */
export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

export interface GridRange {
  readonly firstRow: number;
  /** Included. */
  readonly lastRow: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

export interface GridExtent {
  readonly rows: number;
  readonly columns: number;
  /** Rows that fit into the view. */
  readonly page: number;
}

export interface Selection {
  /** Where a range began. */
  readonly anchor: GridPlace;
  /** What has the focus. */
  readonly focus: GridPlace;
  /** Whole columns, when a header was chosen. */
  readonly kind: 'cells' | 'columns' | 'all';
}

export const noSelection: Selection = {
  anchor: { row: 0, column: 0 },
  focus: { row: 0, column: 0 },
  kind: 'cells',
};

export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  /** ⌘ on macOS, Ctrl elsewhere. */
  readonly mod: boolean;
}

/** The selection after a key, or null when the key means nothing here. */
export function moveSelection(before: Selection, pressed: PressedKey, extent: GridExtent): Selection | null {
  if (pressed.mod && pressed.key.toLowerCase() === 'a') return selectAll(before, extent);
  const focus = moveFocus(before.focus, pressed, extent);
  if (focus === null) return null;
  const isExtending = pressed.shiftKey && focus.row >= 0;
  const anchor = before.anchor.row < 0 ? { row: 0, column: before.anchor.column } : before.anchor;
  return { anchor: isExtending ? anchor : focus, focus, kind: 'cells' };
}

export function selectCell(
  before: Selection,
  place: GridPlace,
  isExtending: boolean,
  extent: GridExtent,
): Selection {
  if (place.row < 0) {
    const anchor =
      isExtending && before.kind === 'columns' ? before.anchor : { row: -1, column: place.column };
    return { anchor, focus: place, kind: extent.rows === 0 ? 'cells' : 'columns' };
  }
  return { anchor: isExtending ? before.anchor : place, focus: place, kind: 'cells' };
}

export function selectAll(before: Selection, extent: GridExtent): Selection {
  return extent.rows === 0 ? before : { ...before, kind: 'all' };
}

/** The cells that are selected; null when only a header is. */
export function selectedRange({ anchor, focus, kind }: Selection, extent: GridExtent): GridRange | null {
  if (extent.rows === 0 || extent.columns === 0) return null;
  const lastRow = extent.rows - 1;
  if (kind === 'all') return { firstRow: 0, lastRow, firstColumn: 0, lastColumn: extent.columns - 1 };
  const firstColumn = Math.min(anchor.column, focus.column);
  const lastColumn = Math.max(anchor.column, focus.column);
  if (kind === 'columns') return { firstRow: 0, lastRow, firstColumn, lastColumn };
  if (focus.row < 0) return null;
  return {
    firstRow: Math.max(0, Math.min(anchor.row, focus.row)),
    lastRow: Math.max(anchor.row, focus.row),
    firstColumn,
    lastColumn,
  };
}

function moveFocus({ row, column }: GridPlace, pressed: PressedKey, extent: GridExtent): GridPlace | null {
  const lastRow = extent.rows - 1;
  const lastColumn = extent.columns - 1;
  const to = (nextRow: number, nextColumn: number): GridPlace => ({
    row: Math.min(Math.max(nextRow, -1), lastRow),
    column: Math.min(Math.max(nextColumn, 0), lastColumn),
  });
  const { mod } = pressed;
  switch (pressed.key) {
    case 'ArrowDown':
      return mod ? to(lastRow, column) : to(row + 1, column);
    case 'ArrowUp':
      return mod ? to(Math.min(0, lastRow), column) : to(row - 1, column);
    case 'ArrowRight':
      return mod ? to(row, lastColumn) : to(row, column + 1);
    case 'ArrowLeft':
      return mod ? to(row, 0) : to(row, column - 1);
    case 'PageDown':
      return to(Math.max(0, row) + extent.page, column);
    case 'PageUp':
      return to(Math.max(0, row - extent.page), column);
    case 'Home':
      return mod ? to(Math.min(0, lastRow), 0) : to(row, 0);
    case 'End':
      return mod ? to(lastRow, lastColumn) : to(row, lastColumn);
    default:
      return null;
  }
}
