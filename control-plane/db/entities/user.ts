import type { Role, UserAttributes } from '@daam/shared/api/schemas';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A person of an organization. E-mail addresses are stored in lower case. */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'users',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    /** A person, or a service account (people/service-accounts.ts). */
    kind: p.text().$type<'person' | 'service'>(),
    email: p.text(),
    name: p.text(),
    role: p.text().$type<Role>(),
    attributes: p.json<UserAttributes>(),
    disabledAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
  },
});
export type User = InferEntity<typeof UserEntity>;
