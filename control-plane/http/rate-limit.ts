import type { Clock } from '@daam/shared/base/clock';

/** Calls a minute, and how many may come at once. Per replica; the classes are columns of routes.ts. */
export const rateClasses = {
  health: { perMinute: 600, burst: 100 },
  read: { perMinute: 600, burst: 120 },
  write: { perMinute: 180, burst: 60 },
  /** Each is work for an agent. */
  explain: { perMinute: 60, burst: 20 },
  /** Each resolves policies on all tables of a database, or compares hundreds of documents, on the one thread that serves everybody. */
  access: { perMinute: 60, burst: 20 },
  issue: { perMinute: 60, burst: 30 },
  /** By address, and a device that waits for its person asks every few seconds. */
  'sign-in': { perMinute: 300, burst: 60 },
  page: { perMinute: 300, burst: 60 },
  /** Somebody who types codes; whoever tries them out gets nowhere in their quarter of an hour. */
  'user-code': { perMinute: 12, burst: 8 },
  register: { perMinute: 10, burst: 10 },
  feed: { perMinute: 30, burst: 10 },
  /** Some megabytes each, that are worked through for every policy; the agent comes again when it was too early. */
  schema: { perMinute: 6, burst: 6 },
  ingest: { perMinute: 3000, burst: 300 },
  /** Failed authentications of an address; counted only when one fails. */
  failure: { perMinute: 120, burst: 60 },
} as const;
export type RateClass = Exclude<keyof typeof rateClasses, 'failure'>;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets by class and key (token, agent or address). Bounded: the bucket that was used longest ago
 * goes first, and a forgotten bucket is a full one.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #factor: number;
  readonly #maxBuckets: number;

  constructor(options: { readonly clock: Clock; readonly factor: number; readonly maxBuckets?: number }) {
    this.#clock = options.clock;
    this.#factor = options.factor;
    this.#maxBuckets = options.maxBuckets ?? 50_000;
  }

  /** Takes one call. Returns 0, or the seconds to wait. */
  take(rate: keyof typeof rateClasses, key: string): number {
    return this.#use(rate, key, 1);
  }

  /** Seconds to wait, without taking anything. */
  peek(rate: keyof typeof rateClasses, key: string): number {
    return this.#use(rate, key, 0);
  }

  #use(rate: keyof typeof rateClasses, key: string, cost: 0 | 1): number {
    const perSecond = (rateClasses[rate].perMinute * this.#factor) / 60;
    const burst = Math.max(1, rateClasses[rate].burst * this.#factor);
    const name = `${rate} ${key}`;
    const now = this.#clock.now();
    const old = this.#buckets.get(name) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, old.tokens + (Math.max(0, now - old.at) / 1000) * perSecond);
    const isAllowed = tokens >= 1;
    this.#remember(name, { tokens: isAllowed ? tokens - cost : tokens, at: now });
    return isAllowed ? 0 : Math.ceil((1 - tokens) / perSecond);
  }

  #remember(name: string, bucket: Bucket): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size <= this.#maxBuckets) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
