import type { Clock } from '@daam/shared/base/clock';

export interface RateLimitOptions {
  readonly clock: Clock;
  /** How many at once. */
  readonly burst: number;
  /** How many a second, lastingly. */
  readonly perSecond: number;
}

/** A token bucket: returns a function that says whether one more may pass now. */
export function createRateLimit({ clock, burst, perSecond }: RateLimitOptions): () => boolean {
  let available = burst;
  let filledAt = clock.now();
  return () => {
    const now = clock.now();
    available = Math.min(burst, available + (Math.max(0, now - filledAt) * perSecond) / 1_000);
    filledAt = now;
    if (available < 1) return false;
    available -= 1;
    return true;
  };
}
