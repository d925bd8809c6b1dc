/** Sessions (ux A7): those that are open, and those that were recorded. */
import type { ConnectionView } from '@daam/shared/api/routes/audit';
import type { ReactNode } from 'react';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { duration, moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRead, useSearchParams } from '../use-console.ts';
import { sessionFacts } from './replay-model.ts';

type Part = 'live' | 'recorded';

export function SessionsScreen(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const part: Part = search['part'] === 'recorded' ? 'recorded' : 'live';
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  const database = databases.find(({ id }) => id === search['database'])?.id ?? '';
  const sessions = useRead(
    ['sessions', database],
    async (api) =>
      await api.listConnections({
        query: { kind: 'session.opened', limit: 200, ...(database === '' ? {} : { database }) },
      }),
    { every: 3_000 },
  );
  return (
    <>
      <PageHeader title="Sessions">
        <Segmented<Part>
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
        {({ items }) => {
          const shown = items.filter(({ end }) => (end === null) === (part === 'live'));
          return shown.length === 0 ? (
            <Empty title={part === 'live' ? 'No session is open' : 'No session was recorded yet'} />
          ) : (
            <SessionTable
              sessions={shown}
              nameOf={(id) => databases.find((one) => one.id === id)?.name ?? id}
            />
          );
        }}
      </FetchedContent>
    </>
  );
}

function SessionTable({
  sessions,
  nameOf,
}: {
  readonly sessions: readonly ConnectionView[];
  readonly nameOf: (database: string) => string;
}): ReactNode {
  const now = useNow(5_000);
  return (
    <DataTable
      label="Sessions"
      rows={sessions}
      rowKey={({ agent, seq }) => `${agent}-${seq}`}
      columns={[
        {
          id: 'person',
          header: 'Person',
          render: (session) => (
            <a
              href={`#/admin/sessions/${encodeURIComponent(session.session ?? '')}`}
              className="font-medium break-all text-accent hover:underline"
            >
              {sessionFacts(session).email}
            </a>
          ),
        },
        { id: 'database', header: 'Database', render: ({ database }) => nameOf(database) },
        {
          id: 'program',
          header: 'Program',
          render: (session) => <span className="break-words">{sessionFacts(session).application}</span>,
        },
        { id: 'path', header: 'Way', render: (session) => sessionFacts(session).path },
        { id: 'start', header: 'Start', render: ({ at }) => moment(at, now) },
        {
          id: 'duration',
          header: 'Duration',
          align: 'end',
          render: ({ at, end }) => duration(end?.durationMs ?? Math.max(0, now - Date.parse(at))),
        },
        { id: 'statements', header: 'Statements', align: 'end', render: ({ end }) => end?.statements ?? '' },
        { id: 'rows', header: 'Rows', align: 'end', render: ({ end }) => end?.rows ?? '' },
        {
          id: 'status',
          header: 'Status',
          render: ({ end }) =>
            end === null ? (
              <Chip tone="ok">open</Chip>
            ) : (
              <Chip tone={end.reason === 'client' ? 'neutral' : 'warn'}>{end.reason}</Chip>
            ),
        },
        {
          id: 'policies',
          header: 'Policies',
          render: (session) => sessionFacts(session).policies.join(', '),
        },
      ]}
    />
  );
}
