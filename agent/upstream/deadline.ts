import { AppError, toAppError } from '@daam/shared/errors/app-error';

/** Limits on work that somebody may give up (`signal`) and that may not take longer than `timeoutMs`. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Runs `work` under both limits. Every failure is an AppError: CANCELLED when the caller gave up,
 * UPSTREAM_UNAVAILABLE when time ran out, else what `work` threw.
 */
export async function withinDeadline<Result>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeout = AbortSignal.timeout(deadline.timeoutMs);
  try {
    return await work(AbortSignal.any([deadline.signal, timeout]));
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (deadline.signal.aborted) throw new AppError('CANCELLED', { cause: error });
    if (timeout.aborted) {
      throw new AppError('UPSTREAM_UNAVAILABLE', {
        detail: `no answer in ${deadline.timeoutMs} ms`,
        cause: error,
      });
    }
    throw toAppError(error);
  }
}
