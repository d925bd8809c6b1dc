import { z } from 'zod';
import { passkeyStanding } from '../feed.ts';
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

/** When the newest epoch was in force in all of an agent's sessions, and milliseconds since it had arrived there. */
export const appliedView = z.object({ at: timestamp, tookMs: z.number() }).nullable();

export const agentView = z.object({
  id,
  database: z.object({ id, name: z.string() }),
  state: agentState,
  version: z.string().nullable(),
  listen: agentAddress.nullable(),
  /** Its tunnel's key and candidates, as it told last. */
  tunnel: tunnelTarget.nullable().default(null),
  appliedEpoch: z.number().int(),
  applied: appliedView,
  lastSeenAt: timestamp.nullable(),
  createdAt: timestamp,
});

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
  listAgents: route({
    method: 'GET',
    path: '/api/v1/agents',
    summary: 'All agents of the organization.',
    tag,
    status: 200,
    response: z.object({ items: z.array(agentView) }),
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
    summary: 'A new one-time registration token; the database’s agent is replaced when it is used.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 201,
    response: z.object({ agentToken: z.string(), expiresAt: timestamp }),
  }),
} as const;
