import { describe, expect, it } from 'vitest';
import { delayAfter, maxAttempts } from './back-off.ts';

describe('the wait between attempts', () => {
  it('doubles up to a ceiling and ends after the last attempt', () => {
    const waits = Array.from({ length: maxAttempts }, (_, at) => delayAfter(at + 1, 0.5));
    expect(waits.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(waits.at(-2)).toBe(21_600_000);
    expect(waits.at(-1)).toBeNull();
  });

  it('is spread over half and half as much again', () => {
    expect([0, 0.5, 1].map((random) => delayAfter(1, random))).toEqual([5_000, 10_000, 15_000]);
  });
});
