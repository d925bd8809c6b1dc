import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

/**
 * The audit store is append-only (triggers hold it). `event` is the `json` type, not `jsonb`: it keeps the
 * text that was hashed.
 */
const agentRecord = {
  agentId: p.uuid().primary(),
  seq: p.bigint('number').primary(),
  orgId: p.uuid(),
  databaseId: p.uuid(),
  at: p.datetime(),
  kind: p.text(),
  userId: p.uuid().strictNullable(),
  sessionId: p.text().strictNullable(),
  prevHash: p.text(),
  hash: p.text(),
  event: p.json<Record<string, unknown>>(),
};

/** Sessions of agents, and policies that they applied. */
export const AuditConnectionEntity = defineEntity({
  name: 'AuditConnection',
  tableName: 'audit_connections',
  filters: tenantFilter,
  properties: agentRecord,
});
export type AuditConnection = InferEntity<typeof AuditConnectionEntity>;

/** Statements, their completions, and alarms. */
export const AuditStatementEntity = defineEntity({
  name: 'AuditStatement',
  tableName: 'audit_statements',
  filters: tenantFilter,
  properties: agentRecord,
});
export type AuditStatement = InferEntity<typeof AuditStatementEntity>;

/** What was done in the control plane: one chain for each organization. */
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
