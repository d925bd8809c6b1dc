/** One person: what they may do in each database and why, their devices and passkeys, their role. */
import type { ApiClient } from '@daam/shared/api/client';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Facts, PageHeader, Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { AccessMatrix } from '../access-matrix.tsx';
import { CopyBlock } from '../copy-block.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin, useRead } from '../use-console.ts';
import { roleOptions } from './add-person-dialog.tsx';
import { WhyColumn } from './why-column.tsx';

type User = Awaited<ReturnType<ApiClient['listUsers']>>['items'][number];
type Part = 'access' | 'devices' | 'account';

export function PersonScreen(): ReactNode {
  const { id } = useParams({ strict: false }) as { id: string };
  const isAdmin = useIsAdmin();
  const [part, setPart] = useState<Part>('access');
  const users = useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } }));
  const user = users.data?.items.find((one) => one.id === id);
  return (
    <>
      <PageHeader
        title={user?.email ?? 'Person'}
        actions={user === undefined || !isAdmin ? undefined : <Suspend user={user} />}
      >
        {user === undefined ? null : (
          <>
            <Chip>{user.role}</Chip>
            {user.disabled ? <Chip tone="bad">suspended</Chip> : null}
          </>
        )}
      </PageHeader>
      <FetchedContent query={users} what="the person">
        {() =>
          user === undefined ? (
            <Empty title="There is no such person" />
          ) : (
            <Tabs<Part>
              label="Parts of the person"
              value={part}
              onChange={setPart}
              tabs={[
                { value: 'access', label: 'Effective access', panel: <Access user={user} /> },
                {
                  value: 'devices',
                  label: 'Devices & passkeys',
                  panel: <Devices user={user} isAdmin={isAdmin} />,
                },
                { value: 'account', label: 'Account', panel: <Account user={user} isAdmin={isAdmin} /> },
              ]}
            />
          )
        }
      </FetchedContent>
    </>
  );
}

function Access({ user }: { readonly user: User }): ReactNode {
  const databases = useRead(['databases'], async (api) => await api.listDatabases());
  const items = databases.data?.items ?? [];
  const [chosen, setChosen] = useState('');
  const database = items.find(({ id }) => id === chosen) ?? items[0];
  const access = useRead(
    ['effective', database?.id ?? '', user.id],
    async (api) =>
      await api.getEffectiveAccess({
        params: { database: database?.id ?? '' },
        query: { user: user.id, limit: 200 },
      }),
    { enabled: database !== undefined },
  );
  if (databases.data === undefined || database === undefined) {
    return (
      <FetchedContent query={databases} what="the databases">
        {() => <Empty title="There is no database yet" />}
      </FetchedContent>
    );
  }
  return (
    <>
      <div className="flex flex-col gap-3 px-4 py-3" data-inset="">
        <Select
          label="Database"
          className="w-64"
          value={database.id}
          options={items.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={setChosen}
        />
        <FetchedContent query={access} what="their access">
          {(found) => <AccessMatrix access={found} />}
        </FetchedContent>
      </div>
      <WhyColumn database={database.id} user={user.id} />
    </>
  );
}

function Devices({ user, isAdmin }: { readonly user: User; readonly isAdmin: boolean }): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  const devices = useRead(
    ['devices', user.id],
    async (api) => await api.listOrganizationDevices({ query: { user: user.id } }),
  );
  const passkeys = useRead(
    ['passkeys', user.id],
    async (api) => await api.listOrganizationPasskeys({ query: { user: user.id } }),
  );
  const line = 'flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-border py-1';
  return (
    <>
      <ActionProblem failure={failure} />
      <Section title="Devices">
        <FetchedContent query={devices} what="the devices">
          {({ items }) => (
            <ul>
              {items.length === 0 ? <li className="text-text-2">None.</li> : null}
              {items.map((device) => (
                <li key={device.id} className={line}>
                  <b className="font-medium break-all">{device.name}</b>
                  <span className="text-12 text-text-2">
                    {device.os}, since {moment(device.createdAt, now)}
                    {device.lastUsedAt === null ? '' : `, last used ${moment(device.lastUsedAt, now)}`}
                  </span>
                  {device.revokedAt === null ? (
                    isAdmin ? (
                      <Button
                        look="danger"
                        className="ml-auto"
                        aria-label={`Revoke ${device.name}`}
                        unavailable={isBusy}
                        onClick={() =>
                          void run(
                            async (api) => await api.revokeDevice({ params: { id: device.id } }),
                            `${device.name} revoked: its sessions end now.`,
                          )
                        }
                      >
                        Revoke
                      </Button>
                    ) : null
                  ) : (
                    <Chip tone="bad">revoked {moment(device.revokedAt, now)}</Chip>
                  )}
                </li>
              ))}
            </ul>
          )}
        </FetchedContent>
      </Section>
      <Section title="Passkeys">
        <FetchedContent query={passkeys} what="the passkeys">
          {({ items }) => (
            <ul>
              {items.length === 0 ? <li className="text-text-2">None.</li> : null}
              {items.map((passkey) => (
                <li key={passkey.id} className={line}>
                  <b className="font-medium break-all">{passkey.name}</b>
                  <span className="font-data text-12">{passkey.fingerprint}</span>
                  {passkey.isHeld ? <Chip tone="warn">waits for an approval</Chip> : null}
                  {passkey.isSynced ? <Chip>synced</Chip> : null}
                  {passkey.revokedAt === null ? null : <Chip tone="bad">removed</Chip>}
                </li>
              ))}
            </ul>
          )}
        </FetchedContent>
      </Section>
    </>
  );
}

function Account({ user, isAdmin }: { readonly user: User; readonly isAdmin: boolean }): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  const [role, setRole] = useState(user.role);
  const [invitation, setInvitation] = useState<string | null>(null);
  const params = { id: user.id };
  return (
    <Section title="Account">
      <div className="flex max-w-2xl flex-col gap-4">
        <Facts
          facts={[
            ['E-mail', user.email],
            ['Name', user.name],
            ['Since', moment(user.createdAt, now)],
            ...Object.entries(user.attributes).map(
              ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)] as const,
            ),
          ]}
        />
        <ActionProblem failure={failure} />
        {isAdmin ? (
          <>
            <div className="flex flex-wrap items-end gap-2">
              <Select label="Role" className="w-64" value={role} options={roleOptions} onChange={setRole} />
              <Button
                unavailable={isBusy || role === user.role}
                onClick={() =>
                  void run(
                    async (api) => await api.updateUser({ params, body: { role } }),
                    `${user.email} is ${role} now.`,
                  )
                }
              >
                Change role
              </Button>
            </div>
            <div>
              <Button
                unavailable={isBusy}
                onClick={() => void run(async (api) => setInvitation((await api.inviteUser({ params })).url))}
              >
                Invite to make a passkey
              </Button>
            </div>
            {invitation === null ? null : <CopyBlock label="Invitation" text={invitation} />}
          </>
        ) : null}
      </div>
    </Section>
  );
}

/** What ends with it, counted. */
function OpenSessions({ user }: { readonly user: User }): ReactNode {
  const limit = 100;
  const open = useRead(
    ['open-sessions', user.id],
    async (api) => await api.listConnections({ query: { user: user.id, state: 'open', limit } }),
  );
  const count = open.data?.items.length;
  if (count === undefined) return 'Their open sessions end now.';
  if (count === 0) return 'They have no open session.';
  const words =
    count === limit
      ? `${limit} or more open sessions`
      : `${count} open ${count === 1 ? 'session' : 'sessions'}`;
  return `${words} of theirs ${count === 1 ? 'ends' : 'end'} now.`;
}

function Suspend({ user }: { readonly user: User }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const me = useStatus().data?.account?.userId ?? null;
  const [isAsking, setAsking] = useState(false);
  if (user.id === me) return null;
  async function set(disabled: boolean): Promise<void> {
    const said = disabled
      ? `${user.email} is suspended: sessions end now.`
      : `${user.email} is active again.`;
    await run(async (api) => await api.updateUser({ params: { id: user.id }, body: { disabled } }), said);
    setAsking(false);
  }
  return (
    <>
      <ActionProblem failure={failure} />
      {user.disabled ? (
        <Button unavailable={isBusy} onClick={() => void set(false)}>
          Make active again
        </Button>
      ) : (
        <Button look="danger" unavailable={isBusy} onClick={() => setAsking(true)}>
          Suspend
        </Button>
      )}
      {isAsking ? (
        <Confirm
          title={`Suspend ${user.email}?`}
          confirmLabel="Suspend"
          isDanger
          isOpen
          onClose={() => setAsking(false)}
          onConfirm={() => void set(true)}
        >
          <OpenSessions user={user} /> Nothing of theirs works until they are active again.
        </Confirm>
      ) : null}
    </>
  );
}
