import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import type { AllowedAddresses } from './addresses.ts';
import { findDelivery, listDeliveries } from './deliveries.ts';
import { addDelivery, storeEvent } from './outbox.ts';
import { newWebhookSecret, sealWebhookSecret } from './secrets.ts';
import { hostOf } from './send.ts';

type Names =
  | 'listWebhooks'
  | 'createWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'rotateWebhookSecret'
  | 'testWebhook'
  | 'listWebhookDeliveries'
  | 'redeliverWebhook';

/** Webhooks of one organization. */
const maxWebhooks = 20;

/** How long signatures are made with the secret from before, too. */
const oldSecretMs = 86_400_000;

/** Webhooks as administrators keep them. What goes out is outbox.ts, how it goes deliverer.ts. */
export function webhookHandlers({
  clock,
  master,
  webhookAddresses,
}: Pick<Services, 'clock' | 'master' | 'webhookAddresses'>): Handlers<Names> {
  return {
    listWebhooks: async ({ scope }) => ({ items: (await findWebhooks(scope)).map(show) }),

    createWebhook: async ({ caller, scope, body }) => {
      refuseTarget(body.url, webhookAddresses);
      if ((await findWebhooks(scope)).length >= maxWebhooks) {
        throw new AppError('CONFLICT', { message: `An organization has at most ${maxWebhooks} webhooks.` });
      }
      const now = clock.now();
      const id = randomUUID();
      const secret = newWebhookSecret();
      await query(
        scope.em,
        `insert into webhooks (id, org_id, name, url, events, enabled, sealed_secret, master_key_id, created_at)
         values (?, ?, ?, ?, ?::jsonb, true, ?, ?, ?)`,
        [
          id,
          scope.org,
          body.name,
          body.url,
          JSON.stringify(body.events),
          sealWebhookSecret(master, id, secret),
          master.id,
          new Date(now),
        ],
      );
      const webhook = show(await findWebhook(scope, id));
      await recordActivity(scope, now, {
        action: 'webhook.created',
        actor: actorOf(caller),
        target: targetOf(webhook),
        after: outline(webhook),
      });
      return { webhook, secret: secret.reveal() };
    },

    updateWebhook: async ({ caller, scope, params, body }) => {
      const before = show(await findWebhook(scope, params.id));
      if (body.url !== undefined) refuseTarget(body.url, webhookAddresses);
      const after = { ...before, ...defined(body) };
      await query(
        scope.em,
        'update webhooks set name = ?, url = ?, events = ?::jsonb, enabled = ? where org_id = ? and id = ?',
        [after.name, after.url, JSON.stringify(after.events), after.enabled, scope.org, before.id],
      );
      await recordActivity(scope, clock.now(), {
        action: 'webhook.updated',
        actor: actorOf(caller),
        target: targetOf(after),
        before: outline(before),
        after: outline(after),
      });
      return after;
    },

    deleteWebhook: async ({ caller, scope, params }) => {
      const webhook = show(await findWebhook(scope, params.id));
      await query(scope.em, 'delete from webhooks where org_id = ? and id = ?', [scope.org, webhook.id]);
      await recordActivity(scope, clock.now(), {
        action: 'webhook.deleted',
        actor: actorOf(caller),
        target: targetOf(webhook),
        before: outline(webhook),
      });
    },

    rotateWebhookSecret: async ({ caller, scope, params }) => {
      const webhook = await findWebhook(scope, params.id);
      const now = clock.now();
      const secret = newWebhookSecret();
      await query(
        scope.em,
        `update webhooks set old_sealed_secret = sealed_secret, old_until = ?, sealed_secret = ?, master_key_id = ?
          where org_id = ? and id = ?`,
        [
          new Date(now + oldSecretMs),
          sealWebhookSecret(master, webhook.id, secret),
          master.id,
          scope.org,
          webhook.id,
        ],
      );
      await recordActivity(scope, now, {
        action: 'webhook.secret_rotated',
        actor: actorOf(caller),
        target: targetOf(webhook),
      });
      return { secret: secret.reveal() };
    },

    testWebhook: async ({ caller, scope, params }) => {
      const webhook = await findWebhook(scope, params.id);
      const now = clock.now();
      const actor = actorOf(caller);
      const target = targetOf(webhook);
      const event = await storeEvent(scope, now, { type: 'webhook.test', actor, target, detail: {} });
      const delivery = await addDelivery(scope, { webhook: webhook.id, event, now });
      return await findDelivery(scope, { webhook: webhook.id, delivery });
    },

    listWebhookDeliveries: async ({ scope, params, query: asked }) =>
      await listDeliveries(scope, (await findWebhook(scope, params.id)).id, asked),

    redeliverWebhook: async ({ caller, scope, params }) => {
      const webhook = await findWebhook(scope, params.id);
      const sent = await findDelivery(scope, { webhook: webhook.id, delivery: params.delivery });
      const now = clock.now();
      const delivery = await addDelivery(scope, { webhook: webhook.id, event: sent.event.id, now });
      await recordActivity(scope, now, {
        action: 'webhook.redelivered',
        actor: actorOf(caller),
        target: targetOf(webhook),
        detail: { delivery, event: sent.event.id },
      });
      return await findDelivery(scope, { webhook: webhook.id, delivery });
    },
  };
}

interface WebhookRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: string[];
  readonly enabled: boolean;
  readonly created_at: Date | string;
}

async function findWebhooks(scope: Scope, id: string | null = null): Promise<WebhookRow[]> {
  return await query<WebhookRow[]>(
    scope.em,
    `select id, name, url, events, enabled, created_at from webhooks
      where org_id = ? and (?::uuid is null or id = ?::uuid) order by created_at, id`,
    [scope.org, id, id],
  );
}

async function findWebhook(scope: Scope, id: string): Promise<WebhookRow> {
  const [webhook] = await findWebhooks(scope, id);
  if (webhook === undefined) throw new AppError('NOT_FOUND', { message: 'There is no such webhook.' });
  return webhook;
}

function show({ created_at, ...webhook }: WebhookRow) {
  return { ...webhook, createdAt: new Date(created_at).toISOString() };
}

type Shown = ReturnType<typeof show>;

function targetOf({ id, name }: Pick<Shown, 'id' | 'name'>) {
  return { kind: 'webhook', id, label: name };
}

/** Without the path and query of the URL: some receivers keep a secret there. */
function outline({ name, url, events, enabled }: Shown) {
  return { name, origin: new URL(url).origin, events, enabled };
}

function defined<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

/** What can be told from the text alone; names are resolved and looked at when a message goes out (send.ts). */
function refuseTarget(text: string, addresses: AllowedAddresses): void {
  const url = new URL(text);
  const host = hostOf(url);
  const isAddress = isIP(host) !== 0;
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw refusal('must not hold a user name, a password or a fragment');
  }
  const isLocalName = /(^|\.)localhost\.?$/.test(host);
  if ((isAddress && !addresses.mayCall(host)) || (isLocalName && !addresses.mayCall('127.0.0.1'))) {
    throw refusal('is a private address, which the operator of the control plane has not allowed');
  }
  if (url.protocol === 'http:' && isAddress && !addresses.isNamed(host)) throw refusal('must be https');
}

function refusal(reason: string): AppError {
  return new AppError('INVALID_INPUT', { field: 'body.url', message: `body.url: ${reason}.` });
}
