/** The grid of a result for React: header, keys, pointer and focus around a `GridView`. */
import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { ClipboardEvent, KeyboardEvent, PointerEvent, ReactNode, Ref } from 'react';
import type { GridColumn } from './cells.ts';
import { GridView } from './grid-view.ts';
import type { GridRows } from './grid-view.ts';
import { moveSelection, noSelection, selectCell, selectedRange } from './selection.ts';
import type { GridPlace, GridRange, Selection } from './selection.ts';
import './result-grid.css';

/** Between the presses of a double click. */
const doubleClickMs = 400;

export interface ResultGridHandle {
  refresh(): void;
  focus(): void;
  /** Selects a cell and shows it. */
  goTo(place: GridPlace): void;
  elementAt(place: GridPlace): HTMLElement | null;
  /** The cell or header that keys act on. */
  focusedElement(): HTMLElement | null;
  fitColumn(column: number): void;
}

export interface ResultGridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly rows: GridRows;
  readonly rowHeight: number;
  readonly isMac: boolean;
  readonly onSelection: (selection: { readonly focus: GridPlace; readonly range: GridRange | null }) => void;
  readonly onActivate: (place: GridPlace) => void;
  readonly onWhy: (place: GridPlace) => void;
  /** Space, ⌘⇧T: one row as a list. */
  readonly onRow: (row: number) => void;
  readonly onMenu: (place: GridPlace) => void;
  readonly onCopy: (range: GridRange) => void;
  readonly onFind: () => void;
  /** ⌥← and ⌥→ on a column. */
  readonly onMoveColumn: (column: number, by: -1 | 1) => void;
  readonly ref?: Ref<ResultGridHandle>;
}

export function ResultGrid(props: ResultGridProps): ReactNode {
  const { label, columns, rows, rowHeight, isMac, ref } = props;
  const grid = useRef<HTMLDivElement>(null);
  const view = useRef<GridView | null>(null);
  const selection = useRef<Selection>(noSelection);
  const latest = useRef(props);
  const drag = useRef<Drag | null>(null);
  const edge = useRef({ column: -1, at: 0 });
  const before = useRef(columns);
  useEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    if (grid.current === null) return undefined;
    performance.mark('grid:mount-begin');
    const created = new GridView({ grid: grid.current, rowHeight });
    view.current = created;
    created.setColumns(latest.current.columns);
    created.setRows(latest.current.rows);
    created.setSelection(selection.current);
    performance.measure('grid:mount', 'grid:mount-begin');
    return () => created.dispose();
  }, [rowHeight]);
  useLayoutEffect(() => {
    view.current?.setColumns(columns);
    const followed = followColumn(selection.current.focus, before.current, columns);
    before.current = columns;
    if (followed === null) return;
    const hasFocus = grid.current?.contains(document.activeElement) === true;
    select({ anchor: followed, focus: followed, kind: 'cells' }, hasFocus);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `select` reads what is newest
  }, [columns]);
  useLayoutEffect(() => view.current?.setRows(rows), [rows]);

  function select(next: Selection, withFocus = true): void {
    const shown = view.current;
    if (shown === null) return;
    selection.current = next;
    shown.setSelection(next);
    if (withFocus) shown.focus();
    latest.current.onSelection({ focus: next.focus, range: selectedRange(next, shown.extent()) });
  }

  useImperativeHandle(ref, () => ({
    refresh: () => view.current?.refresh(),
    focus: () => view.current?.focus(),
    goTo: (place) => {
      select({ anchor: place, focus: place, kind: 'cells' }, false);
      view.current?.reveal();
    },
    elementAt: (place) => view.current?.elementAt(place) ?? null,
    focusedElement: () => view.current?.elementAt(selection.current.focus) ?? null,
    fitColumn: (column) => view.current?.fitColumn(column),
  }));

  function copy(): boolean {
    const shown = view.current;
    const range = shown === null ? null : selectedRange(selection.current, shown.extent());
    if (range === null) return false;
    latest.current.onCopy(range);
    return true;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const shown = view.current;
    if (event.altKey) return moveColumn(event);
    if (shown === null) return;
    const { focus } = selection.current;
    const mod = isMac ? event.metaKey : event.ctrlKey;
    const isResize = event.ctrlKey && event.shiftKey && event.key.startsWith('Arrow');
    if (isResize && ['ArrowLeft', 'ArrowRight'].includes(event.key)) {
      const by = event.key === 'ArrowRight' ? 24 : -24;
      shown.setWidth(focus.column, shown.widthAt(focus.column) + by);
    } else if (isRowKey(event, mod) && focus.row >= 0) {
      latest.current.onRow(focus.row);
    } else if (mod && event.key.toLowerCase() === 'c') {
      if (!copy()) return;
    } else if (mod && event.key.toLowerCase() === 'f') latest.current.onFind();
    else if (event.key === 'Enter' && !mod) latest.current.onActivate(focus);
    else if (event.key.toLowerCase() === 'm' && !mod && !event.ctrlKey) latest.current.onWhy(focus);
    else if ((event.key === 'F10' && event.shiftKey) || event.key === 'ContextMenu')
      latest.current.onMenu(focus);
    else {
      const next = moveSelection(
        selection.current,
        { key: event.key, shiftKey: event.shiftKey, mod },
        shown.extent(),
      );
      if (next === null) return;
      select(next);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function moveColumn(event: KeyboardEvent): void {
    if (event.shiftKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
    const by = event.key === 'ArrowRight' ? 1 : -1;
    const { focus } = selection.current;
    const column = focus.column + by;
    const { columns: shown } = latest.current;
    // Pinned columns stay among themselves.
    if (shown[column] === undefined || shown[column].isPinned !== shown[focus.column]?.isPinned) return;
    latest.current.onMoveColumn(focus.column, by);
    event.preventDefault();
    event.stopPropagation();
  }

  function onPointerDown(event: PointerEvent<HTMLDivElement>): void {
    const shown = view.current;
    const place = shown?.placeOf(event.target);
    if (shown === null || place === null || place === undefined) return;
    event.preventDefault();
    if (isEdge(event.target)) {
      // The captured pointer would hide from a double click what it was on.
      const isTwice =
        event.timeStamp - edge.current.at < doubleClickMs && edge.current.column === place.column;
      edge.current = { column: place.column, at: isTwice ? 0 : event.timeStamp };
      if (isTwice) return shown.fitColumn(place.column);
      drag.current = {
        kind: 'width',
        column: place.column,
        from: event.clientX,
        width: shown.widthAt(place.column),
      };
      event.currentTarget.setPointerCapture(event.pointerId);
      return;
    }
    if (event.button !== 0) {
      if (!isInside(place, selectedRange(selection.current, shown.extent())))
        select(selectCell(selection.current, place, false, shown.extent()));
      return;
    }
    select(selectCell(selection.current, place, event.shiftKey, shown.extent()));
    drag.current = { kind: 'cells' };
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    const shown = view.current;
    if (shown === null || drag.current === null || event.buttons === 0) return;
    if (drag.current.kind === 'width') {
      shown.setWidth(drag.current.column, drag.current.width + event.clientX - drag.current.from);
      return;
    }
    const place = shown.placeOf(event.target);
    const { focus } = selection.current;
    if (place === null || (place.row === focus.row && place.column === focus.column) || place.row < 0) return;
    select(selectCell(selection.current, place, true, shown.extent()));
  }

  function onDoubleClick(event: { readonly target: EventTarget }): void {
    const place = view.current?.placeOf(event.target);
    if (place === null || place === undefined) return;
    if (place.row >= 0) latest.current.onActivate(place);
  }

  return (
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the cells inside take the focus, one at a time
    <div
      ref={grid}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.count + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      className="result-grid"
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        drag.current = null;
      }}
      onDoubleClick={onDoubleClick}
      onContextMenu={(event) => {
        const place = view.current?.placeOf(event.target);
        if (place === null || place === undefined) return;
        event.preventDefault();
        latest.current.onMenu(place);
      }}
      onCopy={(event: ClipboardEvent) => {
        if (copy()) event.preventDefault();
      }}
    />
  );
}

function isRowKey({ key, shiftKey }: KeyboardEvent, mod: boolean): boolean {
  return mod ? shiftKey && key.toLowerCase() === 't' : key === ' ' && !shiftKey;
}

type Drag =
  | { readonly kind: 'cells' }
  | { readonly kind: 'width'; readonly column: number; readonly from: number; readonly width: number };

/** Where a place is after columns were moved or hidden, when that is elsewhere; null: where it was. */
function followColumn(
  place: GridPlace,
  before: readonly GridColumn[],
  after: readonly GridColumn[],
): GridPlace | null {
  const index = before[place.column]?.index;
  const at = after.findIndex((column) => column.index === index);
  const column = at >= 0 ? at : Math.min(place.column, after.length - 1);
  return column === place.column || column < 0 ? null : { ...place, column };
}

function isEdge(target: EventTarget): boolean {
  return target instanceof Element && target.classList.contains('result-grid-edge');
}

function isInside(place: GridPlace, range: GridRange | null): boolean {
  return (
    range !== null &&
    place.row >= range.firstRow &&
    place.row <= range.lastRow &&
    place.column >= range.firstColumn &&
    place.column <= range.lastColumn
  );
}
