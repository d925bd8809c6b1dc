import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Empty, FetchedContent } from '../ui/states.tsx';
import { duration, moment } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { MoreButton } from './more-button.tsx';
import { usePages } from './use-pages.ts';

/** My sessions as the audit has them: which program, under which policies, how much, and how they ended. */
export function AuditedSessions(): ReactNode {
  const api = useApi();
  const now = useNow();
  const pages = usePages(['my-sessions'], (after) =>
    api.listMySessions({ query: { limit: 100, ...(after === undefined ? {} : { after }) } }),
  );
  const count = (value: number | null | undefined): string => value?.toLocaleString() ?? '';
  return (
    <>
      <FetchedContent query={pages} what="your sessions">
        {(items) =>
          items.length === 0 ? (
            <Empty title="The audit has no session of yours yet">
              A session stands here as soon as a client has connected.
            </Empty>
          ) : (
            <DataTable
              label="My sessions"
              rows={items}
              rowKey={({ session }) => session}
              columns={[
                {
                  id: 'opened',
                  header: 'Began',
                  className: 'whitespace-nowrap',
                  render: ({ openedAt }) => moment(openedAt, now),
                },
                { id: 'database', header: 'Database', render: ({ database }) => database.name },
                { id: 'program', header: 'Program', render: ({ program }) => program ?? 'not said' },
                {
                  id: 'policies',
                  header: 'Policies',
                  render: ({ policies }) =>
                    policies.map(({ policy, version }) => `${policy} v${version}`).join(', ') || 'none',
                },
                {
                  id: 'statements',
                  header: 'Statements',
                  align: 'end',
                  render: ({ end }) => count(end?.statements),
                },
                { id: 'rows', header: 'Rows', align: 'end', render: ({ end }) => count(end?.rows) },
                { id: 'masked', header: 'Masked', align: 'end', render: ({ end }) => count(end?.masked) },
                { id: 'refused', header: 'Refused', align: 'end', render: ({ end }) => count(end?.refused) },
                {
                  id: 'end',
                  header: 'Ended',
                  render: ({ end }) =>
                    end === null ? (
                      <Chip tone="ok">open</Chip>
                    ) : (
                      `after ${duration(end.durationMs)}${end.reason === 'client' ? '' : `: ${end.reason}`}`
                    ),
                },
              ]}
            />
          )
        }
      </FetchedContent>
      <MoreButton pages={pages} />
    </>
  );
}
