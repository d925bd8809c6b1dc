import { z } from 'zod';
import { databaseSchema } from '../../sql/database-schema.ts';
import { agentTrouble, leaseHolding, passkeyStanding, sessionCounts, upstreamFailure } from '../feed.ts';
import { route } from '../route.ts';
import { agentAddress, databaseRef, id, nothing, timestamp, tunnelTarget } from '../schemas.ts';

/** Calls of the agent, and of the administrator about agents. */

const tag = 'agents';

/** An organization's public signing key: Ed25519, `x` as in a JWK (RFC 8037). */
export const orgKey = z.object({ kid: z.string(), x: z.string() });

/** Consecutive records of the agent's audit chain (shared/audit), oldest first. */
export const auditBatch = z.strictObject({
  records: z.array(z.record(z.string(), z.unknown())).min(1).max(1000),
});

export const agentState = z.enum(['registered', 'connected', 'disconnected', 'draining', 'revoked']);

/**
 * When the newest epoch was in force in all of an agent's sessions, milliseconds since it had arrived there, and what it
 * did to the sessions that were open; null: an agent that does not tell.
 */
export const appliedView = z
  .object({ at: timestamp, tookMs: z.number(), sessions: sessionCounts.nullable() })
  .nullable();
export type AppliedView = z.infer<typeof appliedView>;

/**
 * What an administrator wants to know of an agent at a glance. `degraded`: it serves, and something is wrong (see
 * `health.troubles`); `unhealthy`: it serves nobody; `offline`: it was not heard of for a minute.
 */
export const agentCondition = z.enum([
  'never-connected',
  'online',
  'degraded',
  'unhealthy',
  'draining',
  'offline',
  'revoked',
]);
export type AgentCondition = z.output<typeof agentCondition>;

/** How an agent was when it told last; null: it never did. */
export const agentHealth = z.object({
  at: timestamp,
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'draining']),
  troubles: z.array(agentTrouble),
  sessions: z.number().int(),
  upstream: z.object({
    state: z.enum(['connected', 'disconnected']),
    serverVersion: z.string().nullable(),
    /** Why it was not reached the last time. */
    failure: upstreamFailure.nullable().optional(),
  }),
  /** Where its policies come from. */
  policy: z.enum(['live', 'cache', 'none']),
  /** Audit records that it has not delivered yet. */
  undelivered: z.number().int(),
  /** Whether this agent removes the roles that dead agents of the database left; null: it is not known. */
  lease: leaseHolding.nullable(),
  /** Ways through the tunnel: UDP addresses, and its relay; null: it has no tunnel. */
  path: z
    .object({
      direct: z.number().int(),
      relay: z.object({ name: z.string().nullable(), isConnected: z.boolean() }),
    })
    .nullable(),
});
export type AgentHealth = z.output<typeof agentHealth>;

export const agentView = z.object({
  id,
  database: z.object({ id, name: z.string() }),
  state: agentState,
  condition: agentCondition,
  health: agentHealth.nullable(),
  /** How many findings the doctor's last report of the database has; null: there is none. */
  doctor: z
    .object({
      at: timestamp,
      critical: z.number().int(),
      warning: z.number().int(),
      info: z.number().int(),
    })
    .nullable(),
  /** Whether it is older than the control plane. */
  isBehind: z.boolean(),
  version: z.string().nullable(),
  listen: agentAddress.nullable(),
  /** Its tunnel's key and candidates, as it told last. */
  tunnel: tunnelTarget.nullable().default(null),
  appliedEpoch: z.number().int(),
  /** The database's; `appliedEpoch` below it: the newest policies are not in force yet. */
  epoch: z.number().int(),
  applied: appliedView,
  lastSeenAt: timestamp.nullable(),
  createdAt: timestamp,
});

/** How to run an agent with a one-time token, ready to be copied. The token is in texts that a shell reads, never in an argument. */
export const installCommands = z.object({
  docker: z.string(),
  binary: z.string(),
  systemd: z.string(),
  kubernetes: z.string(),
});
export type InstallCommands = z.output<typeof installCommands>;

export const agentRoutes = {
  registerAgent: route({
    method: 'POST',
    path: '/api/v1/agents/register',
    summary: 'Exchange a one-time registration token for a credential. The token is used up.',
    tag,
    body: z.strictObject({ token: z.string().min(1).max(200), version: z.string().min(1).max(64) }),
    status: 201,
    response: z.object({
      agentId: id,
      credential: z.string(),
      database: z.object({ id, name: z.string() }),
      org: z.object({ id, name: z.string() }),
      orgKeys: z.array(orgKey),
    }),
  }),
  agentFeed: route({
    method: 'GET',
    path: '/api/v1/agents/feed',
    summary: 'WebSocket: signed policy bundles to the agent, state from it (shared/api/feed.ts).',
    tag,
    status: 101,
    response: nothing,
  }),
  appendAudit: route({
    method: 'POST',
    path: '/api/v1/agents/audit',
    summary: 'Append records of the agent’s audit chain. Idempotent: known records are acknowledged again.',
    tag,
    body: auditBatch,
    status: 200,
    response: z.object({ acknowledgedSeq: z.number().int() }),
  }),
  putAgentSchema: route({
    method: 'PUT',
    path: '/api/v1/agents/schema',
    summary: 'The agent’s report of its database’s schema. The same report again makes no new version.',
    tag,
    body: databaseSchema,
    status: 200,
    response: z.object({ version: z.number().int(), isNew: z.boolean() }),
  }),
  listAgents: route({
    method: 'GET',
    path: '/api/v1/agents',
    summary: 'All agents of the organization, or of one database.',
    tag,
    query: z.strictObject({ database: databaseRef.optional() }),
    status: 200,
    response: z.object({ items: z.array(agentView) }),
  }),
  getAgent: route({
    method: 'GET',
    path: '/api/v1/agents/:id',
    summary: 'One agent.',
    tag,
    params: z.strictObject({ id }),
    status: 200,
    response: agentView,
  }),
  revokeAgent: route({
    method: 'DELETE',
    path: '/api/v1/agents/:id',
    summary: 'Revoke an agent: its credential stops working and its feed is closed.',
    tag,
    params: z.strictObject({ id }),
    status: 204,
    response: nothing,
  }),
  listAgentPasskeys: route({
    method: 'GET',
    path: '/api/v1/agents/:id/passkeys',
    summary: 'Which passkeys the agent trusts, and which wait for somebody’s word, as it told last.',
    tag,
    params: z.strictObject({ id }),
    status: 200,
    response: z.object({ at: timestamp.nullable(), items: z.array(passkeyStanding) }),
  }),
  issueAgentToken: route({
    method: 'POST',
    path: '/api/v1/databases/:database/agent-tokens',
    summary:
      'A new one-time registration token. When it is used, the database’s agents are replaced, or one is added.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    query: z.strictObject({ mode: z.enum(['replace', 'add']).default('replace') }),
    status: 201,
    response: z.object({ agentToken: z.string(), expiresAt: timestamp, commands: installCommands }),
  }),
} as const;
