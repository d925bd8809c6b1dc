import type { SessionCounts } from '@daam/shared/api/feed';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { tenantFilter } from '../tenant.ts';

export type StoredAgentState =
  | 'pending'
  | 'registered'
  | 'connected'
  | 'disconnected'
  | 'draining'
  | 'revoked';

/**
 * An agent, from its one-time registration token (state `pending`) to its revocation. Several may serve one database
 * (neither pending nor revoked). `auditSeq` and `auditHash` are the head of its audit chain here.
 */
export const AgentEntity = defineEntity({
  name: 'Agent',
  tableName: 'agents',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    databaseId: p.uuid(),
    state: p.text().$type<StoredAgentState>(),
    registrationHash: p.text().strictNullable().hidden(),
    registrationExpiresAt: p.datetime().strictNullable(),
    credentialHash: p.text().strictNullable().hidden(),
    version: p.text().strictNullable(),
    listenHost: p.text().strictNullable(),
    listenPort: p.integer().strictNullable(),
    /** Its WireGuard public key, and `address:port` where UDP may find it. */
    tunnelKey: p.text().strictNullable(),
    tunnelCandidates: p.json().$type<string[]>(),
    appliedEpoch: p.bigint('number'),
    /** When the applied epoch was in force in every session, and how long that took, in milliseconds. */
    appliedAt: p.datetime().strictNullable(),
    appliedMs: p.double().$type<number>().strictNullable(),
    /** What it did to the sessions that were open then, if the agent told. */
    appliedSessions: p.json().$type<SessionCounts | null>().strictNullable(),
    lastSeenAt: p.datetime().strictNullable(),
    /** Pending: it joins the database's agents when its token is used, instead of taking their place. */
    adds: p.boolean(),
    /** How it was when it told last (agents/health.ts). */
    health: p.json().$type<unknown>().strictNullable(),
    healthAt: p.datetime().strictNullable(),
    /** The feed connection that owns the agent's state; another replica's is older. */
    feedId: p.uuid().strictNullable(),
    auditSeq: p.bigint('number'),
    auditHash: p.text(),
    createdAt: p.datetime(),
    revokedAt: p.datetime().strictNullable(),
  },
});
export type Agent = InferEntity<typeof AgentEntity>;
