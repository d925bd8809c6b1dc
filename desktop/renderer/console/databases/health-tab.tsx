import type { ApiClient } from '@daam/shared/api/client';
import type { DoctorFinding } from '@daam/shared/api/doctor';
import type { AgentHealth } from '@daam/shared/api/routes/agents';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CopyBlock } from '../copy-block.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin, useRead } from '../use-console.ts';
import { conditionWords, troubleWords } from './agent-words.ts';
import type { AdminDatabase } from './admin-database.ts';

type Agent = Awaited<ReturnType<ApiClient['listAgents']>>['items'][number];

/** The agents of a database, and what the doctor found on it. */
export function HealthTab({ database }: { readonly database: AdminDatabase }): ReactNode {
  const agents = useRead(
    ['agents', database.id],
    async (api) => await api.listAgents({ query: { database: database.id } }),
    { every: 3_000 },
  );
  return (
    <>
      <FetchedContent query={agents} what="the agents">
        {({ items }) => {
          const shown = items.filter(({ condition }) => condition !== 'revoked');
          return shown.length === 0 ? (
            <Empty title="No agent was registered yet">Issue a token below “Settings” and run one.</Empty>
          ) : (
            shown.map((agent) => <AgentFacts key={agent.id} agent={agent} />)
          );
        }}
      </FetchedContent>
      <Doctor database={database} />
    </>
  );
}

function AgentFacts({ agent }: { readonly agent: Agent }): ReactNode {
  const now = useNow();
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const { health, condition } = agent;
  return (
    <Section
      title={`Agent ${agent.id.slice(0, 8)}`}
      actions={
        <>
          <Chip tone={conditionWords[condition][1]}>{conditionWords[condition][0]}</Chip>
          {isAdmin ? (
            <Button
              look="danger"
              unavailable={isBusy}
              onClick={() =>
                void run(async (api) => await api.revokeAgent({ params: { id: agent.id } }), 'Agent revoked.')
              }
            >
              Revoke
            </Button>
          ) : null}
        </>
      }
    >
      <ActionProblem failure={failure} />
      {(health?.troubles ?? []).map((trouble) => (
        <p key={trouble} className="text-warn">
          {troubleWords[trouble]}
        </p>
      ))}
      <Facts
        facts={[
          [
            'Version',
            `${agent.version ?? 'not known'}${agent.isBehind ? ', older than the control plane' : ''}`,
          ],
          [
            'Policies',
            agent.appliedEpoch >= agent.epoch
              ? `newest ones in force${agent.applied === null ? '' : `, ${Math.round(agent.applied.tookMs)} ms after they arrived`}`
              : `behind: ${agent.epoch - agent.appliedEpoch} changes missing`,
          ],
          ['Open sessions', health?.sessions ?? ''],
          ['Database', upstreamWords(health)],
          ['Paths', pathWords(health?.path ?? null)],
          ['Audit records not delivered', health?.undelivered ?? ''],
          ['Last seen', agent.lastSeenAt === null ? 'never' : moment(agent.lastSeenAt, now)],
        ]}
      />
    </Section>
  );
}

function pathWords(path: NonNullable<Agent['health']>['path']): string {
  if (path === null) return 'no tunnel';
  const relay = path.relay.isConnected ? (path.relay.name ?? 'connected') : 'not connected';
  return `${path.direct} direct, relay ${relay}`;
}

function findingsWords(count: number): string {
  return count === 0 ? 'nothing found' : count === 1 ? '1 finding' : `${count} findings`;
}

const severityTones = { critical: 'bad', warning: 'warn', info: 'neutral' } as const;

function Doctor({ database }: { readonly database: AdminDatabase }): ReactNode {
  const now = useNow();
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const params = { database: database.id };
  const doctor = useRead(['doctor', database.id], async (api) => await api.getDoctorReport({ params }), {
    every: 5_000,
  });
  const received = doctor.data?.received ?? null;
  return (
    <Section
      title="Doctor"
      actions={
        isAdmin ? (
          <Button
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => await api.refreshDoctorReport({ params }),
                'The agent looks at the database now.',
              )
            }
          >
            Examine now
          </Button>
        ) : undefined
      }
    >
      <ActionProblem failure={failure} />
      {received === null ? (
        <p className="text-text-2">No report came yet.</p>
      ) : (
        <>
          <p className="text-12 text-text-2">
            {moment(received.at, now)}: {findingsWords(received.report.findings.length)}
          </p>
          <ul>
            {received.report.findings.map((finding) => (
              <Finding key={`${finding.check}${finding.object ?? ''}${finding.message}`} finding={finding} />
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

function Finding({ finding }: { readonly finding: DoctorFinding }): ReactNode {
  const { check, severity, object, message, mend } = finding;
  return (
    <li className="border-b border-border py-2">
      <p className="flex flex-wrap items-center gap-2">
        <Chip tone={severityTones[severity]}>{severity}</Chip>
        {object === null ? null : <span className="font-data break-all">{object}</span>}
        <span className="min-w-0 break-words">{message}</span>
      </p>
      {mend === null ? null : (
        <CopyBlock label={`SQL for ${check}${object === null ? '' : ` of ${object}`}`} text={mend} />
      )}
    </li>
  );
}

function upstreamWords(health: AgentHealth | null): string {
  if (health === null) return '';
  const { state, serverVersion, failure } = health.upstream;
  if (state === 'connected') return serverVersion === null ? 'reached' : `PostgreSQL ${serverVersion}`;
  return failure?.message ?? 'not reached';
}
