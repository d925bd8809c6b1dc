import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeAuthenticator } from '../testing/fake-authenticator.ts';
import { checkEndorsement, type EndorsedPasskey, endorsementChallenge } from './passkey-endorsement.ts';

const relyingParty = { id: 'localhost', origins: ['http://localhost'] };
const old = new FakeAuthenticator();
const fresh = new FakeAuthenticator(-8);
const endorsed: EndorsedPasskey = { org: 'acme', user: 'dev', passkey: fresh.passkey };

function endorse(by: FakeAuthenticator, said: EndorsedPasskey = endorsed) {
  const nonce = randomBytes(32).toString('base64url');
  return by.assert(endorsementChallenge(said, nonce), nonce);
}

function check(proof: ReturnType<typeof endorse>, said: EndorsedPasskey = endorsed) {
  return checkEndorsement({ endorsed: said, proof, pinned: [old.passkey], relyingParty });
}

describe('an endorsement of a passkey', () => {
  it('holds when a pinned passkey made it', () => {
    expect(check(endorse(old))).toBeNull();
  });

  it('does not hold when the new passkey made it itself', () => {
    expect(check(endorse(fresh))).toBe('unknown-credential');
  });

  it('holds for no other person, organization or passkey', () => {
    const proof = endorse(old);
    expect(check(proof, { ...endorsed, user: 'other' })).toBe('wrong-challenge');
    expect(check(proof, { ...endorsed, org: 'other' })).toBe('wrong-challenge');
    expect(check(proof, { ...endorsed, passkey: new FakeAuthenticator().passkey })).toBe('wrong-challenge');
  });

  it('is not an assertion over a device key', () => {
    const nonce = randomBytes(32).toString('base64url');
    const challenge = endorsementChallenge(endorsed, nonce);
    expect(check(old.assert(challenge, nonce, { type: 'webauthn.create' }))).toBe('wrong-type');
    expect(check({ ...endorse(old), nonce: 'short' })).toBe('malformed');
  });
});
