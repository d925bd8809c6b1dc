import { describe, expect, it } from 'vitest';
import { FailureCounter, isLoopback } from './failure-counter.ts';

function counter(maxAddresses = 10) {
  const clock = { now: 0 };
  const failures = new FailureCounter({ limit: 2, windowMs: 1_000, maxAddresses, now: () => clock.now });
  return { clock, failures };
}

describe('the failure counter', () => {
  it('bars an address at the limit and lets it back when the window ends', () => {
    const { clock, failures } = counter();
    expect(failures.add('192.0.2.1')).toBe(1);
    expect(failures.isBarred('192.0.2.1')).toBe(false);
    expect(failures.add('192.0.2.1')).toBe(2);
    expect(failures.isBarred('192.0.2.1')).toBe(true);
    expect(failures.isBarred('192.0.2.2')).toBe(false);
    clock.now = 1_000;
    expect(failures.isBarred('192.0.2.1')).toBe(false);
    expect(failures.add('192.0.2.1')).toBe(1);
  });

  it('counts loopback addresses and never bars them', () => {
    const { failures } = counter();
    for (let n = 1; n <= 5; n += 1) expect(failures.add('127.0.0.1')).toBe(n);
    expect(failures.isBarred('127.0.0.1')).toBe(false);
  });

  it('remembers a bounded number of addresses, the newest ones', () => {
    const { failures } = counter(2);
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) failures.add(address);
    expect(failures.add('192.0.2.3')).toBe(2);
    expect(failures.add('192.0.2.1')).toBe(1);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:192.0.2.1', false],
    ['128.0.0.1', false],
    ['unknown', false],
  ])('takes %s for loopback: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
