import type { ReactNode } from 'react';
import { Notice } from '../../ui/notice.tsx';
import { duration } from '../../ui/time.ts';
import { useRead } from '../use-console.ts';

/** How a publication reaches the agents, as they tell it: looked at until all of them have it. */
export function AppliedStrip({
  database,
  epoch,
}: {
  readonly database: string;
  readonly epoch: number;
}): ReactNode {
  const agents = useRead(['agents', database], async (api) => await api.listAgents({ query: { database } }), {
    every: 500,
  }).data?.items;
  const serving = (agents ?? []).filter(({ condition }) =>
    ['online', 'degraded', 'unhealthy', 'draining'].includes(condition),
  );
  const applied = serving.filter(({ appliedEpoch }) => appliedEpoch >= epoch);
  const slowest = Math.max(0, ...applied.map((agent) => agent.applied?.tookMs ?? 0));
  const sessions = applied.reduce((sum, { health }) => sum + (health?.sessions ?? 0), 0);
  const isEverywhere = agents !== undefined && applied.length === serving.length;
  return (
    <Notice
      severity="information"
      title={
        serving.length === 0
          ? 'Published. No agent is connected now; it holds as soon as one is.'
          : `Published: ${applied.length} of ${serving.length} ${serving.length === 1 ? 'agent' : 'agents'} on it`
      }
    >
      {serving.length === 0
        ? null
        : isEverywhere
          ? `In force in all ${sessions} open ${sessions === 1 ? 'session' : 'sessions'}, ${duration(slowest)} after it had arrived.`
          : 'Waiting for the others…'}
    </Notice>
  );
}
