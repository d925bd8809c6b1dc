import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { SavedQuery } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useBridgeQuery } from '../../bridge/use-engine-data.ts';
import { Menu } from '../../ui/menu.tsx';
import { FetchedContent } from '../../ui/states.tsx';

export interface SavedListProps {
  readonly onOpen: (saved: SavedQuery) => void;
}

/** Queries that were given a name, by folder. */
export function SavedList({ onOpen }: SavedListProps): ReactNode {
  const bridge = useBridge();
  const queries = useQueryClient();
  const saved = useBridgeQuery(['saved'], 'listSavedQueries', {});
  useEffect(
    () => bridge.on('savedQueriesChanged', () => void queries.invalidateQueries({ queryKey: ['saved'] })),
    [bridge, queries],
  );
  return (
    <FetchedContent query={saved} what="saved queries">
      {(items) =>
        items.length === 0 ? (
          <p className="p-3 text-text-2">Save a query to find it here again.</p>
        ) : (
          <div className="min-h-0 flex-1 overflow-y-auto">
            {[...Map.groupBy(items, ({ folder }) => folder)]
              .toSorted(([one], [other]) => one.localeCompare(other))
              .map(([folder, members]) => (
                <section key={folder} aria-label={folder === '' ? 'Without a folder' : folder}>
                  {folder === '' ? null : (
                    <h3 className="px-3 pt-2 text-11 font-bold text-text-3">{folder}</h3>
                  )}
                  <ul>
                    {members.map((entry) => (
                      <li key={entry.id} className="flex items-center border-b border-border pr-1">
                        <button
                          type="button"
                          onClick={() => onOpen(entry)}
                          className="block min-w-0 flex-1 px-3 py-1.5 text-left hover:bg-app focus-visible:-outline-offset-2"
                        >
                          <span className="block truncate">{entry.name}</span>
                          <span className="block truncate text-11 text-text-2">
                            {entry.description === ''
                              ? entry.sql.replaceAll(/\s+/g, ' ').slice(0, 120)
                              : entry.description}
                          </span>
                        </button>
                        <Menu
                          align="end"
                          trigger={
                            <button
                              type="button"
                              aria-label={`More for ${entry.name}`}
                              className="inline-flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-sunken"
                            >
                              ⋯
                            </button>
                          }
                          items={[
                            { id: 'open', label: 'Open in a new tab', onSelect: () => onOpen(entry) },
                            {
                              id: 'remove',
                              label: 'Remove',
                              isDanger: true,
                              onSelect: () => void bridge.call('removeSavedQuery', { id: entry.id }),
                            },
                          ]}
                        />
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
          </div>
        )
      }
    </FetchedContent>
  );
}
