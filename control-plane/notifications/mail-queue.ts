import { randomUUID } from 'node:crypto';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { findRequest } from '../requests/request-row.ts';
import { type MailMessage, messageAbout } from './message.ts';
import type { NotifiedEvent } from './notified-event.ts';
import { type MailReason, type Recipient, recipientsOf } from './recipients.ts';

/** Messages that may wait for one person; what comes while there are more is not sent to them. */
const maxWaiting = 100;

/** News that may wait for an organization; what concerns accounts is not kept back by it. */
export const maxNewsWaiting = 1_000;

/**
 * Messages that are queued within a day. The mail server is the operator's, whoever an organization's administrators send
 * mail to: neither many messages to one address nor many addresses. What concerns an account has ceilings of its own, so that
 * news cannot keep it back.
 */
export const dailyCeilings = {
  account: { person: 40, organization: 2_000 },
  news: { person: 100, organization: 2_000 },
} as const;

const dayMs = 86_400_000;

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

/**
 * One message to one person. False when too many wait for them or were queued today, when they have no passkey, or when
 * they are no person any more, or a program. An address that nobody enrolled with is one that an administrator wrote, and
 * gets nothing; who lost the last passkey is still told so.
 */
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
  const isAccount = reason === 'account';
  const { person, organization } = dailyCeilings[isAccount ? 'account' : 'news'];
  const since = new Date(now - dayMs);
  const added = await query(
    scope.em,
    `insert into mail_messages (id, org_id, user_id, reason, type, event, state, next_attempt_at, created_at)
     select ?::uuid, u.org_id, u.id, ?, ?, ?::jsonb, 'pending', ?::timestamptz, ?::timestamptz
       from users u
      where u.org_id = ? and u.id = ? and u.kind = 'person' and u.disabled_at is null
        and exists (select from passkeys p where p.org_id = u.org_id and p.user_id = u.id
               and (?::boolean or (p.revoked_at is null and not p.is_held)))
        and (select count(*) from (select 1 from mail_messages m where m.org_id = u.org_id and m.user_id = u.id
               and m.state = 'pending' and (m.reason = 'account') = ?::boolean limit ?) waiting) < ?
        and (?::boolean or (select count(*) from (select 1 from mail_messages m where m.org_id = u.org_id
               and m.reason <> 'account' and m.state = 'pending' limit ?) news) < ?)
        and (select count(*) from (select 1 from mail_messages m where m.org_id = u.org_id and m.user_id = u.id
               and (m.reason = 'account') = ?::boolean and m.created_at > ? limit ?) theirs) < ?
        and (select count(*) from (select 1 from mail_messages m where m.org_id = u.org_id
               and (m.reason = 'account') = ?::boolean and m.created_at > ? limit ?) of_all) < ?
     returning id`,
    [
      randomUUID(),
      reason,
      type,
      JSON.stringify(message),
      at,
      at,
      scope.org,
      user,
      isAccount,
      isAccount,
      maxWaiting,
      maxWaiting,
      isAccount,
      maxNewsWaiting,
      maxNewsWaiting,
      isAccount,
      since,
      person,
      person,
      isAccount,
      since,
      organization,
      organization,
    ],
  );
  return added.length > 0;
}
