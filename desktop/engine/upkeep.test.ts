import { silentLogger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Upkeep } from './upkeep.ts';

let isOpen: boolean;
let renewals: number;
let looks: number;
let told: number;
let renew: () => Promise<number>;
let upkeep: Upkeep;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  isOpen = true;
  [renewals, looks, told] = [0, 0, 0];
  renew = async () => Date.now() + 60_000;
  upkeep = new Upkeep({
    isNeeded: () => isOpen,
    renew: async () => {
      renewals += 1;
      return await renew();
    },
    onNotRenewed: async () => void (told += 1),
    look: async () => {
      looks += 1;
      throw new AppError('INTERNAL');
    },
    clock: { now: () => Date.now() },
    logger: silentLogger,
  });
});
afterEach(() => {
  upkeep[Symbol.dispose]();
  vi.useRealTimers();
});

describe('the upkeep of open ports', () => {
  it('renews at once and when it is due, and looks every ten seconds, whatever a look finds', async () => {
    upkeep.start();
    await vi.advanceTimersByTimeAsync(59_999);
    expect([renewals, looks]).toEqual([1, 5]);
    await vi.advanceTimersByTimeAsync(1);
    expect([renewals, looks]).toEqual([2, 6]);
  });

  it('tells of an outage, and asks again no sooner than in fifteen seconds', async () => {
    renew = async () => await Promise.reject(new AppError('CONTROL_PLANE_UNAVAILABLE'));
    upkeep.start();
    await vi.advanceTimersByTimeAsync(15_000);
    expect([renewals, told]).toEqual([2, 2]);
  });

  it('asks at least every hour', async () => {
    renew = async () => Number.POSITIVE_INFINITY;
    upkeep.start();
    await vi.advanceTimersByTimeAsync(3_600_001);
    expect(renewals).toBe(2);
  });

  it('ends with the last port, and when it is stopped', async () => {
    upkeep.start();
    await vi.advanceTimersByTimeAsync(1);
    isOpen = false;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(renewals).toBe(1);
    upkeep[Symbol.dispose]();
    const before = looks;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(looks).toBe(before);
  });
});
