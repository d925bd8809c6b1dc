/**
 * Tables and patterns with a cell for each operation (role treegrid), any number of them: only what is near the window
 * is in the document. Arrows walk rows and operations, Space chooses and toggles, Shift takes a range.
 */
import { type TableOperation, tableOperations } from '@daam/shared/policy/effective-policy';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { Check, ChevronDown, ChevronRight, Minus } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { Chip } from '../../ui/chip.tsx';
import { rangeOf, treeAct, type TreeFocus, type TreeNode } from './tables-tree-keys.ts';
import type { TableRow } from './table-rows.ts';
import { rangeWith } from '../../ui/range-with.ts';

export type TablesNode = TreeNode &
  (
    | { readonly kind: 'schema'; readonly name: string; readonly count: number }
    | { readonly kind: 'row'; readonly row: TableRow; readonly level: 1 | 2 }
  );

export interface TablesTreeProps {
  readonly nodes: readonly TablesNode[];
  readonly chosen: ReadonlySet<string>;
  readonly isReadOnly: boolean;
  readonly onChoose: (patterns: readonly string[], current: string | null) => void;
  readonly onFold: (id: string) => void;
  /** Of these rows, all alike. */
  readonly onToggle: (patterns: readonly string[], operation: TableOperation, isGranted: boolean) => void;
}

const rowHeight = 33;
const tracks =
  'grid grid-cols-[minmax(0,1fr)_repeat(4,4.5rem)] items-center max-narrow:grid-cols-4 max-narrow:py-1.5';

export function TablesTree(props: TablesTreeProps): ReactNode {
  const { nodes, chosen, onChoose, onFold, onToggle, isReadOnly } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [focus, setFocus] = useState<TreeFocus>({ index: 0, column: 0, anchor: 0 });
  const current = Math.min(focus.index, nodes.length - 1);
  // eslint-disable-next-line react/incompatible-library -- the virtualizer is read at every render
  const virtual = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => nodes[index]?.id ?? index,
    overscan: 8,
    rangeExtractor: (range) => rangeWith(current, range),
  });
  const items = virtual.getVirtualItems();
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const stop = scroller.current?.querySelector<HTMLElement>('[data-stop]');
    if (stop === null || stop === undefined) return;
    wantsFocus.current = false;
    stop.focus({ preventScroll: true });
  }, [focus, items]);

  function go(next: TreeFocus, isRange: boolean): void {
    wantsFocus.current = true;
    setFocus(next);
    virtual.scrollToIndex(next.index);
    const node = nodes[next.index];
    const id = node?.kind === 'row' ? node.id : null;
    if (next.index === focus.index && next.column !== focus.column) return;
    onChoose(isRange ? rangeOf(next, nodes) : id === null ? [] : [id], id);
  }
  function toggle(row: TableRow, operation: TableOperation): void {
    if (isReadOnly || !row.isEditable) return;
    const together = chosen.has(row.pattern) ? [...chosen] : [row.pattern];
    onToggle(together, operation, row.operations[operation].state !== 'own');
  }
  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodes[current];
    const act = treeAct(event, { ...focus, index: current }, nodes);
    if (act === null || node === undefined) return;
    event.preventDefault();
    if (act.kind === 'go') go(act.focus, act.extends);
    else if (act.kind === 'fold') onFold(node.id);
    else if (node.kind !== 'row') return;
    else if (act.kind === 'choose') {
      const after = new Set(chosen);
      if (!after.delete(node.id)) after.add(node.id);
      onChoose([...after], node.id);
    } else {
      const operation = tableOperations[act.column - 1];
      if (operation !== undefined) toggle(node.row, operation);
    }
  }
  function onClick(event: MouseEvent<HTMLElement>, index: number): void {
    const anchor = event.shiftKey ? focus.anchor : index;
    go({ index, column: 0, anchor }, event.shiftKey);
  }

  return (
    <div ref={scroller} className="max-h-[70dvh] min-h-24 overflow-y-auto">
      <div
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- rows that are not there cannot be a table's
        role="treegrid"
        aria-label="Tables"
        aria-rowcount={nodes.length + 1}
        aria-colcount={tableOperations.length + 1}
        aria-multiselectable="true"
      >
        <TreeHeader />
        <div
          // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
          role="rowgroup"
          style={{ height: `${virtual.getTotalSize()}px` }}
          className="relative"
        >
          {items.map(({ index, start, key }) => {
            const node = nodes[index];
            if (node === undefined) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
                className="absolute inset-x-0"
              >
                <TreeLine
                  {...{ node, index, isReadOnly, onKeyDown, toggle, onFold }}
                  column={index === current ? Math.min(focus.column, node.kind === 'row' ? 4 : 0) : null}
                  isChosen={chosen.has(node.id)}
                  onClick={(event) => onClick(event, index)}
                  onCell={(column) => {
                    wantsFocus.current = true;
                    setFocus({ index, column, anchor: index });
                    if (!chosen.has(node.id)) onChoose([node.id], node.id);
                  }}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function TreeHeader(): ReactNode {
  return (
    // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
    <div role="rowgroup" className="sticky top-0 z-10 border-b border-border bg-app max-narrow:sr-only">
      {/* eslint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/interactive-supports-focus -- as above */}
      <div role="row" aria-rowindex={1} className={tracks}>
        {['Table', ...tableOperations.map((operation) => operation.toUpperCase())].map((header) => (
          <div
            key={header}
            // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
            role="columnheader"
            className="px-3 py-1.5 text-12 font-medium text-text-2"
          >
            {header}
          </div>
        ))}
      </div>
    </div>
  );
}

interface TreeLineProps {
  readonly node: TablesNode;
  readonly index: number;
  /** Which of its parts is in the tab order; null: none. */
  readonly column: number | null;
  readonly isChosen: boolean;
  readonly isReadOnly: boolean;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  readonly onClick: (event: MouseEvent<HTMLElement>) => void;
  readonly onCell: (column: number) => void;
  readonly onFold: (id: string) => void;
  readonly toggle: (row: TableRow, operation: TableOperation) => void;
}

function TreeLine(props: TreeLineProps): ReactNode {
  const { node, index, column, isChosen, onKeyDown, onClick, onCell, toggle } = props;
  return (
    <div
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
      role="row"
      aria-rowindex={index + 2}
      aria-level={node.kind === 'row' ? node.level : 1}
      {...(node.kind === 'schema' ? { 'aria-expanded': node.isExpanded } : {})}
      aria-selected={isChosen}
      tabIndex={column === 0 ? 0 : -1}
      {...(column === 0 ? { 'data-stop': true } : {})}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className={clsx(
        tracks,
        'min-h-8 cursor-default border-b border-border focus-visible:-outline-offset-2',
        isChosen ? 'bg-selection' : 'hover:bg-app',
      )}
    >
      <div
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
        role="gridcell"
        className={clsx(
          'min-w-0 px-3 max-narrow:col-span-4',
          node.kind === 'row' && node.level === 2 && 'pl-8',
          node.kind === 'schema' && 'col-span-5',
        )}
      >
        {node.kind === 'schema' ? <SchemaName {...props} node={node} /> : <TableName row={node.row} />}
      </div>
      {node.kind === 'schema'
        ? null
        : tableOperations.map((operation, at) => (
            <OperationCell
              key={operation}
              {...{ operation, row: node.row }}
              isStop={column === at + 1}
              isFixed={props.isReadOnly || !node.row.isEditable}
              onPress={() => {
                onCell(at + 1);
                toggle(node.row, operation);
              }}
            />
          ))}
    </div>
  );
}

function SchemaName({
  node,
  onFold,
}: {
  readonly node: Extract<TablesNode, { kind: 'schema' }>;
  readonly onFold: (id: string) => void;
}): ReactNode {
  const Icon = node.isExpanded ? ChevronDown : ChevronRight;
  return (
    <span className="flex items-center gap-1">
      <button
        type="button"
        tabIndex={-1}
        aria-hidden="true"
        className="inline-flex size-6 items-center justify-center"
        onClick={(event) => {
          event.stopPropagation();
          onFold(node.id);
        }}
      >
        <Icon size={14} aria-hidden="true" />
      </button>
      <b className="font-medium">{node.name}</b>
      <span className="text-12 text-text-2">{node.count === 1 ? '1 table' : `${node.count} tables`}</span>
    </span>
  );
}

function TableName({ row }: { readonly row: TableRow }): ReactNode {
  const { pattern, kind, matches, masked, hidden, filters } = row;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-1.5 py-1">
      <span className="font-data break-all">{pattern}</span>
      {kind === 'pattern' ? <Chip>pattern, {matches} now, and new ones</Chip> : null}
      {kind === 'gone' ? <Chip tone="warn">not in schema</Chip> : null}
      {masked > 0 ? <Chip tone="mask">⊘ {masked}</Chip> : null}
      {hidden > 0 ? <Chip tone="mask">{hidden} hidden</Chip> : null}
      {filters > 0 ? <Chip>rows filtered</Chip> : null}
    </span>
  );
}

function OperationCell({
  row,
  operation,
  isStop,
  isFixed,
  onPress,
}: {
  readonly row: TableRow;
  readonly operation: TableOperation;
  readonly isStop: boolean;
  readonly isFixed: boolean;
  readonly onPress: () => void;
}): ReactNode {
  const { state, by } = row.operations[operation];
  const label = `${operation} on ${row.pattern}`;
  return (
    // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- as above
    <div role="gridcell" className="px-3">
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the row takes the keys of its cells */}
      <span
        // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- one of thousands, in the roving order of the grid
        role="checkbox"
        aria-checked={state === 'own' ? 'true' : state === 'pattern' ? 'mixed' : 'false'}
        aria-disabled={isFixed}
        aria-label={state === 'pattern' ? `${label}, granted by ${by ?? ''}` : label}
        title={state === 'pattern' ? `granted by ${by ?? ''}` : undefined}
        tabIndex={isStop ? 0 : -1}
        {...(isStop ? { 'data-stop': true } : {})}
        onClick={(event) => {
          event.stopPropagation();
          onPress();
        }}
        className="inline-flex min-h-6 min-w-6 items-center gap-1"
      >
        <span
          aria-hidden="true"
          className={clsx(
            'inline-flex size-4 flex-none items-center justify-center rounded-chip border text-on-accent',
            state === 'none' ? 'border-control bg-surface' : 'border-accent-solid bg-accent-solid',
            isFixed && state === 'none' && 'bg-sunken',
          )}
        >
          {state === 'own' ? <Check size={12} strokeWidth={3} /> : null}
          {state === 'pattern' ? <Minus size={12} strokeWidth={3} /> : null}
        </span>
        <span aria-hidden="true" className="text-12 text-text-2 narrow:hidden">
          {operation.toUpperCase()}
        </span>
      </span>
    </div>
  );
}
