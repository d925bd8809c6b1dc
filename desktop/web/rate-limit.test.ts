import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

function start() {
  const clock = { time: 1_000, now: () => clock.time };
  return { clock, mayPass: createRateLimit({ clock, burst: 3, perSecond: 2 }) };
}

describe('the rate limit', () => {
  it('lets a burst pass and then no more', () => {
    const { mayPass } = start();
    expect([mayPass(), mayPass(), mayPass(), mayPass()]).toEqual([true, true, true, false]);
  });

  it('fills at its rate and never above the burst', () => {
    const { clock, mayPass } = start();
    while (mayPass()) clock.time += 0;
    clock.time += 500;
    expect([mayPass(), mayPass()]).toEqual([true, false]);
    clock.time += 60_000;
    expect([mayPass(), mayPass(), mayPass(), mayPass()]).toEqual([true, true, true, false]);
  });

  it('gives nothing when the clock goes back', () => {
    const { clock, mayPass } = start();
    while (mayPass()) clock.time += 0;
    clock.time -= 10_000;
    expect(mayPass()).toBe(false);
  });
});
