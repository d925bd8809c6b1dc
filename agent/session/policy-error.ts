import { AppError } from '@daam/shared/errors/app-error';
import type { Denial } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import type { PendingEntry } from './pending.ts';
import { plainDenial } from './refusal.ts';

/** What a client is told when the policy changed in the middle of something. */

const rule = 'policy-changed';

/** For an Execute of a portal, and a FETCH from a cursor, that was opened under a wider policy. */
export const closedByPolicy: Denial = plainDenial({
  sqlstate: '42501',
  message: 'the cursor was closed because the policy changed',
  rule,
  hint: 'Run its query again.',
});

/** For a statement that ran when the policy changed, and uses what was taken away. */
export const cancelledByPolicy: Denial = plainDenial({
  sqlstate: '42501',
  message: 'the statement was cancelled because the policy changed while it ran',
  rule,
  hint: 'Run it again, as far as the policy still allows it.',
});

/** Ends a session that cannot go on under the new policy. */
export function policyChanged(): AppError {
  return new AppError('POLICY_REVOKED', { message: 'policy changed', hint: 'Connect again.' });
}

const fromCursor: ReadonlySet<string> = new Set(['FETCH', 'MOVE', 'CLOSE CURSOR']);

/** The refusal that a server's error stands for; null when the error has nothing to do with the policy. */
export function policyError(
  { cursorsClosed }: Pick<SessionContext, 'cursorsClosed'>,
  head: PendingEntry | null,
  code: string,
): Denial | null {
  const running = head?.running ?? null;
  if (running === null) return null;
  if (running.revoked) return cancelledByPolicy;
  const asksCursor = running.statements.some(({ command }) => fromCursor.has(command));
  return cursorsClosed && code === '34000' && asksCursor ? closedByPolicy : null;
}
