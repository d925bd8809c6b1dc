import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeAuthenticator } from '../testing/fake-authenticator.ts';
import {
  decisionChallenge,
  decisionDigest,
  decisionsChallenge,
  type SignedDecision,
} from './decision-challenge.ts';
import { endorsementChallenge } from './passkey-endorsement.ts';
import { checkAssertion } from './passkey-proof.ts';

const relyingParty = { id: 'localhost', origins: ['http://localhost'] };
const passkey = new FakeAuthenticator();
const nonce = randomBytes(32).toString('base64url');
const terms = {
  policy: null,
  access: { tables: [{ table: 'public.payments', operations: ['select'] }], masks: [], unmask: [] },
  minutes: 30,
  startAt: null,
};
const approval: SignedDecision = {
  org: 'acme',
  user: 'ada',
  request: 'r1',
  decision: 'approve',
  terms,
};

function check(signed: SignedDecision, told: SignedDecision) {
  return checkAssertion({
    proof: passkey.assert(decisionChallenge(signed, nonce), nonce),
    challenge: decisionChallenge(told, nonce),
    passkeys: [passkey.passkey],
    relyingParty,
  });
}

describe('the challenge of a decision', () => {
  it('holds for the decision that was signed', () => {
    expect(check(approval, structuredClone(approval))).toBeNull();
    const denial = { ...approval, decision: 'deny', terms: null } as const;
    expect(check(denial, { ...denial })).toBeNull();
  });

  it('does not depend on the order of names', () => {
    const { policy, access, minutes, startAt } = terms;
    expect(check(approval, { ...approval, terms: { startAt, minutes, access, policy } })).toBeNull();
  });

  it.each<[string, Partial<SignedDecision>]>([
    ['organization', { org: 'other' }],
    ['person', { user: 'eve' }],
    ['request', { request: 'r2' }],
    ['decision', { decision: 'deny' }],
    ['length of the window', { terms: { ...terms, minutes: 31 } }],
    ['start', { terms: { ...terms, startAt: 0 } }],
    ['policy', { terms: { ...terms, policy: 'p1' } }],
    ['document', { terms: { ...terms, access: { ...terms.access, unmask: [{ column: 'a.b.c' }] } } }],
    ['absence of terms', { terms: null }],
  ])('holds for no other %s', (_, change) => {
    expect(check(approval, { ...approval, ...change })).toBe('wrong-challenge');
  });

  it('is none of an endorsement', () => {
    const endorsed = { org: 'acme', user: 'ada', passkey: passkey.passkey };
    expect(endorsementChallenge(endorsed, nonce)).not.toBe(decisionChallenge(approval, nonce));
  });
});

describe('the challenge of several decisions', () => {
  const digests = [approval, { ...approval, request: 'r2' }, { ...approval, request: 'r3' }].map(
    decisionDigest,
  );
  const [first = '', second = ''] = digests;

  it('commits to each, to their order and to their number', () => {
    const all = [digests, [second, first, ...digests.slice(2)], digests.slice(1), [...digests, first]];
    expect(new Set(all.map((each) => decisionsChallenge(each, nonce))).size).toBe(all.length);
    expect(decisionsChallenge([...digests], nonce)).toBe(decisionsChallenge(digests, nonce));
  });

  it('is never that of one decision, nor of another nonce', () => {
    expect(decisionsChallenge([decisionDigest(approval)], nonce)).not.toBe(
      decisionChallenge(approval, nonce),
    );
    const other = randomBytes(32).toString('base64url');
    expect(decisionsChallenge(digests, other)).not.toBe(decisionsChallenge(digests, nonce));
  });
});
