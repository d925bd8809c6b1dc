import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import {
  type Condition,
  countOf,
  numberOf,
  type RecordFilter,
  type RecordPage,
  type RecordRow,
  recordConditions,
  recordCursor,
  selectRecords,
  showRecord,
  textOf,
  utcText,
  when,
} from './record-query.ts';

export interface ConnectionFilter extends RecordFilter {
  readonly device?: string | undefined;
  readonly path?: string | undefined;
  readonly kind?: string | undefined;
  /** Of sessions: whether their end is known. */
  readonly state?: 'open' | 'ended' | undefined;
}

/** Sessions opened, closed and refused, newest first; an opened one with how it ended. */
export async function listConnections(scope: Scope, filter: ConnectionFilter & RecordPage) {
  const rows = await selectRecords(scope, 'audit_connections', {
    page: filter,
    conditions: [
      ...recordConditions(filter),
      ...when(filter.device, 'device_id = ?'),
      ...when(filter.path, 'path = ?'),
      ...when(filter.kind, 'kind = ?'),
      ...stateConditions(filter.state),
    ],
  });
  const ends = await endsOf(scope, rows);
  return pageFrom(rows, filter.limit, {
    show: (row) => ({
      ...showRecord(row),
      end: row.kind === 'session.opened' ? (ends.get(`${row.agent_id} ${row.session_id}`) ?? null) : null,
    }),
    cursorOf: recordCursor,
  });
}

function stateConditions(state: ConnectionFilter['state']): Condition[] {
  if (state === undefined) return [];
  const hasEnd = `exists (select 1 from audit_connections ended
     where ended.org_id = audit_connections.org_id and ended.session_id = audit_connections.session_id
       and ended.agent_id = audit_connections.agent_id and ended.kind = 'session.closed')`;
  return [
    { sql: "kind = 'session.opened'", values: [] },
    { sql: state === 'open' ? `not ${hasEnd}` : hasEnd, values: [] },
  ];
}

type End = ConnectionView['end'];

async function endsOf(scope: Scope, rows: readonly RecordRow[]): Promise<Map<string, End>> {
  const sessions = rows.filter(({ kind }) => kind === 'session.opened').map(({ session_id }) => session_id);
  if (sessions.length === 0) return new Map();
  const found = await query<(RecordRow & { readonly session_id: string })[]>(
    scope.em,
    `select agent_id, session_id, ${utcText('at')}, event from audit_connections
      where org_id = ? and session_id = any(?::text[]) and kind = 'session.closed'`,
    [scope.org, sessions],
  );
  return new Map(found.map((row) => [`${row.agent_id} ${row.session_id}`, endOf(row)]));
}

function endOf({ at_text, event }: RecordRow): End {
  return {
    at: at_text,
    durationMs: numberOf(event['durationMs']) ?? 0,
    reason: textOf(event['reason']) ?? '',
    statements: countOf(event['statements']),
    rows: countOf(event['rows']),
    bytesIn: countOf(event['bytesIn']),
    bytesOut: countOf(event['bytesOut']),
    refused: countOf(event['refused']),
    masked: countOf(event['masked']),
  };
}
