import { AppError } from '@daam/shared/errors/app-error';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { SessionCounts } from '@daam/shared/api/feed';
import type { AccessView } from '../enforce/decisions.ts';
import type { Session } from './session.ts';

/** The part of a session that the table deals with. */
export type ListedSession = Pick<Session, 'id' | 'peer' | 'run' | 'end' | 'viewChanged'>;

/** How long an ending is waited for: less than the control plane waits for the answer. */
const endingMs = 8_000;

/** The sessions that are open now. What changes for all of them (policy, catalogue, revocation, the end) comes here. */
export class SessionTable {
  /** With what resolves when nothing of it is left. */
  readonly #sessions = new Map<ListedSession, PromiseWithResolvers<void>>();
  /** Endings that are not answered yet. */
  readonly #endings = new Map<ListedSession, Promise<EndSessionAnswer>>();
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

  /**
   * Ends one session by an administrator's word; its client is told the reason. Answers when nothing of it is left, or that
   * it takes too long. Who asks again meanwhile gets the same answer.
   */
  async endOne({ session: id, reason }: Omit<EndSessionQuestion, 'id'>): Promise<EndSessionAnswer> {
    const found = [...this.#sessions].find(([session]) => session.id === id);
    if (found === undefined) return { kind: 'not-open' };
    const [session, gone] = found;
    const known = this.#endings.get(session);
    if (known !== undefined) return await known;
    const ending = endingOf(session, gone.promise, reason);
    this.#endings.set(session, ending);
    try {
      return await ending;
    } finally {
      this.#endings.delete(session);
    }
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

async function endingOf(
  session: ListedSession,
  gone: Promise<void>,
  reason: string,
): Promise<EndSessionAnswer> {
  const startedAt = performance.now();
  session.end(
    new AppError('SESSION_ENDED', {
      message: 'this session was ended by an administrator',
      hint: `Reason: ${reason}`,
    }),
  );
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), endingMs);
  const first = await Promise.race([gone, late]);
  clearTimeout(timer);
  if (first === 'late') return { kind: 'failed', code: 'TIMEOUT' };
  return { kind: 'ended', tookMs: Math.round(performance.now() - startedAt) };
}
