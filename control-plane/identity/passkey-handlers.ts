import type { PasskeyView } from '@daam/shared/api/routes/passkeys';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { type Passkey, PasskeyEntity } from '../db/entities/passkey.ts';
import { UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { credentialSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { inviteUserRow } from './invitations.ts';
import { fingerprintOf, revokePasskeyRow } from './passkey-store.ts';

type Names = 'listPasskeys' | 'listOrganizationPasskeys' | 'revokePasskey' | 'inviteUser';

/** Passkeys over the API; they are made on the pages (pages/enroll.ts, pages/account.ts, pages/approvals.ts). */
export function passkeyHandlers(services: Services): Handlers<Names> {
  const { clock, site } = services;
  return {
    listPasskeys: async ({ caller, scope }) => ({ items: await showPasskeys(scope, caller.id) }),

    listOrganizationPasskeys: async ({ scope, query }) => ({
      items: await showPasskeys(scope, query.user ?? null),
    }),

    revokePasskey: async ({ caller, scope, params }) =>
      await revokePasskeyOf(scope, { caller, id: params.id, now: clock.now() }),

    inviteUser: async ({ caller, scope, params }) => {
      const now = clock.now();
      await requireFreshSignIn(scope, caller, { freshSignIn: credentialSignIn, now });
      const user = await scope.em.findOne(UserEntity, { id: params.id, kind: 'person', disabledAt: null });
      if (user === null) throw new AppError('NOT_FOUND', { message: 'There is no such user.' });
      return await inviteUserRow(scope, { user, url: site.url, actor: actorOf(caller), now });
    },
  };
}

/** Ends a passkey: one's own, or as administrator anyone's. CONFLICT for one's own last one. */
export async function revokePasskeyOf(
  scope: Scope,
  { caller, id, now }: { readonly caller: Person; readonly id: string; readonly now: number },
): Promise<void> {
  const passkey = await scope.em.findOne(PasskeyEntity, { id });
  const isVisible = passkey !== null && (passkey.userId === caller.id || caller.role === 'admin');
  if (!isVisible) throw new AppError('NOT_FOUND', { message: 'There is no such passkey.' });
  if (passkey.revokedAt !== null) return;
  const others = await scope.em.count(PasskeyEntity, {
    userId: passkey.userId,
    revokedAt: null,
    id: { $ne: id },
  });
  if (others === 0 && passkey.userId === caller.id) {
    throw new AppError('CONFLICT', {
      message: 'This is your last passkey.',
      hint: 'Make another one first, or you could not sign in any more.',
    });
  }
  await revokePasskeyRow(scope, passkey, now);
  await recordActivity(scope, now, {
    action: 'passkey.revoked',
    actor: actorOf(caller),
    target: { kind: 'passkey', id: passkey.id, label: passkey.name },
    detail: { user: passkey.userId, fingerprint: fingerprintOf(passkey) },
    before: { revoked: false },
    after: { revoked: true },
  });
}

/** Passkeys of one user, or of all, newest first. */
export async function showPasskeys(scope: Scope, user: string | null): Promise<PasskeyView[]> {
  const passkeys = await scope.em.find(PasskeyEntity, user === null ? {} : { userId: user }, {
    orderBy: { createdAt: 'desc' },
    limit: 1000,
  });
  const ids = passkeys.flatMap(({ userId, endorsedBy }) =>
    endorsedBy === null ? [userId] : [userId, endorsedBy],
  );
  const users = await scope.em.find(UserEntity, { id: { $in: [...new Set(ids)] } });
  const emails = new Map(users.map(({ id, email }) => [id, email]));
  return passkeys.map((passkey) => showPasskey(passkey, emails));
}

function showPasskey(passkey: Passkey, emails: ReadonlyMap<string, string>): PasskeyView {
  const person = (id: string) => ({ id, email: emails.get(id) ?? '' });
  return {
    id: passkey.id,
    user: person(passkey.userId),
    name: passkey.name,
    fingerprint: fingerprintOf(passkey),
    isSynced: passkey.isBackupEligible,
    createdAt: passkey.createdAt.toISOString(),
    lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
    revokedAt: passkey.revokedAt?.toISOString() ?? null,
    isHeld: passkey.isHeld,
    endorsedBy: passkey.endorsedBy === null ? null : person(passkey.endorsedBy),
  };
}
