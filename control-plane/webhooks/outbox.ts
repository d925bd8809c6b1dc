import { randomUUID } from 'node:crypto';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** What happened, as the audit tells it (audit/activity.ts). */
export interface OutgoingEvent {
  readonly type: string;
  readonly actor: object;
  readonly target: object;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
}

/** Deliveries that may wait for one webhook; what comes while there are more is not sent to it. */
const maxWaiting = 10_000;

const maxBodyBytes = 64 * 1024;

/** What people wrote for people stays in DAAM: a message says that something happened, and who may look it up there. */
const withheld: ReadonlySet<string> = new Set(['reason', 'note', 'comment', 'ticket', 'signed']);

/**
 * Puts an event into the outbox of the organization's webhooks that want it, in the transaction of what it tells of:
 * it goes out exactly when that has happened. Nothing is written when no webhook wants it.
 */
export async function enqueueEvent(scope: Scope, now: number, event: OutgoingEvent): Promise<void> {
  const group = event.type.split('.')[0] ?? '';
  const webhooks = await query<{ id: string }[]>(
    scope.em,
    `select w.id from webhooks w
      where w.org_id = ? and w.enabled and jsonb_exists_any(w.events, ?::text[])
        and (select count(*) from (select 1 from webhook_deliveries d
              where d.webhook_id = w.id and d.state = 'pending' limit ?) waiting) < ?`,
    [scope.org, ['*', `${group}.*`, event.type], maxWaiting, maxWaiting],
  );
  if (webhooks.length === 0) return;
  const id = await storeEvent(scope, now, event);
  for (const webhook of webhooks) await addDelivery(scope, { webhook: webhook.id, event: id, now });
}

/** Writes an event down as it will be sent. Returns its id. */
export async function storeEvent(scope: Scope, now: number, event: OutgoingEvent): Promise<string> {
  const id = randomUUID();
  await query(scope.em, 'insert into webhook_events (id, org_id, type, at, body) values (?, ?, ?, ?, ?)', [
    id,
    scope.org,
    event.type,
    new Date(now),
    bodyOf(scope.org, { id, now, event }),
  ]);
  return id;
}

/** A delivery that is due at once. Returns its id. */
export async function addDelivery(
  scope: Scope,
  { webhook, event, now }: { readonly webhook: string; readonly event: string; readonly now: number },
): Promise<string> {
  const id = randomUUID();
  const at = new Date(now);
  await query(
    scope.em,
    `insert into webhook_deliveries (id, org_id, webhook_id, event_id, state, next_attempt_at, created_at)
     values (?, ?, ?, ?, 'pending', ?, ?)`,
    [id, scope.org, webhook, event, at, at],
  );
  return id;
}

function bodyOf(
  organization: string,
  { id, now, event }: { readonly id: string; readonly now: number; readonly event: OutgoingEvent },
): string {
  const { type, actor, target, detail, before = null, after = null } = event;
  const message = { id, type, at: new Date(now).toISOString(), organization, actor, target };
  const whole = { detail: withoutTexts(detail), before: withoutTexts(before), after: withoutTexts(after) };
  const body = JSON.stringify({ ...message, ...whole });
  if (Buffer.byteLength(body) <= maxBodyBytes) return body;
  return JSON.stringify({ ...message, detail: null, before: null, after: null });
}

function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !withheld.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutTexts(item)]));
}
