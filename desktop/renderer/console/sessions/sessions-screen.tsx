/** Sessions (ux A7): those that are open, each of which can be ended, and those that were recorded. */
import type { ReactNode } from 'react';
import { PageHeader } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { useRead, useSearchParams } from '../use-console.ts';
import { SessionTable } from './session-table.tsx';
import { type SessionPart, useSessions } from './use-sessions.ts';

export function SessionsScreen(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const part: SessionPart = search['part'] === 'recorded' ? 'recorded' : 'live';
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  const database = databases.find(({ id }) => id === search['database'])?.id ?? '';
  const sessions = useSessions(part, database);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = sessions;
  return (
    <>
      <PageHeader title="Sessions">
        <Segmented<SessionPart>
          label="Which sessions"
          value={part}
          options={[
            { value: 'live', label: 'Live' },
            { value: 'recorded', label: 'Recorded' },
          ]}
          onChange={(value) => setSearch({ part: value === 'live' ? null : value })}
        />
        <Select
          label="Database"
          isLabelHidden
          className="w-44"
          value={database}
          options={[
            { value: '', label: 'All databases' },
            ...databases.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => setSearch({ database: value === '' ? null : value })}
        />
      </PageHeader>
      <FetchedContent query={sessions} what="the sessions">
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          const shown = all.filter(({ end }) => (end === null) === (part === 'live'));
          return shown.length === 0 ? (
            <Empty title={part === 'live' ? 'No session is open' : 'No session was recorded yet'}>
              Every connection through an agent is listed here, whichever program opened it.
            </Empty>
          ) : (
            <SessionTable
              key={part}
              part={part}
              sessions={shown}
              nameOf={(id) => databases.find((one) => one.id === id)?.name ?? id}
              hasMore={hasNextPage}
              onEnd={() => {
                if (!isFetchingNextPage) void fetchNextPage();
              }}
            />
          );
        }}
      </FetchedContent>
    </>
  );
}
