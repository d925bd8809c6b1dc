import { describe, expect, it } from 'vitest';
import { pseudonymKeyId, pseudonymOf, pseudonymPads } from './pseudonym.ts';

const key = Buffer.alloc(32, 7);

describe('a pseudonym', () => {
  it('is the same for the same value and key, and another for another', () => {
    expect(pseudonymOf(key, 'jane@example.com', 'text')).toBe(pseudonymOf(key, 'jane@example.com', 'text'));
    expect(pseudonymOf(key, 'jane@example.com', 'text')).not.toBe(
      pseudonymOf(key, 'jane@example.org', 'text'),
    );
    expect(pseudonymOf(Buffer.alloc(32, 8), 'a', 'text')).not.toBe(pseudonymOf(key, 'a', 'text'));
  });

  it('has the form of its type', () => {
    expect(pseudonymOf(key, 'a', 'text')).toMatch(/^p_[0-9a-f]{32}$/);
    expect(pseudonymOf(key, 'a', 'uuid')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    for (let at = 0; at < 500; at += 1) {
      const number = BigInt(pseudonymOf(key, String(at), 'int8'));
      expect(number >= 0n && number < 1n << 60n).toBe(true);
    }
  });

  it('knows its key by a name that is not the key', () => {
    expect(pseudonymKeyId(key)).toMatch(/^[0-9a-f]{32}$/);
    expect(pseudonymKeyId(Buffer.alloc(32, 8))).not.toBe(pseudonymKeyId(key));
    expect(pseudonymPads(key).inner).toHaveLength(64);
    expect(pseudonymPads(key).inner.equals(pseudonymPads(key).outer)).toBe(false);
  });
});
