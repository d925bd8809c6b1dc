import { AppError } from '@daam/shared/errors/app-error';
import type { SessionContext } from './context.ts';

const checkEveryMs = 250;

/**
 * The policy's times, kept by the agent: a setting that the client can change would be no limit. A statement over
 * its time is cancelled as a CancelRequest would; an idle or too old session is closed.
 */
export class SessionTimers implements Disposable {
  readonly #context: SessionContext;
  readonly #startedAt: number;
  readonly #cancel: () => void;
  readonly #interval: NodeJS.Timeout;
  #idleSince: number;
  #cancelled: unknown = null;

  constructor({
    context,
    startedAt,
    cancel,
  }: {
    readonly context: SessionContext;
    readonly startedAt: number;
    readonly cancel: () => void;
  }) {
    this.#context = context;
    this.#startedAt = startedAt;
    this.#cancel = cancel;
    this.#idleSince = context.clock.now();
    this.#interval = setInterval(() => this.check(), checkEveryMs);
    this.#interval.unref();
  }

  /** Called by the interval; a test calls it with its own clock. */
  check(): void {
    const { pending, clock, view } = this.#context;
    const now = clock.now();
    const { statementTimeoutMs, idleTimeoutMs, maxSessionDurationMs } = view.access.limits;
    if (maxSessionDurationMs !== undefined && now - this.#startedAt > maxSessionDurationMs) {
      this.#context.end(
        new AppError('TIMEOUT', { message: "the session reached the policy's maximum duration" }),
      );
      return;
    }
    if (pending.size > 0) {
      this.#idleSince = now;
      this.#checkStatement(statementTimeoutMs);
      return;
    }
    if (idleTimeoutMs !== undefined && now - this.#idleSince > idleTimeoutMs) {
      this.#context.end(
        new AppError('TIMEOUT', { message: 'the session was idle for longer than the policy allows' }),
      );
    }
  }

  #checkStatement(limitMs: number | undefined): void {
    const running = this.#context.pending.head?.running ?? null;
    if (limitMs === undefined || running === null || running === this.#cancelled) return;
    if (performance.now() - running.startedAt <= limitMs) return;
    this.#cancelled = running;
    this.#cancel();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#interval);
  }
}
