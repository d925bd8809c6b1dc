import type { RequestApprovers, WhoApproves } from '@daam/shared/api/routes/requests';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { type Decider, mayDecide } from './approvers.ts';
import type { FittingRule } from './rules.ts';

/** Somebody who could approve, as far as it matters here. */
export type Candidate = Decider & { readonly email: string };

/** People that an answer names; the others are counted. */
const maxNamed = 20;

/** Who would approve under a rule, of these people; `requester` is left out. */
export function whoApproves(
  { approvers, required, automatic, escalation }: FittingRule,
  candidates: readonly Candidate[],
  requester: string | null,
): WhoApproves {
  const named = (of: RequestApprovers) => {
    const people = candidates.filter((one) => mayDecide(one, { requester: requester ?? '', approvers: of }));
    return {
      people: people.slice(0, maxNamed).map(({ id, email }) => ({ id, email })),
      total: people.length,
    };
  };
  return {
    ...(automatic ? { people: [], total: 0 } : named(approvers)),
    automatic,
    required,
    escalation:
      automatic || escalation === null
        ? null
        : { minutes: escalation.minutes, ...named(escalation.approvers) },
  };
}

/** Everybody whom a rule lets approve, before or after its escalation; no service account, nobody who is disabled. */
export async function candidatesOf(
  scope: Scope,
  { approvers, escalation }: Pick<FittingRule, 'approvers' | 'escalation'>,
): Promise<readonly Candidate[]> {
  const all = [approvers, ...(escalation === null ? [] : [escalation.approvers])];
  return await query<Candidate[]>(
    scope.em,
    `select u.id, u.email, u.role, array(select g.group_id::text from group_members g
                                         where g.org_id = u.org_id and g.user_id = u.id) as groups
       from users u
      where u.org_id = ? and u.disabled_at is null and u.kind = 'person' and u.role <> 'auditor'
        and (u.id = any(?::uuid[]) or (?::boolean and u.role = 'admin') or exists (
              select from group_members g where g.org_id = u.org_id and g.user_id = u.id and g.group_id = any(?::uuid[])))
      order by u.email`,
    [
      scope.org,
      all.flatMap(({ users }) => users),
      all.some(({ admins }) => admins),
      all.flatMap(({ groups }) => groups),
    ],
  );
}
