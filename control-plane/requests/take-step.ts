import type { RequestApprovers } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { type ActivityActor, type ActivityOf, recordActivity } from '../audit/activity.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { bumpEpochs } from '../policies/access-change.ts';
import type { Touch } from './decision-touch.ts';
import { type AccessRequest, findRequests } from './request-row.ts';
import { withApprovers } from './rules.ts';
import { dueAt, nextState, type RequestStep, type RequestTimes } from './state.ts';

/** The schedule, as the audit names it. */
export const scheduleActor: ActivityActor = { kind: 'system', id: null, label: 'schedule' };

const actions: Readonly<Record<RequestStep, ActivityOf<'changed'>>> = {
  approve: 'request.approved',
  deny: 'request.denied',
  start: 'request.activated',
  end: 'request.expired',
  lapse: 'request.expired',
  escalate: 'request.escalated',
  revoke: 'request.revoked',
};

export interface StepTaken {
  readonly step: RequestStep;
  readonly actor: ActivityActor;
  readonly now: number;
  /** Of `approve`. */
  readonly window?: { readonly startsAt: number; readonly endsAt: number };
  /** Of `deny` and `revoke`. */
  readonly note?: string | null;
  /** The passkey's word for it (shared/identity/decision-challenge.ts). */
  readonly signed?: Touch;
  /** Of an `approve` that nobody had to give: the place of the rule that says so, from 1. */
  readonly rule?: number;
  /** Another name than the step's own, for what must stand out in the audit. */
  readonly action?: ActivityOf<'changed'>;
}

/**
 * Takes one step of a locked request: its row, the epoch of its database where somebody gains or loses access, and the
 * audit, in one transaction. CONFLICT when no such step leads from its state. Returns the request as it is then.
 */
export async function takeStep(
  scope: Scope,
  request: AccessRequest,
  taken: StepTaken,
): Promise<AccessRequest> {
  const { step, now, actor, window } = taken;
  const state = nextState(request.state, step);
  if (state === null) throw notFrom(request);
  const times: RequestTimes = {
    state,
    pendingUntil: request.pendingUntil,
    escalatesAt: step === 'escalate' ? null : request.escalatesAt,
    startsAt: window?.startsAt ?? request.startsAt,
    endsAt: window?.endsAt ?? request.endsAt,
  };
  const isEnded = step === 'deny' || step === 'revoke';
  const ended = isEnded
    ? {
        by: actor.kind === 'user' ? { id: actor.id ?? '', email: actor.label } : null,
        at: now,
        note: taken.note ?? null,
      }
    : request.ended;
  const approvers = step === 'escalate' ? escalated(request) : request.approvers;
  const after: AccessRequest = { ...request, ...times, approvers, ended };
  const changed = await query(
    scope.em,
    `update access_requests
        set state = ?, starts_at = ?, ends_at = ?, due_at = ?, escalates_at = ?, approvers = ?::jsonb,
            ended_by = ?, ended_at = ?, ended_note = ?
      where org_id = ? and id = ? and state = ? returning id`,
    [
      state,
      date(times.startsAt),
      date(times.endsAt),
      date(dueAt(times)),
      date(times.escalatesAt),
      JSON.stringify(approvers),
      ended?.by?.id ?? null,
      date(ended?.at ?? null),
      ended?.note ?? null,
      scope.org,
      request.id,
      request.state,
    ],
  );
  if (changed.length === 0) throw notFrom(request);
  if (state === 'active' || request.state === 'active') await bumpEpochs(scope, [request.database.id]);
  await recordActivity(scope, now, {
    action: taken.action ?? actions[step],
    actor,
    target: targetOf(request),
    detail: {
      requester: request.requester,
      database: request.database,
      ...(step === 'approve' ? { asked: request.asked, granted: request.granted } : {}),
      ...(taken.note === undefined || taken.note === null ? {} : { note: taken.note }),
      ...(taken.signed === undefined ? {} : { signed: taken.signed }),
      ...(taken.rule === undefined ? {} : { rule: taken.rule }),
    },
    before: outline(request, step),
    after: outline(after, step),
  });
  return after;
}

/** Ends whatever is not over of a person who was disabled, or on a database that was removed. */
export async function revokeAll(
  scope: Scope,
  of: { readonly user: string } | { readonly database: string },
  { actor, now, note }: { readonly actor: ActivityActor; readonly now: number; readonly note: string },
): Promise<void> {
  const [column, id] = 'user' in of ? ['user_id', of.user] : ['database_id', of.database];
  const open = await findRequests(
    scope,
    `r.${column} = ? and r.state in ('pending', 'approved', 'active') order by r.created_at, r.id for update of r`,
    [id],
  );
  for (const request of open) await takeStep(scope, request, { step: 'revoke', actor, now, note });
}

/** A request as the audit names it. */
export function targetOf(request: Pick<AccessRequest, 'id' | 'requester' | 'database'>) {
  return {
    kind: 'request',
    id: request.id,
    label: `${request.requester.email} on ${request.database.name}`,
  };
}

/** Whoever may approve, and whoever may after so long. */
function escalated({ approvers, escalation }: AccessRequest): RequestApprovers {
  return escalation === null ? approvers : withApprovers(approvers, escalation);
}

function outline({ state, startsAt, endsAt, approvers, escalatesAt }: AccessRequest, step: RequestStep) {
  return {
    state,
    ...(step === 'escalate' ? { approvers, escalatesAt: date(escalatesAt)?.toISOString() ?? null } : {}),
    ...(startsAt === null ? {} : { startsAt: new Date(startsAt).toISOString() }),
    ...(endsAt === null ? {} : { endsAt: new Date(endsAt).toISOString() }),
  };
}

function date(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

function notFrom({ state }: AccessRequest): AppError {
  return new AppError('CONFLICT', {
    message: `The request is ${state} by now.`,
    hint: 'Look at it again: somebody or the clock was quicker.',
  });
}
