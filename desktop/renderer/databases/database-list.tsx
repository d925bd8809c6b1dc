import type { KeyboardEvent, ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';
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
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- moves the focus of the links inside
    <div onKeyDown={(event) => moveFocus(event, singleKeys)}>
      {groupDatabases(databases).map(({ title, databases: members }) => (
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
