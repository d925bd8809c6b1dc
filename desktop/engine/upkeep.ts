/** What has to be done from time to time as long as a port is open: renewing what ends, looking at paths and clients. */
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';

/** How often is looked, in milliseconds. */
const lookEveryMs = 10_000;

/** Shortest time between two rounds of renewal, in milliseconds: an outage must not become a storm. */
const minPauseMs = 15_000;
const maxPauseMs = 3_600_000;

export interface UpkeepOptions {
  /** Whether anything is open. */
  readonly isNeeded: () => boolean;
  /** Renews what is due; when to do so again, in milliseconds since the Unix epoch. */
  readonly renew: () => Promise<number>;
  /** It could not. */
  readonly onNotRenewed: () => Promise<void>;
  readonly look: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Upkeep implements Disposable {
  readonly #options: UpkeepOptions;
  #renewal: NodeJS.Timeout | null = null;
  #looking: NodeJS.Timeout | null = null;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Something was opened. */
  start(): void {
    this.#renewIn(0);
    this.#looking ??= setInterval(() => void this.#look(), lookEveryMs).unref();
  }

  /** Now, and then again when it is due. Never rejects. */
  async renew(): Promise<void> {
    const { isNeeded, renew, onNotRenewed, clock, logger } = this.#options;
    if (!isNeeded()) return;
    let next = 0;
    try {
      next = await renew();
    } catch (thrown) {
      logger.warn({ code: toAppError(thrown).code }, 'credentials could not be renewed');
      await onNotRenewed();
    }
    if (isNeeded()) this.#renewIn(Math.min(Math.max(next - clock.now(), minPauseMs), maxPauseMs));
  }

  /** Until something is opened again. */
  [Symbol.dispose](): void {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    if (this.#looking !== null) clearInterval(this.#looking);
    this.#renewal = this.#looking = null;
  }

  #renewIn(delayMs: number): void {
    if (this.#renewal !== null) clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => void this.renew(), delayMs).unref();
  }

  async #look(): Promise<void> {
    try {
      await this.#options.look();
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'open ports could not be looked at');
    }
  }
}
