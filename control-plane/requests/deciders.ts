import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Person } from '../http/call.ts';
import { type Decider, mayDecide } from './approvers.ts';
import type { AccessRequest } from './request-row.ts';

/** A person with the groups that they are in now. */
export async function deciderOf(scope: Scope, { id, role }: Pick<Person, 'id' | 'role'>): Promise<Decider> {
  const rows = await query<{ group_id: string }[]>(
    scope.em,
    'select group_id from group_members where org_id = ? and user_id = ?',
    [scope.org, id],
  );
  return { id, role, groups: rows.map(({ group_id }) => group_id) };
}

/** A request for those whom it concerns; NOT_FOUND for everybody else. */
export function visible(request: AccessRequest | null, person: Decider): AccessRequest {
  if (request !== null) {
    const { requester, approvers } = request;
    const isConcerned = requester.id === person.id || person.role !== 'member';
    if (isConcerned || mayDecide(person, { requester: requester.id, approvers })) return request;
  }
  throw new AppError('NOT_FOUND', { message: 'There is no such request.' });
}
