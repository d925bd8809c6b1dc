/** How sessions are and how they ended, in words. */
import type { ConnectionView } from '@daam/shared/api/routes/audit';
import type { Tone } from '../../ui/chip.tsx';
import { moment } from '../../ui/time.ts';

const words: Readonly<Record<string, readonly [string, Tone]>> = {
  client: ['closed by the program', 'neutral'],
  idle: ['idle too long', 'neutral'],
  DRAINING: ['agent stopped', 'neutral'],
  AGENT_RESTARTED: ['agent restarted', 'bad'],
  SESSION_ENDED: ['ended by an administrator', 'warn'],
  POLICY_REVOKED: ['access ended', 'warn'],
  REVOKED: ['device or person revoked', 'warn'],
  EXPIRED_CERTIFICATE: ['sign-in ended', 'neutral'],
  TIMEOUT: ['over the time of the policy', 'warn'],
  ROW_LIMIT: ['over the rows of the policy', 'warn'],
  UPSTREAM_UNAVAILABLE: ['database went away', 'bad'],
  AUDIT_UNAVAILABLE: ['audit not writable', 'bad'],
  RESULT_ASSERTION_FAILED: ['masked value in a result', 'bad'],
};

/** What a reason of the audit means; a code of a newer agent is shown as it is. */
export function endWords(reason: string): readonly [string, Tone] {
  return words[reason] ?? [reason, 'warn'];
}

/** Since when nobody knows whether an open session still runs, because its agent is away; null: it runs, or has ended. */
export function unreachableSince({ end, unreachableSince: since }: ConnectionView): string | null {
  return end === null ? (since ?? null) : null;
}

/** How a session is, at a glance; `now` in milliseconds. */
export function stateWords(session: ConnectionView, now: number): readonly [string, Tone] {
  if (session.end !== null) return endWords(session.end.reason);
  const since = unreachableSince(session);
  return since === null ? ['open', 'ok'] : [`agent unreachable since ${moment(since, now)}`, 'warn'];
}
