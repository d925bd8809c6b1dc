import { randomUUID } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { createRequest, extendRequest } from './create-request.ts';
import { deciderOf, visible } from './deciders.ts';
import { approve, type Deciding, deny, review, revoke } from './decide.ts';
import { requireFreshSignIn } from './fresh-sign-in.ts';
import { listRequests } from './list-requests.ts';
import { showRequest } from './present.ts';
import { checkRequestRules, previewRequest } from './preview-request.ts';
import { type AccessRequest, findRequest, lockRequest } from './request-row.ts';
import { loadSettings, saveSettings } from './settings.ts';
import { targetOf } from './take-step.ts';

type Names =
  | 'createRequest'
  | 'previewRequest'
  | 'extendRequest'
  | 'listRequests'
  | 'getRequest'
  | 'approveRequest'
  | 'denyRequest'
  | 'revokeRequest'
  | 'commentOnRequest'
  | 'reviewRequest'
  | 'getRequestSettings'
  | 'checkRequestRules'
  | 'putRequestSettings';

/** Comments that a request may have. */
const maxComments = 200;

/**
 * Access requests. A request's life is in state.ts, who may decide in approvers.ts, what is asked for in terms.ts; the
 * clock's part is schedule.ts, and what an open window gives is policies/temporary-access.ts.
 */
export function requestHandlers({ clock, events }: Services): Handlers<Names> {
  const deciding = async (scope: Scope, caller: Person): Promise<Deciding> => ({
    caller,
    person: await deciderOf(scope, caller),
    now: clock.now(),
  });
  return {
    createRequest: async (call) => {
      const { person, now } = await deciding(call.scope, call.caller);
      const request = await createRequest(call.scope, call, { person, now });
      if (request.emergency)
        events.emergencyOpened(request.id, { user: person.id, database: request.database.id });
      return showRequest(request, person);
    },

    previewRequest: async ({ scope, ...call }) => await previewRequest(scope, call, clock.now()),

    extendRequest: async ({ caller, scope, params, body }) => {
      const { person, now } = await deciding(scope, caller);
      const from = visible(await lockRequest(scope, params.id), person);
      return showRequest(await extendRequest(scope, from, { caller, body, now }), person);
    },

    listRequests: async ({ caller, scope, query: asked }) =>
      await listRequests(scope, await deciderOf(scope, caller), asked),

    getRequest: async ({ caller, scope, params }) => {
      const person = await deciderOf(scope, caller);
      const request = visible(await findRequest(scope, params.id), person);
      return { ...showRequest(request, person), comments: await commentsOf(scope, request) };
    },

    approveRequest: async ({ caller, scope, params, body }) => {
      const by = await deciding(scope, caller);
      const request = visible(await lockRequest(scope, params.id), by.person);
      return showRequest(await approve(scope, request, { ...by, body }), by.person);
    },

    denyRequest: async ({ caller, scope, params, body }) => {
      const by = await deciding(scope, caller);
      const request = visible(await lockRequest(scope, params.id), by.person);
      return showRequest(await deny(scope, request, { ...by, note: body.note }), by.person);
    },

    revokeRequest: async ({ caller, scope, params, body }) => {
      const by = await deciding(scope, caller);
      const request = visible(await lockRequest(scope, params.id), by.person);
      return showRequest(await revoke(scope, request, { ...by, note: body.note ?? null }), by.person);
    },

    commentOnRequest: async ({ caller, scope, params, body }) => {
      const by = await deciding(scope, caller);
      const request = visible(await lockRequest(scope, params.id), by.person);
      return await comment(scope, request, { ...by, text: body.text });
    },

    reviewRequest: async ({ caller, scope, params, body }) => {
      const by = await deciding(scope, caller);
      const request = visible(await lockRequest(scope, params.id), by.person);
      return showRequest(await review(scope, request, { ...by, body }), by.person);
    },

    getRequestSettings: async ({ scope }) => await loadSettings(scope),

    checkRequestRules: async ({ scope, body }) => await checkRequestRules(scope, { body }, clock.now()),

    putRequestSettings: async ({ caller, scope, body }) => {
      const now = clock.now();
      const before = await loadSettings(scope);
      await requireFreshSignIn(scope, caller, { freshSignIn: before.freshSignIn, now });
      await saveSettings(scope, body, now);
      await recordActivity(scope, now, {
        action: 'request_settings.changed',
        actor: actorOf(caller),
        target: { kind: 'organization', id: scope.org, label: 'request settings' },
        before,
        after: body,
      });
      return body;
    },
  };
}

async function comment(
  scope: Scope,
  request: AccessRequest,
  { caller, person, now, text }: Deciding & { readonly text: string },
) {
  if (person.role === 'auditor' && request.requester.id !== person.id) throw new AppError('FORBIDDEN');
  const [row] = await query<{ count: number }[]>(
    scope.em,
    'select count(*)::int as count from access_request_comments where org_id = ? and request_id = ?',
    [scope.org, request.id],
  );
  if ((row?.count ?? 0) >= maxComments) {
    throw new AppError('CONFLICT', { message: `A request has at most ${maxComments} comments.` });
  }
  const id = randomUUID();
  await query(
    scope.em,
    'insert into access_request_comments (id, request_id, user_id, org_id, at, text) values (?, ?, ?, ?, ?, ?)',
    [id, request.id, person.id, scope.org, new Date(now), text],
  );
  await recordActivity(scope, now, {
    action: 'request.commented',
    actor: actorOf(caller),
    target: targetOf(request),
    detail: { comment: id },
  });
  return { id, by: { id: person.id, email: caller.email }, at: new Date(now).toISOString(), text };
}

async function commentsOf(scope: Scope, request: AccessRequest) {
  const rows = await query<{ id: string; user_id: string; email: string; at: Date | string; text: string }[]>(
    scope.em,
    `select c.id, c.user_id, u.email, c.at, c.text
       from access_request_comments c join users u on u.org_id = c.org_id and u.id = c.user_id
      where c.org_id = ? and c.request_id = ? order by c.number`,
    [scope.org, request.id],
  );
  return rows.map(({ id, user_id, email, at, text }) => ({
    id,
    by: { id: user_id, email },
    at: new Date(at).toISOString(),
    text,
  }));
}
