import type { Clock } from '@daam/shared/base/clock';

/** How fast something may go: `perSecond` on average, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket: full at first. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;

  constructor(options: { readonly rate: Rate; readonly clock: Clock }) {
    this.#rate = options.rate;
    this.#clock = options.clock;
    this.#tokens = options.rate.burst;
    this.#at = options.clock.now();
  }

  /** Takes `cost` tokens if they are there. */
  take(cost: number): boolean {
    const now = this.#clock.now();
    const { perSecond, burst } = this.#rate;
    // A clock that was set back adds nothing.
    const refill = (Math.max(0, now - this.#at) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + refill);
    this.#at = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}

/**
 * A bucket for each key. Bounded: when there are too many, the one used longest ago is forgotten, and a forgotten
 * bucket is a full one.
 */
export class KeyedBuckets {
  readonly #options: { readonly rate: Rate; readonly clock: Clock; readonly maxKeys: number };
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: { readonly rate: Rate; readonly clock: Clock; readonly maxKeys: number }) {
    this.#options = options;
  }

  take(key: string, cost: number): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#options);
    // Set again, so that the order of the map is the order of use.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#options.maxKeys) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.take(cost);
  }

  get size(): number {
    return this.#buckets.size;
  }
}
