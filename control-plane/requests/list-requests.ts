import { AppError } from '@daam/shared/errors/app-error';
import { decodeCursor, pageFrom } from '../db/page.ts';
import type { Scope } from '../db/scope.ts';
import type { Call } from '../http/call.ts';
import type { Decider } from './approvers.ts';
import { showRequest } from './present.ts';
import { findRequests } from './request-row.ts';

/** Pages of requests, newest first. */
export async function listRequests(
  scope: Scope,
  person: Decider,
  { scope: which, state, review, limit, after }: Call<'listRequests'>['query'],
) {
  if (which === 'all' && person.role === 'member') {
    throw new AppError('FORBIDDEN', {
      field: 'query.scope',
      message: 'Only auditors and administrators see all requests.',
    });
  }
  const cursor = decodeCursor(after, 2);
  const chosen = { mine, inbox, all: { text: 'true', params: [] } }[which];
  const own = typeof chosen === 'function' ? chosen(person) : chosen;
  const rows = await findRequests(
    scope,
    `${own.text}
      and (?::text is null or r.state = ?)
      and (?::boolean is false or (r.emergency and r.reviewed_at is null))
      and (?::timestamptz is null or (r.created_at, r.id) < (?::timestamptz, ?::uuid))
    order by r.created_at desc, r.id desc limit ?`,
    [
      ...own.params,
      state ?? null,
      state ?? null,
      review === 'due',
      cursor?.[0] ?? null,
      ...(cursor ?? [null, null]),
      limit + 1,
    ],
  );
  return pageFrom(rows, limit, {
    show: (request) => showRequest(request, person),
    cursorOf: (request) => [new Date(request.createdAt).toISOString(), request.id],
  });
}

interface Condition {
  readonly text: string;
  readonly params: readonly unknown[];
}

function mine(person: Decider): Condition {
  return { text: 'r.user_id = ?', params: [person.id] };
}

/** What waits for this person: to be approved, or as an emergency to be reviewed (approvers.ts in SQL). */
function inbox({ id, role, groups }: Decider): Condition {
  return {
    text: `r.user_id <> ? and ? <> 'auditor'
      and (jsonb_exists(r.approvers->'users', ?) or jsonb_exists_any(r.approvers->'groups', ?::text[])
           or ((r.approvers->>'admins')::boolean and ? = 'admin'))
      and ((r.state = 'pending' and not exists (
              select 1 from access_request_approvals a
               where a.org_id = r.org_id and a.request_id = r.id and a.user_id = ?))
           or (r.emergency and r.reviewed_at is null))`,
    params: [id, role, id, groups, role, id],
  };
}
