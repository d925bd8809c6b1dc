import { randomBytes } from 'node:crypto';
import type { UserId } from '@daam/shared/domain/ids';
import { endorsementChallenge } from '@daam/shared/identity/passkey-endorsement';
import { passkeyFingerprint, type RelyingParty } from '@daam/shared/identity/passkey-proof';
import type { SubjectPasskey } from '@daam/shared/policy/bundle';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { sampleAudience, sampleBundle, sampleId } from '@daam/shared/testing/identity-samples';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { testRandom } from '@daam/shared/testing/random';
import { describe, expect, it } from 'vitest';
import {
  type Approval,
  maxPasskeysOfPerson,
  type PinChange,
  type Pins,
  pinsSchema,
  reconcile,
} from './pins.ts';
import { type ToldPerson, toldOf } from './told.ts';

const relyingParty: RelyingParty = { id: 'localhost', origins: ['http://localhost'] };
const { org } = sampleAudience;
const [dev, other, admin] = [4, 5, 6].map((number) => sampleId<UserId>(number)) as [UserId, UserId, UserId];

function person(user: UserId, passkeys: readonly SubjectPasskey[], isAdmin = false): ToldPerson {
  return { user, email: `${user.slice(-1)}@example.com`, isAdmin, isSubject: true, passkeys };
}

/** A passkey without anybody's word for it. */
function bare({ passkey }: FakeAuthenticator): SubjectPasskey {
  return { ...passkey, endorsement: null };
}

/** A passkey of `user` that `by` endorsed with this authenticator. */
function endorsed(of: FakeAuthenticator, user: UserId, by: UserId, using: FakeAuthenticator): SubjectPasskey {
  const nonce = randomBytes(32).toString('base64url');
  const { passkey } = of;
  const proof = using.assert(endorsementChallenge({ org, user, passkey }, nonce), nonce);
  return { ...passkey, endorsement: { by, proof } };
}

interface Turn {
  readonly people: readonly ToldPerson[];
  readonly newUsers?: 'pin' | 'approve';
  readonly approvals?: readonly Approval[];
  readonly party?: RelyingParty | null;
}

/** Takes these bundles one after the other; the last one's changes. */
function run(...turns: readonly Turn[]): { readonly pins: Pins; readonly changes: readonly PinChange[] } {
  let state: { pins: Pins | null; changes: readonly PinChange[] } = { pins: null, changes: [] };
  for (const { people, newUsers = 'pin', approvals = [], party = relyingParty } of turns)
    state = reconcile({
      before: state.pins,
      told: { org, relyingParty: party, people },
      newUsers,
      approvals,
      now: '2030-01-01T00:00:00.000Z',
    });
  if (state.pins === null) throw new Error('no turn');
  return { pins: pinsSchema.parse(state.pins), changes: state.changes };
}

function pinnedOf({ pins }: { readonly pins: Pins }, user: UserId): readonly string[] {
  return (
    pins.people.find((one) => one.user === user)?.pinned.map(({ passkey }) => passkey.credentialId) ?? []
  );
}

const kinds = (changes: readonly PinChange[]): readonly string[] =>
  changes.map(({ kind, by }) => `${kind} ${by ?? ''}`.trim());

describe('the passkeys that an agent pins', () => {
  const [first, second, third] = [new FakeAuthenticator(), new FakeAuthenticator(), new FakeAuthenticator()];

  it('are the first ones of a person, with the relying party', () => {
    const after = run({ people: [person(dev, [bare(first), bare(second)])] });
    expect(pinnedOf(after, dev)).toHaveLength(2);
    expect(after.pins.relyingParty).toEqual(relyingParty);
    expect(kinds(after.changes)).toEqual(['pinned first', 'pinned first']);
  });

  it('stay when a bundle does not tell of them any more, and a new one is not a first one then', () => {
    const after = run(
      { people: [person(dev, [bare(first)])] },
      { people: [] },
      { people: [person(dev, [])] },
      { people: [person(dev, [bare(second)])] },
    );
    expect(pinnedOf(after, dev)).toEqual([first.passkey.credentialId]);
    expect(kinds(after.changes)).toEqual(['waiting']);
  });

  it('get company only by the word of one of them, along a chain too', () => {
    const chain = [endorsed(third, dev, dev, second), bare(first), endorsed(second, dev, dev, first)];
    const after = run({ people: [person(dev, [bare(first)])] }, { people: [person(dev, chain)] });
    expect(pinnedOf(after, dev)).toHaveLength(3);
    expect(kinds(after.changes)).toEqual(['pinned endorsed', 'pinned endorsed']);
  });

  it.each<[string, () => SubjectPasskey]>([
    ['of itself', () => endorsed(second, dev, dev, second)],
    ['of another person who is no administrator', () => endorsed(second, dev, other, third)],
    [
      'for another passkey',
      () => ({ ...bare(second), endorsement: endorsed(third, dev, dev, first).endorsement }),
    ],
    ['for another person', () => endorsed(second, other, dev, first)],
    ['of a person that nobody knows', () => endorsed(second, dev, admin, first)],
  ])('do not come by an endorsement %s', (_, make) => {
    const people = [person(dev, [bare(first)]), person(other, [bare(third)])];
    const after = run(
      { people },
      { people: [person(dev, [bare(first), make()]), person(other, [bare(third)])] },
    );
    expect(pinnedOf(after, dev)).toEqual([first.passkey.credentialId]);
    expect(kinds(after.changes)).toEqual(['waiting']);
  });

  it('come by an administrator’s endorsement, as long as the control plane calls them one', () => {
    const word = endorsed(second, dev, admin, third);
    const people = [person(dev, [bare(first)]), person(admin, [bare(third)], true)];
    const asked = [person(dev, [bare(first), word]), person(admin, [bare(third)], true)];
    expect(pinnedOf(run({ people }, { people: asked }), dev)).toHaveLength(2);
    const former = [person(dev, [bare(first), word]), person(admin, [bare(third)], false)];
    expect(pinnedOf(run({ people }, { people: former }), dev)).toHaveLength(1);
  });

  it('do not come by an administrator whom the control plane made after there was one', () => {
    const made = new FakeAuthenticator();
    const people = [person(dev, [bare(first)]), person(admin, [bare(third)], true)];
    const later = person(other, [bare(made)], true);
    const after = run(
      { people },
      { people: [...people, later] },
      { people: [person(dev, [bare(first), endorsed(second, dev, other, made)]), later] },
    );
    expect(pinnedOf(after, other)).toHaveLength(1);
    expect(pinnedOf(after, dev)).toEqual([first.passkey.credentialId]);
  });

  it('of every administrator of the first bundle may endorse', () => {
    const [a, b] = [new FakeAuthenticator(), new FakeAuthenticator()];
    const people = [person(admin, [bare(a)], true), person(other, [bare(b)], true)];
    expect(run({ people }).pins.people.map(({ isAdmin }) => isAdmin)).toEqual([true, true]);
  });

  it('wait for an operator where new people must be approved', () => {
    const turn: Turn = { people: [person(dev, [bare(first)])], newUsers: 'approve' };
    const waiting = run(turn);
    expect([pinnedOf(waiting, dev), kinds(waiting.changes)]).toEqual([[], ['waiting']]);
    const fingerprint = passkeyFingerprint(first.passkey);
    const after = run(turn, { ...turn, approvals: [{ user: dev, fingerprint, asAdmin: false }] });
    expect([pinnedOf(after, dev).length, kinds(after.changes)]).toEqual([1, ['pinned operator']]);
    expect(after.pins.people[0]?.waiting).toEqual([]);
  });

  it('make no administrator by the control plane’s word alone where new people must be approved', () => {
    const turn: Turn = { people: [person(dev, [bare(first)], true)], newUsers: 'approve' };
    const approval = { user: dev, fingerprint: passkeyFingerprint(first.passkey) };
    const isAdmin = (asAdmin: boolean): boolean | undefined =>
      run(turn, { ...turn, approvals: [{ ...approval, asAdmin }] }).pins.people[0]?.isAdmin;
    expect([isAdmin(false), isAdmin(true)]).toEqual([false, true]);
  });

  it('make an administrator by an operator’s word, and that is told', () => {
    const people = [person(admin, [bare(third)], true), person(other, [bare(second)], false)];
    const approvals = [{ user: other, fingerprint: passkeyFingerprint(second.passkey), asAdmin: true }];
    const after = run({ people }, { people, approvals });
    expect(after.pins.people.find(({ user }) => user === other)?.isAdmin).toBe(true);
    expect(after.changes).toMatchObject([{ kind: 'pinned', by: 'operator', isAdmin: true }]);
  });

  it('make nobody an administrator by a passkey that is another person’s', () => {
    const known = [person(admin, [bare(third)], true), person(other, [bare(second)], false)];
    const people = [...known, person(dev, [bare(first), bare(second)], true)];
    const fingerprint = passkeyFingerprint(second.passkey);
    for (const user of [dev, other]) {
      const approvals = [{ user, fingerprint, asAdmin: true }];
      const after = run({ people: known }, { people }, { people, approvals });
      expect(after.pins.people.find((one) => one.user === dev)?.isAdmin).toBe(false);
      expect(pinnedOf(after, dev)).toEqual([first.passkey.credentialId]);
    }
  });

  it('do not let one person’s credential speak for another', () => {
    const after = run(
      { people: [person(dev, [bare(first)])] },
      { people: [person(dev, [bare(first)]), person(other, [bare(first)])] },
    );
    expect(pinnedOf(after, other)).toEqual([]);
  });

  it('keep the first relying party', () => {
    const evil = { id: 'evil.example', origins: ['https://evil.example'] };
    const people = [person(dev, [bare(first)])];
    expect(run({ people }, { people, party: evil }).pins.relyingParty).toEqual(relyingParty);
    expect(run({ people, party: null }, { people }).pins.relyingParty).toEqual(relyingParty);
  });

  it('tell of a passkey that waits once, and forget it when the control plane does', () => {
    const twice = [bare(first), bare(second)];
    const turn = { people: [person(dev, twice)] };
    const again = run({ people: [person(dev, [bare(first)])] }, turn, turn);
    expect(again.changes).toEqual([]);
    const after = run({ people: [person(dev, [bare(first)])] }, turn, {
      people: [person(dev, [bare(first), bare(third)])],
    });
    expect(after.pins.people[0]?.waiting.map(({ passkey }) => passkey.credentialId)).toEqual([
      third.passkey.credentialId,
    ]);
  });

  it('are bounded, whatever a control plane tells', () => {
    const many = Array.from({ length: maxPasskeysOfPerson }, (_, at) => ({
      ...bare(first),
      credentialId: `credential-${at}`,
    }));
    const more = many.map((each) => ({ ...each, credentialId: `${each.credentialId}-again` }));
    const after = run({ people: [person(dev, many)] }, { people: [person(dev, more)] });
    expect(pinnedOf(after, dev)).toHaveLength(maxPasskeysOfPerson);
    expect(after.pins.people[0]?.waiting.length).toBeLessThanOrEqual(maxPasskeysOfPerson);
  });

  it('only ever grow, and after the first of a person only by a word, whatever bundles come', () => {
    const random = testRandom(3);
    const authenticators = Array.from({ length: 6 }, () => new FakeAuthenticator(-8));
    const users = [dev, other, admin];
    let pins: Pins | null = null;
    for (let turn = 0; turn < 200; turn += 1) {
      const people = random.shuffle(users).map((user) => {
        const some = random.shuffle(authenticators).slice(0, random.int(4));
        const told = some.map((one) =>
          random.chance(0.5)
            ? bare(one)
            : endorsed(one, random.pick(users), random.pick(users), random.pick(authenticators)),
        );
        return person(user, told, random.chance(0.3));
      });
      const told = { org, relyingParty, people };
      const before: Pins | null = pins;
      const after = reconcile({ before, told, newUsers: 'pin', approvals: [], now: String(turn) });
      pins = after.pins;
      expect(() => pinsSchema.parse(after.pins)).not.toThrow();
      for (const was of before?.people ?? []) {
        const is = after.pins.people.find(({ user }) => user === was.user);
        expect(is?.pinned.slice(0, was.pinned.length)).toEqual(was.pinned);
        const isNew = is?.pinned.slice(was.pinned.length) ?? [];
        expect(isNew.every(({ by }) => by === 'endorsed')).toBe(true);
        expect(!was.isAdmin || is?.isAdmin === true).toBe(true);
      }
    }
    const owners =
      pins?.people.flatMap(({ pinned }) => pinned.map(({ passkey }) => passkey.credentialId)) ?? [];
    expect(new Set(owners).size).toBe(owners.length);
    expect(owners.length).toBeGreaterThan(3);
  });
});

describe('what a bundle tells of passkeys', () => {
  it('is of its subjects, and of administrators who may not reach the database', () => {
    const key = generateSigningKey();
    const { passkey } = new FakeAuthenticator();
    const told = toldOf(
      sampleBundle(key, {
        subjects: [
          { user: dev, email: 'dev@example.com', policy: 0 },
          { user: other, email: 'other@example.com', policy: 0, isAdmin: true, passkeys: [] },
        ],
        settings: {
          elevation: true,
          relyingParty,
          endorsers: [
            { user: admin, email: 'admin@example.com', passkeys: [{ ...passkey, endorsement: null }] },
            { user: other, email: 'other@example.com', passkeys: [] },
          ],
        },
      }),
    );
    const standing = told.people.map(({ user, isAdmin, isSubject }) => [user, isAdmin, isSubject]);
    expect(standing).toEqual([
      [dev, false, true],
      [other, true, true],
      [admin, true, false],
    ]);
    expect(told.people[2]?.passkeys).toHaveLength(1);
  });
});
