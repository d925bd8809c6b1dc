import { Check, Circle, X } from 'lucide-react';
import { useEffect, useEffectEvent } from 'react';
import type { ReactNode } from 'react';
import { useAnnounce } from '../../shell/announcer.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useRead } from '../use-console.ts';
import { isSetUp, type Tick, ticksOf } from './ticks-of.ts';

/** The ticks of a database's agent; they go on by themselves. */
export function useTicks(database: string, tokenEndsAt: number | null): readonly Tick[] {
  const now = useNow(1_000);
  const agents = useRead(['agents', database], async (api) => await api.listAgents({ query: { database } }), {
    every: 1_000,
  });
  const doctor = useRead(
    ['doctor', database],
    async (api) => await api.getDoctorReport({ params: { database } }),
    { every: 2_000 },
  );
  const schema = useRead(['schema', database], async (api) => await api.getSchema({ params: { database } }), {
    every: 2_000,
  });
  return ticksOf({
    agent: agents.data?.items.find(({ condition }) => condition !== 'revoked') ?? null,
    doctor: doctor.data?.received?.report ?? null,
    tables: schema.data?.received?.tables.length ?? null,
    tokenEndsAt,
    now,
  });
}

/** How far the agent of a new database has come; each step is also spoken. */
export function AgentTicks({ ticks }: { readonly ticks: readonly Tick[] }): ReactNode {
  const announce = useAnnounce();
  const done = ticks.filter(({ state }) => state === 'done').length;
  const failed = ticks.find(({ state }) => state === 'failed');
  const news = failed === undefined ? (ticks[done - 1]?.label ?? '') : `${failed.label}: ${failed.detail}`;
  const tell = useEffectEvent((text: string) => announce(text));
  useEffect(() => {
    if (news !== '') tell(news);
  }, [news]);
  return (
    <>
      <ol aria-label="Progress of the agent" className="flex flex-col gap-1.5">
        {ticks.map((tick) => (
          <li key={tick.label} className="flex items-start gap-2">
            <Mark state={tick.state} />
            <span className="min-w-0">
              <span className={tick.state === 'waiting' ? 'text-text-2' : ''}>{tick.label}</span>
              {tick.detail === '' ? null : (
                <span
                  className={`block text-12 break-words ${tick.state === 'failed' ? 'text-bad' : 'text-text-2'}`}
                >
                  {tick.detail}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
      {isSetUp(ticks) ? null : (
        <p className="text-12 text-text-2">This goes on by itself, also when you close it.</p>
      )}
    </>
  );
}

function Mark({ state }: { readonly state: Tick['state'] }): ReactNode {
  if (state === 'done') return <Check size={16} aria-label="Done" className="mt-0.5 flex-none text-ok" />;
  if (state === 'failed') return <X size={16} aria-label="Failed" className="mt-0.5 flex-none text-bad" />;
  return <Circle size={16} aria-label="Waiting" className="mt-0.5 flex-none text-text-3" />;
}
