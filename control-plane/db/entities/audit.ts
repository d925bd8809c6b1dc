import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/**
 * What was done in the control plane: one chain for each organization, append-only (triggers hold it). `event`
 * is the `json` type, not `jsonb`: it keeps the text that was hashed. Records of agents have no entity: they
 * are written and read by hand (audit/).
 */
export const AuditActivityEntity = defineEntity({
  name: 'AuditActivity',
  tableName: 'audit_activity',
  filters: tenantFilter,
  properties: {
    orgId: p.uuid().primary(),
    seq: p.bigint('number').primary(),
    at: p.datetime(),
    action: p.text(),
    actorKind: p.text().$type<'user' | 'agent' | 'system'>(),
    actorId: p.uuid().strictNullable(),
    prevHash: p.text(),
    hash: p.text(),
    event: p.json<Record<string, unknown>>(),
  },
});
export type AuditActivity = InferEntity<typeof AuditActivityEntity>;
