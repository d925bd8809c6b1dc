import { randomUUID } from 'node:crypto';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { findRequest } from '../requests/request-row.ts';
import { type MailMessage, messageAbout } from './message.ts';
import type { NotifiedEvent } from './notified-event.ts';
import { type MailReason, type Recipient, recipientsOf } from './recipients.ts';

/** Messages that may wait for one person; what comes while there are more is not sent to them. */
const maxWaiting = 100;

/**
 * Puts a message to everybody whom an event concerns into the queue, in the transaction of what it tells of: it goes out
 * exactly when that has happened.
 */
export async function enqueueMail(scope: Scope, now: number, event: NotifiedEvent): Promise<void> {
  const { kind, id } = event.target;
  const request = kind === 'request' && id !== null ? await findRequest(scope, id) : null;
  for (const recipient of await recipientsOf(scope, event, request)) {
    const message = messageAbout(event, { reason: recipient.reason, request, at: now });
    await queueMessage(scope, { ...recipient, type: event.type, message, now });
  }
}

/** One message to one person. False when too many wait for them, or when they are no person any more, or a program. */
export async function queueMessage(
  scope: Scope,
  {
    user,
    reason,
    type,
    message,
    now,
  }: Recipient & {
    readonly reason: MailReason;
    readonly type: string;
    readonly message: MailMessage;
    readonly now: number;
  },
): Promise<boolean> {
  const at = new Date(now);
  const added = await query(
    scope.em,
    `insert into mail_messages (id, org_id, user_id, reason, type, event, state, next_attempt_at, created_at)
     select ?::uuid, ?::uuid, ?::uuid, ?, ?, ?::jsonb, 'pending', ?::timestamptz, ?::timestamptz
      where (select count(*) from (select 1 from mail_messages m where m.org_id = ? and m.user_id = ?
               and m.state = 'pending' limit ?) waiting) < ?
        and exists (select from users u where u.org_id = ? and u.id = ? and u.kind = 'person' and u.disabled_at is null)
     returning id`,
    [
      randomUUID(),
      scope.org,
      user,
      reason,
      type,
      JSON.stringify(message),
      at,
      at,
      scope.org,
      user,
      maxWaiting,
      maxWaiting,
      scope.org,
      user,
    ],
  );
  return added.length > 0;
}
