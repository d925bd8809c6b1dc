import { toAppError } from '@daam/shared/errors/app-error';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Facts, Section } from '../ui/page.tsx';
import { FetchedContent } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { MailSection } from './mail-section.tsx';

/** Who is signed in here, and the devices that may act for them. */
export function AccountSection(): ReactNode {
  const now = useNow();
  const account = useStatus().data?.account ?? null;
  return (
    <>
      <Section title="Account">
        {account === null ? (
          <p>
            Nobody is signed in.{' '}
            <a href="#/welcome" className="text-accent underline">
              Sign in
            </a>
          </p>
        ) : (
          <Facts
            facts={[
              ['E-mail', account.email],
              ['Organization', account.organization ?? 'Not known'],
              ['Role', account.role ?? 'Not known'],
              ['Signed in with', account.signedInWith === 'passkey' ? 'A passkey' : 'A token'],
              ['Sign-in ends', account.endsAt === null ? 'It renews itself' : moment(account.endsAt, now)],
              ['This device', account.deviceName ?? 'Not known'],
            ]}
          />
        )}
      </Section>
      {account === null ? null : <Devices />}
      {account === null ? null : (
        <MailSection mayHearEvents={account.role === 'admin' || account.role === 'auditor'} />
      )}
    </>
  );
}

function Devices(): ReactNode {
  const now = useNow();
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const devices = useQuery({ queryKey: [apiKey, 'devices'], queryFn: () => api.listDevices() });
  const [removed, setRemoved] = useState<{ readonly id: string; readonly name: string } | null>(null);
  async function remove(id: string): Promise<void> {
    setRemoved(null);
    try {
      await api.revokeDevice({ params: { id } });
      announce('The device was signed out.');
      await queries.invalidateQueries({ queryKey: [apiKey, 'devices'] });
    } catch (thrown) {
      announce(toAppError(thrown).message);
    }
  }
  return (
    <Section title="Devices">
      <FetchedContent query={devices} what="your devices">
        {({ items }) => (
          <DataTable
            label="Devices"
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              {
                id: 'name',
                header: 'Device',
                render: ({ name, isCurrent }) => (
                  <span className="flex flex-wrap items-center gap-2">
                    <span className="min-w-0 wrap-anywhere">{name}</span>
                    {isCurrent ? <Chip tone="ok">this one</Chip> : null}
                  </span>
                ),
              },
              { id: 'os', header: 'System', render: ({ os }) => os },
              {
                id: 'used',
                header: 'Last used',
                className: 'wide:whitespace-nowrap',
                render: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : moment(lastUsedAt, now)),
              },
              {
                id: 'do',
                header: 'Action',
                render: ({ id, name, revokedAt }) =>
                  revokedAt === null ? (
                    <Button aria-label={`Sign out ${name}`} onClick={() => setRemoved({ id, name })}>
                      Sign out
                    </Button>
                  ) : (
                    <Chip>signed out</Chip>
                  ),
              },
            ]}
          />
        )}
      </FetchedContent>
      <Confirm
        title={`Sign out ${removed?.name ?? ''}?`}
        confirmLabel="Sign out"
        isDanger
        isOpen={removed !== null}
        onClose={() => setRemoved(null)}
        onConfirm={() => {
          if (removed !== null) void remove(removed.id);
        }}
      >
        Its connections close at once, and it has to be enrolled again.
      </Confirm>
    </Section>
  );
}
