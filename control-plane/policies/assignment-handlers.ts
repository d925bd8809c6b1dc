import { isUuid } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { findDatabase } from '../databases/find-database.ts';
import { GroupEntity } from '../db/entities/group.ts';
import { UserEntity } from '../db/entities/user.ts';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import type { Services } from '../services.ts';
import { publishDocument } from './publish.ts';
import { documentInForce } from './revision-store.ts';
import { showPolicies } from './show-policies.ts';

type Names =
  | 'assignPolicyToUser'
  | 'unassignPolicyFromUser'
  | 'assignPolicyToGroup'
  | 'unassignPolicyFromGroup'
  | 'listPolicyAssignments';

/** Assignments one by one. They are part of the document, so that each is a revision of it and its text stays true. */
export function assignmentHandlers({ clock }: Services): Handlers<Names> {
  const change = async (
    { caller, scope, params }: { caller: Person; scope: Scope; params: { database: string; policy: string } },
    { list, name, isAssigned }: { list: 'users' | 'groups'; name: string; isAssigned: boolean },
  ) => {
    const database = await findDatabase(scope, params.database);
    const { document } = await documentInForce(scope, database);
    if (!document.policies.some((policy) => policy.name === params.policy)) {
      throw new AppError('NOT_FOUND', { message: `There is no policy ${params.policy}.` });
    }
    const policies = document.policies.map((policy) => {
      if (policy.name !== params.policy) return policy;
      const others = policy.assign[list].filter((each) => each !== name);
      return { ...policy, assign: { ...policy.assign, [list]: isAssigned ? [...others, name] : others } };
    });
    await publishDocument(scope, {
      caller,
      database,
      source: { document: { ...document, policies } },
      comment: `${params.policy} ${isAssigned ? 'assigned to' : 'taken from'} ${name}`,
      kind: 'assigned',
      now: clock.now(),
    });
    return await showPolicies(scope, database);
  };
  const user = async ({ scope, params }: { scope: Scope; params: { user: string } }) =>
    ({ list: 'users', name: (await findUser(scope, params.user)).email }) as const;
  const group = async ({ scope, params }: { scope: Scope; params: { group: string } }) =>
    ({ list: 'groups', name: (await findGroup(scope, params.group)).name }) as const;
  return {
    assignPolicyToUser: async (call) => await change(call, { ...(await user(call)), isAssigned: true }),
    unassignPolicyFromUser: async (call) => await change(call, { ...(await user(call)), isAssigned: false }),
    assignPolicyToGroup: async (call) => await change(call, { ...(await group(call)), isAssigned: true }),
    unassignPolicyFromGroup: async (call) =>
      await change(call, { ...(await group(call)), isAssigned: false }),
    listPolicyAssignments: async ({ scope, query: asked }) => await listAssignments(scope, asked),
  };
}

/** A user by id or e-mail; NOT_FOUND. */
export async function findUser(scope: Scope, reference: string) {
  const where = isUuid(reference) ? { id: reference } : { email: reference.toLowerCase() };
  const user = await scope.em.findOne(UserEntity, where);
  if (user === null) throw new AppError('NOT_FOUND', { message: 'There is no such user.' });
  return user;
}

/** A group by id or name; NOT_FOUND. */
export async function findGroup(scope: Scope, reference: string) {
  const where = isUuid(reference) ? { id: reference } : { name: reference };
  const group = await scope.em.findOne(GroupEntity, where);
  if (group === null) throw new AppError('NOT_FOUND', { message: 'There is no such group.' });
  return group;
}

interface AssignmentRow {
  readonly id: string;
  readonly database_id: string;
  readonly database: string;
  readonly policy_id: string;
  readonly policy: string;
  readonly version: number;
  readonly user_id: string | null;
  readonly email: string | null;
  readonly group_id: string | null;
  readonly group_name: string | null;
  readonly since: Date | string;
}

interface AssignmentFilter {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

async function listAssignments(scope: Scope, { limit, after, ...filter }: AssignmentFilter) {
  const database = filter.database === undefined ? null : (await findDatabase(scope, filter.database)).id;
  const user = filter.user === undefined ? null : (await findUser(scope, filter.user)).id;
  const group = filter.group === undefined ? null : (await findGroup(scope, filter.group)).id;
  const [last] = decodeCursor(after, 1) ?? [null];
  const rows = await query<AssignmentRow[]>(
    scope.em,
    `select a.id, d.id as database_id, d.name as database, p.id as policy_id, p.name as policy,
            p.current_version as version, u.id as user_id, u.email, g.id as group_id, g.name as group_name,
            a.created_at as since
       from policy_assignments a
       join policies p on p.org_id = a.org_id and p.id = a.policy_id and p.removed_at is null
       join databases d on d.org_id = p.org_id and d.id = p.database_id and d.deleted_at is null
       left join users u on u.org_id = a.org_id and u.id = a.user_id
       left join groups g on g.org_id = a.org_id and g.id = a.group_id
      where a.org_id = ? and (?::uuid is null or d.id = ?::uuid) and (?::uuid is null or a.user_id = ?::uuid)
        and (?::uuid is null or a.group_id = ?::uuid) and (?::uuid is null or a.id > ?::uuid)
      order by a.id limit ?`,
    [scope.org, ...[database, user, group, last].flatMap((value) => [value, value]), limit + 1],
  );
  return pageFrom(rows, limit, {
    show: (row) => ({
      database: { id: row.database_id, name: row.database },
      policy: { id: row.policy_id, name: row.policy, version: row.version },
      user: row.user_id && row.email ? { id: row.user_id, email: row.email } : null,
      group: row.group_id && row.group_name ? { id: row.group_id, name: row.group_name } : null,
      since: new Date(row.since).toISOString(),
    }),
    cursorOf: ({ id }) => [id],
  });
}
