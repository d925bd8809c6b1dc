import type { PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A person's passkey: the public half, and the word of another passkey for it (shared/identity/passkey-endorsement.ts). */
export const PasskeyEntity = defineEntity({
  name: 'Passkey',
  tableName: 'passkeys',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    userId: p.uuid(),
    /** base64url; one credential belongs to one person of one organization. */
    credentialId: p.text(),
    /** SubjectPublicKeyInfo in DER, base64url. */
    publicKey: p.text(),
    algorithm: p.integer().$type<-7 | -8 | -257>(),
    signCount: p.bigint('number'),
    isBackupEligible: p.boolean(),
    isBackedUp: p.boolean(),
    transports: p.json().$type<string[]>(),
    name: p.text(),
    /** Whose passkey made `endorsement`. */
    endorsedBy: p.uuid().strictNullable(),
    endorsement: p.json().$type<PasskeyProof>().strictNullable(),
    /** It counts for nothing until somebody else than `invitedBy` has spoken for it. */
    isHeld: p.boolean(),
    /** Who made the invitation over the API; null: nobody, or whoever runs the control plane. */
    invitedBy: p.uuid().strictNullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
  },
});
export type Passkey = InferEntity<typeof PasskeyEntity>;
