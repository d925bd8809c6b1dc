import { AppError } from '@daam/shared/errors/app-error';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { SessionCounts } from '@daam/shared/api/feed';
import type { AccessView } from '../enforce/decisions.ts';
import type { Session } from './session.ts';

/** The part of a session that the table deals with. */
export type ListedSession = Pick<Session, 'id' | 'peer' | 'run' | 'end' | 'viewChanged'>;

/** The sessions that are open now. What changes for all of them (policy, catalogue, revocation, the end) comes here. */
export class SessionTable {
  /** With what resolves when nothing of it is left. */
  readonly #sessions = new Map<ListedSession, PromiseWithResolvers<void>>();
  #emptied: (() => void) | null = null;

  get size(): number {
    return this.#sessions.size;
  }

  /** Runs a session and keeps it in the table until nothing of it is left. */
  async run(session: ListedSession): Promise<void> {
    const gone = Promise.withResolvers<void>();
    this.#sessions.set(session, gone);
    try {
      await session.run();
    } finally {
      this.#sessions.delete(session);
      gone.resolve();
      if (this.#sessions.size === 0) this.#emptied?.();
    }
  }

  /**
   * Tells each session what its person may do now; null ends it. Resolves when it is in force in all of them, with how
   * many took it and how many it ended.
   */
  async refresh(
    cause: 'policy' | 'catalogue',
    viewOf: (session: ListedSession) => AccessView | null,
  ): Promise<SessionCounts> {
    const views = [...this.#sessions.keys()].map((session) => ({ session, view: viewOf(session) }));
    await Promise.all(views.map(async ({ session, view }) => await session.viewChanged(view, cause)));
    const ended = views.filter(({ view }) => view === null).length;
    return { updated: views.length - ended, ended };
  }

  /** Returns how many it ended. */
  endWhere(shouldEnd: (session: ListedSession) => boolean, reason: AppError): number {
    const found = [...this.#sessions.keys()].filter(shouldEnd);
    for (const session of found) session.end(reason);
    return found.length;
  }

  /** Ends one session by an administrator's word; its client is told the reason. Answers when nothing of it is left. */
  async endOne({ session: id, reason }: Omit<EndSessionQuestion, 'id'>): Promise<EndSessionAnswer> {
    const startedAt = performance.now();
    const found = [...this.#sessions].find(([session]) => session.id === id);
    if (found === undefined) return { kind: 'not-open' };
    const [session, gone] = found;
    session.end(
      new AppError('SESSION_ENDED', {
        message: 'this session was ended by an administrator',
        hint: `Reason: ${reason}`,
      }),
    );
    await gone.promise;
    return { kind: 'ended', tookMs: Math.round(performance.now() - startedAt) };
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
