/** How sessions ended, in words. */
import type { Tone } from '../../ui/chip.tsx';

const words: Readonly<Record<string, readonly [string, Tone]>> = {
  client: ['closed by the program', 'neutral'],
  idle: ['idle too long', 'neutral'],
  DRAINING: ['agent stopped', 'neutral'],
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
