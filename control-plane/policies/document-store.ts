import { randomUUID } from 'node:crypto';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import {
  type PolicyDocument,
  type PolicyEntry,
  policyBodyOf,
  policyBodySchema,
} from '@daam/shared/policy/document';
import type { Database } from '../db/entities/database.ts';
import { GroupEntity } from '../db/entities/group.ts';
import {
  type Policy,
  PolicyAssignmentEntity,
  PolicyEntity,
  PolicyVersionEntity,
} from '../db/entities/policy.ts';
import { UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';
import { knownSubjects, type Subjects } from './subjects.ts';

/** What a replacement changed, for the audit. */
export interface DocumentChange {
  readonly added: readonly string[];
  readonly changed: readonly { readonly name: string; readonly version: number }[];
  readonly removed: readonly string[];
  readonly assigned: readonly string[];
  readonly isReordered: boolean;
}

export interface StoreRequest {
  readonly database: Database;
  readonly document: PolicyDocument;
  readonly author: string | null;
  /** Kept with each version that this makes. */
  readonly comment: string;
  readonly now: Date;
}

/**
 * Makes the stored policies of a database equal to a document: a policy whose body differs gets a new
 * version, one that the document no longer has is removed (its versions stay), assignments are replaced.
 * Unknown users and groups throw INVALID_POLICY with their path before anything is written.
 */
export async function storeDocument(scope: Scope, request: StoreRequest): Promise<DocumentChange> {
  const subjects = await knownSubjects(scope, request.document);
  const existing = await scope.em.find(PolicyEntity, { databaseId: request.database.id });
  const byName = new Map(existing.map((policy) => [policy.name, policy]));
  const added: string[] = [];
  const changed: { name: string; version: number }[] = [];
  const assigned: string[] = [];
  let isReordered = false;
  for (const [position, entry] of request.document.policies.entries()) {
    const known = byName.get(entry.name);
    if (known !== undefined && known.position !== position) isReordered = true;
    const { policy, outcome } = await storePolicy(scope, request, { entry, position, known });
    if (outcome === 'added') added.push(entry.name);
    if (outcome === 'changed') changed.push({ name: entry.name, version: policy.currentVersion });
    if (await replaceAssignments(scope, request, { policy, ...subjects(entry) })) assigned.push(entry.name);
  }
  const kept = new Set(request.document.policies.map(({ name }) => name));
  const removed = existing.filter(({ name, removedAt }) => removedAt === null && !kept.has(name));
  for (const policy of removed) {
    policy.removedAt = request.now;
    await scope.em.nativeDelete(PolicyAssignmentEntity, { policyId: policy.id });
  }
  await scope.em.flush();
  return { added, changed, removed: removed.map(({ name }) => name), assigned, isReordered };
}

interface EntryToStore {
  readonly entry: PolicyEntry;
  readonly position: number;
  readonly known: Policy | undefined;
}

async function storePolicy(
  scope: Scope,
  { database, author, comment, now }: StoreRequest,
  { entry, position, known }: EntryToStore,
): Promise<{ policy: Policy; outcome: 'added' | 'changed' | 'same' }> {
  const body = policyBodyOf(entry);
  const current =
    known &&
    (await scope.em.findOne(PolicyVersionEntity, { policyId: known.id, version: known.currentVersion }));
  const isSame =
    current !== undefined && current !== null && canonicalJson(current.document) === canonicalJson(body);
  const policy =
    known ??
    scope.em.create(PolicyEntity, {
      id: randomUUID(),
      orgId: scope.org,
      databaseId: database.id,
      name: entry.name,
      currentVersion: 0,
      position,
      removedAt: null,
      createdAt: now,
    });
  const wasThere = known !== undefined && known.removedAt === null;
  policy.position = position;
  policy.removedAt = null;
  if (!isSame) policy.currentVersion += 1;
  await scope.em.flush();
  if (!isSame) {
    scope.em.create(PolicyVersionEntity, {
      policyId: policy.id,
      version: policy.currentVersion,
      orgId: scope.org,
      document: body,
      authorId: author,
      comment,
      createdAt: now,
    });
    await scope.em.flush();
  }
  return { policy, outcome: wasThere ? (isSame ? 'same' : 'changed') : 'added' };
}

async function replaceAssignments(
  scope: Scope,
  { now }: StoreRequest,
  { policy, users, groups }: Subjects & { readonly policy: Policy },
): Promise<boolean> {
  const wanted = new Set([...users.map((id) => `u ${id}`), ...groups.map((id) => `g ${id}`)]);
  const existing = await scope.em.find(PolicyAssignmentEntity, { policyId: policy.id });
  const present = new Set(existing.map(({ userId, groupId }) => (userId ? `u ${userId}` : `g ${groupId}`)));
  const superfluous = existing.filter(
    ({ userId, groupId }) => !wanted.has(userId ? `u ${userId}` : `g ${groupId}`),
  );
  if (superfluous.length > 0) {
    await scope.em.nativeDelete(PolicyAssignmentEntity, { id: { $in: superfluous.map(({ id }) => id) } });
  }
  const missing = [...wanted].filter((key) => !present.has(key));
  for (const key of missing) {
    const [kind, id = ''] = key.split(' ');
    scope.em.create(PolicyAssignmentEntity, {
      id: randomUUID(),
      orgId: scope.org,
      policyId: policy.id,
      userId: kind === 'u' ? id : null,
      groupId: kind === 'g' ? id : null,
      createdAt: now,
    });
  }
  await scope.em.flush();
  return superfluous.length > 0 || missing.length > 0;
}

/** The document in force: what `storeDocument` was given, with defaults filled in. */
export async function loadDocument(
  scope: Scope,
  database: Database,
): Promise<{ policies: readonly Policy[]; document: PolicyDocument }> {
  const policies = await scope.em.find(
    PolicyEntity,
    { databaseId: database.id, removedAt: null },
    { orderBy: { position: 'asc' } },
  );
  const ids = policies.map(({ id }) => id);
  const versions = await scope.em.find(PolicyVersionEntity, {
    $or: policies.map(({ id, currentVersion }) => ({ policyId: id, version: currentVersion })),
  });
  const assignments = await scope.em.find(PolicyAssignmentEntity, { policyId: { $in: ids } });
  const users = await scope.em.find(UserEntity, {
    id: { $in: present(assignments.map(({ userId }) => userId)) },
  });
  const groups = await scope.em.find(GroupEntity, {
    id: { $in: present(assignments.map(({ groupId }) => groupId)) },
  });
  const entries = policies.map((policy) => {
    const own = assignments.filter(({ policyId }) => policyId === policy.id);
    const body =
      versions.find(({ policyId }) => policyId === policy.id)?.document ?? policyBodySchema.parse({});
    return {
      name: policy.name,
      ...body,
      assign: {
        users: users
          .filter(({ id }) => own.some(({ userId }) => userId === id))
          .map(({ email }) => email)
          .toSorted(),
        groups: groups
          .filter(({ id }) => own.some(({ groupId }) => groupId === id))
          .map(({ name }) => name)
          .toSorted(),
      },
    };
  });
  return { policies, document: { database: database.name, policies: entries } };
}

function present(ids: readonly (string | null | undefined)[]): string[] {
  return ids.filter((id) => id !== null && id !== undefined);
}
