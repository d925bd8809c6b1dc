import { describe, expect, it } from 'vitest';
import { expiryMarginMs, isDue, isUsable, renewAt } from './renewal.ts';

const lifetime = { issuedAt: 1_000_000, expiresAt: 1_300_000 };

describe('renewal', () => {
  it('is due at two thirds of the lifetime', () => {
    expect(renewAt(lifetime)).toBe(1_200_000);
    expect(isDue(lifetime, 1_199_999)).toBe(false);
    expect(isDue(lifetime, 1_200_000)).toBe(true);
  });

  it('keeps what is held usable until shortly before its end', () => {
    expect(isUsable(lifetime, 1_300_000 - expiryMarginMs - 1)).toBe(true);
    expect(isUsable(lifetime, 1_300_000 - expiryMarginMs)).toBe(false);
  });
});
