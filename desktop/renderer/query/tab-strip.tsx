import { clsx } from 'clsx';
import { Plus, X } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Database, EditorTab } from '../../ipc/schema.ts';
import { EnvironmentChip, StateDot } from '../ui/marks.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { activateTab, useQueryStore } from './query-store.ts';

export interface TabStripProps {
  readonly tabs: readonly EditorTab[];
  readonly active: string | null;
  readonly databases: readonly Database[];
  readonly onNew: () => void;
  readonly onClose: (id: string) => void;
}

/** The open tabs. Arrow keys choose, Delete closes; the colour of an edge only repeats the word in the chip. */
export function TabStrip({ tabs, active, databases, onNew, onClose }: TabStripProps): ReactNode {
  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const at = tabs.findIndex(({ id }) => id === active);
    const target = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (event.key === 'Delete' && active !== null) onClose(active);
    const next = target === undefined ? undefined : tabs[(target + tabs.length) % tabs.length];
    if (next === undefined || event.altKey) return;
    event.preventDefault();
    activateTab(next.id);
    requestAnimationFrame(() => document.getElementById(`tab-${next.id}`)?.focus());
  }

  return (
    <div className="flex h-8.5 flex-none items-stretch border-b border-border bg-app">
      <div
        role="tablist"
        aria-label="Queries"
        tabIndex={-1}
        onKeyDown={onKeyDown}
        className="flex min-w-0 overflow-x-auto"
      >
        {tabs.map((tab) => (
          <Tab
            key={tab.id}
            tab={tab}
            isActive={tab.id === active}
            database={databases.find(({ id }) => id === tab.database)}
            onClose={() => onClose(tab.id)}
          />
        ))}
      </div>
      <span className="flex items-center px-1">
        <IconButton icon={Plus} label="New tab" onClick={onNew} />
      </span>
    </div>
  );
}

function Tab({
  tab,
  isActive,
  database,
  onClose,
}: {
  readonly tab: EditorTab;
  readonly isActive: boolean;
  readonly database: Database | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const query = useQueryStore(({ queries }) => queries[tab.id]);
  const isRunning = query?.run?.state === 'running' || query?.run?.state === 'cancelling';
  const isProduction = database?.environment === 'production';
  return (
    <span
      role="presentation"
      className={clsx(
        'flex items-stretch border-r border-border',
        isActive ? 'bg-surface' : 'hover:bg-sunken',
        isActive && (isProduction ? 'shadow-[inset_0_2px_var(--bad)]' : 'shadow-[inset_0_2px_var(--accent)]'),
      )}
    >
      <button
        id={`tab-${tab.id}`}
        type="button"
        role="tab"
        aria-selected={isActive}
        aria-controls={isActive ? 'query-panel' : undefined}
        tabIndex={isActive ? 0 : -1}
        onClick={() => activateTab(tab.id)}
        onAuxClick={(event) => {
          if (event.button === 1) onClose();
        }}
        className={clsx(
          'flex items-center gap-2 py-1 pr-1 pl-3 whitespace-nowrap focus-visible:-outline-offset-2',
          isActive ? 'text-text' : 'text-text-2',
        )}
      >
        <StateDot
          state={isRunning ? 'connecting' : query?.session.kind === 'open' ? 'connected' : 'disconnected'}
        />
        <span className="max-w-48 truncate">{tab.title}</span>
        {isRunning ? <span className="sr-only">, running</span> : null}
        {isActive && database !== undefined ? <EnvironmentChip environment={database.environment} /> : null}
      </button>
      {/* For the pointer; keys have Delete on the tab and the command. Only tabs may be inside a tab list. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- as above */}
      <span
        aria-hidden="true"
        data-close={tab.title}
        onClick={onClose}
        className="mr-1 inline-flex size-6 cursor-pointer items-center justify-center self-center rounded-chip text-text-3 hover:bg-sunken hover:text-text"
      >
        <X size={13} />
      </span>
    </span>
  );
}
