import { randomUUID } from 'node:crypto';
import type { Passkey } from '../db/entities/passkey.ts';
import { PasskeyEntity } from '../db/entities/passkey.ts';
import { DeviceEntity } from '../db/entities/device.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import { AppError } from '@daam/shared/errors/app-error';
import { passkeyFingerprint, type PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { revokeDeviceRow } from '../devices/revoke-device.ts';
import { allDatabases, bumpEpochs, databasesOfUser } from '../policies/access-change.ts';
import { revokeApiTokens } from './revoke-api-tokens.ts';
import type { NewPasskey } from './registration.ts';

/** Passkeys that one person may have; bundles hold no more. */
const maxPasskeys = 20;

/** A person's passkeys that are good, oldest first. */
export async function passkeysOf(scope: Scope, user: string): Promise<Passkey[]> {
  return await scope.em.find(
    PasskeyEntity,
    { userId: user, revokedAt: null },
    { orderBy: { createdAt: 'asc', id: 'asc' }, limit: maxPasskeys },
  );
}

/** Whether a person has a passkey, or had one that was removed. */
export async function everHadPasskey(scope: Scope, user: string): Promise<boolean> {
  return (await scope.em.count(PasskeyEntity, { userId: user })) > 0;
}

/** Keeps a new passkey. Agents hear of it at commit. CONFLICT when it is known already, or when there are too many. */
export async function keepPasskey(
  scope: Scope,
  asked: {
    readonly user: User;
    readonly passkey: NewPasskey;
    readonly name: string;
    readonly endorsement: { readonly by: string; readonly proof: PasskeyProof } | null;
    /** Null: made in its owner's own session. */
    readonly invited: { readonly by: string | null; readonly isHeld: boolean } | null;
    readonly now: number;
  },
): Promise<Passkey> {
  const { user, passkey, name, endorsement, invited, now } = asked;
  if ((await scope.em.count(PasskeyEntity, { userId: user.id, revokedAt: null })) >= maxPasskeys) {
    throw new AppError('CONFLICT', {
      message: `One person may have ${maxPasskeys} passkeys.`,
      hint: 'Remove one that you no longer use.',
    });
  }
  const { credentialId, publicKey, algorithm, ...flags } = passkey;
  const row = scope.em.create(PasskeyEntity, {
    id: randomUUID(),
    orgId: scope.org,
    userId: user.id,
    credentialId,
    publicKey,
    algorithm,
    ...flags,
    name,
    endorsedBy: endorsement?.by ?? null,
    endorsement: endorsement?.proof ?? null,
    isHeld: invited?.isHeld ?? false,
    invitedBy: invited?.by ?? null,
    createdAt: new Date(now),
    lastUsedAt: null,
    revokedAt: null,
  });
  await scope.em.flush();
  await bumpEpochs(scope, await databasesThatName(scope, user.id));
  return row;
}

/** Ends a passkey, and the sessions of browsers, devices and API tokens that came with it. Agents hear of it at commit. */
export async function revokePasskeyRow(scope: Scope, passkey: Passkey, now: number): Promise<void> {
  passkey.revokedAt = new Date(now);
  await scope.em.flush();
  await query(
    scope.em,
    'update web_sessions set ended_at = ? where org_id = ? and passkey_id = ? and ended_at is null',
    [new Date(now), scope.org, passkey.id],
  );
  await revokeApiTokens(scope, { by: 'passkey_id', id: passkey.id }, now);
  const rows = await query<{ device_id: string }[]>(
    scope.em,
    'select distinct device_id from device_certificates where org_id = ? and passkey_id = ? and expires_at > ?',
    [scope.org, passkey.id, new Date(now)],
  );
  const ids = rows.map(({ device_id }) => device_id);
  for (const device of await scope.em.find(DeviceEntity, { id: { $in: ids }, revokedAt: null })) {
    await revokeDeviceRow(scope, device, now);
  }
  await bumpEpochs(scope, await databasesThatName(scope, passkey.userId));
}

/** Where a person's passkeys are told: with their policies, and an administrator's everywhere. */
export async function databasesThatName(scope: Scope, user: string): Promise<readonly string[]> {
  const isAdmin = (await scope.em.count(UserEntity, { id: user, role: 'admin' })) > 0;
  return isAdmin ? await allDatabases(scope) : await databasesOfUser(scope, user);
}

/** What people compare. */
export function fingerprintOf({ credentialId, publicKey, algorithm }: Passkey): string {
  return passkeyFingerprint({ credentialId, publicKey, algorithm });
}
