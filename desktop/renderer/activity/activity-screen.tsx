import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useNavigate } from '@tanstack/react-router';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useBridgeQuery, useStatus } from '../bridge/use-engine-data.ts';
import { openTab } from '../query/query-store.ts';
import { HistoryList } from '../query/side/history-list.tsx';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Empty, FetchedContent } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { duration, moment } from '../ui/time.ts';

type Part = 'device' | 'exports' | 'audit';

/** What I did, as it is kept here and as the audit has it (ux D8). */
export function ActivityScreen(): ReactNode {
  const { queryEditor } = useCapabilities();
  const account = useStatus().data?.account ?? null;
  const isAuditor = account?.role === 'admin' || account?.role === 'auditor';
  const [part, setPart] = useState<Part>(queryEditor ? 'device' : 'audit');
  const parts = [
    ...(queryEditor
      ? [
          { value: 'device' as const, label: 'On this device' },
          { value: 'exports' as const, label: 'Exports' },
        ]
      : []),
    ...(isAuditor ? [{ value: 'audit' as const, label: 'As the audit has it' }] : []),
  ];
  return (
    <>
      <PageHeader title="Activity">
        {parts.length > 1 ? (
          <Segmented label="Which activity" value={part} options={parts} onChange={setPart} />
        ) : null}
      </PageHeader>
      <div className="px-4 py-3">
        <Notice severity="information" title="Sessions and statements are recorded">
          Administrators and auditors of your organization can read them. What is masked for you is masked in
          what you exported, too.
        </Notice>
      </div>
      {part === 'device' ? <DeviceHistory /> : null}
      {part === 'exports' ? <Exports /> : null}
      {part === 'audit' && isAuditor ? <Audited user={account.userId} /> : null}
      {parts.length === 0 ? <Empty title="Your statements are in the app that ran them" /> : null}
    </>
  );
}

function DeviceHistory(): ReactNode {
  const navigate = useNavigate();
  return (
    <HistoryList
      database={null}
      onInsert={(sql) => {
        openTab({ sql });
        void navigate({ to: '/query' });
      }}
    />
  );
}

function Exports(): ReactNode {
  const now = useNow();
  const exports = useBridgeQuery(['exports'], 'listExports', {});
  return (
    <FetchedContent query={exports} what="the exports">
      {(items) =>
        items.length === 0 ? (
          <Empty title="Nothing was exported yet" />
        ) : (
          <DataTable
            label="Exports"
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              {
                id: 'file',
                header: 'File',
                render: ({ file }) => <span className="font-data text-12 break-all">{file}</span>,
              },
              { id: 'state', header: 'State', render: ({ state }) => state },
              { id: 'rows', header: 'Rows', align: 'end', render: ({ rows }) => rows.toLocaleString() },
              { id: 'at', header: 'Begun', render: ({ startedAt }) => moment(startedAt, now) },
            ]}
          />
        )
      }
    </FetchedContent>
  );
}

function Audited({ user }: { readonly user: string | null }): ReactNode {
  const now = useNow();
  const api = useApi();
  const statements = useQuery({
    queryKey: [apiKey, 'my-statements', user],
    queryFn: () => api.listStatements({ query: { limit: 100, ...(user === null ? {} : { user }) } }),
    enabled: user !== null,
  });
  return (
    <FetchedContent query={statements} what="the audit">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="The audit has nothing of you yet" />
        ) : (
          <DataTable
            label="Statements"
            rows={items}
            rowKey={({ agent, seq }) => `${agent}-${seq}`}
            columns={[
              {
                id: 'text',
                header: 'Statement',
                render: ({ event, kind }) => (
                  <span className="line-clamp-2 font-data text-12 break-all">
                    {typeof event['text'] === 'string' ? event['text'] : kind}
                  </span>
                ),
              },
              {
                id: 'decision',
                header: 'Decision',
                render: ({ class: judged }) => (
                  <Chip tone={judged === 'deny' ? 'bad' : 'neutral'}>
                    {judged === 'deny' ? 'refused' : judged}
                  </Chip>
                ),
              },
              {
                id: 'took',
                header: 'Took',
                align: 'end',
                render: ({ end }) => (end === null ? '' : duration(end.durationMs)),
              },
              { id: 'at', header: 'At', render: ({ at }) => moment(at, now) },
            ]}
          />
        )
      }
    </FetchedContent>
  );
}
