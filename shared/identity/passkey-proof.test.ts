import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AssertionChanges, FakeAuthenticator } from '../testing/fake-authenticator.ts';
import {
  checkPasskeyProof,
  type PasskeyProof,
  type PinnedPasskey,
  passkeyChallenge,
  passkeyFingerprint,
} from './passkey-proof.ts';
import { generateX25519, x25519PublicText } from './x25519.ts';

const relyingParty = { id: 'localhost', origins: ['http://localhost'] };
const commitment = { wgKey: x25519PublicText(generateX25519()), org: 'org_acme', exp: 1_800_000_000 };
const nonce = randomBytes(32).toString('base64url');
const authenticator = new FakeAuthenticator();

function assertion(changes: AssertionChanges = {}, by = authenticator): PasskeyProof {
  return by.assert(passkeyChallenge({ ...commitment, nonce }), nonce, changes);
}

function check(
  proof: PasskeyProof,
  changes: { commitment?: Partial<typeof commitment>; passkeys?: readonly PinnedPasskey[] } = {},
) {
  return checkPasskeyProof({
    proof,
    commitment: { ...commitment, ...changes.commitment },
    passkeys: changes.passkeys ?? [authenticator.passkey],
    relyingParty,
  });
}

describe('a passkey proof', () => {
  it.each([-7, -8, -257] as const)('holds under algorithm %i', (algorithm) => {
    const by = new FakeAuthenticator(algorithm);
    expect(check(assertion({}, by), { passkeys: [by.passkey] })).toBeNull();
  });

  it.each<[string, AssertionChanges, string]>([
    ['made at a registration', { type: 'webauthn.create' }, 'wrong-type'],
    ['made on another page', { origin: 'https://evil.example' }, 'wrong-origin'],
    ['made in a frame of another page', { crossOrigin: true }, 'wrong-origin'],
    ['made for another relying party', { relyingPartyId: 'evil.example' }, 'wrong-relying-party'],
    ['made without the person', { flags: 0x04 }, 'no-user-presence'],
    ['made without verifying the person', { flags: 0x01 }, 'no-user-verification'],
  ])('is none when it was %s', (_, changes, fault) => {
    expect(check(assertion(changes))).toBe(fault);
  });

  it.each<[string, Partial<typeof commitment>]>([
    ['another WireGuard key', { wgKey: x25519PublicText(generateX25519()) }],
    ['another organization', { org: 'org_other' }],
    ['a later end', { exp: commitment.exp + 1 }],
  ])('commits to its words: not good for %s', (_, changed) => {
    expect(check(assertion(), { commitment: changed })).toBe('wrong-challenge');
  });

  it('is none under another nonce than the one that was signed', () => {
    const replayed = { ...assertion(), nonce: randomBytes(32).toString('base64url') };
    expect(check(replayed)).toBe('wrong-challenge');
  });

  it('is none by a passkey that is not pinned', () => {
    expect(check(assertion(), { passkeys: [] })).toBe('unknown-credential');
  });

  it('is none when another key signed under a pinned id', () => {
    const forged = {
      ...assertion({}, new FakeAuthenticator()),
      credentialId: authenticator.passkey.credentialId,
    };
    expect(check(forged)).toBe('wrong-signature');
  });

  it('is none when a pinned key is not of its algorithm', () => {
    const passkeys = [{ ...authenticator.passkey, algorithm: -8 as const }];
    expect(check(assertion(), { passkeys })).toBe('malformed');
  });

  it('is none when any bit of it differs', () => {
    const proof = assertion();
    for (const field of ['authenticatorData', 'clientDataJSON', 'signature', 'nonce'] as const) {
      const bytes = Buffer.from(proof[field], 'base64url');
      for (let at = 0; at < bytes.length; at += 3) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8((changed[at] as number) ^ 1, at);
        expect(check({ ...proof, [field]: changed.toString('base64url') })).not.toBeNull();
      }
    }
  });

  it('never throws, whatever it is made of', () => {
    for (const garbage of ['A', 'AA', '____', 'bnVsbA', 'e30']) {
      const proof = {
        ...assertion(),
        clientDataJSON: garbage,
        authenticatorData: garbage,
        signature: garbage,
      };
      expect(check(proof)).not.toBeNull();
    }
  });
});

describe('the challenge', () => {
  it('tells organization and end apart by length, so that no two commitments are alike', () => {
    const of = (org: string, exp: number): string => passkeyChallenge({ ...commitment, nonce, org, exp });
    const all = [of('a', 1), of('a\0', 1), of('a', 256), of('', 1), of('a', 2)];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the fingerprint of a passkey', () => {
  it('is short enough to compare, and differs with the key', () => {
    expect(passkeyFingerprint(authenticator.passkey)).toMatch(/^(?:[0-9a-f]{4} ){7}[0-9a-f]{4}$/);
    expect(passkeyFingerprint(new FakeAuthenticator().passkey)).not.toBe(
      passkeyFingerprint({ ...authenticator.passkey }),
    );
  });
});
