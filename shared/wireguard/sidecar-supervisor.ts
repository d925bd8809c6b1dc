/**
 * Keeps a sidecar running: when the process ends, another one is started, after a wait that grows, and everything that
 * the first one had been told is told again by `bringUp`.
 */
import { AppError, toAppError } from '../errors/app-error.ts';
import { SidecarProcess, type SidecarOptions } from './sidecar-process.ts';
import type { SidecarAnswer, SidecarCommand } from './sidecar-channel.ts';

export interface SupervisorOptions extends Omit<SidecarOptions, 'onExit'> {
  /**
   * Makes a fresh process what it has to be: `up`, peers, forwards. Runs at every start; when it throws, the process is
   * ended and the next attempt waits. Events may come while it runs.
   */
  readonly bringUp: (sidecar: SidecarProcess) => Promise<void>;
  /** The state has changed. */
  readonly onState?: (state: SupervisorState) => void;
  /** Between attempts, doubled up to `maxMs`. Milliseconds; default 250 and 15,000. */
  readonly backOff?: { readonly minMs: number; readonly maxMs: number };
}

/** `waiting`: for the next attempt, for the reason that is told. */
export type SupervisorState =
  | { readonly kind: 'starting' | 'up' | 'stopped' }
  | { readonly kind: 'waiting'; readonly failure: AppError; readonly retryInMs: number };

/** A process that ran this long did not fail at its start: the next wait is the first one again. Milliseconds. */
const steadyMs = 10_000;

export class SidecarSupervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #stopped = new AbortController();
  #state: SupervisorState = { kind: 'starting' };
  #current: SidecarProcess | null = null;
  #next = Promise.withResolvers<SidecarProcess>();
  #endCurrent: (failure: AppError) => void = () => {};
  readonly #running: Promise<void>;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#next.promise.catch(() => {});
    this.#running = this.#run();
  }

  /** Begins; does not wait, and never fails: `state` and `onState` tell how it goes. */
  static start(options: SupervisorOptions): SidecarSupervisor {
    return new SidecarSupervisor(options);
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** The process that was brought up and lives; null while there is none. */
  get current(): SidecarProcess | null {
    return this.#current;
  }

  /** The process, as soon as one is up. CANCELLED when the supervisor is disposed of first. */
  whenUp(): Promise<SidecarProcess> {
    return this.#current === null ? this.#next.promise : Promise.resolve(this.#current);
  }

  /** Sends a command to the process that is up; TUNNEL_FAILED without one. */
  async send(
    command: SidecarCommand,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SidecarAnswer> {
    if (this.#current === null) throw new AppError('TUNNEL_FAILED', { detail: 'the sidecar is not up' });
    return await this.#current.send(command, fields);
  }

  /** Ends the process that is there; the next one is brought up after the shortest wait. */
  restart(): void {
    this.#endCurrent(new AppError('TUNNEL_FAILED', { detail: 'restart' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    this.#endCurrent(new AppError('CANCELLED'));
    await this.#running;
    this.#next.reject(new AppError('CANCELLED'));
    this.#tell({ kind: 'stopped' });
  }

  async #run(): Promise<void> {
    const { minMs, maxMs } = this.#options.backOff ?? { minMs: 250, maxMs: 15_000 };
    let step = minMs;
    // Whoever starts it holds it before the first state is told.
    await Promise.resolve();
    while (!this.#stopped.signal.aborted) {
      this.#tell({ kind: 'starting' });
      const startedAt = performance.now();
      const failure = await this.#runOne();
      if (this.#stopped.signal.aborted) return;
      if (performance.now() - startedAt > steadyMs) step = minMs;
      // Between half of the step and the whole, so that many do not come back in step.
      const retryInMs = Math.round(step * (0.5 + 0.5 * Math.random()));
      this.#tell({ kind: 'waiting', failure, retryInMs });
      step = Math.min(step * 2, maxMs);
      await wait(retryInMs, this.#stopped.signal);
    }
  }

  /** One process from its start to its end: why it ended. */
  async #runOne(): Promise<AppError> {
    const ended = Promise.withResolvers<AppError>();
    this.#endCurrent = ended.resolve;
    if (this.#stopped.signal.aborted) return new AppError('CANCELLED');
    try {
      await using sidecar = await SidecarProcess.start({ ...this.#options, onExit: ended.resolve });
      const isUp = this.#options.bringUp(sidecar).then((): null => null);
      isUp.catch(() => {});
      const first = await Promise.race([isUp, ended.promise]);
      if (first !== null) return first;
      this.#becameUp(sidecar);
      const failure = await ended.promise;
      this.#current = null;
      return failure;
    } catch (thrown) {
      return toAppError(thrown);
    } finally {
      this.#current = null;
    }
  }

  #becameUp(sidecar: SidecarProcess): void {
    this.#current = sidecar;
    const waiting = this.#next;
    this.#next = Promise.withResolvers();
    this.#next.promise.catch(() => {});
    this.#tell({ kind: 'up' });
    waiting.resolve(sidecar);
  }

  #tell(state: SupervisorState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
