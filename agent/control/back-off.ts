import { setTimeout as delay } from 'node:timers/promises';

export interface BackOffOptions {
  /** The first wait, doubled with each further one up to `maxMs`. Milliseconds. */
  readonly minMs: number;
  readonly maxMs: number;
  /** From 0 to 1; Math.random unless told. */
  readonly random?: () => number;
}

/** Waits between attempts: each is somewhere between half of its step and the whole, so that agents do not come back in step. */
export class BackOff {
  readonly #options: BackOffOptions;
  #step: number;

  constructor(options: BackOffOptions) {
    this.#options = options;
    this.#step = options.minMs;
  }

  /** Milliseconds to wait now. */
  next(): number {
    const step = this.#step;
    this.#step = Math.min(step * 2, this.#options.maxMs);
    return step * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
  }

  /** It worked: the next wait is the first one again. */
  reset(): void {
    this.#step = this.#options.minMs;
  }

  /** There is no hurry: the next wait is the longest one. */
  slowDown(): void {
    this.#step = this.#options.maxMs;
  }

  /** Waits; returns early, without an error, when `signal` is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal, ref: false }).catch(() => {});
  }
}
