/** People and groups (ux A5). */
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useIsAdmin, useRead } from '../use-console.ts';
import { AddPersonDialog } from './add-person-dialog.tsx';
import { GroupsTab } from './groups-tab.tsx';

type Part = 'people' | 'groups';

export function PeopleScreen(): ReactNode {
  const isAdmin = useIsAdmin();
  const [part, setPart] = useState<Part>('people');
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="People & groups"
        actions={
          isAdmin ? (
            <Button look="primary" onClick={() => setAdding(true)}>
              Add person
            </Button>
          ) : undefined
        }
      />
      <Tabs<Part>
        label="People and groups"
        value={part}
        onChange={setPart}
        tabs={[
          { value: 'people', label: 'People', panel: <PeopleTab /> },
          { value: 'groups', label: 'Groups', panel: <GroupsTab /> },
        ]}
      />
      {isAdding ? <AddPersonDialog onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function PeopleTab(): ReactNode {
  const now = useNow();
  const [filter, setFilter] = useState('');
  const users = useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } }));
  const groups = useRead(['groups'], async (api) => await api.listGroups()).data?.items ?? [];
  const devices = useRead(['devices'], async (api) => await api.listOrganizationDevices()).data?.items ?? [];
  const wanted = filter.trim().toLowerCase();
  const devicesOf = (id: string): typeof devices =>
    devices.filter(({ user, revokedAt }) => user.id === id && revokedAt === null);
  const lastSeen = (id: string): string | undefined =>
    devicesOf(id)
      .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
      .sort()
      .at(-1);
  return (
    <>
      <div className="px-4 py-2">
        <TextField
          label="Filter people"
          isLabelHidden
          placeholder="Filter people"
          type="search"
          className="max-w-72"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
      </div>
      <FetchedContent query={users} what="the people">
        {({ items, next }) => {
          const found = items.filter(({ email, name }) => `${email} ${name}`.toLowerCase().includes(wanted));
          return found.length === 0 ? (
            <Empty
              title="Nobody is called like this"
              actions={<Button onClick={() => setFilter('')}>Clear filter</Button>}
            />
          ) : (
            <>
              <DataTable
                label="People"
                rows={found}
                rowKey={({ id }) => id}
                columns={[
                  {
                    id: 'email',
                    header: 'Person',
                    render: ({ id, email, name }) => (
                      <>
                        <a
                          href={`#/admin/people/${encodeURIComponent(id)}`}
                          className="font-medium break-all text-accent hover:underline"
                        >
                          {email}
                        </a>
                        {name === email ? null : (
                          <span className="block text-12 break-words text-text-2">{name}</span>
                        )}
                      </>
                    ),
                  },
                  { id: 'role', header: 'Role', render: ({ role }) => role },
                  {
                    id: 'groups',
                    header: 'Groups',
                    render: ({ id }) =>
                      groups
                        .filter(({ members }) => members.some((member) => member.id === id))
                        .map(({ name }) => name)
                        .join(', '),
                  },
                  {
                    id: 'devices',
                    header: 'Devices',
                    align: 'end',
                    render: ({ id }) => devicesOf(id).length,
                  },
                  {
                    id: 'seen',
                    header: 'Last seen',
                    className: 'whitespace-nowrap',
                    render: ({ id }) => {
                      const at = lastSeen(id);
                      return at === undefined ? '' : moment(at, now);
                    },
                  },
                  {
                    id: 'status',
                    header: 'Status',
                    render: ({ disabled }) =>
                      disabled ? <Chip tone="bad">suspended</Chip> : <Chip tone="ok">active</Chip>,
                  },
                ]}
              />
              {next === null ? null : <p className="px-4 py-2 text-text-2">Only the first 500 are shown.</p>}
            </>
          );
        }}
      </FetchedContent>
    </>
  );
}
