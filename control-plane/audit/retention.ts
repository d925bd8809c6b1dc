import type { Retention } from '@daam/shared/api/routes/audit';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { difference, recordActivity } from './activity.ts';

/** How long each class of records is kept. Without a setting: for ever. */
export const retentionClasses = ['connections', 'statements', 'activity'] as const;
export type RetentionClass = (typeof retentionClasses)[number];

export async function readRetention({ em, org }: Scope): Promise<Retention> {
  const rows = await query<{ class: RetentionClass; days: number }[]>(
    em,
    'select class, days from audit_retention where org_id = ?',
    [org],
  );
  const days = new Map(rows.map((row) => [row.class, row.days]));
  return {
    connections: days.get('connections') ?? null,
    statements: days.get('statements') ?? null,
    activity: days.get('activity') ?? null,
  };
}

export function retentionHandlers({ clock }: Services): Handlers<'getAuditRetention' | 'putAuditRetention'> {
  return {
    getAuditRetention: async ({ scope }) => await readRetention(scope),

    putAuditRetention: async ({ caller, scope, body }) => {
      const now = clock.now();
      const before = await readRetention(scope);
      await query(scope.em, 'delete from audit_retention where org_id = ?', [scope.org]);
      for (const name of retentionClasses) {
        const days = body[name];
        if (days === null) continue;
        await query(
          scope.em,
          'insert into audit_retention (org_id, class, days, updated_at) values (?, ?, ?, ?)',
          [scope.org, name, days, new Date(now)],
        );
      }
      const change = difference(before, body);
      if (Object.keys(change.after).length > 0) {
        await recordActivity(scope, now, {
          action: 'audit.retention_changed',
          actor: actorOf(caller),
          target: { kind: 'organization', id: scope.org, label: 'audit retention' },
          ...change,
        });
      }
      return body;
    },
  };
}
