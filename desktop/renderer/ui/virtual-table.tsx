import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Column } from './data-table.tsx';

export interface VirtualColumn<Row> extends Column<Row> {
  /** Its share of the width; at 1,440 pixels about so many times 16 of them. */
  readonly share: number;
}

export interface VirtualTableProps<Row> {
  readonly label: string;
  readonly columns: readonly VirtualColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Enter on a row. */
  readonly onOpen: (row: Row) => void;
  /** Whether there are rows that are not loaded; `onEnd` is called when the last loaded ones come near. */
  readonly hasMore?: boolean;
  readonly onEnd?: () => void;
  /** `j` and `k` walk too. */
  readonly singleKeys?: boolean;
}

const rowHeight = 37;
const headerHeight = 30;
/** A row is a block of some lines on a narrow window; measured once it is there. */
const blockHeight = 200;

/**
 * A table of any number of rows (role grid), of which only those near the window are in the document; it scrolls with
 * `main`. Arrows, page keys, Home and End walk, Enter opens; one row is in the tab order, and it stays in the document
 * wherever one scrolls. On a narrow window each row is a block with the header before each value.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, columns, rows, rowKey, onOpen, hasMore = false, onEnd, singleKeys = false } = props;
  const body = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [active, setActive] = useState(0);
  const [margin, setMargin] = useState(0);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const isNarrow = globalThis.matchMedia('(width < 45rem)').matches;
  // A new function would have the virtualizer measure all rows again.
  const getItemKey = useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    [rows, rowKey],
  );
  // eslint-disable-next-line react/incompatible-library -- the virtualizer is read at every render
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current?.closest('main') ?? null,
    estimateSize: () => (isNarrow ? blockHeight : rowHeight),
    getItemKey,
    overscan: 8,
    scrollMargin: margin,
    scrollPaddingStart: isNarrow ? 8 : headerHeight,
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const shown = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
      if (count === 0 || (current >= from && current <= to)) return shown;
      return current < from ? [current, ...shown] : [...shown, current];
    },
  });
  const items = virtual.getVirtualItems();
  useLayoutEffect(() => {
    const main = body.current?.closest('main');
    if (body.current === null || main === null || main === undefined) return;
    setMargin(
      Math.round(
        body.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop,
      ),
    );
  }, [items]);
  useLayoutEffect(() => {
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${current}"]`);
    if (!wantsFocus.current || row === null || row === undefined) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  }, [current, items]);
  const last = virtual.range?.endIndex ?? 0;
  const isNearEnd = hasMore && last >= rows.length - 30;
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, onEnd]);

  function walk(to: number): void {
    const bounded = Math.min(Math.max(to, 0), rows.length - 1);
    wantsFocus.current = true;
    setActive(bounded);
    virtual.scrollToIndex(bounded);
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[current];
    if (event.key === 'Enter' && row !== undefined) onOpen(row);
    else {
      const to = targetOf(event.key, { current, count: rows.length, singleKeys });
      if (to === null) return;
      walk(to);
    }
    event.preventDefault();
  }

  const tracks = { gridTemplateColumns: columns.map(({ share }) => `minmax(0,${share}fr)`).join(' ') };
  return (
    <div
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- rows that are not there cannot be a table's
      role="grid"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-colcount={columns.length}
    >
      {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above */}
      <div role="rowgroup" className="sticky top-0 z-10 max-narrow:sr-only">
        {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as above */}
        <div role="row" aria-rowindex={1} style={tracks} className="grid border-b border-border bg-app">
          {columns.map(({ id, header, align }) => (
            <div
              key={id}
              // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
              role="columnheader"
              className={clsx(
                'truncate px-3 py-1.5 text-12 font-medium text-text-2',
                align === 'end' && 'text-right',
              )}
            >
              {header}
            </div>
          ))}
        </div>
      </div>
      <div
        ref={body}
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
        role="rowgroup"
        style={{ height: `${virtual.getTotalSize()}px` }}
        className="relative"
      >
        {items.map(({ index, start, key }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
              role="row"
              aria-rowindex={index + 2}
              tabIndex={index === current ? 0 : -1}
              onFocus={() => setActive(index)}
              onKeyDown={onKeyDown}
              style={{ transform: `translateY(${start - margin}px)`, ...tracks }}
              className="absolute inset-x-0 grid items-center border-b border-border hover:bg-app focus-visible:-outline-offset-2 max-narrow:block max-narrow:py-2"
            >
              {columns.map((column) => (
                <div
                  key={column.id}
                  // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
                  role="gridcell"
                  className={clsx(
                    'min-h-9 min-w-0 content-center overflow-hidden px-3 py-1 max-narrow:flex max-narrow:min-h-0 max-narrow:gap-3',
                    column.align === 'end' && 'text-right tabular-nums max-narrow:text-left',
                    column.className,
                  )}
                >
                  <span aria-hidden="true" className="w-28 flex-none text-12 text-text-2 narrow:hidden">
                    {column.header}
                  </span>
                  <span className="block min-w-0 max-narrow:flex-1">{column.render(row)}</span>
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Where a key leads; null when it means nothing here. */
export function targetOf(
  key: string,
  {
    current,
    count,
    singleKeys,
  }: { readonly current: number; readonly count: number; readonly singleKeys: boolean },
): number | null {
  switch (key) {
    case 'ArrowDown':
      return current + 1;
    case 'ArrowUp':
      return current - 1;
    case 'PageDown':
      return current + 20;
    case 'PageUp':
      return current - 20;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'j':
      return singleKeys ? current + 1 : null;
    case 'k':
      return singleKeys ? current - 1 : null;
    default:
      return null;
  }
}
