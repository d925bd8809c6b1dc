import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { verifyOrganization } from './verify-store.ts';

type Names = 'listConnections' | 'listStatements' | 'listActivity' | 'verifyAudit';

/** Reading the audit store, newest first, and verifying it. */
export function auditHandlers(_services: Services): Handlers<Names> {
  return {
    listConnections: async ({ scope, query }) => await listRecords(scope, 'audit_connections', query),
    listStatements: async ({ scope, query }) => await listRecords(scope, 'audit_statements', query),
    listActivity: async ({ scope, query }) => await listActivity(scope, query),
    verifyAudit: async ({ scope }) => {
      const chains = await verifyOrganization(scope);
      return { ok: chains.every(({ ok }) => ok), chains };
    },
  };
}

const utc = `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at_text`;

interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

interface RecordFilter extends Page {
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
}

interface RecordRow {
  readonly agent_id: string;
  readonly seq: string;
  readonly at_text: string;
  readonly kind: string;
  readonly database_id: string;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly hash: string;
  readonly event: Record<string, unknown>;
}

async function listRecords(
  scope: Scope,
  table: 'audit_connections' | 'audit_statements',
  filter: RecordFilter,
) {
  const cursor = decodeCursor(filter.after, 3);
  const conditions = [
    ['database_id = ?::uuid', filter.database],
    ['user_id = ?::uuid', filter.user],
    ['session_id = ?', filter.session],
  ].filter(([, value]) => value !== undefined) as [string, string][];
  const filters = conditions.map(([sql]) => `and ${sql}`).join(' ');
  const after = cursor === null ? '' : 'and (at, agent_id, seq) < (?::timestamptz, ?::uuid, ?::bigint)';
  const rows = await query<RecordRow[]>(
    scope.em,
    `select agent_id, seq, ${utc}, kind, database_id, user_id, session_id, hash, event
       from ${table} where org_id = ? ${filters} ${after}
      order by at desc, agent_id desc, seq desc limit ?`,
    [scope.org, ...conditions.map(([, value]) => value), ...(cursor ?? []), filter.limit + 1],
  );
  return pageFrom(rows, filter.limit, {
    show: showRecord,
    cursorOf: (row) => [row.at_text, row.agent_id, row.seq],
  });
}

function showRecord(row: RecordRow) {
  return {
    agent: row.agent_id,
    seq: Number(row.seq),
    at: row.at_text,
    kind: row.kind,
    database: row.database_id,
    user: row.user_id,
    session: row.session_id,
    hash: row.hash,
    event: row.event,
  };
}

interface ActivityRow {
  readonly seq: string;
  readonly at_text: string;
  readonly action: string;
  readonly hash: string;
  readonly event: {
    readonly actor: {
      readonly kind: 'user' | 'agent' | 'system';
      readonly id: string | null;
      readonly label: string;
    };
    readonly target: { readonly kind: string; readonly id: string | null; readonly label: string };
    readonly detail: Record<string, unknown>;
  };
}

async function listActivity(scope: Scope, { limit, after }: Page) {
  const before = decodeCursor(after, 1)?.[0] ?? null;
  const rows = await query<ActivityRow[]>(
    scope.em,
    `select seq, ${utc}, action, hash, event from audit_activity
      where org_id = ? and (?::bigint is null or seq < ?::bigint) order by seq desc limit ?`,
    [scope.org, before, before, limit + 1],
  );
  return pageFrom(rows, limit, {
    show: ({ seq, at_text, action, hash, event }) => ({
      seq: Number(seq),
      at: at_text,
      action,
      hash,
      actor: event.actor,
      target: event.target,
      detail: event.detail,
    }),
    cursorOf: ({ seq }) => [seq],
  });
}
