import { asId, type UserId } from '@daam/shared/domain/ids';
import type { BundleSubject, Endorser, SubjectPasskey } from '@daam/shared/policy/bundle';
import { type Passkey, PasskeyEntity } from '../db/entities/passkey.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

/** Passkeys of one person in a bundle, and administrators in it (shared/identity/documents.ts). */
const maxPasskeys = 20;
const maxEndorsers = 1_000;

/** Says of each subject which passkeys they have, and whether they administer. Agents decide what they believe of it. */
export async function withPasskeys(
  scope: Scope,
  subjects: readonly BundleSubject[],
): Promise<BundleSubject[]> {
  const passkeys = await passkeysByUser(
    scope,
    subjects.map(({ user }) => user),
  );
  const admins = new Set((await administrators(scope)).map(({ id }) => id));
  return subjects.map((subject) => {
    const own = passkeys.get(subject.user) ?? [];
    return {
      ...subject,
      ...(admins.has(subject.user) ? { isAdmin: true } : {}),
      ...(own.length === 0 ? {} : { passkeys: own }),
    };
  });
}

/** Every administrator who has a passkey, with or without a policy: they may speak for other people's. */
export async function endorsersOf(scope: Scope): Promise<Endorser[]> {
  const admins = await administrators(scope);
  const passkeys = await passkeysByUser(
    scope,
    admins.map(({ id }) => id),
  );
  return admins.flatMap(({ id, email }) => {
    const own = passkeys.get(id) ?? [];
    return own.length === 0 ? [] : [{ user: asId<UserId>(id), email, passkeys: own }];
  });
}

async function administrators(scope: Scope): Promise<readonly { id: string; email: string }[]> {
  return await query<{ id: string; email: string }[]>(
    scope.em,
    `select id, email from users where org_id = ? and role = 'admin' and disabled_at is null order by id limit ?`,
    [scope.org, maxEndorsers],
  );
}

async function passkeysByUser(
  scope: Scope,
  users: readonly string[],
): Promise<ReadonlyMap<string, SubjectPasskey[]>> {
  const rows = await scope.em.find(
    PasskeyEntity,
    { userId: { $in: [...users] }, revokedAt: null },
    { orderBy: { createdAt: 'asc', id: 'asc' } },
  );
  const byUser = new Map<string, SubjectPasskey[]>();
  for (const row of rows) {
    const own = byUser.get(row.userId) ?? [];
    if (own.length < maxPasskeys) byUser.set(row.userId, [...own, subjectPasskey(row)]);
  }
  return byUser;
}

function subjectPasskey({
  credentialId,
  publicKey,
  algorithm,
  endorsedBy,
  endorsement,
}: Passkey): SubjectPasskey {
  const isEndorsed = endorsedBy !== null && endorsement !== null;
  return {
    credentialId,
    publicKey,
    algorithm,
    endorsement: isEndorsed ? { by: asId<UserId>(endorsedBy), proof: endorsement } : null,
  };
}
