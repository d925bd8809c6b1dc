/** Databases and agents (ux A2): how each is, and the way to a new one. */
import type { ApiClient } from '@daam/shared/api/client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EnvironmentChip } from '../../ui/marks.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useIsAdmin, useRead } from '../use-console.ts';
import { AddDatabaseSheet } from './add-database-sheet.tsx';
import { agentsWords, conditionWords, versionOf } from './agent-words.ts';

type Agent = Awaited<ReturnType<ApiClient['listAgents']>>['items'][number];

export function AdminDatabasesScreen(): ReactNode {
  const now = useNow();
  const isAdmin = useIsAdmin();
  const [isAdding, setAdding] = useState(false);
  const databases = useRead(['databases'], async (api) => await api.listDatabases(), { every: 5_000 });
  const agents =
    useRead(['agents'], async (api) => await api.listAgents(), { every: 5_000 }).data?.items ?? [];
  const agentsOf = (id: string): Agent[] => agents.filter(({ database }) => database.id === id);
  return (
    <>
      <PageHeader
        title="Databases & agents"
        actions={
          isAdmin ? (
            <Button look="primary" onClick={() => setAdding(true)}>
              Add database
            </Button>
          ) : undefined
        }
      />
      <FetchedContent query={databases} what="the databases">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There is no database yet">
              Add one, run its agent next to it, and give people a policy.
            </Empty>
          ) : (
            <DataTable
              label="Databases"
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                {
                  id: 'name',
                  header: 'Database',
                  render: ({ name, description }) => (
                    <>
                      <a
                        href={`#/admin/databases/${encodeURIComponent(name)}`}
                        className="font-medium text-accent hover:underline"
                      >
                        {name}
                      </a>
                      {description === '' ? null : (
                        <span className="block text-12 wrap-anywhere text-text-2">{description}</span>
                      )}
                    </>
                  ),
                },
                {
                  id: 'environment',
                  header: 'Environment',
                  render: ({ environment }) => <EnvironmentChip environment={environment} />,
                },
                {
                  id: 'version',
                  header: 'PostgreSQL',
                  render: ({ id }) => versionOf(agentsOf(id)[0]?.health?.upstream.serverVersion),
                },
                { id: 'agents', header: 'Agents', render: ({ agents: all }) => agentsWords(all) },
                {
                  id: 'health',
                  header: 'Health',
                  render: ({ id }) => (
                    <span className="flex flex-wrap gap-1">
                      {agentsOf(id)
                        .filter(({ condition }) => condition !== 'revoked')
                        .map((agent) => (
                          <Chip key={agent.id} tone={conditionWords[agent.condition][1]}>
                            {conditionWords[agent.condition][0]}
                          </Chip>
                        ))}
                    </span>
                  ),
                },
                {
                  id: 'findings',
                  header: 'Doctor',
                  render: ({ id }) => <Findings doctor={agentsOf(id)[0]?.doctor ?? null} />,
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
                  isSpare: true,
                  render: ({ schema }) => (schema === null ? 'not yet' : moment(schema.confirmedAt, now)),
                },
              ]}
            />
          )
        }
      </FetchedContent>
      {isAdding ? <AddDatabaseSheet onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function Findings({ doctor }: { readonly doctor: Agent['doctor'] }): ReactNode {
  if (doctor === null) return '';
  if (doctor.critical + doctor.warning === 0) return <Chip tone="ok">sound</Chip>;
  return (
    <span className="flex flex-wrap gap-1">
      {doctor.critical > 0 ? <Chip tone="bad">{doctor.critical} critical</Chip> : null}
      {doctor.warning > 0 ? <Chip tone="warn">{doctor.warning} warnings</Chip> : null}
    </span>
  );
}
