import { useState } from 'react';
import type { ReactNode } from 'react';
import { useNavigate } from '@tanstack/react-router';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { openTab } from '../query/query-store.ts';
import { HistoryList } from '../query/side/history-list.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Empty, FetchedContent } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { AuditedSessions } from './audited-sessions.tsx';
import { AuditedStatements } from './audited-statements.tsx';

type Part = 'statements' | 'sessions' | 'device' | 'exports';

/** What I did, as it is kept here and as the audit has it (ux D8). */
export function ActivityScreen(): ReactNode {
  const { queryEditor } = useCapabilities();
  const [part, setPart] = useState<Part>('statements');
  const parts = [
    { value: 'statements' as const, label: 'Statements' },
    { value: 'sessions' as const, label: 'Sessions' },
    ...(queryEditor
      ? [
          { value: 'device' as const, label: 'On this device' },
          { value: 'exports' as const, label: 'Exports' },
        ]
      : []),
  ];
  return (
    <>
      <PageHeader title="Activity">
        <Segmented label="Which activity" value={part} options={parts} onChange={setPart} />
      </PageHeader>
      <div className="px-4 py-3">
        <Notice severity="information" title="Sessions and statements are recorded">
          Administrators and auditors of your organization can read and replay them. What is masked for you is
          masked in what you exported, too.
        </Notice>
      </div>
      {part === 'device' ? <DeviceHistory /> : null}
      {part === 'exports' ? <Exports /> : null}
      {part === 'statements' ? <AuditedStatements /> : null}
      {part === 'sessions' ? <AuditedSessions /> : null}
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
              {
                id: 'at',
                header: 'Began',
                className: 'whitespace-nowrap',
                render: ({ startedAt }) => moment(startedAt, now),
              },
            ]}
          />
        )
      }
    </FetchedContent>
  );
}
