/** Agents in words. */
import type { AgentCondition, AgentHealth } from '@daam/shared/api/routes/agents';
import type { Tone } from '../../ui/chip.tsx';

export const conditionWords: Readonly<Record<AgentCondition, readonly [string, Tone]>> = {
  'never-connected': ['never connected', 'neutral'],
  online: ['healthy', 'ok'],
  degraded: ['degraded', 'warn'],
  unhealthy: ['unhealthy', 'bad'],
  draining: ['draining', 'warn'],
  offline: ['offline', 'bad'],
  revoked: ['revoked', 'neutral'],
};

type Trouble = AgentHealth['troubles'][number];

export const troubleWords: Readonly<Record<Trouble, string>> = {
  'upstream-away': 'The database does not answer the agent.',
  'no-policy': 'It has no valid policy and lets nobody in.',
  'cached-policy': 'It works with the policies that it kept: the control plane is not reached.',
  'control-plane-refused': 'The control plane does not accept it.',
  'audit-not-writable': 'The audit log cannot be written, so nothing may run.',
  'database-unsafe': 'The doctor found the database unsafe to serve.',
  'no-way-in': 'Nobody can reach it: neither tunnel nor listener is up.',
  'tunnel-degraded': 'Its tunnel does not work fully.',
};

/** "2 of 2": those that serve, of those that are not revoked. */
export function agentsWords(agents: readonly { readonly condition: AgentCondition }[]): string {
  const counted = agents.filter(({ condition }) => condition !== 'revoked');
  const serving = counted.filter(({ condition }) => condition === 'online' || condition === 'degraded');
  return counted.length === 0 ? 'none' : `${serving.length} of ${counted.length}`;
}

/** "15.7" of what a server says about itself. */
export function versionOf(serverVersion: string | null | undefined): string {
  return /\d+(?:\.\d+)?/.exec(serverVersion ?? '')?.[0] ?? '';
}
