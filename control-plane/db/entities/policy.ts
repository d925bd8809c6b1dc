import type { PolicyBody } from '@daam/shared/policy/document';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/** A named policy of a database; what it says is in its current version. */
export const PolicyEntity = defineEntity({
  name: 'Policy',
  tableName: 'policies',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    databaseId: p.uuid(),
    name: p.text(),
    currentVersion: p.integer(),
    /** Where it stands in the document. */
    position: p.integer(),
    removedAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
  },
});
export type Policy = InferEntity<typeof PolicyEntity>;

/** What a policy said at one time. Never changed and never deleted (triggers hold it). */
export const PolicyVersionEntity = defineEntity({
  name: 'PolicyVersion',
  tableName: 'policy_versions',
  filters: tenantFilter,
  properties: {
    policyId: p.uuid().primary(),
    version: p.integer().primary(),
    orgId: p.uuid(),
    document: p.json<PolicyBody>(),
    authorId: p.uuid().strictNullable(),
    /** What its author said about it; empty when nothing. */
    comment: p.text(),
    createdAt: p.datetime(),
  },
});
export type PolicyVersionRow = InferEntity<typeof PolicyVersionEntity>;

/** A policy applies to a user or to a group: exactly one of the two is set. */
export const PolicyAssignmentEntity = defineEntity({
  name: 'PolicyAssignment',
  tableName: 'policy_assignments',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    policyId: p.uuid(),
    userId: p.uuid().strictNullable(),
    groupId: p.uuid().strictNullable(),
    createdAt: p.datetime(),
  },
});
export type PolicyAssignment = InferEntity<typeof PolicyAssignmentEntity>;
