import { describe, expect, it } from 'vitest';
import { RateLimiter, rateClasses } from './rate-limit.ts';

function limiterAt(start: number, maxBuckets?: number) {
  const clock = { time: start, now: () => clock.time };
  return { clock, limiter: new RateLimiter({ clock, factor: 1, ...(maxBuckets ? { maxBuckets } : {}) }) };
}

function takeAll(limiter: RateLimiter, key: string): number {
  let taken = 0;
  while (taken < 1000 && limiter.take('register', key) === 0) taken += 1;
  return taken;
}

describe('RateLimiter', () => {
  it('allows the burst, then says how long to wait', () => {
    const { limiter } = limiterAt(0);
    expect(takeAll(limiter, 'a')).toBe(rateClasses.register.burst);
    expect(limiter.take('register', 'a')).toBe(60 / rateClasses.register.perMinute);
  });

  it('refills with time, never above the burst', () => {
    const { limiter, clock } = limiterAt(0);
    takeAll(limiter, 'a');
    clock.time += 6000;
    expect(takeAll(limiter, 'a')).toBe(1);
    clock.time += 3_600_000;
    expect(takeAll(limiter, 'a')).toBe(rateClasses.register.burst);
  });

  it('counts keys and classes apart', () => {
    const { limiter } = limiterAt(0);
    takeAll(limiter, 'a');
    expect(limiter.take('register', 'b')).toBe(0);
    expect(limiter.take('read', 'a')).toBe(0);
  });

  it('takes nothing when it only looks', () => {
    const { limiter } = limiterAt(0);
    for (let i = 0; i < 1000; i++) limiter.peek('register', 'a');
    expect(takeAll(limiter, 'a')).toBe(rateClasses.register.burst);
  });

  it('does not refill when the clock goes back', () => {
    const { limiter, clock } = limiterAt(1_000_000);
    takeAll(limiter, 'a');
    clock.time = 0;
    expect(limiter.take('register', 'a')).toBeGreaterThan(0);
  });

  it('forgets the bucket that was used longest ago when there are too many', () => {
    const { limiter } = limiterAt(0, 2);
    takeAll(limiter, 'a');
    takeAll(limiter, 'b');
    limiter.take('register', 'c');
    expect(limiter.take('register', 'b')).toBeGreaterThan(0);
    expect(limiter.take('register', 'a')).toBe(0);
  });
});
