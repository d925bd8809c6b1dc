/**
 * The Databases screen, the home of the app: what may be reached, what one gets there, and one key to be connected.
 * States: loading, an error, nothing granted, filtered to nothing, working offline, the engine lost.
 */
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { DiscoverableList, useDiscoverable } from './discoverable-list.tsx';
import { DatabaseList } from './database-list.tsx';
import { useKeyboard } from '../shell/shortcuts/use-shortcuts.ts';
import { DatabasesToolbar } from './databases-toolbar.tsx';
import { filterDatabases } from './filter-databases.ts';
import { pageShortcuts, readShortcut } from './list-keys.ts';
import { ListState } from './list-state.tsx';

const noFilter = { text: '', connectedOnly: false };

export function DatabasesScreen(): ReactNode {
  const databases = useDatabases();
  const status = useStatus().data;
  const isLive = useBridgeState().kind === 'open';
  const [filter, setFilter] = useState(noFilter);
  const { singleKeys } = useKeyboard();
  const filterInput = useRef<HTMLInputElement>(null);
  usePageShortcuts(singleKeys, { filter: () => filterInput.current?.focus() });
  useListMark(databases.isSuccess);

  function clearFilters(): void {
    setFilter(noFilter);
    filterInput.current?.focus();
  }

  const shown = filterDatabases(databases.data ?? [], filter);
  const discoverable = useDiscoverable(filter.text);
  return (
    <div className="pb-24">
      <DatabasesToolbar
        filter={filter}
        onFilter={setFilter}
        filterInput={filterInput}
        isFilterShown={(databases.data ?? []).length > 0}
      />
      {shown.length > 0 ? (
        <DatabaseList databases={shown} isLive={isLive} singleKeys={singleKeys} />
      ) : (
        <ListState
          databases={databases}
          status={status}
          clearFilters={<Button onClick={clearFilters}>Clear filters</Button>}
        />
      )}
      {databases.isSuccess && !filter.connectedOnly ? (
        <DiscoverableList databases={discoverable ?? []} />
      ) : null}
    </div>
  );
}

function usePageShortcuts(singleKeys: boolean, actions: { readonly filter: () => void }): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (
        event.target instanceof Element &&
        event.target.closest('input, select, textarea, [role=dialog], [role=menu]')
      )
        return;
      const action = readShortcut(pageShortcuts, event, singleKeys);
      if (action === null) return;
      event.preventDefault();
      latest.current[action]();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [singleKeys]);
}

/** The moment that the budget for "navigation to list" is measured by. */
function useListMark(isShown: boolean): void {
  useEffect(() => {
    if (isShown) performance.mark('app:list');
  }, [isShown]);
}
