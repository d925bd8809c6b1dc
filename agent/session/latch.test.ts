import { describe, expect, it } from 'vitest';
import { Latch } from './latch.ts';

describe('Latch', () => {
  it('starts in base with elevation available', () => {
    const latch = new Latch({ enabled: true });
    expect(latch.mustChange('elevated')).toBe(true);
    expect(latch.mustChange('base')).toBe(false);
    expect(latch.mustChange('either')).toBe(false);
    expect(latch.elevationAvailable).toBe(true);
  });

  it('never offers elevation where the organization switched it off', () => {
    expect(new Latch({ enabled: false }).elevationAvailable).toBe(false);
  });

  it('forgets the taint of a transaction when the transaction ends', () => {
    const latch = new Latch({ enabled: true });
    latch.tainted('transaction');
    expect(latch.elevationAvailable).toBe(false);
    latch.transactionEnded();
    expect(latch.elevationAvailable).toBe(true);
  });

  it('never forgets the taint of a session, whatever comes after it', () => {
    const latch = new Latch({ enabled: true });
    latch.tainted('session');
    latch.tainted('transaction');
    latch.transactionEnded();
    expect(latch.elevationAvailable).toBe(false);
  });

  it('asks for base again once elevated', () => {
    const latch = new Latch({ enabled: true });
    latch.moved('elevated');
    expect(latch.mustChange('elevated')).toBe(false);
    expect(latch.mustChange('base')).toBe(true);
    expect(latch.mustChange('either')).toBe(false);
  });
});
