import { type NotificationPreferences, notificationPreferences } from '@daam/shared/api/routes/notifications';
import { AppError } from '@daam/shared/errors/app-error';
import { difference, recordActivity } from '../audit/activity.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { hasPasskey } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import { queueMessage } from './mail-queue.ts';

type Names = 'getNotificationPreferences' | 'putNotificationPreferences' | 'getMailStatus' | 'testMail';

/** What people hear of by mail, and how mail goes. Who hears of what: recipients.ts. */
export function notificationHandlers({ clock, mail }: Services): Handlers<Names> {
  return {
    getNotificationPreferences: async ({ caller, scope }) => await loadPreferences(scope, caller.id),

    putNotificationPreferences: async ({ caller, scope, body }) => {
      if (body.events.length > 0 && caller.role === 'member') {
        throw new AppError('FORBIDDEN', {
          field: 'body.events',
          message: 'Only auditors and administrators may be told of the events of the organization.',
        });
      }
      const now = clock.now();
      const before = await loadPreferences(scope, caller.id);
      await query(
        scope.em,
        `insert into notification_preferences (org_id, user_id, document, changed_at) values (?, ?, ?::jsonb, ?)
           on conflict (org_id, user_id) do update set document = excluded.document, changed_at = excluded.changed_at`,
        [scope.org, caller.id, JSON.stringify(body), new Date(now)],
      );
      const change = difference({ ...before }, { ...body });
      if (Object.keys(change.after).length > 0) {
        await recordActivity(scope, now, {
          action: 'notifications.changed',
          actor: actorOf(caller),
          target: { kind: 'user', id: caller.id, label: caller.email },
          ...change,
        });
      }
      return body;
    },

    getMailStatus: async ({ scope }) => ({
      isConfigured: mail !== null,
      from: mail?.from ?? null,
      ...(await countsOf(scope, clock.now())),
    }),

    testMail: async ({ caller, scope }) => {
      if (mail === null) {
        throw new AppError('UNSUPPORTED', {
          message: 'No mail server is configured.',
          hint: 'Whoever runs the control plane sets mail.host and mail.from.',
        });
      }
      if (!(await hasPasskey(scope, caller.id))) {
        throw new AppError('CONFLICT', {
          message: 'Mail goes to people who have a passkey, and you have none.',
          hint: 'Make one with an invitation: daam-control-plane invite.',
        });
      }
      const message = {
        title: 'A test message',
        facts: [['Asked for by', caller.email]] as [string, string][],
        command: null,
      };
      const now = clock.now();
      const isQueued = await queueMessage(scope, {
        user: caller.id,
        reason: 'test',
        type: 'mail.test',
        message,
        now,
      });
      if (!isQueued)
        throw new AppError('CONFLICT', { message: 'Too many messages wait for you, or came today.' });
      return { to: caller.email };
    },
  };
}

async function loadPreferences(scope: Scope, user: string): Promise<NotificationPreferences> {
  const [row] = await query<{ document: unknown }[]>(
    scope.em,
    'select document from notification_preferences where org_id = ? and user_id = ?',
    [scope.org, user],
  );
  return notificationPreferences.parse(row?.document ?? {});
}

async function countsOf(scope: Scope, now: number) {
  const [row] = await query<{ waiting: number; sent: number; failed: number }[]>(
    scope.em,
    `select count(*) filter (where state = 'pending')::int as waiting,
            count(*) filter (where state = 'sent')::int as sent,
            count(*) filter (where state = 'failed')::int as failed
       from mail_messages where org_id = ? and created_at > ?`,
    [scope.org, new Date(now - 86_400_000)],
  );
  const [last] = await query<{ at: Date | string; failure: string }[]>(
    scope.em,
    `select created_at as at, failure from mail_messages where org_id = ? and failure is not null
      order by created_at desc limit 1`,
    [scope.org],
  );
  return {
    waiting: row?.waiting ?? 0,
    lastDay: { sent: row?.sent ?? 0, failed: row?.failed ?? 0 },
    lastFailure: last === undefined ? null : { at: new Date(last.at).toISOString(), failure: last.failure },
  };
}
