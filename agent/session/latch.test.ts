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

  it('keeps the taint of a session over transactions', () => {
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

  it('asks for an inspection after a tainted transaction, and offers elevation until that finds something', () => {
    const latch = new Latch({ enabled: true });
    latch.tainted('transaction');
    latch.transactionEnded();
    expect([latch.mustInspect, latch.elevationAvailable]).toEqual(['after-transaction', true]);
    latch.inspected(false);
    expect([latch.mustInspect, latch.noElevation]).toEqual([null, 'left-behind']);
    latch.transactionEnded();
    expect(latch.elevationAvailable).toBe(false);
  });

  it('forgets the taint of a session at a DISCARD ALL that came after it, once that was inspected', () => {
    const latch = new Latch({ enabled: true });
    latch.tainted('session');
    const sent = latch.serial;
    latch.tainted('session');
    latch.discarded(sent);
    expect(latch.elevationAvailable).toBe(false);
    latch.discarded(latch.serial);
    expect([latch.mustInspect, latch.elevationAvailable]).toEqual(['after-discard', true]);
    latch.inspected(true);
    expect([latch.mustInspect, latch.elevationAvailable]).toEqual([null, true]);
  });

  it('lets a COMMIT run in base after a write to a masked table, and no longer', () => {
    const latch = new Latch({ enabled: true });
    latch.wroteMasked();
    expect(latch.commitsInBase).toBe(true);
    latch.transactionEnded();
    expect(latch.commitsInBase).toBe(false);
  });

  it('obeys the switch at any time', () => {
    const latch = new Latch({ enabled: true });
    latch.setEnabled(false);
    expect(latch.noElevation).toBe('switched-off');
    latch.setEnabled(true);
    expect(latch.elevationAvailable).toBe(true);
  });
});
