import type { AgentTrouble } from '@daam/shared/api/feed';
import type { HealthReport } from './server.ts';

/** What an agent's health is judged by. */
export interface HealthFacts {
  readonly isDraining: boolean;
  readonly policy: HealthReport['policy']['source'];
  /** To the control plane. */
  readonly isConnected: boolean;
  /** Revoked, refused, or its files cannot be written: it may go on with what it has, but somebody must look. */
  readonly isRefused: boolean;
  readonly isAuditWritable: boolean;
  readonly isUpstreamReached: boolean;
  /** No finding of the doctor forbids to serve. */
  readonly isSafe: boolean;
  /** Somebody can come in. */
  readonly isOpen: boolean;
  /** Every way in that is configured works as it should. */
  readonly isWhole: boolean;
}

export interface Assessment {
  readonly status: HealthReport['status'];
  readonly troubles: readonly AgentTrouble[];
}

/** Troubles with which nobody can be served. */
const fatal: ReadonlySet<AgentTrouble> = new Set([
  'no-policy',
  'upstream-away',
  'database-unsafe',
  'audit-not-writable',
  'no-way-in',
]);

/** The health of an agent with everything that is wrong: unhealthy serves nobody, degraded somebody must look at. */
export function assess(facts: HealthFacts): Assessment {
  const troubles = troublesOf(facts);
  if (facts.isDraining) return { status: 'draining', troubles };
  if (troubles.some((trouble) => fatal.has(trouble))) return { status: 'unhealthy', troubles };
  const isFine = facts.isConnected && troubles.every((trouble) => trouble === 'cached-policy');
  return { status: isFine ? 'healthy' : 'degraded', troubles };
}

function troublesOf(facts: HealthFacts): readonly AgentTrouble[] {
  const found: readonly (readonly [boolean, AgentTrouble])[] = [
    [facts.policy === 'none', 'no-policy'],
    [!facts.isUpstreamReached, 'upstream-away'],
    [!facts.isSafe, 'database-unsafe'],
    [!facts.isAuditWritable, 'audit-not-writable'],
    [!facts.isOpen, 'no-way-in'],
    [!facts.isWhole, 'tunnel-degraded'],
    [facts.isRefused, 'control-plane-refused'],
    [facts.policy === 'cache', 'cached-policy'],
  ];
  return found.flatMap(([isSo, trouble]) => (isSo ? [trouble] : []));
}
