import type { AppError } from '@daam/shared/errors/app-error';
import type { AccessView } from '../enforce/decisions.ts';
import type { Session } from './session.ts';

/** The sessions that are open now. What changes for all of them (policy, catalogue, revocation, the end) comes here. */
export class SessionTable {
  readonly #sessions = new Set<Session>();
  #emptied: (() => void) | null = null;

  get size(): number {
    return this.#sessions.size;
  }

  /** Runs a session and keeps it in the table until nothing of it is left. */
  async run(session: Session): Promise<void> {
    this.#sessions.add(session);
    try {
      await session.run();
    } finally {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#emptied?.();
    }
  }

  /** Tells each session what its person may do now; null ends it. Resolves when it is in force in all of them. */
  async refresh(
    cause: 'policy' | 'catalogue',
    viewOf: (session: Session) => AccessView | null,
  ): Promise<void> {
    await Promise.all(
      [...this.#sessions].map(async (session) => await session.viewChanged(viewOf(session), cause)),
    );
  }

  endWhere(shouldEnd: (session: Session) => boolean, reason: AppError): void {
    for (const session of this.#sessions) if (shouldEnd(session)) session.end(reason);
  }

  /** Resolves when the last session is gone, or after `timeoutMs`. */
  async emptied(timeoutMs: number): Promise<void> {
    if (this.#sessions.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
  }
}
