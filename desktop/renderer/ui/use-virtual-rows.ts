import { useVirtualizer } from '@tanstack/react-virtual';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, RefObject } from 'react';
import { rangeWith } from './range-with.ts';

export interface VirtualRowsOptions<Row> {
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly hasMore: boolean;
  readonly onEnd: (() => void) | undefined;
  readonly singleKeys: boolean;
}

export interface VirtualRows {
  /** Of the element that is as high as all rows. */
  readonly body: RefObject<HTMLDivElement | null>;
  readonly virtual: Virtualizer<HTMLElement, Element>;
  /** Where that element begins within what scrolls, in pixels. */
  readonly margin: number;
  /** The row in the tab order. */
  readonly current: number;
  readonly setCurrent: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

const rowHeight = 37;
const headerHeight = 30;
/** A row is a block of some lines on a narrow window; measured once it is there. */
const blockHeight = 200;
/** Rows before the last loaded one at which more are asked for. */
const nearEnd = 30;

/** Which rows of many are in the document, which one has the focus, and what keys do. */
export function useVirtualRows<Row>(options: VirtualRowsOptions<Row>): VirtualRows {
  const { rows, rowKey, hasMore, onEnd } = options;
  const body = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const isNarrow = globalThis.matchMedia('(width < 45rem)').matches;
  const [margin, setMargin] = useState(0);
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
    rangeExtractor: (range) => rangeWith(current, range),
  });
  const items = virtual.getVirtualItems();
  useLayoutEffect(() => {
    if (body.current !== null) setMargin(marginOf(body.current));
  }, [items]);
  useLayoutEffect(() => {
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${current}"]`) ?? null;
    if (!wantsFocus.current || row === null) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  }, [current, items]);
  const isNearEnd = hasMore && (virtual.range?.endIndex ?? 0) >= rows.length - nearEnd;
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, onEnd]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[current];
    const to = targetOf(event.key, { current, count: rows.length, singleKeys: options.singleKeys });
    if (event.key === 'Enter' && row !== undefined) options.onOpen(row);
    else if (to === null) return;
    else {
      wantsFocus.current = true;
      setActive(to);
      virtual.scrollToIndex(to);
    }
    event.preventDefault();
  }
  return { body, virtual, margin, current, setCurrent: setActive, onKeyDown };
}

function marginOf(body: HTMLElement): number {
  const main = body.closest('main');
  if (main === null) return 0;
  return Math.round(body.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop);
}

/** The row to which a key leads; null when it means nothing here. */
export function targetOf(
  key: string,
  {
    current,
    count,
    singleKeys,
  }: { readonly current: number; readonly count: number; readonly singleKeys: boolean },
): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: 20,
    PageUp: -20,
    Home: -count,
    End: count,
    ...(singleKeys ? { j: 1, k: -1 } : {}),
  };
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined;
  return step === undefined ? null : Math.min(Math.max(current + step, 0), count - 1);
}
