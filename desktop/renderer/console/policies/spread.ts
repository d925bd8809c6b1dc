/** How far a publication has come, out of what the agents themselves acknowledged. */
import type { ApiClient } from '@daam/shared/api/client';

type AgentView = Pick<
  Awaited<ReturnType<ApiClient['listAgents']>>['items'][number],
  'condition' | 'appliedEpoch' | 'applied' | 'health'
>;

export interface Spread {
  /** Agents that are connected. */
  readonly serving: number;
  /** Those of them that have it in force in all of their sessions. */
  readonly applied: number;
  readonly isEverywhere: boolean;
  /** Of the slowest agent, from the arrival there. */
  readonly slowestMs: number;
  /** "5 open sessions updated, 1 ended". */
  readonly words: string;
}

/** `agents` undefined: not known yet. */
export function spread(agents: readonly AgentView[] | undefined, epoch: number): Spread {
  const serving = (agents ?? []).filter(({ condition }) =>
    ['online', 'degraded', 'unhealthy', 'draining'].includes(condition),
  );
  const applied = serving.filter(({ appliedEpoch }) => appliedEpoch >= epoch);
  return {
    serving: serving.length,
    applied: applied.length,
    isEverywhere: agents !== undefined && applied.length === serving.length,
    slowestMs: Math.max(0, ...applied.map((agent) => agent.applied?.tookMs ?? 0)),
    words: wordsOf(applied),
  };
}

function wordsOf(agents: readonly AgentView[]): string {
  const told = agents.flatMap(({ applied }) => applied?.sessions ?? []);
  if (told.length < agents.length) {
    // An agent of an earlier version says only how many sessions it has.
    const open = agents.reduce((sum, { health }) => sum + (health?.sessions ?? 0), 0);
    return `In force in all ${sessionsText(open)}`;
  }
  const updated = told.reduce((sum, sessions) => sum + sessions.updated, 0);
  const ended = told.reduce((sum, sessions) => sum + sessions.ended, 0);
  return `${sessionsText(updated)} updated, ${ended} ended`;
}

function sessionsText(count: number): string {
  return `${count} open ${count === 1 ? 'session' : 'sessions'}`;
}
