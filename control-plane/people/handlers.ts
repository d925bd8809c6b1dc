import { randomUUID } from 'node:crypto';
import type { Role } from '@daam/shared/api/schemas';
import { AppError } from '@daam/shared/errors/app-error';
import { difference, recordActivity } from '../audit/activity.ts';
import { type Group, GroupEntity, GroupMemberEntity } from '../db/entities/group.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import { decodeCursor, pageFrom } from '../db/page.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { allDatabases, bumpEpochs, databasesOfUser } from '../policies/access-change.ts';
import { revokeAll } from '../requests/take-step.ts';
import { actorOf, type Services } from '../services.ts';

type Names = 'getMe' | 'getOrganization' | 'listUsers' | 'createUser' | 'updateUser';

/** The organization and its users. A change of what a user may do reaches the agents at commit. */
export function peopleHandlers({ clock, signer }: Services): Handlers<Names> {
  return {
    getMe: async ({ caller, scope }) => {
      const user = await scope.em.findOneOrFail(UserEntity, { id: caller.id });
      const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
      return {
        ...showUser(user),
        org: { id: organization.id, name: organization.name },
        orgKeys: await signer.publicKeys(scope),
        groups: (await groupsOf(scope, user.id)).map(({ id, name }) => ({ id, name })),
      };
    },

    getOrganization: async ({ scope }) => {
      const { id, name, createdAt } = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
      return { id, name, orgKeys: await signer.publicKeys(scope), createdAt: createdAt.toISOString() };
    },

    listUsers: async ({ scope, query }) => {
      const cursor = decodeCursor(query.after, 1);
      const users = await scope.em.find(
        UserEntity,
        { kind: 'person', ...(cursor === null ? {} : { email: { $gt: cursor[0] ?? '' } }) },
        {
          orderBy: { email: 'asc' },
          limit: query.limit + 1,
        },
      );
      return pageFrom(users, query.limit, { show: showUser, cursorOf: ({ email }) => [email] });
    },

    createUser: async ({ caller, scope, body }) => {
      refuseRolesByPrograms(caller, { before: 'member', after: body.role });
      await refuseKnownEmail(scope, body.email);
      const now = clock.now();
      const user = scope.em.create(UserEntity, {
        id: randomUUID(),
        orgId: scope.org,
        kind: 'person',
        email: body.email,
        name: body.name ?? body.email,
        role: body.role,
        attributes: body.attributes,
        disabledAt: null,
        createdAt: new Date(now),
      });
      await scope.em.flush();
      await recordActivity(scope, now, {
        action: 'user.created',
        actor: actorOf(caller),
        target: targetOf(user),
        after: { email: user.email, ...auditedOf(user) },
      });
      return showUser(user);
    },

    updateUser: async ({ caller, scope, params, body }) => {
      const user = await scope.em.findOne(UserEntity, { id: params.id, kind: 'person' });
      if (user === null) throw new AppError('NOT_FOUND', { message: 'There is no such user.' });
      refuseLockout(caller, user, body);
      refuseRolesByPrograms(caller, { before: user.role, after: body.role });
      const now = clock.now();
      const before = auditedOf(user);
      if (body.name !== undefined) user.name = body.name;
      if (body.role !== undefined) user.role = body.role;
      if (body.attributes !== undefined) user.attributes = body.attributes;
      if (body.disabled !== undefined) await setDisabled(scope, user, body.disabled ? new Date(now) : null);
      await scope.em.flush();
      if (body.disabled === true) {
        const note = 'the person was disabled';
        await revokeAll(scope, { user: user.id }, { actor: actorOf(caller), now, note });
      }
      const changesAccess = body.attributes !== undefined || body.disabled !== undefined;
      // Every bundle names the administrators, who may speak for other people's passkeys.
      if (body.role !== undefined) await bumpEpochs(scope, await allDatabases(scope));
      else if (changesAccess) await bumpEpochs(scope, await databasesOfUser(scope, user.id));
      await recordActivity(scope, now, {
        action: 'user.updated',
        actor: actorOf(caller),
        target: targetOf(user),
        // Attribute values may be personal: their names are enough here.
        detail: { ...body, ...(body.attributes ? { attributes: Object.keys(body.attributes) } : {}) },
        ...difference(before, auditedOf(user)),
      });
      return showUser(user);
    },
  };
}

async function setDisabled(scope: Scope, user: User, at: Date | null): Promise<void> {
  user.disabledAt = at;
  if (at === null) return;
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
  organization.revocationEpoch += 1;
}

/** Nobody takes away their own administration: another administrator must, so one always remains. */
function refuseLockout(
  caller: Person,
  user: User,
  { role, disabled }: { readonly role?: string | undefined; readonly disabled?: boolean | undefined },
): void {
  if (caller.id !== user.id) return;
  if ((role !== undefined && role !== 'admin') || disabled === true) {
    throw new AppError('CONFLICT', {
      field: disabled === true ? 'body.disabled' : 'body.role',
      message: 'You cannot take away your own administration.',
      hint: 'Ask another administrator.',
    });
  }
}

/**
 * A service account keeps members, and nobody else: with roles in its hands `people:write` would be administration, and with
 * attributes and accounts of administrators it could lock them out.
 */
export function refuseRolesByPrograms(
  { scopes }: Pick<Person, 'scopes'>,
  { before, after }: { readonly before: Role; readonly after?: Role | undefined },
): void {
  if (scopes === undefined || (before === 'member' && (after ?? 'member') === 'member')) return;
  throw new AppError('FORBIDDEN', {
    message: 'This takes a person.',
    hint: 'Service accounts make and change members; roles, auditors and administrators are for administrators themselves.',
  });
}

async function refuseKnownEmail(scope: Scope, email: string): Promise<void> {
  if ((await scope.em.findOne(UserEntity, { email })) === null) return;
  throw new AppError('CONFLICT', { field: 'body.email', message: 'A user with this e-mail exists already.' });
}

async function groupsOf(scope: Scope, user: string): Promise<readonly Group[]> {
  const memberships = await scope.em.find(GroupMemberEntity, { userId: user });
  const ids = memberships.map(({ groupId }) => groupId);
  return await scope.em.find(GroupEntity, { id: { $in: ids } }, { orderBy: { name: 'asc' } });
}

function targetOf(user: User) {
  return { kind: 'user', id: user.id, label: user.email };
}

/** What of a user may stand in the audit log: names of attributes, not their values. */
function auditedOf({ name, role, attributes, disabledAt }: User) {
  return { name, role, attributes: Object.keys(attributes).toSorted(), disabled: disabledAt !== null };
}

function showUser(user: User) {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    attributes: user.attributes,
    disabled: user.disabledAt !== null,
    createdAt: user.createdAt.toISOString(),
  };
}
