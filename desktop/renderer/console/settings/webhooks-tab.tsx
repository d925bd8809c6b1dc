import type { ApiClient } from '@daam/shared/api/client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
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

type Webhook = Awaited<ReturnType<ApiClient['listWebhooks']>>['items'][number];

/** Where events are sent, and how that went. */
export function WebhooksTab(): ReactNode {
  const webhooks = useRead(['webhooks'], async (api) => await api.listWebhooks());
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <AddWebhook onSecret={setSecret} />
      {secret === null ? null : (
        <div className="max-w-3xl px-4">
          <Notice severity="information" title="The secret is shown once">
            The receiver checks the signature of each message with it.
          </Notice>
          <CopyBlock label="Secret" text={secret} />
        </div>
      )}
      <FetchedContent query={webhooks} what="the webhooks">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No webhook yet">
              Requests, policies, agents and alarms can be told to other systems.
            </Empty>
          ) : (
            items.map((webhook) => <WebhookPart key={webhook.id} webhook={webhook} onSecret={setSecret} />)
          )
        }
      </FetchedContent>
    </>
  );
}

function AddWebhook({ onSecret }: { readonly onSecret: (secret: string) => void }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState('*');
  const isReady = name.trim() !== '' && /^https?:\/\//.test(url) && !isBusy;
  async function add(): Promise<void> {
    const body = {
      name: name.trim(),
      url: url.trim(),
      events: events.split(/[\s,]+/).filter((one) => one !== ''),
    };
    const isDone = await run(
      async (api) => onSecret((await api.createWebhook({ body })).secret),
      `${body.name} added.`,
    );
    if (!isDone) return;
    setName('');
    setUrl('');
  }
  return (
    <Section title="Add a webhook">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void add();
        }}
      >
        <TextField
          label="Name"
          className="w-44"
          maxLength={120}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label="Address"
          type="url"
          placeholder="https://"
          className="w-80"
          value={url}
          onChange={({ target }) => setUrl(target.value)}
        />
        <TextField
          label="Events"
          placeholder="request.* policy.published"
          isData
          className="w-56"
          value={events}
          onChange={({ target }) => setEvents(target.value)}
        />
        <Button type="submit" unavailable={!isReady}>
          Add webhook
        </Button>
      </form>
      <ActionProblem failure={failure} />
    </Section>
  );
}

const stateTones = { pending: 'warn', delivered: 'ok', failed: 'bad' } as const;

function WebhookPart({
  webhook,
  onSecret,
}: {
  readonly webhook: Webhook;
  readonly onSecret: (secret: string) => void;
}): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  const params = { id: webhook.id };
  const deliveries = useRead(
    ['deliveries', webhook.id],
    async (api) => await api.listWebhookDeliveries({ params, query: { limit: 10 } }),
    { every: 5_000 },
  );
  return (
    <Section
      title={webhook.name}
      actions={
        <>
          <Button
            aria-label={`Test ${webhook.name}`}
            unavailable={isBusy}
            onClick={() => void run(async (api) => await api.testWebhook({ params }), 'Test sent.')}
          >
            Test
          </Button>
          <Button
            aria-label={`${webhook.enabled ? 'Switch off' : 'Switch on'} ${webhook.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => await api.updateWebhook({ params, body: { enabled: !webhook.enabled } }),
                'Changed.',
              )
            }
          >
            {webhook.enabled ? 'Switch off' : 'Switch on'}
          </Button>
          <Button
            aria-label={`New secret of ${webhook.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => onSecret((await api.rotateWebhookSecret({ params })).secret),
                'New secret made.',
              )
            }
          >
            New secret
          </Button>
          <Button
            look="danger"
            aria-label={`Remove ${webhook.name}`}
            unavailable={isBusy}
            onClick={() =>
              void run(async (api) => await api.deleteWebhook({ params }), `${webhook.name} removed.`)
            }
          >
            Remove
          </Button>
        </>
      }
    >
      <p className="break-all text-text-2">
        {webhook.enabled ? null : <Chip tone="warn">switched off</Chip>} {webhook.url}:{' '}
        {webhook.events.join(', ')}
      </p>
      <ActionProblem failure={failure} />
      <ul>
        {(deliveries.data?.items ?? []).map((delivery) => (
          <li key={delivery.id} className="flex min-h-8 flex-wrap items-center gap-2 border-b border-border">
            <Chip tone={stateTones[delivery.state]}>{delivery.state}</Chip>
            <span className="font-data">{delivery.event.type}</span>
            <span className="text-12 text-text-2">
              {moment(delivery.createdAt, now)}, {delivery.attempts.length} attempts
              {delivery.attempts.at(-1)?.failure ? `, ${delivery.attempts.at(-1)?.failure ?? ''}` : ''}
            </span>
            {delivery.state === 'failed' ? (
              <Button
                aria-label={`Send again: ${delivery.event.type}`}
                unavailable={isBusy}
                onClick={() =>
                  void run(
                    async (api) =>
                      await api.redeliverWebhook({ params: { ...params, delivery: delivery.id } }),
                    'Sent again.',
                  )
                }
              >
                Send again
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
