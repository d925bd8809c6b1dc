import type { ServiceAccountView } from '@daam/shared/api/routes/service-accounts';
import type { ServiceScope } from '@daam/shared/api/service-scopes';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CopyBlock } from '../copy-block.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';

const scopes: readonly ServiceScope[] = [
  'audit:read',
  'databases:read',
  'databases:write',
  'people:read',
  'people:write',
  'policies:read',
  'policies:publish',
  'policies:write',
  'requests:read',
  'webhooks:read',
  'webhooks:write',
];

/** Accounts of programs, with tokens that are shown once and rotated. */
export function ServiceAccountsTab(): ReactNode {
  const accounts = useRead(['service-accounts'], async (api) => await api.listServiceAccounts());
  const [token, setToken] = useState<string | null>(null);
  return (
    <>
      <AddAccount onToken={setToken} />
      {token === null ? null : (
        <div className="max-w-3xl px-4">
          <Notice severity="information" title="The token is shown once">
            Keep it where the program reads its secrets.
          </Notice>
          <CopyBlock label="Token" text={token} />
        </div>
      )}
      <FetchedContent query={accounts} what="the service accounts">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No service account yet">For programs that read the audit or apply policies.</Empty>
          ) : (
            items.map((account) => <AccountPart key={account.id} account={account} onToken={setToken} />)
          )
        }
      </FetchedContent>
    </>
  );
}

function AddAccount({ onToken }: { readonly onToken: (token: string) => void }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly ServiceScope[]>(['audit:read']);
  const isReady = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(name) && chosen.length > 0 && !isBusy;
  return (
    <Section title="Add a service account">
      <form
        className="flex max-w-3xl flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          void run(
            async (api) =>
              onToken((await api.createServiceAccount({ body: { name, scopes: [...chosen] } })).token),
            `${name} added.`,
          );
        }}
      >
        <TextField
          label="Name"
          hint="Lower-case letters, digits, hyphens."
          className="w-64"
          maxLength={63}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <fieldset>
          <legend className="font-medium">May</legend>
          <div className="flex flex-wrap gap-x-4">
            {scopes.map((scope) => (
              <Checkbox
                key={scope}
                label={scope}
                checked={chosen.includes(scope)}
                onChange={(on) => setChosen(on ? [...chosen, scope] : chosen.filter((one) => one !== scope))}
              />
            ))}
          </div>
        </fieldset>
        <ActionProblem failure={failure} />
        <div>
          <Button type="submit" unavailable={!isReady}>
            Add service account
          </Button>
        </div>
      </form>
    </Section>
  );
}

function AccountPart({
  account,
  onToken,
}: {
  readonly account: ServiceAccountView;
  readonly onToken: (token: string) => void;
}): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  const params = { id: account.id };
  return (
    <Section
      title={account.name}
      actions={
        <>
          <Button
            aria-label={`New token for ${account.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => onToken((await api.rotateServiceToken({ params, body: {} })).token),
                'New token made; the one before works for another day.',
              )
            }
          >
            New token
          </Button>
          <Button
            aria-label={`${account.disabled ? 'Switch on' : 'Switch off'} ${account.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) =>
                  await api.updateServiceAccount({ params, body: { disabled: !account.disabled } }),
                'Changed.',
              )
            }
          >
            {account.disabled ? 'Switch on' : 'Switch off'}
          </Button>
          <Button
            look="danger"
            aria-label={`Remove ${account.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(async (api) => await api.deleteServiceAccount({ params }), `${account.name} removed.`)
            }
          >
            Remove
          </Button>
        </>
      }
    >
      <p className="flex flex-wrap items-center gap-2 text-text-2">
        <Chip>{account.role}</Chip>
        {account.disabled ? <Chip tone="bad">switched off</Chip> : null}
        {account.scopes.join(', ')}
      </p>
      <ActionProblem failure={failure} />
      <ul>
        {account.tokens.map(({ id, prefix, expiresAt, lastUsedAt }) => (
          <li key={id} className="flex min-h-8 flex-wrap items-center gap-2">
            <span className="font-data">{prefix}…</span>
            <span className="text-12 text-text-2">
              until {moment(expiresAt, now)},{' '}
              {lastUsedAt === null ? 'never used' : `last used ${moment(lastUsedAt, now)}`}
            </span>
            <Button
              look="danger"
              aria-label={`End token ${prefix}`}
              unavailable={isBusy}
              onClick={() =>
                void run(
                  async (api) => await api.revokeServiceToken({ params: { ...params, token: id } }),
                  'Token ended.',
                )
              }
            >
              End token
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
