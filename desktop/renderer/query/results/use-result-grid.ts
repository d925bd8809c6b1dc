/** A result as the grid wants it: its rows by a window, its columns in the person's order, sorted and filtered by the engine. */
import { toAppError } from '@daam/shared/errors/app-error';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Params, QueryResult } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import type { GridColumn } from '../../ui/result-grid/cells.ts';
import type { GridRows } from '../../ui/result-grid/grid-view.ts';
import type { ResultGridHandle } from '../../ui/result-grid/result-grid.tsx';
import { hideColumn, layoutOf, moveColumn, pinColumn } from './column-layout.ts';
import type { Match } from './find-bar.tsx';
import { columnLabel } from './mask-words.ts';
import { ResultWindow } from './result-window.ts';

type Order = Params<'arrangeRows'>['order'][number];
export type Filter = Params<'arrangeRows'>['filters'][number];

export interface Arrangement {
  readonly order: readonly Order[];
  readonly filters: readonly Filter[];
}

export interface ResultGridState {
  readonly columns: readonly GridColumn[];
  readonly rows: GridRows;
  readonly view: string | null;
  readonly arrangement: Arrangement;
  readonly arrange: (next: Arrangement) => Promise<void>;
  readonly hide: (index: number) => void;
  /** Pins a column, or lets it go; by its index in the result. */
  readonly pin: (index: number) => void;
  readonly showAll: () => void;
  readonly hidden: number;
  readonly move: (column: number, by: -1 | 1) => void;
  readonly setMatches: (matches: readonly Match[]) => void;
  readonly window: ResultWindow;
}

const asTheyCame: Arrangement = { order: [], filters: [] };
const nothingFound: ReadonlySet<string> = new Set();

export function useResultGrid(
  result: QueryResult,
  grid: RefObject<ResultGridHandle | null>,
  /** Told when rows cannot be ordered or filtered. */
  onProblem: (message: string) => void,
): ResultGridState {
  const bridge = useBridge();
  const [arrangement, setArrangement] = useState(asTheyCame);
  const [view, setView] = useState<{ readonly id: string | null; readonly rows: number }>({
    id: null,
    rows: 0,
  });
  const [layout, setLayout] = useState(() => layoutOf(result.columns.length));
  const [found, setFound] = useState(nothingFound);

  const [previousColumns, setPreviousColumns] = useState(result.columns.length);
  if (previousColumns !== result.columns.length) {
    setPreviousColumns(result.columns.length);
    setLayout(layoutOf(result.columns.length));
  }

  const loaded = useRef(() => {});
  useEffect(() => {
    loaded.current = () => grid.current?.refresh();
  }, [grid]);
  const window = useMemo(
    () =>
      new ResultWindow({
        reader: {
          readRows: (first, rows) =>
            bridge.call('readRows', { result: result.id, view: view.id, first, rows }),
        },
        onLoaded: () => loaded.current(),
      }),
    [bridge, result.id, view.id],
  );
  useEffect(() => () => window.close(), [window]);

  const count = view.id === null ? result.rows : view.rows;
  window.setCount(count);
  const rows = useMemo(
    (): GridRows => ({
      count,
      read: (row, column) => window.read(row, column),
      want: (first, last) => window.want(first, last),
      isFound: (row, column) => found.has(`${row}:${column}`),
    }),
    [window, count, found],
  );

  const columns = useMemo(
    () =>
      layout.order.flatMap((index, at): GridColumn[] => {
        const column = result.columns[index];
        if (column === undefined) return [];
        const { name, type, kind, shows } = column;
        const sort = arrangement.order.find((entry) => entry.column === index)?.direction ?? null;
        const isMasked = shows !== 'plain';
        const isPinned = at < layout.pinned;
        return [{ index, name, type, kind, isMasked, isPinned, label: columnLabel(column), sort }];
      }),
    [layout, result.columns, arrangement],
  );

  async function arrange(next: Arrangement): Promise<void> {
    if (next.order.length === 0 && next.filters.length === 0) {
      setArrangement(asTheyCame);
      setView({ id: null, rows: 0 });
      return;
    }
    try {
      const arranged = await bridge.call('arrangeRows', {
        result: result.id,
        order: [...next.order],
        filters: [...next.filters],
      });
      setArrangement(next);
      setView({ id: arranged.view, rows: arranged.rows });
    } catch (thrown) {
      const { message, hint } = toAppError(thrown);
      onProblem(hint === undefined ? message : `${message} ${hint}`);
    }
  }

  return {
    columns,
    rows,
    view: view.id,
    arrangement,
    arrange,
    hide: (index) => setLayout((all) => hideColumn(all, index)),
    pin: (index) => setLayout((all) => pinColumn(all, index)),
    showAll: () => setLayout(layoutOf(result.columns.length)),
    hidden: result.columns.length - layout.order.length,
    move: (column, by) => setLayout((all) => moveColumn(all, column, by)),
    setMatches: (matches) =>
      setFound(
        matches.length === 0 ? nothingFound : new Set(matches.map(({ row, column }) => `${row}:${column}`)),
      ),
    window,
  };
}

/** How the rows are arranged, in words: of masks it is the mask that counts. */
export function arrangedWords(
  { order, filters }: Arrangement,
  columns: readonly Pick<QueryResult['columns'][number], 'name' | 'shows'>[],
): string {
  const names = order.map(({ column }) => columns[column]?.name ?? '').join(', ');
  const parts = [
    ...(names === '' ? [] : [`Sorted by ${names}`]),
    ...(filters.length === 0 ? [] : [`${filters.length} ${filters.length === 1 ? 'filter' : 'filters'}`]),
  ];
  const isByMask = [...order, ...filters].some(({ column }) => columns[column]?.shows !== 'plain');
  return `${parts.join(', ')} on loaded rows${isByMask ? ', by what the mask shows' : ''}`;
}
