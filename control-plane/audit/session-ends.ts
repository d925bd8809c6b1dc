import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { AgentEntity } from '../db/entities/agent.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { visibleState } from '../agents/serving-agent.ts';
import { countOf, numberOf, type RecordRow, textOf, utcText } from './record-query.ts';

/**
 * How sessions ended, as their own agent's chain tells: by `session.closed`, or, where the agent's process died before it could
 * write that, by the next `agent.started`. Both are records of the agent’s chain, so every replica and
 * every export comes to the same answer, and nothing has to be closed by anybody.
 */
export type End = ConnectionView['end'];

/** The reason of a session whose agent's process ended before it did. */
export const agentRestarted = 'AGENT_RESTARTED';

/** SQL: whether the session that a row of `audit_connections` opened has ended. */
export const hasEnded = `(exists (select 1 from audit_connections ended
     where ended.org_id = audit_connections.org_id and ended.session_id = audit_connections.session_id
       and ended.agent_id = audit_connections.agent_id and ended.kind = 'session.closed')
   or exists (select 1 from audit_connections started
     where started.org_id = audit_connections.org_id and started.agent_id = audit_connections.agent_id
       and started.kind = 'agent.started' and started.seq > audit_connections.seq))`;

/** The ends of those rows that opened a session, by `endKey`. */
export async function endsOf(scope: Scope, rows: readonly RecordRow[]): Promise<ReadonlyMap<string, End>> {
  const opened = rows.filter(({ kind }) => kind === 'session.opened');
  if (opened.length === 0) return new Map();
  const closed = await query<RecordRow[]>(
    scope.em,
    `select agent_id, session_id, ${utcText('at')}, event from audit_connections
      where org_id = ? and session_id = any(?::text[]) and kind = 'session.closed'`,
    [scope.org, opened.map(({ session_id }) => session_id)],
  );
  const ends = new Map<string, End>(closed.map((row) => [endKey(row), closedEnd(row)]));
  const unclosed = opened.filter((row) => !ends.has(endKey(row)));
  const lost = await restartsAfter(scope, unclosed);
  return new Map([...lost, ...ends]);
}

/** Only what its own agent says about a session counts. */
export function endKey({ agent_id, session_id }: Pick<RecordRow, 'agent_id' | 'session_id'>): string {
  return `${agent_id} ${session_id}`;
}

async function restartsAfter(scope: Scope, rows: readonly RecordRow[]): Promise<[string, End][]> {
  if (rows.length === 0) return [];
  const found = await query<{ place: string; at_text: string }[]>(
    scope.em,
    `select opened.place, started.at_text
       from unnest(?::uuid[], ?::bigint[]) with ordinality opened(agent, seq, place)
       cross join lateral (
         select ${utcText('at')} from audit_connections
          where org_id = ? and agent_id = opened.agent and kind = 'agent.started' and seq > opened.seq
          order by seq limit 1) started`,
    [rows.map(({ agent_id }) => agent_id), rows.map(({ seq }) => seq), scope.org],
  );
  return found.flatMap(({ place, at_text }) => {
    const row = rows[Number(place) - 1];
    return row === undefined ? [] : [[endKey(row), restartedEnd(row, at_text)] as [string, End]];
  });
}

/** What it did is not counted anywhere: only its statements are there. */
function restartedEnd(opened: RecordRow, at: string): End {
  const durationMs = Math.max(0, Date.parse(at) - Date.parse(opened.at_text));
  const counts = { statements: null, rows: null, bytesIn: null, bytesOut: null, refused: null, masked: null };
  return { at, durationMs, reason: agentRestarted, ...counts };
}

function closedEnd({ at_text, event }: RecordRow): End {
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

/** Of those agents the ones that are away, with when each was heard of last. */
export async function awayAgents(
  scope: Scope,
  ids: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, string>> {
  const agents = await scope.em.find(AgentEntity, { id: { $in: [...new Set(ids)] } });
  return new Map(
    agents
      .filter((agent) => ['disconnected', 'revoked'].includes(visibleState(agent, now)))
      .map((agent) => [agent.id, (agent.lastSeenAt ?? agent.createdAt).toISOString()]),
  );
}
