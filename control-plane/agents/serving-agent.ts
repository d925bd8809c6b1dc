import type { AppliedView } from '@daam/shared/api/routes/agents';
import type { TunnelTarget } from '@daam/shared/api/schemas';
import type { Agent } from '../db/entities/agent.ts';

/** An agent that was not heard of for this long is offline, whatever its row says: its replica may have died. */
export const silenceMs = 60_000;

/** Where clients reach it, if it told. */
export function listenOf({ listenHost, listenPort }: Agent): { host: string; port: number } | null {
  return listenHost === null || listenPort === null ? null : { host: listenHost, port: listenPort };
}

/** Its tunnel, if it told of one. */
export function tunnelOf({ tunnelKey, tunnelCandidates }: Agent): TunnelTarget | null {
  return tunnelKey === null ? null : { publicKey: tunnelKey, candidates: [...tunnelCandidates] };
}

/** When its newest epoch was in force in all of its sessions, and how long that took since it arrived. */
export function appliedOf({ appliedAt, appliedMs, appliedSessions }: Agent): AppliedView {
  if (appliedAt === null || appliedMs === null) return null;
  return { at: appliedAt.toISOString(), tookMs: appliedMs, sessions: appliedSessions };
}

/** Its state as others see it. */
export function visibleState(agent: Agent, now: number): Exclude<Agent['state'], 'pending'> {
  if (agent.state === 'pending') return 'registered';
  const isLive = agent.state === 'connected' || agent.state === 'draining';
  const isSilent = agent.lastSeenAt === null || now - agent.lastSeenAt.getTime() > silenceMs;
  return isLive && isSilent ? 'disconnected' : agent.state;
}
