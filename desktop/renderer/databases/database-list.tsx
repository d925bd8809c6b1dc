import { useLayoutEffect, useRef } from 'react';
import type { FocusEvent, KeyboardEvent, ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';
import { useSettings } from '../bridge/use-settings.ts';
import { DatabaseRow } from './database-row.tsx';
import { groupDatabases } from './filter-databases.ts';
import { listShortcuts, readShortcut } from './list-keys.ts';
import { useDatabaseActions } from './use-database-actions.ts';

export interface DatabaseListProps {
  readonly databases: readonly Database[];
  readonly isLive: boolean;
  readonly singleKeys: boolean;
}

/** The databases in groups. Arrow keys walk over the names of all groups. */
export function DatabaseList({ databases, isLive, singleKeys }: DatabaseListProps): ReactNode {
  const actions = useDatabaseActions();
  const { pinnedDatabases } = useSettings();
  const { list, remember } = useFocusAfterRemoval(databases);
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus of the links inside
    <div ref={list} onFocus={remember} onKeyDown={(event) => moveFocus(event, singleKeys)}>
      {groupDatabases(databases, pinnedDatabases).map(({ title, databases: members }) => (
        <section key={title} aria-labelledby={`group-${title}`}>
          <h2
            id={`group-${title}`}
            className="border-b border-border bg-app px-4 py-1.5 text-12 font-bold text-text-2"
          >
            {title}
          </h2>
          <ul>
            {members.map((database) => (
              <DatabaseRow
                key={database.id}
                database={database}
                actions={actions}
                isLive={isLive}
                singleKeys={singleKeys}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** When the row that had the focus is removed, the one that took its place gets it. */
function useFocusAfterRemoval(databases: readonly Database[]) {
  const list = useRef<HTMLDivElement>(null);
  const last = useRef<{ id: string; index: number } | null>(null);

  function remember({ target, currentTarget }: FocusEvent): void {
    const rows = [...currentTarget.querySelectorAll<HTMLElement>('[data-database]')];
    const index = rows.findIndex((row) => row.contains(target));
    const id = rows[index]?.dataset['database'];
    if (id !== undefined) last.current = { id, index };
  }

  useLayoutEffect(() => {
    const before = last.current;
    if (before === null || document.activeElement !== document.body) return;
    if (databases.some(({ id }) => id === before.id)) return;
    const names = list.current?.querySelectorAll<HTMLElement>('[data-database-name]') ?? [];
    names[Math.min(before.index, names.length - 1)]?.focus();
  }, [databases, last, list]);

  return { list, remember };
}

function moveFocus(event: KeyboardEvent, singleKeys: boolean): void {
  if (event.target instanceof HTMLInputElement) return;
  const names = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-database-name]')];
  const row = event.target instanceof Element ? event.target.closest('li') : null;
  const current = names.findIndex((name) => row?.contains(name));
  const target = moveTarget(readShortcut(listShortcuts, event, singleKeys), current, names.length);
  if (target === null) return;
  event.preventDefault();
  names[target]?.focus();
}

function moveTarget(action: ReturnType<typeof readShortcut>, current: number, count: number): number | null {
  switch (action) {
    case 'next':
      return Math.min(current + 1, count - 1);
    case 'previous':
      return Math.max(current - 1, 0);
    case 'first':
      return 0;
    case 'last':
      return count - 1;
    default:
      return null;
  }
}
