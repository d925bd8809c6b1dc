import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { makeChallenge, type ProofBinding, prove, verifyProof } from './possession.ts';
import {
  generateX25519,
  readX25519Private,
  readX25519Public,
  x25519PrivateText,
  x25519PublicText,
} from './x25519.ts';

const binding: ProofBinding = { purpose: 'agent', document: 'header.claims.signature', audience: 'agent-1' };

function setUp(with_: Partial<ProofBinding> = {}) {
  const key = generateX25519();
  const pending = makeChallenge();
  const proof = prove({ challenge: pending.challenge, deviceKey: key, binding: { ...binding, ...with_ } });
  return { key, pending, proof, deviceKey: x25519PublicText(key) };
}

/** Points of small order on Curve25519 (https://cr.yp.to/ecdh.html#validate), little-endian. */
const lowOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex').toString('base64url'));

describe('proof of possession', () => {
  it('is accepted for the challenge, key and binding that it was made for', () => {
    const { pending, proof, deviceKey } = setUp();
    expect(verifyProof({ pending, deviceKey, binding, proof })).toBe(true);
  });

  it('is refused when any single bit of it is flipped', () => {
    const { pending, proof, deviceKey } = setUp();
    for (let bit = 0; bit < 256; bit += 1) {
      const bytes = Buffer.from(proof, 'base64url');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifyProof({ pending, deviceKey, binding, proof: bytes.toString('base64url') })).toBe(false);
    }
  });

  it('is refused when it is truncated, extended or written in another alphabet', () => {
    const { pending, proof, deviceKey } = setUp();
    for (let length = 0; length < proof.length; length += 1) {
      expect(verifyProof({ pending, deviceKey, binding, proof: proof.slice(0, length) })).toBe(false);
    }
    for (const wrong of [`${proof}A`, `${proof}=`, ` ${proof}`, 'é'.repeat(43), '+'.repeat(43)]) {
      expect(verifyProof({ pending, deviceKey, binding, proof: wrong })).toBe(false);
    }
  });

  it('is refused under another challenge', () => {
    const { proof, deviceKey } = setUp();
    expect(verifyProof({ pending: makeChallenge(), deviceKey, binding, proof })).toBe(false);
  });

  it('is refused when only the nonce or only the ephemeral key differs', () => {
    const { pending, proof, deviceKey } = setUp();
    const other = makeChallenge();
    const otherNonce = {
      ...pending,
      challenge: { ...pending.challenge, nonce: other.challenge.nonce },
    };
    const otherKey = {
      challenge: { ...other.challenge, nonce: pending.challenge.nonce },
      privateKey: other.privateKey,
    };
    expect(verifyProof({ pending: otherNonce, deviceKey, binding, proof })).toBe(false);
    expect(verifyProof({ pending: otherKey, deviceKey, binding, proof })).toBe(false);
  });

  it('is refused for the public key of another device', () => {
    const { pending, proof } = setUp();
    const deviceKey = x25519PublicText(generateX25519());
    expect(verifyProof({ pending, deviceKey, binding, proof })).toBe(false);
  });

  it.each([
    ['document', { document: 'header.claims.other' }],
    ['audience', { audience: 'agent-2' }],
    ['purpose', { purpose: 'relay' as const }],
  ])('is refused when the %s is another one', (_, changed) => {
    const { pending, proof, deviceKey } = setUp(changed);
    expect(verifyProof({ pending, deviceKey, binding, proof })).toBe(false);
  });

  it.each(lowOrder)('is refused for the low-order device key %s', (deviceKey) => {
    const { pending, proof } = setUp();
    expect(verifyProof({ pending, deviceKey, binding, proof })).toBe(false);
  });

  it.each(lowOrder)('is not made for the low-order verifier key %s', (verifierKey) => {
    const { key, pending } = setUp();
    const challenge = { ...pending.challenge, verifierKey };
    expect(() => prove({ challenge, deviceKey: key, binding })).toThrow(
      expect.objectContaining({ code: 'INVALID_PROOF' }) as Error,
    );
  });

  it.each(['', 'A', 'A'.repeat(42), 'A'.repeat(44), '*'.repeat(43)])(
    'is not made for the malformed nonce %j',
    (nonce) => {
      const { key, pending } = setUp();
      expect(() => prove({ challenge: { ...pending.challenge, nonce }, deviceKey: key, binding })).toThrow(
        AppError,
      );
    },
  );

  it('stays what it is: the bytes for fixed keys do not change', () => {
    const text = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
    const alice = readX25519Private(text('22'.repeat(32)));
    const bob = readX25519Private(text('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    const challenge = { nonce: text('11'.repeat(32)), verifierKey: x25519PublicText(bob) };
    expect(prove({ challenge, deviceKey: alice, binding })).toMatchInlineSnapshot(
      `"wQ7N0bRnJz_hokyf5_fQF3f3n6I2fOmMKLq7RZ2loP4"`,
    );
  });
});

describe('X25519 key texts', () => {
  it('derives the public key of RFC 7748 section 6.1', () => {
    const bob = Buffer.from('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb', 'hex');
    expect(
      Buffer.from(x25519PublicText(readX25519Private(bob.toString('base64url'))), 'base64url').toString(
        'hex',
      ),
    ).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
  });

  it('round-trips both halves', () => {
    const key = generateX25519();
    const again = readX25519Private(x25519PrivateText(key));
    expect(x25519PublicText(again)).toBe(x25519PublicText(key));
    expect(x25519PublicText(readX25519Public(x25519PublicText(key)))).toBe(x25519PublicText(key));
  });

  it.each(['', 'A', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(42)}=`])(
    'refuses %j, which is not canonical base64url of 32 bytes',
    (text) => {
      expect(() => readX25519Public(text)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
      );
      expect(() => readX25519Private(text)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
      );
    },
  );
});
