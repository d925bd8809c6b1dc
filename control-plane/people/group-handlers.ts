import { randomUUID } from 'node:crypto';
import type { groupView } from '@daam/shared/api/routes/people';
import { AppError } from '@daam/shared/errors/app-error';
import { difference, recordActivity } from '../audit/activity.ts';
import { type Group, GroupEntity, GroupMemberEntity } from '../db/entities/group.ts';
import { UserEntity } from '../db/entities/user.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { bumpEpochs, databasesOfGroup } from '../policies/access-change.ts';
import { actorOf, type Services } from '../services.ts';
import { refuseRolesByPrograms } from './handlers.ts';
import type { z } from 'zod';

type GroupView = z.input<typeof groupView>;
type Names =
  | 'listGroups'
  | 'createGroup'
  | 'renameGroup'
  | 'deleteGroup'
  | 'addGroupMember'
  | 'removeGroupMember';

/** Groups. Who is in one decides what they may do: every change of it reaches the agents at commit. */
export function groupHandlers({ clock }: Services): Handlers<Names> {
  return {
    listGroups: async ({ scope }) => {
      const groups = await scope.em.find(GroupEntity, {}, { orderBy: { name: 'asc' }, limit: 1000 });
      return { items: await showGroups(scope, groups) };
    },

    createGroup: async ({ caller, scope, body }) => {
      await refuseKnownName(scope, body.name);
      const now = clock.now();
      const group = scope.em.create(GroupEntity, {
        id: randomUUID(),
        orgId: scope.org,
        name: body.name,
        createdAt: new Date(now),
      });
      await scope.em.flush();
      const target = targetOf(group);
      await recordActivity(scope, now, {
        action: 'group.created',
        actor: actorOf(caller),
        target,
        after: { name: group.name },
      });
      return await showGroup(scope, group);
    },

    renameGroup: async ({ caller, scope, params, body }) => {
      const group = await findGroup(scope, params.id);
      if (group.name === body.name) return await showGroup(scope, group);
      await refuseKnownName(scope, body.name);
      const before = { name: group.name };
      group.name = body.name;
      await scope.em.flush();
      await recordActivity(scope, clock.now(), {
        action: 'group.renamed',
        actor: actorOf(caller),
        target: targetOf(group),
        ...difference(before, { name: group.name }),
      });
      return await showGroup(scope, group);
    },

    deleteGroup: async ({ caller, scope, params }) => {
      const group = await findGroup(scope, params.id);
      const concerned = await databasesOfGroup(scope, group.id);
      const { name, members } = await showGroup(scope, group);
      await scope.em.nativeDelete(GroupEntity, { id: group.id });
      await bumpEpochs(scope, concerned);
      const target = targetOf(group);
      await recordActivity(scope, clock.now(), {
        action: 'group.deleted',
        actor: actorOf(caller),
        target,
        before: { name, members: members.map(({ id }) => id) },
      });
    },

    addGroupMember: async ({ caller, scope, params }) => {
      const group = await findGroup(scope, params.id);
      const user = await scope.em.findOne(UserEntity, { id: params.user });
      if (user === null)
        throw new AppError('NOT_FOUND', { field: 'params.user', message: 'There is no such user.' });
      refuseRolesByPrograms(caller, { before: user.role });
      const membership = { groupId: group.id, userId: user.id };
      if ((await scope.em.findOne(GroupMemberEntity, membership)) !== null) return;
      const now = clock.now();
      scope.em.create(GroupMemberEntity, { ...membership, orgId: scope.org, createdAt: new Date(now) });
      await scope.em.flush();
      await bumpEpochs(scope, await databasesOfGroup(scope, group.id));
      await recordActivity(scope, now, {
        action: 'group.member_added',
        actor: actorOf(caller),
        target: targetOf(group),
        detail: { user: user.id, email: user.email },
        before: { isMember: false },
        after: { isMember: true },
      });
    },

    removeGroupMember: async ({ caller, scope, params }) => {
      const group = await findGroup(scope, params.id);
      const user = await scope.em.findOne(UserEntity, { id: params.user });
      if (user !== null) refuseRolesByPrograms(caller, { before: user.role });
      const removed = await scope.em.nativeDelete(GroupMemberEntity, {
        groupId: group.id,
        userId: params.user,
      });
      if (removed === 0)
        throw new AppError('NOT_FOUND', { field: 'params.user', message: 'Not in this group.' });
      await bumpEpochs(scope, await databasesOfGroup(scope, group.id));
      await recordActivity(scope, clock.now(), {
        action: 'group.member_removed',
        actor: actorOf(caller),
        target: targetOf(group),
        detail: { user: params.user },
        before: { isMember: true },
        after: { isMember: false },
      });
    },
  };
}

async function refuseKnownName(scope: Scope, name: string): Promise<void> {
  if ((await scope.em.findOne(GroupEntity, { name })) === null) return;
  throw new AppError('CONFLICT', { field: 'body.name', message: 'A group with this name exists already.' });
}

async function findGroup(scope: Scope, id: string): Promise<Group> {
  const group = await scope.em.findOne(GroupEntity, { id });
  if (group === null) throw new AppError('NOT_FOUND', { message: 'There is no such group.' });
  return group;
}

function targetOf(group: Group) {
  return { kind: 'group', id: group.id, label: group.name };
}

async function showGroup(scope: Scope, group: Group): Promise<GroupView> {
  const [shown] = await showGroups(scope, [group]);
  return shown ?? { id: group.id, name: group.name, members: [] };
}

/** Each with its members, by e-mail. */
async function showGroups(scope: Scope, groups: readonly Group[]): Promise<GroupView[]> {
  const rows = await query<{ group_id: string; id: string; email: string }[]>(
    scope.em,
    `select g.group_id, u.id, u.email
       from group_members g join users u on u.org_id = g.org_id and u.id = g.user_id
      where g.org_id = ? and g.group_id = any(?::uuid[]) order by u.email`,
    [scope.org, groups.map(({ id }) => id)],
  );
  const members = Map.groupBy(rows, ({ group_id }) => group_id);
  return groups.map(({ id, name }) => ({
    id,
    name,
    members: (members.get(id) ?? []).map((row) => ({ id: row.id, email: row.email })),
  }));
}
