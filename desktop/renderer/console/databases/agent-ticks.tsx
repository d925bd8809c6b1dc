import { Check, Circle, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useRead } from '../use-console.ts';
import { troubleWords } from './agent-words.ts';

interface Tick {
  readonly label: string;
  readonly state: 'done' | 'waiting' | 'failed';
  readonly detail: string;
}

/** How far the agent of a new database has come; it goes on by itself. */
export function AgentTicks({ database }: { readonly database: string }): ReactNode {
  const agents = useRead(['agents', database], async (api) => await api.listAgents({ query: { database } }), {
    every: 1_000,
  });
  const doctor = useRead(
    ['doctor', database],
    async (api) => await api.getDoctorReport({ params: { database } }),
    {
      every: 2_000,
    },
  );
  const schema = useRead(['schema', database], async (api) => await api.getSchema({ params: { database } }), {
    every: 2_000,
  });
  const agent = agents.data?.items.find(({ condition }) => condition !== 'revoked');
  const health = agent?.health ?? null;
  const critical =
    doctor.data?.received?.report.findings.filter(({ severity }) => severity === 'critical') ?? [];
  const tables = schema.data?.received?.tables.length ?? null;
  const ticks: Tick[] = [
    { label: 'Token used, agent enrolled', state: agent === undefined ? 'waiting' : 'done', detail: '' },
    {
      label: 'Connected to the control plane',
      state: health === null ? 'waiting' : 'done',
      detail: agent?.version ?? '',
    },
    {
      label: 'Database reached',
      state: health === null ? 'waiting' : health.upstream.state === 'connected' ? 'done' : 'failed',
      detail: health?.upstream.serverVersion ?? troublesOf(health?.troubles ?? []),
    },
    {
      label: 'Privileges examined',
      state: (doctor.data?.received ?? null) === null ? 'waiting' : critical.length > 0 ? 'failed' : 'done',
      detail: critical[0]?.message ?? '',
    },
    {
      label: tables === null ? 'Schema reported' : `Schema reported: ${tables} tables`,
      state: tables === null ? 'waiting' : 'done',
      detail: '',
    },
  ];
  return (
    <ol aria-label="Progress of the agent" className="flex flex-col gap-1.5">
      {ticks.map((tick) => (
        <li key={tick.label} className="flex items-start gap-2">
          <Mark state={tick.state} />
          <span className="min-w-0">
            <span className={tick.state === 'waiting' ? 'text-text-2' : ''}>{tick.label}</span>
            {tick.detail === '' ? null : (
              <span className="block text-12 break-words text-text-2">{tick.detail}</span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Mark({ state }: { readonly state: Tick['state'] }): ReactNode {
  if (state === 'done') return <Check size={16} aria-label="Done" className="mt-0.5 flex-none text-ok" />;
  if (state === 'failed') return <X size={16} aria-label="Failed" className="mt-0.5 flex-none text-bad" />;
  return <Circle size={16} aria-label="Waiting" className="mt-0.5 flex-none text-text-3" />;
}

function troublesOf(troubles: readonly (keyof typeof troubleWords)[]): string {
  return troubles.map((trouble) => troubleWords[trouble]).join(' ');
}
