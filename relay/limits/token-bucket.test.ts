import { describe, expect, it } from 'vitest';
import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

function stoppedClock() {
  let time = 1_000_000;
  return { clock: { now: () => time }, advance: (ms: number) => void (time += ms) };
}

describe('a token bucket', () => {
  it('gives its burst at once and then its rate', () => {
    const { clock, advance } = stoppedClock();
    const bucket = new TokenBucket({ rate: { perSecond: 10, burst: 3 }, clock });
    expect([1, 1, 1, 1].map((cost) => bucket.take(cost))).toEqual([true, true, true, false]);
    advance(100);
    expect([bucket.take(1), bucket.take(1)]).toEqual([true, false]);
  });

  it('never holds more than its burst', () => {
    const { clock, advance } = stoppedClock();
    const bucket = new TokenBucket({ rate: { perSecond: 10, burst: 3 }, clock });
    advance(3_600_000);
    expect([bucket.take(4), bucket.take(3)]).toEqual([false, true]);
  });

  it('gains nothing from a clock that is set back', () => {
    const { clock, advance } = stoppedClock();
    const bucket = new TokenBucket({ rate: { perSecond: 1, burst: 1 }, clock });
    bucket.take(1);
    advance(-5_000);
    expect(bucket.take(1)).toBe(false);
    advance(1_000);
    expect(bucket.take(1)).toBe(true);
  });
});

describe('buckets by key', () => {
  it('count each key by itself and stay bounded', () => {
    const { clock } = stoppedClock();
    const buckets = new KeyedBuckets({ rate: { perSecond: 1, burst: 1 }, clock, maxKeys: 2 });
    expect([buckets.take('a', 1), buckets.take('a', 1), buckets.take('b', 1)]).toEqual([true, false, true]);
    buckets.take('c', 1);
    expect(buckets.size).toBe(2);
    expect(buckets.take('a', 1)).toBe(true);
  });
});
