import type { ReactNode } from 'react';
import { DataTable } from '../../ui/data-table.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRead } from '../use-console.ts';
import type { AdminDatabase } from './admin-database.ts';

/** Who can reach a database, by which policy. */
export function AccessTab({ database }: { readonly database: AdminDatabase }): ReactNode {
  const now = useNow();
  const assignments = useRead(
    ['assignments', database.id],
    async (api) => await api.listPolicyAssignments({ query: { database: database.id, limit: 500 } }),
  );
  return (
    <FetchedContent query={assignments} what="who can reach it">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="Nobody can reach it">No policy of this database is assigned to anybody.</Empty>
        ) : (
          <DataTable
            label="Access"
            rows={items}
            rowKey={({ policy, user, group }) => `${policy.id}${user?.id ?? ''}${group?.id ?? ''}`}
            columns={[
              {
                id: 'who',
                header: 'Who',
                render: ({ user, group }) =>
                  user === null ? (
                    `group ${group?.name ?? ''}`
                  ) : (
                    <a
                      href={`#/admin/people/${encodeURIComponent(user.id)}`}
                      className="break-all text-accent hover:underline"
                    >
                      {user.email}
                    </a>
                  ),
              },
              { id: 'policy', header: 'Policy', render: ({ policy }) => `${policy.name} v${policy.version}` },
              { id: 'since', header: 'Since', render: ({ since }) => moment(since, now) },
            ]}
          />
        )
      }
    </FetchedContent>
  );
}
