import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A person's device, known by the public half of its X25519 key. */
export const DeviceEntity = defineEntity({
  name: 'Device',
  tableName: 'devices',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    userId: p.uuid(),
    name: p.text(),
    os: p.text(),
    wgKey: p.text(),
    /** When the last certificate that was issued ends; a revoked device is in bundles until then. */
    certificateExpiresAt: p.datetime().strictNullable(),
    /** Its last call by an access token, to the minute. */
    lastUsedAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
  },
});
export type Device = InferEntity<typeof DeviceEntity>;
