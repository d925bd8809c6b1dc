import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A bearer token of a user: its SHA-256 and its first characters, never the token. */
export const ApiTokenEntity = defineEntity({
  name: 'ApiToken',
  tableName: 'api_tokens',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    userId: p.uuid(),
    name: p.text(),
    hash: p.text().hidden(),
    prefix: p.text(),
    expiresAt: p.datetime(),
    lastUsedAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    /** What it was made with, and ends with: another API token, or a device and the passkey that had signed it in. */
    parentId: p.uuid().strictNullable(),
    deviceId: p.uuid().strictNullable(),
    passkeyId: p.uuid().strictNullable(),
    createdAt: p.datetime(),
  },
});
export type ApiToken = InferEntity<typeof ApiTokenEntity>;
