import type { ReactNode } from 'react';
import { Notice } from '../../ui/notice.tsx';
import { duration } from '../../ui/time.ts';
import { useRead } from '../use-console.ts';
import { spread } from './spread.ts';

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
  const { serving, applied, slowestMs, isEverywhere, words } = spread(agents, epoch);
  return (
    <Notice
      severity="information"
      title={
        serving === 0
          ? 'Published. No agent is connected now; it holds as soon as one is.'
          : `Published: ${applied} of ${serving} ${serving === 1 ? 'agent' : 'agents'} on it`
      }
    >
      {serving === 0
        ? null
        : isEverywhere
          ? `${words}, ${duration(slowestMs)} after it had arrived.`
          : 'Waiting for the others…'}
    </Notice>
  );
}
