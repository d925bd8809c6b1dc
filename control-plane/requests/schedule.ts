import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@daam/shared/base/clock';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { toAppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { changeOrganization, fromDriver, type Scope, systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import type { Events } from '../events.ts';
import { lockRequest } from './request-row.ts';
import { dueStep } from './state.ts';
import { scheduleActor, takeStep } from './take-step.ts';

/** Steps that are taken in one round; the next round follows at once when there were as many. */
const batch = 100;

export interface RequestScheduleOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly events: Events;
  /** Milliseconds between two looks for what is due. What becomes due in between is waited for exactly. */
  readonly everyMs: number;
}

/**
 * The clock's part of access requests: opens windows, closes them, lets unanswered requests lapse. What is due is in
 * the database (`due_at`), so a restart forgets nothing. Every replica runs one: a step is taken under the locks of
 * the organization and of the request, after looking again whether it is still due, so it is taken once. Dispose to
 * stop; the step that is under way is finished.
 */
export class RequestSchedule implements AsyncDisposable {
  readonly #options: RequestScheduleOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(options: RequestScheduleOptions) {
    this.#options = options;
  }

  static start(options: RequestScheduleOptions): RequestSchedule {
    const schedule = new RequestSchedule(options);
    schedule.#running = schedule.#run();
    return schedule;
  }

  async #run(): Promise<void> {
    const { events, everyMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      let waitMs = everyMs;
      try {
        const taken = await takeDueSteps(this.#options, this.#stop.signal);
        waitMs = taken >= batch ? 0 : await this.#untilNext();
      } catch (thrown) {
        events.scheduleFailed('requests', toAppError(fromDriver(thrown)));
      }
      await delay(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #untilNext(): Promise<number> {
    const { store, clock, everyMs } = this.#options;
    const [row] = await query<{ at: Date | string | null }[]>(
      systemScope(store, 'schedule'),
      'select min(due_at) as at from access_requests',
    );
    if (row === undefined || row.at === null) return everyMs;
    return Math.min(everyMs, Math.max(1, new Date(row.at).getTime() - clock.now()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/**
 * Takes the steps that are due now, each in a transaction of its own. One that fails is told of and holds nobody up.
 * Returns how many it took.
 */
export async function takeDueSteps(
  { store, clock, events }: Pick<RequestScheduleOptions, 'store' | 'clock' | 'events'>,
  signal?: AbortSignal,
): Promise<number> {
  const due = await query<{ id: string; org_id: string }[]>(
    systemScope(store, 'schedule'),
    'select id, org_id from access_requests where due_at <= ? order by due_at, id limit ?',
    [new Date(clock.now()), batch],
  );
  let taken = 0;
  for (const { id, org_id } of due) {
    if (signal?.aborted === true) break;
    try {
      const isTaken = await changeOrganization(store, asId<OrgId>(org_id), (scope) =>
        takeDueStep(scope, id, clock.now()),
      );
      if (isTaken) taken += 1;
    } catch (thrown) {
      events.scheduleFailed('requests', toAppError(fromDriver(thrown)));
    }
  }
  return taken;
}

/** False: somebody else was quicker, or it is not due any more. */
async function takeDueStep(scope: Scope, id: string, now: number): Promise<boolean> {
  const request = await lockRequest(scope, id);
  const step = request === null ? null : dueStep(request, now);
  if (request === null || step === null) return false;
  const isOrphan = step === 'start' && request.isOrphaned;
  await takeStep(scope, request, { step: isOrphan ? 'revoke' : step, actor: scheduleActor, now });
  return true;
}
