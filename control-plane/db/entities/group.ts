import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A named set of users. */
export const GroupEntity = defineEntity({
  name: 'Group',
  tableName: 'groups',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    name: p.text(),
    createdAt: p.datetime(),
  },
});
export type Group = InferEntity<typeof GroupEntity>;

/** One user in one group. */
export const GroupMemberEntity = defineEntity({
  name: 'GroupMember',
  tableName: 'group_members',
  filters: tenantFilter,
  properties: {
    groupId: p.uuid().primary(),
    userId: p.uuid().primary(),
    orgId: p.uuid(),
    createdAt: p.datetime(),
  },
});
export type GroupMember = InferEntity<typeof GroupMemberEntity>;
