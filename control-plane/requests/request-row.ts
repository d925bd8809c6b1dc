import {
  type RequestApprovers,
  type RequestRouting,
  requestRouting,
  type RequestState,
} from '@daam/shared/api/routes/requests';
import type { TemporaryAccess } from '@daam/shared/policy/temporary-access';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { RequestTimes } from './state.ts';

/** What is asked for, or given. Exactly one of `policy` and `access` is set. */
export interface Terms {
  readonly policy: { readonly id: string; readonly name: string } | null;
  readonly access: TemporaryAccess | null;
  readonly minutes: number;
  /** Milliseconds since the Unix epoch; null: at the approval. */
  readonly startAt: number | null;
}

export interface Named {
  readonly id: string;
  readonly email: string;
}

/** An access request as it is stored, with the names that go with its ids. */
export interface AccessRequest extends RequestTimes {
  readonly id: string;
  readonly requester: Named;
  readonly database: { readonly id: string; readonly name: string };
  readonly asked: Terms;
  readonly granted: Terms;
  readonly reason: string;
  readonly ticket: string | null;
  readonly emergency: boolean;
  readonly approvers: RequestApprovers;
  readonly required: number;
  /** Who may approve as well from `escalatesAt` on. */
  readonly escalation: RequestApprovers | null;
  /** The rule that named them; null: asked before this was kept. */
  readonly routing: RequestRouting | null;
  /** The request that this one goes on from. */
  readonly extends: string | null;
  readonly approvals: readonly { readonly by: Named; readonly at: number; readonly note: string | null }[];
  readonly createdAt: number;
  readonly ended: { readonly by: Named | null; readonly at: number; readonly note: string | null } | null;
  readonly review: {
    readonly by: Named;
    readonly at: number;
    readonly outcome: 'justified' | 'unjustified';
    readonly note: string | null;
  } | null;
  /** The person was disabled or the database removed: nothing may open any more. */
  readonly isOrphaned: boolean;
}

/** PostgreSQL's answer; times are text or dates, as the driver likes. */
type Time = Date | string;

interface Row {
  readonly id: string;
  readonly state: RequestState;
  readonly user: Named;
  readonly database: { readonly id: string; readonly name: string };
  readonly policy: Terms['policy'];
  readonly access: TemporaryAccess | null;
  readonly minutes: number;
  readonly start_at: Time | null;
  readonly granted_policy: Terms['policy'];
  readonly granted_access: TemporaryAccess | null;
  readonly granted_minutes: number;
  readonly granted_start_at: Time | null;
  readonly reason: string;
  readonly ticket: string | null;
  readonly emergency: boolean;
  readonly approvers: RequestApprovers;
  readonly required: number;
  readonly escalates_at: Time | null;
  readonly escalation: RequestApprovers | null;
  readonly extends: string | null;
  readonly routed_by: unknown;
  readonly approvals: readonly { readonly by: Named; readonly at: Time; readonly note: string | null }[];
  readonly created_at: Time;
  readonly pending_until: Time;
  readonly starts_at: Time | null;
  readonly ends_at: Time | null;
  readonly ended_by: Named | null;
  readonly ended_at: Time | null;
  readonly ended_note: string | null;
  readonly reviewed_by: Named | null;
  readonly reviewed_at: Time | null;
  readonly review_outcome: 'justified' | 'unjustified' | null;
  readonly review_note: string | null;
  readonly is_orphaned: boolean;
}

function named(column: string): string {
  return `(select json_build_object('id', x.id, 'email', x.email) from users x
            where x.org_id = r.org_id and x.id = r.${column})`;
}

function policyNamed(column: string): string {
  return `(select json_build_object('id', x.id, 'name', x.name) from policies x
            where x.org_id = r.org_id and x.id = r.${column})`;
}

const select = `
select r.id, r.state, r.access, r.minutes, r.start_at, r.granted_access, r.granted_minutes, r.granted_start_at,
       r.reason, r.ticket, r.emergency, r.approvers, r.required, r.escalates_at, r.escalation, r.extends, r.routed_by, r.created_at, r.pending_until, r.starts_at,
       r.ends_at, r.ended_at, r.ended_note, r.reviewed_at, r.review_outcome, r.review_note,
       json_build_object('id', u.id, 'email', u.email) as "user",
       json_build_object('id', d.id, 'name', d.name) as database,
       u.disabled_at is not null or d.deleted_at is not null as is_orphaned,
       ${policyNamed('policy_id')} as policy, ${policyNamed('granted_policy_id')} as granted_policy,
       ${named('ended_by')} as ended_by, ${named('reviewed_by')} as reviewed_by,
       coalesce((select json_agg(json_build_object(
                   'by', json_build_object('id', x.id, 'email', x.email), 'at', a.at, 'note', a.note) order by a.at)
          from access_request_approvals a join users x on x.org_id = a.org_id and x.id = a.user_id
         where a.org_id = r.org_id and a.request_id = r.id), '[]') as approvals
  from access_requests r
  join users u on u.org_id = r.org_id and u.id = r.user_id
  join databases d on d.org_id = r.org_id and d.id = r.database_id
 where r.org_id = ?`;

/** Requests of the organization; `condition` speaks of the table as `r`. */
export async function findRequests(
  scope: Scope,
  condition: string,
  params: readonly unknown[],
): Promise<readonly AccessRequest[]> {
  const rows = await query<Row[]>(scope.em, `${select} and ${condition}`, [scope.org, ...params]);
  return rows.map(fromRow);
}

/** One request; null when there is none. */
export async function findRequest(scope: Scope, id: string): Promise<AccessRequest | null> {
  return (await findRequests(scope, 'r.id = ?', [id]))[0] ?? null;
}

/** The same, its row locked until the transaction ends. */
export async function lockRequest(scope: Scope, id: string): Promise<AccessRequest | null> {
  await query(scope.em, 'select 1 from access_requests where org_id = ? and id = ? for update', [
    scope.org,
    id,
  ]);
  return await findRequest(scope, id);
}

function fromRow(row: Row): AccessRequest {
  return {
    id: row.id,
    state: row.state,
    requester: row.user,
    database: row.database,
    asked: {
      policy: row.policy,
      access: row.access,
      minutes: row.minutes,
      startAt: optionalTime(row.start_at),
    },
    granted: {
      policy: row.granted_policy,
      access: row.granted_access,
      minutes: row.granted_minutes,
      startAt: optionalTime(row.granted_start_at),
    },
    reason: row.reason,
    ticket: row.ticket,
    emergency: row.emergency,
    approvers: row.approvers,
    required: row.required,
    escalatesAt: optionalTime(row.escalates_at),
    escalation: row.escalation,
    extends: row.extends,
    routing: requestRouting.nullable().parse(row.routed_by),
    approvals: row.approvals.map((approval) => ({ ...approval, at: time(approval.at) })),
    createdAt: time(row.created_at),
    pendingUntil: time(row.pending_until),
    startsAt: optionalTime(row.starts_at),
    endsAt: optionalTime(row.ends_at),
    ended: row.ended_at === null ? null : { by: row.ended_by, at: time(row.ended_at), note: row.ended_note },
    review: reviewOf(row),
    isOrphaned: row.is_orphaned,
  };
}

function reviewOf({ reviewed_by, reviewed_at, review_outcome, review_note }: Row): AccessRequest['review'] {
  if (reviewed_by === null || reviewed_at === null || review_outcome === null) return null;
  return { by: reviewed_by, at: time(reviewed_at), outcome: review_outcome, note: review_note };
}

function time(value: Time): number {
  return new Date(value).getTime();
}

function optionalTime(value: Time | null): number | null {
  return value === null ? null : time(value);
}
