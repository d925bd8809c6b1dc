import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeAuthenticator } from '../testing/fake-authenticator.ts';
import { decisionChallenge } from './decision-challenge.ts';
import { checkAssertion } from './passkey-proof.ts';
import { publicationChallenge, publicationHashes, type SignedPublication } from './publication-challenge.ts';

const relyingParty = { id: 'localhost', origins: ['http://localhost'] };
const passkey = new FakeAuthenticator();
const nonce = randomBytes(32).toString('base64url');
const publication: SignedPublication = {
  org: 'acme',
  user: 'ada',
  database: 'd1',
  base: 12,
  ...publicationHashes({ database: 'shop', policies: [] }, 'database: shop\n'),
  proposal: { id: 'p1', by: 'eve' },
  comment: 'Names are personal',
};

function check(signed: SignedPublication, told: SignedPublication) {
  return checkAssertion({
    proof: passkey.assert(publicationChallenge(signed, nonce), nonce),
    challenge: publicationChallenge(told, nonce),
    passkeys: [passkey.passkey],
    relyingParty,
  });
}

describe('the challenge of a publication', () => {
  it('holds for the publication that was signed', () => {
    expect(check(publication, structuredClone(publication))).toBeNull();
  });

  it.each<[string, Partial<SignedPublication>]>([
    ['organization', { org: 'other' }],
    ['person', { user: 'eve' }],
    ['database', { database: 'd2' }],
    ['base', { base: 13 }],
    ['document', publicationHashes({ database: 'shop', policies: [{}] }, 'database: shop\n')],
    ['text', publicationHashes({ database: 'shop', policies: [] }, 'database: shop # for a week\n')],
    ['proposal', { proposal: { id: 'p2', by: 'eve' } }],
    ['proposer', { proposal: { id: 'p1', by: 'ada' } }],
    ['absence of a proposal', { proposal: null }],
    ['comment', { comment: 'none' }],
  ])('holds for no other %s', (_, change) => {
    expect(check(publication, { ...publication, ...change })).toBe('wrong-challenge');
  });

  it('does not depend on the order of names in the document', () => {
    const one = publicationHashes({ a: 1, b: 2 }, '');
    expect(publicationHashes({ b: 2, a: 1 }, '')).toEqual(one);
  });

  it('is none of a decision on a request', () => {
    const decision = { org: 'acme', user: 'ada', request: 'r', decision: 'deny', terms: null } as const;
    expect(decisionChallenge(decision, nonce)).not.toBe(publicationChallenge(publication, nonce));
  });
});
