import { AppError } from '@daam/shared/errors/app-error';
import type { RequestSettings } from '@daam/shared/api/routes/requests';
import type { Role } from '@daam/shared/api/schemas';
import { recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Call, Person } from '../http/call.ts';
import { actorOf } from '../services.ts';
import { type Decider, mayDecide } from './approvers.ts';
import { requireTouch, type Touch } from './decision-touch.ts';
import { type AccessRequest, findRequest, type Terms } from './request-row.ts';
import { ruleFor } from './rules.ts';
import { loadSettings } from './settings.ts';
import { dueStep, windowOf } from './state.ts';
import { takeStep, targetOf } from './take-step.ts';
import { changeTerms, findMore } from './terms.ts';

/** Who decides, and when. */
export interface Deciding {
  readonly caller: Person;
  readonly person: Decider;
  readonly now: number;
  /** The passkey's word for this very decision, verified; absent where the caller brought none. */
  readonly touch?: Touch;
}

type ApprovalBody = Omit<Call<'approveRequest'>['body'], 'note'>;

/**
 * What an approval by this person gives, and where that is more than the request is about to get. Throws where they may
 * not approve it so.
 */
export async function termsOfApproval(
  scope: Scope,
  request: AccessRequest,
  { person, now, body }: Pick<Deciding, 'person' | 'now'> & { readonly body: ApprovalBody },
): Promise<{ readonly granted: Terms; readonly more: string | null }> {
  refuseOwn(request, person, 'approve');
  refuseOver(request, now);
  const settings = await loadSettings(scope);
  const context = { database: request.database.id, settings, now };
  const granted = await changeTerms(scope, { current: request.granted, given: body }, context);
  const more = findMore(granted, request.granted);
  if (more !== null && person.role !== 'admin') {
    throw new AppError('FORBIDDEN', {
      field: `body.${more}`,
      message: 'You may approve what is asked for or less; this is more.',
      hint: 'Ask an administrator to approve more.',
    });
  }
  if (more !== null) await refuseLaxer(scope, request, { person, granted, settings });
  return { granted, more };
}

/** What is given beyond what was asked for has the rule that it would have had if it had been asked for. */
async function refuseLaxer(
  scope: Scope,
  { requester, required, database: { id } }: AccessRequest,
  {
    person,
    granted,
    settings,
  }: { readonly person: Decider; readonly granted: Terms; readonly settings: RequestSettings },
): Promise<void> {
  const rule = ruleFor(settings, { ...granted, database: await findDatabase(scope, id) });
  const mayStill =
    rule.automatic || mayDecide(person, { requester: requester.id, approvers: rule.approvers });
  if (mayStill && rule.required <= required) return;
  throw new AppError('FORBIDDEN', {
    field: 'body',
    message: 'That is more than was asked for, and has other approvers, or more of them.',
    hint: 'Have it asked for by a request of its own.',
  });
}

/** Throws where this person may not deny this request, or may not any more. */
export function refuseDenial(
  request: AccessRequest,
  { person, now }: Pick<Deciding, 'person' | 'now'>,
): void {
  refuseOwn(request, person, 'deny');
  refuseOver(request, now);
}

/**
 * One approval of a locked request, perhaps with other terms. With the last one that is needed the window is set, and
 * opened at once unless it starts later.
 */
export async function approve(
  scope: Scope,
  request: AccessRequest,
  { caller, person, now, touch, body }: Deciding & { readonly body: Call<'approveRequest'>['body'] },
): Promise<AccessRequest> {
  const { granted, more } = await termsOfApproval(scope, request, { person, now, body });
  const settings = await loadSettings(scope);
  await requireTouch(scope, caller, { decision: 'approve', settings, touch, now });
  // Whoever approved before approved less than this.
  if (more !== null) await forgetApprovals(scope, request);
  await storeTerms(scope, request, granted);
  await addApproval(scope, request, { person, now, note: body.note ?? null });
  const current = await reread(scope, request);
  const count = await countApprovals(scope, current);
  const actor = actorOf(caller);
  if (count < request.required) {
    await recordActivity(scope, now, {
      action: 'request.approval_given',
      actor,
      target: targetOf(request),
      detail: { required: request.required, note: body.note ?? null, ...signedBy(touch) },
      before: { given: request.approvals.length, granted: request.granted },
      after: { given: count, granted },
    });
    return current;
  }
  const window = windowOf(granted, now);
  const approved = await takeStep(scope, current, {
    step: 'approve',
    actor,
    now,
    window,
    note: body.note ?? null,
    ...signedBy(touch),
  });
  return dueStep(approved, now) === 'start'
    ? await takeStep(scope, approved, { step: 'start', actor, now })
    : approved;
}

export async function deny(
  scope: Scope,
  request: AccessRequest,
  { caller, person, now, touch, note }: Deciding & { readonly note: string },
): Promise<AccessRequest> {
  refuseDenial(request, { person, now });
  const settings = await loadSettings(scope);
  await requireTouch(scope, caller, { decision: 'deny', settings, touch, now });
  const actor = actorOf(caller);
  return await takeStep(scope, request, { step: 'deny', actor, now, note, ...signedBy(touch) });
}

/** The proof as the audit keeps it: whoever has the passkey's public key can check it again. */
function signedBy(touch: Touch | undefined): { readonly signed?: Touch } {
  return touch === undefined ? {} : { signed: touch };
}

/** Ends it early: the requester, an approver, an administrator. */
export async function revoke(
  scope: Scope,
  request: AccessRequest,
  { caller, person, now, note }: Deciding & { readonly note: string | null },
): Promise<AccessRequest> {
  const isOwn = request.requester.id === person.id;
  if (!isOwn && person.role !== 'admin' && !isApprover(request, person)) throw new AppError('FORBIDDEN');
  return await takeStep(scope, request, { step: 'revoke', actor: actorOf(caller), now, note });
}

/** Looks back at an emergency. */
export async function review(
  scope: Scope,
  request: AccessRequest,
  { caller, person, now, body }: Deciding & { readonly body: Call<'reviewRequest'>['body'] },
): Promise<AccessRequest> {
  refuseOwn(request, person, 'review');
  if (!request.emergency || request.review !== null) {
    throw new AppError('CONFLICT', { message: 'There is nothing to review about this request.' });
  }
  await query(
    scope.em,
    `update access_requests set reviewed_by = ?, reviewed_at = ?, review_outcome = ?, review_note = ?
      where org_id = ? and id = ?`,
    [person.id, new Date(now), body.outcome, body.note, scope.org, request.id],
  );
  await recordActivity(scope, now, {
    action: 'request.reviewed',
    actor: actorOf(caller),
    target: targetOf(request),
    detail: { note: body.note },
    before: { outcome: null },
    after: { outcome: body.outcome },
  });
  return await reread(scope, request);
}

function isApprover({ requester, approvers }: AccessRequest, person: Decider): boolean {
  return mayDecide(person, { requester: requester.id, approvers });
}

function refuseOwn(request: AccessRequest, person: Decider, verb: string): void {
  if (request.requester.id === person.id) {
    throw new AppError('FORBIDDEN', { message: `You cannot ${verb} your own request.` });
  }
  if (!isApprover(request, person)) {
    throw new AppError('FORBIDDEN', { message: `You are not among the approvers of this request.` });
  }
}

/** Also when the clock has not come round to it yet. */
function refuseOver(request: AccessRequest, now: number): void {
  const isLapsed = dueStep(request, now) === 'lapse';
  if (request.state === 'pending' && !isLapsed && !request.isOrphaned) return;
  const state = isLapsed
    ? 'expired'
    : request.isOrphaned
      ? 'for somebody or something that is gone'
      : request.state;
  throw new AppError('CONFLICT', { message: `The request is ${state} by now.` });
}

async function forgetApprovals(scope: Scope, { id }: AccessRequest): Promise<void> {
  await query(scope.em, 'delete from access_request_approvals where org_id = ? and request_id = ?', [
    scope.org,
    id,
  ]);
}

async function storeTerms(scope: Scope, { id }: AccessRequest, terms: Terms): Promise<void> {
  await query(
    scope.em,
    `update access_requests
        set granted_policy_id = ?, granted_access = ?::jsonb, granted_minutes = ?, granted_start_at = ?
      where org_id = ? and id = ?`,
    [
      terms.policy?.id ?? null,
      terms.access === null ? null : JSON.stringify(terms.access),
      terms.minutes,
      terms.startAt === null ? null : new Date(terms.startAt),
      scope.org,
      id,
    ],
  );
}

async function addApproval(
  scope: Scope,
  { id }: AccessRequest,
  { person, now, note }: { readonly person: Decider; readonly now: number; readonly note: string | null },
): Promise<void> {
  const added = await query(
    scope.em,
    `insert into access_request_approvals (request_id, user_id, org_id, at, note) values (?, ?, ?, ?, ?)
       on conflict do nothing returning user_id`,
    [id, person.id, scope.org, new Date(now), note],
  );
  if (added.length === 0) throw new AppError('CONFLICT', { message: 'You approved it already.' });
}

/** Approvals that count today: of people who are still there and still among the approvers. */
async function countApprovals(scope: Scope, { id, requester, approvers }: AccessRequest): Promise<number> {
  const rows = await query<{ id: string; role: Role; groups: string[] }[]>(
    scope.em,
    `select u.id, u.role, coalesce((select json_agg(g.group_id) from group_members g
              where g.org_id = u.org_id and g.user_id = u.id), '[]') as groups
       from access_request_approvals a join users u on u.org_id = a.org_id and u.id = a.user_id
      where a.org_id = ? and a.request_id = ? and u.disabled_at is null`,
    [scope.org, id],
  );
  return rows.filter((person) => mayDecide(person, { requester: requester.id, approvers })).length;
}

async function reread(scope: Scope, { id }: AccessRequest): Promise<AccessRequest> {
  const request = await findRequest(scope, id);
  if (request === null) throw new AppError('NOT_FOUND');
  return request;
}
