import { ChevronDown, ChevronRight, KeyRound, RefreshCw } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DatabaseObjects } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useObjects } from '../../bridge/use-engine-data.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { useNow } from '../../ui/use-now.ts';
import { moment } from '../../ui/time.ts';
import { schemaRows } from './schema-rows.ts';
import type { SchemaRow } from './schema-rows.ts';
import { toggled } from '../../ui/toggled.ts';

export interface SchemaTreeProps {
  readonly database: string;
  readonly onInsert: (text: string) => void;
}

const rowHeight = 26;

/** Schemas, tables and columns that this person may use, with their masks. Enter writes a name into the editor. */
export function SchemaTree({ database, onInsert }: SchemaTreeProps): ReactNode {
  const bridge = useBridge();
  const queries = useQueryClient();
  const objects = useObjects(database);
  const [filter, setFilter] = useState('');
  async function refresh(): Promise<void> {
    queries.setQueryData(
      ['objects', database],
      await bridge.call('readObjects', { database, refresh: true }),
    );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 border-b border-border px-2 py-1">
        <input
          type="search"
          aria-label="Filter tables"
          placeholder="Filter tables"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
          className="h-7 min-w-0 flex-1 rounded-control border border-control bg-surface px-2"
        />
        <IconButton icon={RefreshCw} label="Read the schema again" onClick={() => void refresh()} />
      </div>
      <FetchedContent query={objects} what="the schema">
        {(data) => <Tree objects={data} filter={filter} onInsert={onInsert} />}
      </FetchedContent>
    </div>
  );
}

function Tree({
  objects,
  filter,
  onInsert,
}: {
  readonly objects: DatabaseObjects;
  readonly filter: string;
  readonly onInsert: (text: string) => void;
}): ReactNode {
  const now = useNow();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => schemaRows(objects, { filter, open }), [objects, filter, open]);
  // eslint-disable-next-line react/incompatible-library -- the virtualizer is read at every render
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const current = Math.min(focused, Math.max(0, rows.length - 1));

  function focusRow(index: number): void {
    const bounded = Math.min(Math.max(index, 0), rows.length - 1);
    setFocused(bounded);
    virtual.scrollToIndex(bounded);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${bounded}"]`)?.focus(),
    );
  }

  function toggle(id: string): void {
    setOpen((all) => toggled(all, id));
  }

  function onKeyDown(event: KeyboardEvent, row: SchemaRow, index: number): void {
    switch (event.key) {
      case 'ArrowDown':
        focusRow(index + 1);
        break;
      case 'ArrowUp':
        focusRow(index - 1);
        break;
      case 'Home':
        focusRow(0);
        break;
      case 'End':
        focusRow(rows.length - 1);
        break;
      case 'ArrowRight':
        if (row.isOpen === false) toggle(row.id);
        else focusRow(index + 1);
        break;
      case 'ArrowLeft':
        if (row.isOpen === true) toggle(row.id);
        else focusRow(rows.findLastIndex((other, at) => at < index && other.level < row.level));
        break;
      case 'Enter':
        if (row.insert === null) toggle(row.id);
        else onInsert(row.insert);
        break;
      case ' ':
        if (row.isOpen !== null) toggle(row.id);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  if (rows.length === 0) {
    return (
      <p className="p-3 text-text-2">
        {filter === '' ? 'No table of this database is granted to you.' : 'No table matches.'}
      </p>
    );
  }
  return (
    <>
      <div ref={scroller} role="tree" aria-label="Schema" className="min-h-0 flex-1 overflow-y-auto">
        <div role="presentation" style={{ height: `${virtual.getTotalSize()}px` }} className="relative">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={row.id}
                role="treeitem"
                data-index={index}
                aria-level={row.level}
                aria-expanded={row.isOpen ?? undefined}
                aria-selected={index === current}
                tabIndex={index === current ? 0 : -1}
                onFocus={() => setFocused(index)}
                onClick={() => {
                  if (row.isOpen !== null) toggle(row.id);
                }}
                onDoubleClick={() => {
                  if (row.insert !== null) onInsert(row.insert);
                }}
                onKeyDown={(event) => onKeyDown(event, row, index)}
                style={{
                  transform: `translateY(${start}px)`,
                  paddingInlineStart: `${(row.level - 1) * 14 + 6}px`,
                }}
                className="absolute inset-x-0 flex h-6.5 cursor-default items-center gap-1 pr-2 hover:bg-app focus-visible:-outline-offset-2"
              >
                <RowContent row={row} />
              </div>
            );
          })}
        </div>
      </div>
      {objects.asOf === null ? null : (
        <p className="border-t border-border px-3 py-1 text-11 text-text-3">
          Read {moment(objects.asOf, now)}
          {objects.isTruncated ? '; there are more tables than fit' : ''}
        </p>
      )}
    </>
  );
}

function RowContent({ row }: { readonly row: SchemaRow }): ReactNode {
  const Twist = row.isOpen === true ? ChevronDown : ChevronRight;
  return (
    <>
      {row.isOpen === null ? (
        <span className="w-4 flex-none" />
      ) : (
        <Twist size={14} aria-hidden="true" className="flex-none text-text-3" />
      )}
      <span
        className={`min-w-0 truncate ${row.isMasked ? 'text-mask' : ''} ${row.level === 1 ? 'font-medium' : ''}`}
      >
        {row.isMasked ? '⊘ ' : ''}
        {row.name}
        <span className="sr-only">{row.spoken}</span>
      </span>
      {row.isKey ? <KeyRound size={12} aria-hidden="true" className="flex-none text-text-3" /> : null}
      <span className="ml-auto flex-none truncate pl-2 font-data text-11 text-text-3">{row.detail}</span>
    </>
  );
}
