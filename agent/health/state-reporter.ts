import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@daam/shared/base/clock';
import type { ReportedState } from '../control/control-link.ts';

export interface StateReporterOptions {
  readonly state: () => ReportedState;
  readonly send: (state: ReportedState) => void;
  readonly clock: Clock;
}

const lookEveryMs = 1_000;
/** Numbers that change all the time are told this often at most. */
const numbersEveryMs = 10_000;

/** Tells how the agent is whenever that changes. Dispose to stop. */
export class StateReporter implements Disposable {
  readonly #options: StateReporterOptions;
  readonly #timer: NodeJS.Timeout;
  #told: { readonly state: ReportedState; readonly at: number } | null = null;

  constructor(options: StateReporterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
    this.#timer.unref();
  }

  /** Compares with what was told last; called every second. */
  look(): void {
    const { state: read, send, clock } = this.#options;
    const state = read();
    const now = clock.now();
    const told = this.#told;
    if (told !== null && isDeepStrictEqual(told.state, state)) return;
    const isNumbersOnly =
      told !== null && isDeepStrictEqual(withoutNumbers(told.state), withoutNumbers(state));
    if (isNumbersOnly && now - told.at < numbersEveryMs) return;
    this.#told = { state, at: now };
    send(state);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function withoutNumbers({ sessions: _sessions, undelivered: _undelivered, ...rest }: ReportedState) {
  return rest;
}
