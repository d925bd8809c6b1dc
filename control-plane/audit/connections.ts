import { pageFrom } from '../db/page.ts';
import type { Scope } from '../db/scope.ts';
import {
  type Condition,
  type RecordFilter,
  type RecordPage,
  type RecordRow,
  recordConditions,
  recordCursor,
  selectRecords,
  showRecord,
  when,
} from './record-query.ts';
import { awayAgents, endKey, endsOf, hasEnded } from './session-ends.ts';

export interface ConnectionFilter extends RecordFilter {
  readonly device?: string | undefined;
  readonly path?: string | undefined;
  readonly kind?: string | undefined;
  /** Of sessions: whether their end is known. */
  readonly state?: 'open' | 'ended' | undefined;
}

/**
 * Sessions opened, closed and refused, newest first; an opened one with how it ended, or since when the agent is away that
 * alone knows.
 */
export async function listConnections(scope: Scope, filter: ConnectionFilter & RecordPage, now: number) {
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
  const isOpen = (row: RecordRow): boolean => row.kind === 'session.opened' && !ends.has(endKey(row));
  const open = rows.filter(isOpen).map(({ agent_id }) => agent_id);
  const away = open.length === 0 ? new Map<string, string>() : await awayAgents(scope, open, now);
  return pageFrom(rows, filter.limit, {
    show: (row) => ({
      ...showRecord(row),
      end: row.kind === 'session.opened' ? (ends.get(endKey(row)) ?? null) : null,
      unreachableSince: isOpen(row) ? (away.get(row.agent_id) ?? null) : null,
    }),
    cursorOf: recordCursor,
  });
}

function stateConditions(state: ConnectionFilter['state']): Condition[] {
  if (state === undefined) return [];
  return [
    { sql: "kind = 'session.opened'", values: [] },
    { sql: state === 'open' ? `not ${hasEnded}` : hasEnded, values: [] },
  ];
}
