import { describe, expect, it } from 'vitest';
import { deviceKeyFingerprint, matchCode } from './match-code.ts';

const challenge = (byte: number) => Buffer.alloc(32, byte).toString('base64url');

describe('the match code', () => {
  it('is two characters that nobody mistakes, the same on both sides', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(matchCode(challenge(byte))).toMatch(/^[2-9A-HJKMNP-TV-Z]{2}$/);
      expect(matchCode(challenge(byte))).toBe(matchCode(challenge(byte)));
    }
    expect(matchCode(challenge(7))).toBe('WH');
  });

  it('differs between sign-ins about as often as two characters can', () => {
    const codes = new Set(Array.from({ length: 256 }, (_, byte) => matchCode(challenge(byte))));
    expect(codes.size).toBeGreaterThan(180);
  });
});

describe('the fingerprint of a device key', () => {
  it('is eight bytes of its hash in groups, and another key has another', () => {
    expect(deviceKeyFingerprint(challenge(1))).toMatch(/^([0-9a-f]{4} ){3}[0-9a-f]{4}$/);
    expect(deviceKeyFingerprint(challenge(1))).not.toBe(deviceKeyFingerprint(challenge(2)));
  });
});
