import type { Agent } from '../db/entities/agent.ts';
import { announce } from '../db/notifications.ts';
import type { Scope } from '../db/scope.ts';

/**
 * Ends an agent: its credential opens nothing but the answer that it was revoked, and whichever replica
 * holds its feed closes it at commit.
 */
export async function revokeAgentRow(scope: Scope, agent: Agent, now: number): Promise<void> {
  agent.state = 'revoked';
  agent.revokedAt = new Date(now);
  agent.registrationHash = null;
  agent.feedId = null;
  await scope.em.flush();
  await announce(scope.em, { kind: 'agent', agent: agent.id, feed: null });
}
