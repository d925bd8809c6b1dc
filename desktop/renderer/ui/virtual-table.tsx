import { clsx } from 'clsx';
import type { CSSProperties, ReactNode } from 'react';
import { type Column, stackedCell } from './data-table.tsx';
import { useVirtualRows } from './use-virtual-rows.ts';

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

/**
 * A table of any number of rows (role grid), of which only those near the window are in the document; it scrolls with
 * `main`. Arrows, page keys, Home and End walk, Enter opens; one row is in the tab order, and it stays in the document
 * wherever one scrolls. On a narrow window each row is a block with the header before each value.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactNode {
  const { label, columns, rows, rowKey, onOpen, hasMore = false, onEnd, singleKeys = false } = props;
  const options = { rows, rowKey, onOpen, hasMore, onEnd, singleKeys };
  const { body, virtual, margin, current, setCurrent, onKeyDown } = useVirtualRows(options);
  const tracks = { gridTemplateColumns: columns.map(({ share }) => `minmax(0,${share}fr)`).join(' ') };
  return (
    <div
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- rows that are not there cannot be a table's
      role="grid"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-colcount={columns.length}
    >
      <Header columns={columns} tracks={tracks} />
      <div
        ref={body}
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
        role="rowgroup"
        style={{ height: `${virtual.getTotalSize()}px` }}
        className="relative"
      >
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
              role="row"
              aria-rowindex={index + 2}
              tabIndex={index === current ? 0 : -1}
              onFocus={() => setCurrent(index)}
              onKeyDown={onKeyDown}
              style={{ transform: `translateY(${start - margin}px)`, ...tracks }}
              className="absolute inset-x-0 grid items-center border-b border-border hover:bg-app focus-visible:-outline-offset-2 max-narrow:block max-narrow:py-2"
            >
              {columns.map((column) => (
                <Cell key={column.id} column={column} row={row} />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Header<Row>({
  columns,
  tracks,
}: {
  readonly columns: readonly VirtualColumn<Row>[];
  readonly tracks: CSSProperties;
}): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
    <div role="rowgroup" className="sticky top-0 z-10 max-narrow:sr-only">
      {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as above */}
      <div role="row" aria-rowindex={1} style={tracks} className="grid border-b border-border bg-app">
        {columns.map(({ id, header, align }) => (
          <div
            key={id}
            // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
            role="columnheader"
            className={clsx(
              'truncate px-3 py-1.5 text-12 font-medium text-text-2 first:pl-4 last:pr-4',
              align === 'end' && 'text-right',
            )}
          >
            {header}
          </div>
        ))}
      </div>
    </div>
  );
}

function Cell<Row>({ column, row }: { readonly column: VirtualColumn<Row>; readonly row: Row }): ReactNode {
  return (
    <div
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
      role="gridcell"
      className={clsx(
        'min-h-9 min-w-0 content-center overflow-hidden px-3 py-1 first:pl-4 last:pr-4 max-narrow:min-h-0',
        stackedCell,
        column.align === 'end' && 'text-right tabular-nums max-narrow:text-left',
        column.className,
      )}
    >
      <span aria-hidden="true" className="w-28 flex-none text-12 text-text-2 narrow:hidden">
        {column.header}
      </span>
      <span className="block min-w-0 max-narrow:flex-1">{column.render(row)}</span>
    </div>
  );
}

/** A value on one line; on a narrow window, where rows are blocks, on as many as it takes. */
export function CutText({ text }: { readonly text: string }): ReactNode {
  return <span className="block truncate max-narrow:break-words max-narrow:whitespace-normal">{text}</span>;
}
