import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { EnvironmentChip } from '../../ui/marks.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { useRead } from '../use-console.ts';
import { AccessTab } from './access-tab.tsx';
import { HealthTab } from './health-tab.tsx';
import { SchemaTab } from './schema-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';

type Part = 'health' | 'schema' | 'access' | 'settings';

/** One database: health, schema with drift, who can reach it, settings. */
export function AdminDatabaseScreen(): ReactNode {
  const { database: name } = useParams({ strict: false }) as { database: string };
  const [part, setPart] = useState<Part>('health');
  const databases = useRead(['databases'], async (api) => await api.listDatabases(), { every: 5_000 });
  const database = databases.data?.items.find((one) => one.name === name);
  return (
    <>
      <PageHeader
        title={name}
        actions={
          <a href={`#/admin/policies/${encodeURIComponent(name)}`} className="text-accent hover:underline">
            Policies
          </a>
        }
      >
        {database === undefined ? null : <EnvironmentChip environment={database.environment} />}
      </PageHeader>
      <FetchedContent query={databases} what="the database">
        {() =>
          database === undefined ? (
            <Empty title="There is no such database" />
          ) : (
            <Tabs<Part>
              label={`Parts of ${name}`}
              value={part}
              onChange={setPart}
              tabs={[
                { value: 'health', label: 'Health', panel: <HealthTab database={database} /> },
                { value: 'schema', label: 'Schema & drift', panel: <SchemaTab database={database} /> },
                { value: 'access', label: 'Access', panel: <AccessTab database={database} /> },
                { value: 'settings', label: 'Settings', panel: <SettingsTab database={database} /> },
              ]}
            />
          )
        }
      </FetchedContent>
    </>
  );
}
