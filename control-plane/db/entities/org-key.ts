import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** An Ed25519 signing key; the private half is sealed with the master key (identity/sealed-box.ts). */
export const OrgKeyEntity = defineEntity({
  name: 'OrgKey',
  tableName: 'org_keys',
  filters: tenantFilter,
  properties: {
    kid: p.text().primary(),
    orgId: p.uuid(),
    /** Public key, base64url, as `x` in a JWK. */
    publicX: p.text(),
    sealedPrivate: p.text().hidden(),
    masterKeyId: p.text(),
    createdAt: p.datetime(),
    retiredAt: p.datetime().strictNullable(),
  },
});
export type OrgKey = InferEntity<typeof OrgKeyEntity>;
