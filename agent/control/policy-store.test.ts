import type { AgentId, DatabaseId, DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { generateSigningKey } from '@daam/shared/identity/keys';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { sampleAudience, sampleBundle, sampleId } from '@daam/shared/testing/identity-samples';
import { beforeEach, describe, expect, it } from 'vitest';
import { PolicyStore } from './policy-store.ts';

const key = generateSigningKey();
const user = sampleId<UserId>(4);
const other = sampleId<UserId>(40);
const device = sampleId<DeviceId>(5);
const identity = {
  agentId: sampleAudience.agent,
  database: { id: sampleAudience.database, name: 'shop' },
  org: { id: sampleAudience.org, name: 'Example' },
};
const stale = { kind: 'refused', code: 'STALE_EPOCH' };
const foreign = { kind: 'refused', code: 'INVALID_POLICY' };

let store: PolicyStore;
let changes: number;

beforeEach(() => {
  store = new PolicyStore();
  store.adopt({ identity, orgKeys: [key.publicKey], epoch: 0 });
  changes = 0;
  store.onChanged(() => {
    changes += 1;
  });
});

/** What a bundle is after it travelled: equal content, no object of another bundle, members in another order. */
function bundleOf(epoch: number, different: Partial<PolicyBundle> = {}): PolicyBundle {
  const bundle = sampleBundle(key, { epoch, ...different });
  return JSON.parse(JSON.stringify(bundle), (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as PolicyBundle;
}

function policyWith(maxRows: number): EffectivePolicy {
  const [policy] = sampleBundle(key).policies;
  if (policy === undefined) throw new Error('the sample has a policy');
  return { ...policy, limits: { ...policy.limits, maxRows } };
}

describe('PolicyStore without a policy', () => {
  it('gives nobody access and counts everybody as revoked', () => {
    expect([store.state, store.epoch, store.elevationEnabled]).toEqual(['none', null, false]);
    expect(store.subject(user)).toBeNull();
    expect(store.isRevoked(device, user)).toBe(true);
  });

  it('knows who the agent is and the keys it registered with', () => {
    expect([store.agentId, store.database]).toEqual([identity.agentId, identity.database]);
    expect(store.orgKeys).toEqual([key.publicKey]);
  });

  it('refuses every bundle before it knows who the agent is', () => {
    expect(new PolicyStore().apply(bundleOf(1), 'live')).toEqual(foreign);
  });

  it.each([
    ['organization', { org: sampleId<OrgId>(90) }],
    ['agent', { agent: sampleId<AgentId>(91) }],
    ['database', { database: { id: sampleId<DatabaseId>(92), name: 'shop' } }],
  ])('refuses a bundle of another %s', (_, different) => {
    expect(store.apply(bundleOf(1, different), 'live')).toEqual(foreign);
    expect([store.state, changes]).toEqual(['none', 0]);
  });

  it('refuses what is older than what an earlier run had', () => {
    store.adopt({ identity, orgKeys: [key.publicKey], epoch: 7 });
    expect(store.apply(bundleOf(6), 'cache')).toEqual(stale);
    expect(store.apply(bundleOf(7), 'cache')).toEqual({ kind: 'applied' });
  });
});

describe('PolicyStore', () => {
  it('puts a bundle in force and tells so', () => {
    const orgKeys = [generateSigningKey().publicKey, key.publicKey];
    const database = { id: sampleAudience.database, name: 'renamed' };
    expect(store.apply(bundleOf(3, { orgKeys, database }), 'live')).toEqual({ kind: 'applied' });
    expect([store.state, store.epoch, store.elevationEnabled, changes]).toEqual(['live', 3, true, 1]);
    expect(store.subject(user)).toMatchObject({ epoch: 3, policy: { limits: { maxRows: 1000 } } });
    expect(store.isRevoked(device, user)).toBe(false);
    expect([store.orgKeys, store.database]).toEqual([orgKeys, database]);
  });

  it('has nothing for a person who is not in the bundle', () => {
    store.apply(bundleOf(1), 'live');
    expect(store.subject(other)).toBeNull();
  });

  it('has nothing for a person who was revoked, even if a policy names them', () => {
    store.apply(bundleOf(1, { revoked: { devices: [], users: [user] } }), 'live');
    expect(store.subject(user)).toBeNull();
    expect(store.isRevoked(device, user)).toBe(true);
  });

  it('revokes a device without revoking the person', () => {
    store.apply(bundleOf(1, { revoked: { devices: [device], users: [] } }), 'live');
    expect(store.isRevoked(device, user)).toBe(true);
    expect(store.isRevoked(sampleId<DeviceId>(6), user)).toBe(false);
    expect(store.subject(user)).not.toBeNull();
  });

  it('keeps the object of a policy whose content is the same in the next bundle', () => {
    store.apply(bundleOf(1), 'cache');
    const before = store.subject(user)?.policy;
    const policies = [policyWith(5), policyWith(1000)];
    const subjects = [
      { user: other, email: 'other@example.com', policy: 0 },
      { user, email: 'dev@example.com', policy: 1 },
    ];
    store.apply(bundleOf(2, { policies, subjects }), 'live');
    expect(store.subject(user)?.policy).toBe(before);
    expect(store.subject(user)?.epoch).toBe(2);
  });

  it('gives another object when the content differs', () => {
    store.apply(bundleOf(1), 'live');
    const before = store.subject(user)?.policy;
    store.apply(bundleOf(2, { policies: [policyWith(999)] }), 'live');
    expect(store.subject(user)?.policy).not.toBe(before);
    expect(store.subject(user)?.policy.limits.maxRows).toBe(999);
  });

  it('gives people with equal policies the same object', () => {
    const policies = [policyWith(10), policyWith(10)];
    const subjects = [
      { user, email: 'dev@example.com', policy: 0 },
      { user: other, email: 'other@example.com', policy: 1 },
    ];
    store.apply(bundleOf(1, { policies, subjects }), 'live');
    expect(store.subject(other)?.policy).toBe(store.subject(user)?.policy);
  });

  it('refuses to go back, and stays as it was', () => {
    store.apply(bundleOf(5), 'live');
    expect(store.apply(bundleOf(4, { subjects: [] }), 'live')).toEqual(stale);
    expect([store.epoch, changes, store.subject(user)?.epoch]).toEqual([5, 1, 5]);
  });

  it.each([
    ['subjects', { subjects: [] }],
    ['policies', { policies: [policyWith(1_000_000)] }],
    ['keys', { orgKeys: [key.publicKey, generateSigningKey().publicKey] }],
    ['settings', { settings: { elevation: false } }],
  ])('refuses other %s at the same epoch', (_, different) => {
    store.apply(bundleOf(5), 'live');
    expect(store.apply(bundleOf(5, different), 'live')).toEqual(stale);
    expect(changes).toBe(1);
  });

  it('takes the same bundle, issued again, as no change but as live', () => {
    store.apply(bundleOf(5), 'cache');
    expect(store.apply(bundleOf(5, { issuedAt: 1_800_000_000 }), 'live')).toEqual({ kind: 'unchanged' });
    expect([store.state, changes]).toEqual(['live', 1]);
  });

  it('adds revocations at the same epoch and never drops them', () => {
    const policyOf = () => store.subject(user)?.policy;
    store.apply(bundleOf(5, { revoked: { devices: ['first'], users: [] } }), 'live');
    const before = policyOf();
    const more = { revoked: { devices: ['second'], users: [other] } };
    expect(store.apply(bundleOf(5, more), 'live')).toEqual({ kind: 'applied' });
    expect(store.apply(bundleOf(5), 'live')).toEqual({ kind: 'unchanged' });
    expect([store.isRevoked('first', user), store.isRevoked('second', user)]).toEqual([true, true]);
    expect([store.isRevoked(device, other), changes]).toEqual([true, 2]);
    expect(policyOf()).toBe(before);
  });

  it('forgets revocations with a newer epoch that no longer lists them', () => {
    store.apply(bundleOf(5, { revoked: { devices: [device], users: [] } }), 'live');
    store.apply(bundleOf(6), 'live');
    expect(store.isRevoked(device, user)).toBe(false);
  });

  it('takes everything away when the agent is withdrawn, and still refuses to go back', () => {
    store.apply(bundleOf(5), 'live');
    store.withdraw();
    expect([store.state, store.epoch, changes]).toEqual(['none', null, 2]);
    expect(store.isRevoked(device, user)).toBe(true);
    expect(store.apply(bundleOf(4), 'live')).toEqual(stale);
  });

  it('tells every listener, whatever one of them throws, until it is disposed of', () => {
    const thrown: unknown[] = [];
    const failing = new PolicyStore({ onListenerFailure: (failure) => thrown.push(failure) });
    failing.adopt({ identity, orgKeys: [key.publicKey], epoch: 0 });
    const seen: (number | null)[] = [];
    const failure = new Error('a listener');
    failing.onChanged(() => {
      throw failure;
    });
    const listener = failing.onChanged(() => seen.push(failing.epoch));
    failing.apply(bundleOf(1), 'live');
    listener[Symbol.dispose]();
    failing.apply(bundleOf(2), 'live');
    expect(seen).toEqual([1]);
    expect(thrown).toEqual([failure, failure]);
  });
});
