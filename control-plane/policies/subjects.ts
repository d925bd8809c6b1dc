import { AppError } from '@daam/shared/errors/app-error';
import {
  formatPath,
  type PolicyDocument,
  type PolicyEntry,
  type ProblemPath,
} from '@daam/shared/policy/document';
import { GroupEntity } from '../db/entities/group.ts';
import { UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';

/** Ids of those whom a policy is assigned to. */
export interface Subjects {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** A name of a document that nobody in the organization has. */
export interface UnknownSubject {
  readonly path: ProblemPath;
  readonly field: string;
  readonly message: string;
  readonly kind: 'user' | 'group';
}

interface FoundSubjects {
  readonly of: (entry: PolicyEntry) => Subjects;
  readonly unknown: readonly UnknownSubject[];
}

/** Looks up every name of a document at once. */
export async function findSubjects(scope: Scope, document: PolicyDocument): Promise<FoundSubjects> {
  const emails = document.policies.flatMap(({ assign }) => assign.users.map((email) => email.toLowerCase()));
  const names = document.policies.flatMap(({ assign }) => assign.groups);
  const users = await scope.em.find(UserEntity, { email: { $in: [...new Set(emails)] } });
  const groups = await scope.em.find(GroupEntity, { name: { $in: [...new Set(names)] } });
  const userIds = new Map(users.map(({ email, id }) => [email, id]));
  const groupIds = new Map(groups.map(({ name, id }) => [name, id]));
  const unknown = document.policies.flatMap(({ assign }, at) => [
    ...assign.users.flatMap((email, index) =>
      userIds.has(email.toLowerCase()) ? [] : [nobody(['policies', at, 'assign', 'users', index], 'user')],
    ),
    ...assign.groups.flatMap((name, index) =>
      groupIds.has(name) ? [] : [nobody(['policies', at, 'assign', 'groups', index], 'group')],
    ),
  ]);
  return {
    of: ({ assign }) => ({
      users: assign.users.flatMap((email) => userIds.get(email.toLowerCase()) ?? []),
      groups: assign.groups.flatMap((name) => groupIds.get(name) ?? []),
    }),
    unknown,
  };
}

/** The same, where every name must be known: INVALID_POLICY names the path of the first that is not. */
export async function knownSubjects(scope: Scope, document: PolicyDocument): Promise<FoundSubjects['of']> {
  const { of, unknown } = await findSubjects(scope, document);
  const [first] = unknown;
  if (first === undefined) return of;
  throw new AppError('INVALID_POLICY', {
    field: first.field,
    message: `${first.field}: ${first.message}.`,
    hint: `Add the ${first.kind} first, or take the line out.`,
  });
}

function nobody(path: ProblemPath, kind: UnknownSubject['kind']): UnknownSubject {
  return { path, field: formatPath(path), message: `there is no such ${kind}`, kind };
}
