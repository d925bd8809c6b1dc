import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { PackedRows } from '../../../ipc/packed-rows.ts';
import type { ResultColumn } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { cellLook } from '../../ui/result-grid/cell-text.ts';
import type { GridColumn } from '../../ui/result-grid/cells.ts';
import { Problem } from '../../ui/states.tsx';

export interface RowViewerProps {
  readonly result: string;
  readonly view: string | null;
  readonly row: number;
  readonly rows: number;
  /** In the order that the grid shows them. */
  readonly columns: readonly GridColumn[];
  readonly shown: readonly ResultColumn[];
  readonly onRow: (row: number) => void;
  /** One value whole, by its place among the columns. */
  readonly onCell: (column: number) => void;
  readonly onClose: () => void;
}

/** One row from top to bottom: a line for each column. Masks and NULL look as they do in the grid. */
export function RowViewer(props: RowViewerProps): ReactNode {
  const { result, view, row, rows, columns, onRow, onClose } = props;
  const bridge = useBridge();
  const list = useRef<HTMLDivElement>(null);
  const read = useQuery({
    queryKey: ['row', result, view, row],
    queryFn: async () => {
      const { packed } = await bridge.call('readRows', { result, view, first: row, rows: 1 });
      return PackedRows.fromBase64(packed);
    },
    gcTime: 0,
    placeholderData: (before) => before,
  });
  useEffect(() => list.current?.focus(), []);
  const values = read.data;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves it, from wherever one is in it
    <aside
      aria-label="Row"
      data-values=""
      className="flex min-h-0 flex-1 flex-col border-l border-border"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <div className="flex items-center gap-1 border-b border-border px-3 py-1">
        <h2 className="min-w-0 flex-1 truncate font-medium">Row {(row + 1).toLocaleString()}</h2>
        <IconButton icon={ChevronUp} label="Previous row" onClick={() => onRow(Math.max(0, row - 1))} />
        <IconButton icon={ChevronDown} label="Next row" onClick={() => onRow(Math.min(rows - 1, row + 1))} />
        <IconButton icon={X} label="Close the row" onClick={onClose} />
      </div>
      {read.isError ? (
        <div className="p-3">
          <Problem error={read.error} />
        </div>
      ) : null}
      <div
        ref={list}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
        tabIndex={0}
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset is for fields
        role="group"
        aria-label={`Values of row ${(row + 1).toLocaleString()}`}
        className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
      >
        <dl className="grid grid-cols-[minmax(5rem,2fr)_3fr] text-12">
          {columns.map((column, at) => (
            <Line key={column.index} {...props} column={column} at={at} values={values} />
          ))}
        </dl>
      </div>
    </aside>
  );
}

function Line({
  column,
  at,
  values,
  shown,
  onCell,
}: RowViewerProps & {
  readonly column: GridColumn;
  readonly at: number;
  readonly values: PackedRows | undefined;
}): ReactNode {
  const isHere = values !== undefined && values.rows > 0 && column.index < values.columns;
  const look = isHere ? cellLook(values.text(0, column.index), column.kind) : null;
  const isCut = isHere && values.isCut(0, column.index);
  return (
    <>
      <dt className="border-b border-border px-3 py-1" title={shown[column.index]?.type}>
        <span className={column.isMasked ? 'break-words text-mask' : 'break-words'}>
          {column.isMasked ? <span aria-hidden="true">⊘ </span> : null}
          {column.isMasked ? column.label : column.name}
        </span>
      </dt>
      <dd
        className={`border-b border-border px-3 py-1 font-data break-words whitespace-pre-wrap ${column.isMasked ? 'bg-mask-bg text-mask' : ''}`}
      >
        {look === null ? (
          ''
        ) : look.look === 'quiet' ? (
          <em className="text-text-2">{look.text}</em>
        ) : (
          look.text
        )}
        {isCut || look?.text.endsWith('…') === true ? (
          <button type="button" className="ml-2 min-h-6 underline" onClick={() => onCell(at)}>
            Whole value
          </button>
        ) : null}
      </dd>
    </>
  );
}
