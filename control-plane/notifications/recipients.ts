import { notificationPreferences } from '@daam/shared/api/routes/notifications';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { mayDecide } from '../requests/approvers.ts';
import type { AccessRequest } from '../requests/request-row.ts';
import type { NotifiedEvent } from './notified-event.ts';

/** Why somebody gets a message. */
export type MailReason = 'mine' | 'inbox' | 'account' | 'subscribed' | 'test';

export interface Recipient {
  readonly user: string;
  readonly reason: MailReason;
}

/** People that one event may be told to. */
const maxRecipients = 200;

/** Events that come with every connection: nobody is told of them one by one. */
const tooMany: ReadonlySet<string> = new Set(['grant.issued', 'certificate.issued']);

/** Whoever hears of an event, each once, for the reason that concerns them most. Nobody hears of what they did. */
export async function recipientsOf(
  scope: Scope,
  event: NotifiedEvent,
  request: AccessRequest | null,
): Promise<readonly Recipient[]> {
  if (tooMany.has(event.type)) return [];
  const found = [
    ...concernedByAccount(event),
    ...(request === null ? [] : await concernedByRequest(scope, event, request)),
    ...(await subscribers(scope, event.type)),
  ];
  const byUser = new Map<string, Recipient>();
  for (const recipient of found) {
    if (recipient.user === event.actor.id && recipient.reason !== 'account') continue;
    if (!byUser.has(recipient.user)) byUser.set(recipient.user, recipient);
  }
  return [...byUser.values()].slice(0, maxRecipients);
}

/** What changes who can act as somebody is always told to them, also when they did it themselves: it may not be them. */
const accountEvents: ReadonlySet<string> = new Set([
  'user.updated',
  'passkey.registered',
  'passkey.endorsed',
  'passkey.revoked',
  'device.registered',
  'device.revoked',
  'api_token.created',
]);

function concernedByAccount({ type, target, detail, after }: NotifiedEvent): readonly Recipient[] {
  if (!accountEvents.has(type)) return [];
  const user = type === 'user.updated' ? target.id : (after?.['user'] ?? detail['user']);
  return typeof user === 'string' ? [{ user, reason: 'account' }] : [];
}

const toRequester: ReadonlySet<string> = new Set([
  'request.approval_given',
  'request.approved',
  'request.activated',
  'request.expired',
  'request.denied',
  'request.revoked',
  'request.commented',
  'request.reviewed',
]);
const toApprovers: ReadonlySet<string> = new Set([
  'request.created',
  'request.break_glass',
  'request.escalated',
]);

async function concernedByRequest(
  scope: Scope,
  { type, actor }: NotifiedEvent,
  request: AccessRequest,
): Promise<readonly Recipient[]> {
  // A window that opens with its approval is one message, not two.
  const isSaidAlready = type === 'request.activated' && actor.kind === 'user';
  const mine =
    toRequester.has(type) && !isSaidAlready ? [{ user: request.requester.id, reason: 'mine' } as const] : [];
  const answers = type === 'request.commented' && actor.id === request.requester.id;
  // An emergency is one message too: not that it was asked for, but that it was opened.
  const isAsked = toApprovers.has(type) && (type === 'request.break_glass') === request.emergency;
  const inbox =
    isAsked || answers
      ? (await approversOf(scope, request)).map((user) => ({ user, reason: 'inbox' }) as const)
      : [];
  return await wanted(scope, [...mine, ...inbox]);
}

async function approversOf(
  scope: Scope,
  { approvers, requester }: AccessRequest,
): Promise<readonly string[]> {
  const rows = await query<{ id: string; role: 'admin' | 'auditor' | 'member'; groups: string[] }[]>(
    scope.em,
    `select u.id, u.role, array(select g.group_id::text from group_members g
                                 where g.org_id = u.org_id and g.user_id = u.id) as groups
       from users u
      where u.org_id = ? and u.disabled_at is null
        and (u.id = any(?::uuid[]) or (?::boolean and u.role = 'admin') or exists (
              select from group_members g where g.org_id = u.org_id and g.user_id = u.id and g.group_id = any(?::uuid[])))
      order by u.id limit ?`,
    [scope.org, approvers.users, approvers.admins, approvers.groups, maxRecipients],
  );
  return rows
    .filter((person) => mayDecide(person, { requester: requester.id, approvers }))
    .map(({ id }) => id);
}

/** Without those who said that they do not want it. */
async function wanted(scope: Scope, recipients: readonly Recipient[]): Promise<readonly Recipient[]> {
  if (recipients.length === 0) return [];
  const rows = await query<{ user_id: string; document: unknown }[]>(
    scope.em,
    'select user_id, document from notification_preferences where org_id = ? and user_id = any(?::uuid[])',
    [scope.org, recipients.map(({ user }) => user)],
  );
  const preferences = new Map(rows.map((row) => [row.user_id, notificationPreferences.parse(row.document)]));
  return recipients.filter(({ user, reason }) => {
    const { requests } = preferences.get(user) ?? notificationPreferences.parse({});
    return reason === 'mine' ? requests.mine : requests.inbox;
  });
}

async function subscribers(scope: Scope, type: string): Promise<readonly Recipient[]> {
  const group = type.split('.')[0] ?? '';
  const rows = await query<{ id: string }[]>(
    scope.em,
    `select u.id from notification_preferences p join users u on u.org_id = p.org_id and u.id = p.user_id
      where p.org_id = ? and jsonb_exists_any(p.document->'events', ?::text[])
        and u.role in ('admin', 'auditor') and u.disabled_at is null
      order by u.id limit ?`,
    [scope.org, ['*', `${group}.*`, type], maxRecipients],
  );
  return rows.map(({ id }) => ({ user: id, reason: 'subscribed' }));
}
