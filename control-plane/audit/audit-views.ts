import { auditViews } from '@daam/shared/api/routes/audit';
import { query } from '../db/query.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';

/** The questions to the audit that somebody keeps: their own alone, read and written as a whole. */
export function auditViewHandlers({ clock }: Services): Handlers<'getAuditViews' | 'putAuditViews'> {
  return {
    getAuditViews: async ({ caller, scope }) => {
      const [row] = await query<{ document: unknown }[]>(
        scope.em,
        'select document from audit_views where org_id = ? and user_id = ?',
        [scope.org, caller.id],
      );
      // Of an older version: what it kept is no more than convenience.
      return auditViews.safeParse(row?.document).data ?? { views: [] };
    },

    putAuditViews: async ({ caller, scope, body }) => {
      await query(
        scope.em,
        `insert into audit_views (org_id, user_id, document, changed_at) values (?, ?, ?::jsonb, ?)
           on conflict (org_id, user_id) do update set document = excluded.document, changed_at = excluded.changed_at`,
        [scope.org, caller.id, JSON.stringify(body), new Date(clock.now())],
      );
      return body;
    },
  };
}
