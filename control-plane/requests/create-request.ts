import { randomUUID } from 'node:crypto';
import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import { mayUse } from '../databases/my-databases.ts';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Call, Person } from '../http/call.ts';
import { actorOf } from '../services.ts';
import { type Decider, mayBreakGlass, ruleFor } from './approvers.ts';
import { requireFreshSignIn } from './fresh-sign-in.ts';
import { type AccessRequest, lockRequest, type Terms } from './request-row.ts';
import { loadSettings } from './settings.ts';
import { windowOf } from './state.ts';
import { takeStep, targetOf } from './take-step.ts';
import { readTerms } from './terms.ts';

/** Requests of one person that are not over. */
const maxOpen = 50;

/** Makes a request; an emergency is approved and opened in the same transaction, and stands out in the audit. */
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
  await refuseTooMany(scope, caller);
  const id = await insertRequest(scope, { body, caller, database, settings, terms, now });
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
    },
    after: { state: request.state },
  });
  return body.emergency ? await breakGlass(scope, request, { caller, now }) : request;
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

/** The same answer as for a database that does not exist: names are not to be tried out. */
async function findVisible(
  scope: Scope,
  {
    reference,
    caller,
    settings,
  }: { readonly reference: string; readonly caller: Person; readonly settings: RequestSettings },
): Promise<Database> {
  const database = await findDatabase(scope, reference);
  const isOpen = settings.discoverable === 'all' || settings.discoverable.includes(database.id);
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
  readonly body: Call<'createRequest'>['body'];
  readonly caller: Person;
  readonly database: Database;
  readonly settings: RequestSettings;
  readonly terms: Terms;
  readonly now: number;
}

async function insertRequest(
  scope: Scope,
  { body, caller, database, settings, terms, now }: NewRequest,
): Promise<string> {
  const id = randomUUID();
  const { approvers, required } = ruleFor(settings, database.id);
  const lastChance = terms.startAt === null ? Infinity : terms.startAt + terms.minutes * 60_000;
  const pendingUntil = new Date(Math.min(now + settings.pendingMinutes * 60_000, lastChance));
  const access = terms.access === null ? null : JSON.stringify(terms.access);
  const startAt = terms.startAt === null ? null : new Date(terms.startAt);
  const asked = [terms.policy?.id ?? null, access, terms.minutes, startAt];
  await query(
    scope.em,
    `insert into access_requests
       (id, org_id, database_id, user_id, state, policy_id, access, minutes, start_at,
        granted_policy_id, granted_access, granted_minutes, granted_start_at,
        reason, ticket, emergency, approvers, required, created_at, pending_until, due_at)
     values (?, ?, ?, ?, 'pending', ?, ?::jsonb, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?)`,
    [
      id,
      scope.org,
      database.id,
      caller.id,
      ...asked,
      ...asked,
      body.reason,
      body.ticket ?? null,
      body.emergency,
      JSON.stringify(approvers),
      required,
      new Date(now),
      pendingUntil,
      pendingUntil,
    ],
  );
  return id;
}
