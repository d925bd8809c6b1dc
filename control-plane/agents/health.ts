import type { AgentMessage } from '@daam/shared/api/feed';
import { type AgentCondition, type AgentHealth, agentHealth } from '@daam/shared/api/routes/agents';
import type { z } from 'zod';
import type { Agent } from '../db/entities/agent.ts';
import { visibleState } from './serving-agent.ts';

/** What is stored of a `state` message; where its tunnel may be found is in columns of its own. */
const storedHealth = agentHealth.omit({ at: true, path: true }).extend({
  relay: agentHealth.shape.path.unwrap().shape.relay.nullable(),
});
export type StoredHealth = z.output<typeof storedHealth>;

/** What an agent said of itself, with what older agents do not say filled in. */
export function healthOf(message: Extract<AgentMessage, { type: 'state' }>): StoredHealth {
  return {
    status: message.state,
    troubles: message.troubles ?? [],
    sessions: message.sessions ?? 0,
    upstream: {
      state: message.upstream ?? 'connected',
      serverVersion: message.serverVersion ?? null,
      failure: message.upstreamFailure ?? null,
    },
    policy: message.policy ?? 'live',
    undelivered: message.undelivered ?? 0,
    lease: message.lease ?? null,
    relay: message.relay ?? null,
  };
}

/** How an agent was when it told last; null: it never did. */
export function lastHealth(agent: Agent): AgentHealth | null {
  const stored = storedHealth.safeParse(agent.health);
  if (!stored.success || agent.healthAt === null) return null;
  const { relay, ...health } = stored.data;
  return {
    ...health,
    at: agent.healthAt.toISOString(),
    path:
      agent.tunnelKey === null
        ? null
        : { direct: agent.tunnelCandidates.length, relay: relay ?? { name: null, isConnected: false } },
  };
}

const conditions = {
  registered: 'never-connected',
  disconnected: 'offline',
  draining: 'draining',
  revoked: 'revoked',
} as const;

/** An agent's condition at a glance. */
export function conditionOf(agent: Agent, now: number): AgentCondition {
  const state = visibleState(agent, now);
  if (state !== 'connected') return conditions[state];
  const status = lastHealth(agent)?.status ?? 'healthy';
  return status === 'healthy' ? 'online' : status;
}
