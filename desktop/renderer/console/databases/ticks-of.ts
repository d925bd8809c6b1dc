/** How far the agent of a new database has come: five ticks, each with what stands in its way. */
import type { DoctorReport } from '@daam/shared/api/doctor';
import type { AgentCondition, AgentHealth } from '@daam/shared/api/routes/agents';
import { troubleWords } from './agent-words.ts';

export interface Tick {
  readonly label: string;
  readonly state: 'done' | 'waiting' | 'failed';
  /** Why it failed, or what is known of it. */
  readonly detail: string;
}

export interface SetUpFacts {
  /** The agent that is meant; null: none registered yet. */
  readonly agent: {
    readonly condition: AgentCondition;
    readonly health: AgentHealth | null;
    readonly version: string | null;
  } | null;
  readonly doctor: Pick<DoctorReport, 'findings'> | null;
  /** Tables that it reported; null: nothing yet. */
  readonly tables: number | null;
  /** When its token stops working, in milliseconds; null: not known. */
  readonly tokenEndsAt: number | null;
  readonly now: number;
}

/** In the order in which an agent does them. What cannot be yet waits for the first that failed. */
export function ticksOf(facts: SetUpFacts): readonly Tick[] {
  const { agent, tables } = facts;
  return [
    tokenTick(facts),
    connectionTick(agent),
    upstreamTick(agent),
    privilegesTick(facts),
    {
      label: tables === null ? 'Schema reported' : `Schema reported: ${tables} tables`,
      state: tables === null ? 'waiting' : 'done',
      detail: tables === 0 ? 'The agent’s user sees no table: see what it may read.' : '',
    },
  ];
}

/** Whether everything is done, so that a policy can be made from the schema. */
export function isSetUp(ticks: readonly Tick[]): boolean {
  return ticks.every(({ state }) => state === 'done');
}

function tokenTick({ agent, tokenEndsAt, now }: SetUpFacts): Tick {
  const label = 'Token used, agent enrolled';
  if (agent !== null) return { label, state: 'done', detail: '' };
  if (tokenEndsAt === null || now < tokenEndsAt) return { label, state: 'waiting', detail: '' };
  return {
    label,
    state: 'failed',
    detail: 'The token ended before an agent used it. Issue a new one on the database’s page.',
  };
}

function connectionTick(agent: SetUpFacts['agent']): Tick {
  const label = 'Connected to the control plane';
  const health = agent?.health ?? null;
  if (agent === null || (health === null && agent.condition !== 'offline'))
    return { label, state: 'waiting', detail: '' };
  if (agent.condition === 'offline') {
    const detail =
      'It was there and is away. See its log: "daam-agent" says why it stopped, or what it cannot reach.';
    return { label, state: 'failed', detail };
  }
  return { label, state: 'done', detail: agent.version === null ? '' : `version ${agent.version}` };
}

function upstreamTick(agent: SetUpFacts['agent']): Tick {
  const label = 'Database reached';
  const health = agent?.health ?? null;
  if (agent === null || health === null) return { label, state: 'waiting', detail: '' };
  const { state, serverVersion, failure } = health.upstream;
  if (state === 'connected') {
    return { label, state: 'done', detail: serverVersion === null ? '' : `PostgreSQL ${serverVersion}` };
  }
  // It has just begun, and tries again by itself.
  if ((failure ?? null) === null && !health.troubles.includes('upstream-away'))
    return { label, state: 'waiting', detail: '' };
  const detail = failure?.message ?? troubleWords['upstream-away'];
  return { label, state: 'failed', detail: `${detail} The agent tries again by itself.` };
}

function privilegesTick({ doctor }: SetUpFacts): Tick {
  const label = 'Privileges examined';
  if (doctor === null) return { label, state: 'waiting', detail: '' };
  const critical = doctor.findings.filter(({ severity }) => severity === 'critical');
  const [first] = critical;
  if (first === undefined) return { label, state: 'done', detail: '' };
  const more = critical.length > 1 ? ` And ${critical.length - 1} more: see Health.` : '';
  return { label, state: 'failed', detail: `${first.message}${more}` };
}
