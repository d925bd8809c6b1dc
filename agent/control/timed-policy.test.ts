import type { UserId } from '@daam/shared/domain/ids';
import { generateSigningKey } from '@daam/shared/identity/keys';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { sampleAudience, sampleBundle, sampleId } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PolicyStore } from './policy-store.ts';
import { currentPolicy, nextEnd, type TimedPolicy } from './timed-policy.ts';

const policy = (maxRows: number): EffectivePolicy => ({
  database: 'shop',
  grants: [],
  masks: [],
  rowFilters: [],
  limits: { maxRows },
  policies: [],
});
const timed: TimedPolicy = {
  standing: policy(1),
  windows: [
    { untilMs: 1000, policy: policy(3) },
    { untilMs: 2000, policy: policy(2) },
  ],
};

describe('what holds at a time', () => {
  it.each([
    [0, 3],
    [999, 3],
    [1000, 2],
    [1999, 2],
    [2000, 1],
    [9999, 1],
  ])('at %i is the window that ends first of those that are open', (now, maxRows) => {
    expect(currentPolicy(timed, now).limits.maxRows).toBe(maxRows);
  });

  it('changes next at the first end to come', () => {
    const later: TimedPolicy = { standing: policy(1), windows: [{ untilMs: 1500, policy: policy(4) }] };
    expect([500, 1000, 1500, 2000].map((now) => nextEnd([timed, later], now))).toEqual([
      1000,
      1500,
      2000,
      null,
    ]);
  });
});

describe('a window that ends while the control plane is away', () => {
  const user = sampleId<UserId>(4);
  const key = generateSigningKey();
  let now: number;

  beforeEach(() => {
    now = 1_700_000_000_000;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => void vi.useRealTimers());

  const advance = async (ms: number): Promise<void> => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };

  it('is ended by the agent itself, and everybody who listens is told', async () => {
    const store = new PolicyStore({ clock: { now: () => now } });
    const identity = {
      agentId: sampleAudience.agent,
      database: { id: sampleAudience.database, name: 'shop' },
      org: { id: sampleAudience.org, name: 'Example' },
    };
    store.adopt({ identity, orgKeys: [key.publicKey], epoch: 0 });
    const until = now / 1000 + 60;
    const bundle = sampleBundle(key, {
      epoch: 1,
      policies: [policy(1), policy(2)],
      subjects: [{ user, email: 'dev@example.com', policy: 0, temporary: [{ until, policy: 1 }] }],
    });
    store.apply(bundle, 'live');
    const seen: (number | undefined)[] = [];
    store.onChanged(() => seen.push(store.subject(user)?.policy.limits.maxRows));
    expect(store.subject(user)?.policy.limits.maxRows).toBe(2);
    await advance(59_999);
    expect(seen).toEqual([]);
    await advance(1);
    expect(seen).toEqual([1]);
    await advance(120_000);
    expect(seen).toEqual([1]);
  });
});
