import { clsx } from 'clsx';
import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly render: (row: Row) => ReactNode;
  readonly align?: 'start' | 'end';
  readonly className?: string;
  /** Left out of a table on a window of middle width, where it would not fit beside the navigation. */
  readonly isSpare?: boolean;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Marks the row that a panel beside the table shows. */
  readonly isSelected?: (row: Row) => boolean;
}

/**
 * A table of up to some hundred rows. The first column names the row. On a narrow window each row becomes a block with
 * the header before each value, so that nothing scrolls sideways (WCAG 2.2, 1.4.10).
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { label, columns, rows, rowKey, isSelected } = props;
  return (
    <table aria-label={label} className="w-full border-collapse text-left max-narrow:block">
      <thead className="max-narrow:sr-only">
        <tr>
          {columns.map((column) => (
            <th
              key={column.id}
              scope="col"
              className={clsx(
                'sticky top-0 border-b border-border bg-app px-3 py-1.5 text-12 font-medium text-text-2 narrow:max-wide:px-2 wide:whitespace-nowrap first:pl-4 last:pr-4',
                column.align === 'end' && 'text-right',
                column.isSpare === true && 'narrow:max-wide:hidden',
              )}
            >
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-narrow:block">
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            aria-selected={isSelected?.(row)}
            className={clsx(
              'border-b border-border max-narrow:block max-narrow:py-2',
              isSelected?.(row) === true ? 'bg-selection' : 'hover:bg-app',
            )}
          >
            {columns.map((column, index) => (
              <Cell key={column.id} column={column} row={row} isName={index === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A cell of a row that is a block: the header, then the value on its line; one without a value takes no room. */
export const stackedCell =
  'max-narrow:flex max-narrow:h-auto max-narrow:items-baseline max-narrow:gap-3 max-narrow:px-4 max-narrow:has-[>:last-child:empty]:hidden';

function Cell<Row>({
  column,
  row,
  isName,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly isName: boolean;
}): ReactNode {
  const className = clsx(
    'h-9 px-3 py-1 align-middle font-normal narrow:max-wide:px-2 first:pl-4 last:pr-4',
    stackedCell,
    column.align === 'end' && 'text-right whitespace-nowrap tabular-nums max-narrow:text-left',
    column.isSpare === true && 'narrow:max-wide:hidden',
    column.className,
  );
  const content = (
    <>
      <span aria-hidden="true" className="w-28 flex-none text-12 text-text-2 narrow:hidden">
        {column.header}
      </span>
      <span className="min-w-0 max-narrow:flex-1 max-narrow:wrap-anywhere">{column.render(row)}</span>
    </>
  );
  return isName ? (
    <th scope="row" className={className}>
      {content}
    </th>
  ) : (
    <td className={className}>{content}</td>
  );
}
