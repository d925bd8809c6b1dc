/** Policies (ux A3): which databases have some, and the editor of one database's document. */
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DataTable } from '../../ui/data-table.tsx';
import { EnvironmentChip } from '../../ui/marks.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRead } from '../use-console.ts';
import { PolicyEditor } from './policy-editor.tsx';

export function PoliciesScreen(): ReactNode {
  const { database } = useParams({ strict: false }) as { database?: string };
  return database === undefined ? (
    <DatabasesWithPolicies />
  ) : (
    <PolicyEditor key={database} database={database} />
  );
}

function DatabasesWithPolicies(): ReactNode {
  const now = useNow();
  const databases = useRead(['databases'], async (api) => await api.listDatabases());
  const assignments = useRead(
    ['assignments'],
    async (api) => await api.listPolicyAssignments({ query: { limit: 500 } }),
  );
  const policiesOf = (id: string): string => {
    const names = new Set(
      (assignments.data?.items ?? []).flatMap(({ database, policy }) =>
        database.id === id ? [policy.name] : [],
      ),
    );
    return [...names].join(', ');
  };
  return (
    <>
      <PageHeader title="Policies" />
      <FetchedContent query={databases} what="the databases">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There is no database yet">
              Policies belong to a database. <a href="#/admin/databases">Add one</a> first.
            </Empty>
          ) : (
            <DataTable
              label="Databases with their policies"
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                {
                  id: 'name',
                  header: 'Database',
                  render: ({ name }) => (
                    <a
                      href={`#/admin/policies/${encodeURIComponent(name)}`}
                      className="font-medium text-accent hover:underline"
                    >
                      {name}
                    </a>
                  ),
                },
                {
                  id: 'environment',
                  header: 'Environment',
                  render: ({ environment }) => <EnvironmentChip environment={environment} />,
                },
                {
                  id: 'policies',
                  header: 'Assigned policies',
                  render: ({ id }) => policiesOf(id) || <span className="text-text-3">none</span>,
                },
                {
                  id: 'tables',
                  header: 'Tables',
                  align: 'end',
                  render: ({ schema }) => schema?.tables ?? '',
                },
                {
                  id: 'schema',
                  header: 'Schema reported',
                  render: ({ schema }) => (schema === null ? 'not yet' : moment(schema.confirmedAt, now)),
                },
              ]}
            />
          )
        }
      </FetchedContent>
    </>
  );
}
