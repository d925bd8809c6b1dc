import { clsx } from 'clsx';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export interface TreeRow<Value> {
  readonly id: string;
  readonly level: number;
  readonly value: Value;
  readonly isExpandable: boolean;
  readonly isExpanded: boolean;
}

export interface TreeGridProps<Value> {
  readonly label: string;
  readonly columns: readonly {
    readonly id: string;
    readonly header: string;
    readonly className?: string;
    readonly render: (value: Value) => ReactNode;
  }[];
  /** The rows that are visible, in order; the caller leaves out what is below a collapsed one. */
  readonly rows: readonly TreeRow<Value>[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
  readonly onActivate?: (id: string) => void;
}

/** A tree with columns (role treegrid): arrows walk, left and right fold, Enter acts; one row is in the tab order. */
export function TreeGrid<Value>(props: TreeGridProps<Value>): ReactNode {
  const { label, columns, rows, selected, onSelect, onToggle, onActivate } = props;
  const [focusedId, setFocused] = useState<string | null>(null);
  const tabStop = rows.find(({ id }) => id === (focusedId ?? selected))?.id ?? rows[0]?.id;

  function onKeyDown(event: KeyboardEvent<HTMLTableRowElement>, row: TreeRow<Value>): void {
    if (event.target !== event.currentTarget) return;
    const target = treeTarget(event.key, rows, row);
    if (target === null) return;
    event.preventDefault();
    if (target.kind === 'toggle') onToggle(row.id);
    else if (target.kind === 'activate') (onActivate ?? onSelect)(row.id);
    else {
      onSelect(target.id);
      event.currentTarget.parentElement
        ?.querySelector<HTMLElement>(`[data-row-index="${target.index}"]`)
        ?.focus();
    }
  }

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- the treegrid pattern on a table
    <table role="treegrid" aria-label={label} className="w-full border-collapse text-left">
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.id}
              scope="col"
              className="sticky top-0 border-b border-border bg-app px-3 py-1.5 text-12 font-medium whitespace-nowrap text-text-2"
            >
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr
            key={row.id}
            data-row-index={index}
            aria-level={row.level}
            aria-expanded={row.isExpandable ? row.isExpanded : undefined}
            aria-selected={row.id === selected}
            tabIndex={row.id === tabStop ? 0 : -1}
            onFocus={() => setFocused(row.id)}
            onClick={() => onSelect(row.id)}
            onKeyDown={(event) => onKeyDown(event, row)}
            className={clsx(
              'border-b border-border focus-visible:-outline-offset-2',
              row.id === selected ? 'bg-selection' : 'hover:bg-app',
            )}
          >
            {columns.map((column, at) => (
              <td key={column.id} className={clsx('h-8 px-3', column.className)}>
                {at === 0 ? (
                  <span
                    className="flex items-center gap-1"
                    style={{ paddingInlineStart: `${(row.level - 1) * 16}px` }}
                  >
                    <Twist row={row} onToggle={onToggle} />
                    {column.render(row.value)}
                  </span>
                ) : (
                  column.render(row.value)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Twist<Value>({
  row,
  onToggle,
}: {
  readonly row: TreeRow<Value>;
  readonly onToggle: (id: string) => void;
}): ReactNode {
  if (!row.isExpandable) return <span className="w-6 flex-none" />;
  const Icon = row.isExpanded ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.id);
      }}
      className="inline-flex size-6 flex-none items-center justify-center text-text-3"
    >
      <Icon size={14} />
    </button>
  );
}

type TreeMove =
  | { readonly kind: 'toggle' }
  | { readonly kind: 'activate' }
  | { readonly kind: 'move'; readonly id: string; readonly index: number };

/** Where a key leads from a row (WAI-ARIA treegrid pattern, row focus); null when it means nothing here. */
export function treeTarget<Value>(
  key: string,
  rows: readonly TreeRow<Value>[],
  row: TreeRow<Value>,
): TreeMove | null {
  const at = rows.indexOf(row);
  const move = (index: number): TreeMove | null => {
    const found = rows[index];
    return found === undefined ? null : { kind: 'move', id: found.id, index };
  };
  switch (key) {
    case 'ArrowDown':
      return move(at + 1);
    case 'ArrowUp':
      return move(at - 1);
    case 'Home':
      return move(0);
    case 'End':
      return move(rows.length - 1);
    case 'ArrowRight':
      if (!row.isExpandable) return null;
      return row.isExpanded ? move(at + 1) : { kind: 'toggle' };
    case 'ArrowLeft':
      if (row.isExpandable && row.isExpanded) return { kind: 'toggle' };
      return move(rows.findLastIndex((other, index) => index < at && other.level < row.level));
    case 'Enter':
      return { kind: 'activate' };
    default:
      return null;
  }
}
