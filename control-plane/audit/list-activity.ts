import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { type Condition, type RecordPage, utcText, when } from './record-query.ts';

export interface ActivityFilter {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly actor?: string | undefined;
  /** An action, or the beginning of several: `user.` */
  readonly action?: string | undefined;
  /** Id of what it was done to. */
  readonly target?: string | undefined;
}

type Changed = Record<string, unknown> | null;

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
    readonly before?: Changed;
    readonly after?: Changed;
  };
}

/** The conditions of a filter. JSON with an escaped NUL cannot be looked into: PostgreSQL refuses. */
export function activityConditions(filter: ActivityFilter): Condition[] {
  return [
    ...when(filter.from, 'at >= ?::timestamptz'),
    ...when(filter.until, 'at < ?::timestamptz'),
    ...when(filter.actor, 'actor_id = ?::uuid'),
    ...when(filter.action, 'starts_with(action, ?)'),
    ...when(
      filter.target,
      `case when strpos(event::text, '\\u0000') = 0 then event #>> '{target,id}' end = ?`,
    ),
  ];
}

/** What was done in the control plane, newest first. */
export async function listActivity(scope: Scope, filter: ActivityFilter & RecordPage) {
  const before = decodeCursor(filter.after, 1);
  const isOldest = filter.order === 'oldest';
  const conditions: Condition[] = [
    { sql: 'org_id = ?', values: [scope.org] },
    ...activityConditions(filter),
    ...(before === null ? [] : [{ sql: `seq ${isOldest ? '>' : '<'} ?::bigint`, values: before }]),
  ];
  const rows = await query<ActivityRow[]>(
    scope.em,
    `select seq, ${utcText('at')}, action, hash, event from audit_activity
      where ${conditions.map(({ sql }) => sql).join(' and ')} order by seq ${isOldest ? 'asc' : 'desc'} limit ?`,
    [...conditions.flatMap(({ values }) => values), filter.limit + 1],
  );
  return pageFrom(rows, filter.limit, {
    show: ({ seq, at_text, action, hash, event }) => ({
      seq: Number(seq),
      at: at_text,
      action,
      hash,
      actor: event.actor,
      target: event.target,
      detail: event.detail,
      before: event.before ?? null,
      after: event.after ?? null,
    }),
    cursorOf: ({ seq }) => [seq],
  });
}
