import { randomUUID } from 'node:crypto';
import type { RequestRouting, RequestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import { mayUse } from '../databases/my-databases.ts';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Call, Person } from '../http/call.ts';
import { actorOf } from '../services.ts';
import { type Decider, mayBreakGlass } from './approvers.ts';
import { requireFreshSignIn } from './fresh-sign-in.ts';
import { type AccessRequest, lockRequest, type Terms } from './request-row.ts';
import { type FittingRule, ruleFor } from './rules.ts';
import { loadSettings } from './settings.ts';
import { dueAt, dueStep, windowOf } from './state.ts';
import { scheduleActor, takeStep, targetOf } from './take-step.ts';
import { readTerms } from './terms.ts';

/** Requests of one person that are not over. */
const maxOpen = 50;

/**
 * Makes a request; an emergency, and what nobody has to approve, is approved and opened in the same transaction, and
 * stands out in the audit.
 */
export async function createRequest(
  scope: Scope,
  { caller, body }: Pick<Call<'createRequest'>, 'caller' | 'body'>,
  { person, now }: { readonly person: Decider; readonly now: number },
): Promise<AccessRequest> {
  const settings = await loadSettings(scope);
  const database = await findVisible(scope, { reference: body.database, caller, settings });
  const terms = await readTerms(scope, body, { database: database.id, settings, now });
  if (body.emergency) {
    refuseEmergency(person, settings, terms);
    await requireFreshSignIn(scope, caller, { freshSignIn: settings.freshSignIn, now });
  }
  const { reason, ticket = null, emergency } = body;
  const asking = { reason, ticket, emergency, extending: null, caller, database, settings, terms, now };
  const { request, rule } = await storeRequest(scope, asking);
  if (emergency) return await breakGlass(scope, request, { caller, now });
  return rule.automatic ? await openByRule(scope, request, { rule, now }) : request;
}

/** Asks for what a request gives now once more, from the end of its window on. Its requester alone may. */
export async function extendRequest(
  scope: Scope,
  from: AccessRequest,
  {
    caller,
    body,
    now,
  }: { readonly caller: Person; readonly body: Call<'extendRequest'>['body']; readonly now: number },
): Promise<AccessRequest> {
  if (from.requester.id !== caller.id) {
    throw new AppError('FORBIDDEN', { message: 'Only its requester asks for more time.' });
  }
  if (from.state !== 'active' || from.endsAt === null || from.endsAt <= now || from.emergency) {
    throw new AppError('CONFLICT', {
      message: from.emergency ? 'An emergency is not extended.' : `The request is ${from.state} by now.`,
      hint: 'Send a new request.',
    });
  }
  await refuseSecondExtension(scope, from);
  const settings = await loadSettings(scope);
  const database = await findDatabase(scope, from.database.id);
  // A policy that was removed meanwhile is not asked for again.
  await readTerms(
    scope,
    { minutes: body.minutes, policy: from.granted.policy?.name, access: from.granted.access ?? undefined },
    { database: database.id, settings, now },
  );
  const terms = { ...from.granted, minutes: body.minutes, startAt: from.endsAt };
  const { reason } = body;
  const { ticket } = from;
  const asking = {
    reason,
    ticket,
    emergency: false,
    extending: from.id,
    caller,
    database,
    settings,
    terms,
    now,
  };
  return (await storeRequest(scope, asking)).request;
}

async function refuseSecondExtension(scope: Scope, { id }: AccessRequest): Promise<void> {
  const open = await query(
    scope.em,
    `select 1 from access_requests
      where org_id = ? and extends = ? and state in ('pending', 'approved', 'active')`,
    [scope.org, id],
  );
  if (open.length === 0) return;
  throw new AppError('CONFLICT', { message: 'You have asked for more time already.' });
}

async function storeRequest(
  scope: Scope,
  asking: NewRequest,
): Promise<{ readonly request: AccessRequest; readonly rule: FittingRule }> {
  const { caller, database, settings, terms, now } = asking;
  await refuseTooMany(scope, caller);
  const fitting = ruleFor(settings, { ...terms, database });
  // More time is somebody's decision: what opened by itself does not stay open by itself.
  const rule =
    asking.extending === null
      ? fitting
      : { ...fitting, automatic: false, required: Math.max(1, fitting.required) };
  const id = await insertRequest(scope, asking, { ...rule, routing: routingOf(rule, fitting) });
  const request = await lockRequest(scope, id);
  if (request === null) throw new AppError('INTERNAL', { detail: 'the request was not stored' });
  await recordActivity(scope, now, {
    action: 'request.created',
    actor: actorOf(caller),
    target: targetOf(request),
    detail: {
      database: request.database,
      asked: request.asked,
      reason: request.reason,
      ticket: request.ticket,
      emergency: request.emergency,
      required: request.required,
      ...(request.extends === null ? {} : { extends: request.extends }),
    },
    after: { state: request.state },
  });
  return { request, rule };
}

/** What the request's approvers came from, kept as it was: rules change. */
function routingOf({ index, conditions, required }: FittingRule, fitting: FittingRule): RequestRouting {
  const moreTime = fitting.automatic && required > 0;
  return { rule: index === null ? null : index + 1, ...conditions, required, moreTime };
}

/** A rule says that nobody has to approve it. */
async function openByRule(
  scope: Scope,
  request: AccessRequest,
  { rule, now }: { readonly rule: FittingRule; readonly now: number },
): Promise<AccessRequest> {
  const approved = await takeStep(scope, request, {
    step: 'approve',
    actor: scheduleActor,
    now,
    window: windowOf(request.granted, now),
    rule: (rule.index ?? 0) + 1,
  });
  return dueStep(approved, now) === 'start'
    ? await takeStep(scope, approved, { step: 'start', actor: scheduleActor, now })
    : approved;
}

async function breakGlass(
  scope: Scope,
  request: AccessRequest,
  { caller, now }: { readonly caller: Person; readonly now: number },
): Promise<AccessRequest> {
  const actor = actorOf(caller);
  const window = windowOf(request.granted, now);
  const approved = await takeStep(scope, request, {
    step: 'approve',
    actor,
    now,
    window,
    action: 'request.break_glass',
  });
  return await takeStep(scope, approved, { step: 'start', actor, now });
}

/** A database that somebody may ask for. The same answer as for a database that does not exist: names are not to be tried out. */
export async function findVisible(
  scope: Scope,
  {
    reference,
    caller,
    settings,
  }: { readonly reference: string; readonly caller: Person; readonly settings: RequestSettings },
): Promise<Database> {
  const database = await findDatabase(scope, reference);
  const isOpen =
    database.discoverable || settings.discoverable === 'all' || settings.discoverable.includes(database.id);
  if (isOpen || caller.role !== 'member' || (await mayUse(scope, caller.id, database.id))) return database;
  throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
}

function refuseEmergency(person: Decider, settings: RequestSettings, terms: Terms): void {
  if (!mayBreakGlass(person, settings)) {
    throw new AppError('FORBIDDEN', {
      message: 'You may not approve your own access, not in an emergency either.',
      hint: 'Send the request without emergency, and ask an approver.',
    });
  }
  const longest = settings.emergency.maxMinutes;
  if (terms.minutes > longest || terms.startAt !== null) {
    throw new AppError('INVALID_INPUT', {
      field: terms.startAt === null ? 'body.minutes' : 'body.startAt',
      message: `An emergency starts now and lasts at most ${longest} minutes.`,
    });
  }
}

async function refuseTooMany(scope: Scope, caller: Person): Promise<void> {
  const [row] = await query<{ count: number }[]>(
    scope.em,
    `select count(*)::int as count from access_requests
      where org_id = ? and user_id = ? and state in ('pending', 'approved', 'active')`,
    [scope.org, caller.id],
  );
  if ((row?.count ?? 0) < maxOpen) return;
  throw new AppError('CONFLICT', {
    message: `You have ${maxOpen} requests that are not over.`,
    hint: 'Revoke those that you need no more.',
  });
}

interface NewRequest {
  readonly reason: string;
  readonly ticket: string | null;
  readonly emergency: boolean;
  /** The request that it goes on from. */
  readonly extending: string | null;
  readonly caller: Person;
  readonly database: Database;
  readonly settings: RequestSettings;
  readonly terms: Terms;
  readonly now: number;
}

async function insertRequest(
  scope: Scope,
  { reason, ticket, emergency, extending, caller, database, settings, terms, now }: NewRequest,
  { approvers, required, escalation, routing }: FittingRule & { readonly routing: RequestRouting },
): Promise<string> {
  const id = randomUUID();
  const lastChance = terms.startAt === null ? Infinity : terms.startAt + terms.minutes * 60_000;
  const pendingUntil = Math.min(now + settings.pendingMinutes * 60_000, lastChance);
  const escalatesAt = escalation === null || emergency ? null : now + escalation.minutes * 60_000;
  const due = dueAt({ state: 'pending', pendingUntil, escalatesAt, startsAt: null, endsAt: null });
  const access = terms.access === null ? null : JSON.stringify(terms.access);
  const startAt = terms.startAt === null ? null : new Date(terms.startAt);
  const asked = [terms.policy?.id ?? null, access, terms.minutes, startAt];
  await query(
    scope.em,
    `insert into access_requests
       (id, org_id, database_id, user_id, state, policy_id, access, minutes, start_at,
        granted_policy_id, granted_access, granted_minutes, granted_start_at,
        reason, ticket, emergency, approvers, required, created_at, pending_until, due_at,
        escalates_at, escalation, extends, routed_by)
     values (?, ?, ?, ?, 'pending', ?, ?::jsonb, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?::jsonb, ?, ?::jsonb)`,
    [
      id,
      scope.org,
      database.id,
      caller.id,
      ...asked,
      ...asked,
      reason,
      ticket,
      emergency,
      JSON.stringify(approvers),
      required,
      new Date(now),
      new Date(pendingUntil),
      new Date(due ?? pendingUntil),
      escalatesAt === null ? null : new Date(escalatesAt),
      escalation === null ? null : JSON.stringify(escalation.approvers),
      extending,
      JSON.stringify(routing),
    ],
  );
  return id;
}
