import { describe, expect, it } from 'vitest';
import { AddressPool } from './address-pool.ts';

const inRange = /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d{1,3}\.\d{1,3}$/;

describe('the addresses of a tunnel', () => {
  it('are of the shared address space, and no two alike', () => {
    const pool = new AddressPool({ ownKey: 'agent' });
    const all = [pool.own, ...Array.from({ length: 5_000 }, (_, number) => pool.assign(`device ${number}`))];
    expect(all.every((address) => inRange.test(address))).toBe(true);
    expect(new Set(all).size).toBe(all.length);
  });

  it('stay with their device, also after it was away', () => {
    const pool = new AddressPool({ ownKey: 'agent' });
    const first = pool.assign('device');
    expect(pool.assign('device')).toBe(first);
    pool.release('device');
    expect(pool.assign('device')).toBe(first);
  });

  it('end', () => {
    const pool = new AddressPool({ ownKey: 'agent', maxDevices: 1 });
    pool.assign('one');
    expect(() => pool.assign('two')).toThrow(expect.objectContaining({ code: 'TOO_MANY_SESSIONS' }) as Error);
    pool.release('one');
    expect(pool.assign('two')).toMatch(inRange);
  });
});
