/** A result as the grid wants it: its rows by a window, its columns in the person's order, sorted and filtered by the engine. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { Params, QueryResult } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import type { GridColumn } from '../../ui/result-grid/cells.ts';
import type { GridRows } from '../../ui/result-grid/grid-view.ts';
import type { ResultGridHandle } from '../../ui/result-grid/result-grid.tsx';
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
): ResultGridState {
  const bridge = useBridge();
  const [arrangement, setArrangement] = useState(asTheyCame);
  const [view, setView] = useState<{ readonly id: string | null; readonly rows: number }>({
    id: null,
    rows: 0,
  });
  const [layout, setLayout] = useState<readonly number[]>(() => result.columns.map((_, index) => index));
  const [found, setFound] = useState(nothingFound);

  const [previousColumns, setPreviousColumns] = useState(result.columns.length);
  if (previousColumns !== result.columns.length) {
    setPreviousColumns(result.columns.length);
    setLayout(result.columns.map((_, index) => index));
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
      layout.flatMap((index): GridColumn[] => {
        const column = result.columns[index];
        if (column === undefined) return [];
        const { name, type, kind, shows } = column;
        const sort = arrangement.order.find((entry) => entry.column === index)?.direction ?? null;
        return [{ index, name, type, kind, isMasked: shows !== 'plain', label: columnLabel(column), sort }];
      }),
    [layout, result.columns, arrangement],
  );

  async function arrange(next: Arrangement): Promise<void> {
    if (next.order.length === 0 && next.filters.length === 0) {
      setArrangement(asTheyCame);
      setView({ id: null, rows: 0 });
      return;
    }
    const arranged = await bridge.call('arrangeRows', {
      result: result.id,
      order: [...next.order],
      filters: [...next.filters],
    });
    setArrangement(next);
    setView({ id: arranged.view, rows: arranged.rows });
  }

  return {
    columns,
    rows,
    view: view.id,
    arrangement,
    arrange,
    hide: (index) => setLayout((all) => (all.length > 1 ? all.filter((other) => other !== index) : all)),
    showAll: () => setLayout(result.columns.map((_, index) => index)),
    hidden: result.columns.length - layout.length,
    move: (column, by) =>
      setLayout((all) => {
        const moved = all[column];
        return moved === undefined ? all : all.toSpliced(column, 1).toSpliced(column + by, 0, moved);
      }),
    setMatches: (matches) =>
      setFound(
        matches.length === 0 ? nothingFound : new Set(matches.map(({ row, column }) => `${row}:${column}`)),
      ),
    window,
  };
}
