import { createHash } from 'node:crypto';
import type { AgentCondition } from '@daam/shared/api/routes/agents';
import { type Agent, AgentEntity } from '../db/entities/agent.ts';
import type { Scope } from '../db/scope.ts';
import { conditionOf } from './health.ts';

/** The agents that serve databases now (neither pending nor revoked), by database id, the oldest first. */
export async function allServingAgents(
  scope: Scope,
  databases: readonly string[],
): Promise<ReadonlyMap<string, readonly Agent[]>> {
  const agents = await scope.em.find(
    AgentEntity,
    { databaseId: { $in: [...databases] }, state: { $nin: ['pending', 'revoked'] } },
    { orderBy: { createdAt: 'asc', id: 'asc' } },
  );
  return Map.groupBy(agents, ({ databaseId }) => databaseId);
}

/** Of each database's agents the one that people are sent to: see `bestAgent`. */
export async function servingAgents(
  scope: Scope,
  databases: readonly string[],
  choice: AgentChoice,
): Promise<ReadonlyMap<string, Agent>> {
  const all = await allServingAgents(scope, databases);
  return new Map(
    [...all].flatMap(([database, agents]) => {
      const best = bestAgent(agents, choice);
      return best === null ? [] : [[database, best] as const];
    }),
  );
}

export interface AgentChoice {
  readonly now: number;
  /** Who is sent there: equal agents share people between them, and one person stays with one agent. */
  readonly person?: string;
}

/**
 * The agent that serves best: connected before draining before any other, healthy before degraded before unhealthy. Among
 * equals by rendezvous hashing, so that when one of them goes, only its own people move.
 */
export function bestAgent(agents: readonly Agent[], { now, person = '' }: AgentChoice): Agent | null {
  const ranked = agents.map((agent) => ({
    agent,
    rank: rankOf(agent, now),
    weight: weightOf(agent, person),
  }));
  ranked.sort((a, b) => a.rank - b.rank || (a.weight < b.weight ? -1 : 1));
  return ranked[0]?.agent ?? null;
}

const ranks: Readonly<Record<AgentCondition, number>> = {
  online: 0,
  degraded: 1,
  unhealthy: 2,
  draining: 3,
  offline: 4,
  'never-connected': 5,
  revoked: 6,
};

function rankOf(agent: Agent, now: number): number {
  return ranks[conditionOf(agent, now)];
}

function weightOf({ id }: Agent, person: string): string {
  return createHash('sha256').update(`${id} ${person}`).digest('hex');
}
