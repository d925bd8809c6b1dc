import type { ReactNode } from 'react';
import type { Database, EditorTab, SavedQuery } from '../../ipc/schema.ts';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { EnvironmentChip } from '../ui/marks.tsx';
import { Empty, Loading, Problem } from '../ui/states.tsx';
import { readTabsAgain, useQueryStore } from './query-store.ts';

export interface EmptyQueryProps {
  readonly isReady: boolean;
  readonly databases: readonly Database[];
  readonly onNew: (changes: Partial<Omit<EditorTab, 'id'>>) => void;
  readonly onOpen: (saved: SavedQuery) => void;
}

/** No tab is open: databases to query, what ran last, what was saved. */
export function EmptyQuery({ isReady, databases, onNew, onOpen }: EmptyQueryProps): ReactNode {
  const recent = useBridgeQuery(['history', 'recent'], 'listHistory', {
    database: null,
    text: null,
    outcome: null,
    after: null,
    limit: 3,
  }).data?.items;
  const saved = useBridgeQuery(['saved'], 'listSavedQueries', {}).data;
  if (!isReady) return <NotReady />;
  const open = databases.filter(({ blocked }) => blocked === null);
  return (
    <div className="flex flex-wrap gap-x-12 gap-y-2 overflow-y-auto">
      <Empty
        title="Start a query"
        actions={open.map((database) => (
          <Button
            key={database.id}
            className="max-w-full shrink!"
            onClick={() => onNew({ database: database.id })}
          >
            <span className="min-w-0 truncate">{database.name}</span>{' '}
            <EnvironmentChip environment={database.environment} />
          </Button>
        ))}
      >
        {open.length === 0
          ? 'No database can be reached now.'
          : 'It runs in a session of its own, as you, and is recorded.'}
      </Empty>
      {recent === undefined || recent.length === 0 ? null : (
        <Empty
          title="Recent"
          actions={recent.map((entry) => (
            <Button key={entry.id} onClick={() => onNew({ sql: entry.sql, database: entry.database.id })}>
              <span className="max-w-80 truncate font-data text-12">{entry.sql}</span>
            </Button>
          ))}
        />
      )}
      {saved === undefined || saved.length === 0 ? null : (
        <Empty
          title="Saved"
          actions={saved.slice(0, 5).map((entry) => (
            <Button key={entry.id} className="max-w-full shrink!" onClick={() => onOpen(entry)}>
              <span className="min-w-0 truncate">{entry.name}</span>
            </Button>
          ))}
        />
      )}
    </div>
  );
}

/** The tabs are being read, or why they cannot be. One that is lost is sought again by itself. */
function NotReady(): ReactNode {
  const bridge = useBridgeState();
  const problem = useQueryStore((store) => store.problem);
  if (bridge.kind === 'lost') return null;
  if (problem === null) return <Loading what="the tabs" />;
  return (
    <div className="px-4 py-3">
      <Problem error={problem} onRetry={readTabsAgain} />
    </div>
  );
}
