import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../errors/codes.ts';

/**
 * Ending one session: an administrator asks the control plane, it asks the agent that has the session over its feed, and the
 * agent answers when nothing of it is left.
 */

/** Ceiling of a reason, in characters: the session's client is shown it. */
export const maxEndReason = 500;

/** Why a session is ended: one line, since it is told in an error of the PostgreSQL protocol. */
export const endReason = z
  .string()
  .trim()
  .min(3)
  .max(maxEndReason)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'one line without control characters');

export const endSessionQuestion = z.object({
  id: z.uuid(),
  session: z.uuid(),
  reason: endReason,
});
export type EndSessionQuestion = z.output<typeof endSessionQuestion>;

export const endSessionAnswer = z.discriminatedUnion('kind', [
  /** Nothing of it is left: the client was told why, its connection and its role at the server are gone. */
  z.object({ kind: z.literal('ended'), tookMs: z.number().min(0) }),
  /** The agent has no such session now. */
  z.object({ kind: z.literal('not-open') }),
  z.object({ kind: z.literal('failed'), code: z.enum(Object.keys(errorCodes) as [ErrorCode]) }),
]);
export type EndSessionAnswer = z.output<typeof endSessionAnswer>;
