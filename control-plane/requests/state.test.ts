import { requestState } from '@daam/shared/api/routes/requests';
import { describe, expect, it } from 'vitest';
import { dueAt, dueStep, nextState, type RequestStep, type RequestTimes, windowOf } from './state.ts';

const allSteps: readonly RequestStep[] = ['approve', 'deny', 'start', 'end', 'lapse', 'escalate', 'revoke'];

describe('the life of a request', () => {
  it('has these steps and no other', () => {
    const lines = requestState.options.flatMap((state) =>
      allSteps.flatMap((step) => {
        const to = nextState(state, step);
        return to === null ? [] : [`${state} ${step} ${to}`];
      }),
    );
    expect(lines).toEqual([
      'pending approve approved',
      'pending deny denied',
      'pending lapse expired',
      'pending escalate pending',
      'pending revoke revoked',
      'approved start active',
      'approved lapse expired',
      'approved revoke revoked',
      'active end expired',
      'active revoke revoked',
    ]);
  });

  it('is over in expired, denied and revoked', () => {
    for (const state of ['expired', 'denied', 'revoked'] as const) {
      expect(allSteps.map((step) => nextState(state, step))).toEqual(allSteps.map(() => null));
      expect(dueAt({ state, pendingUntil: 1, escalatesAt: null, startsAt: 1, endsAt: 1 })).toBeNull();
    }
  });
});

describe('the clock', () => {
  const times = (state: RequestTimes['state']): RequestTimes => ({
    state,
    pendingUntil: 100,
    escalatesAt: null,
    startsAt: state === 'pending' ? null : 200,
    endsAt: state === 'pending' ? null : 300,
  });

  it.each([
    ['pending', 99, null],
    ['pending', 100, 'lapse'],
    ['approved', 199, null],
    ['approved', 200, 'start'],
    ['approved', 299, 'start'],
    ['approved', 300, 'lapse'],
    ['active', 299, null],
    ['active', 300, 'end'],
    ['active', 9_999, 'end'],
    ['expired', 9_999, null],
    ['denied', 9_999, null],
    ['revoked', 9_999, null],
  ] as const)('finds %s at %i due for %s', (state, now, step) => {
    expect(dueStep(times(state), now)).toBe(step);
  });

  it('escalates once, and only before the request lapses', () => {
    const waiting = { ...times('pending'), escalatesAt: 40 };
    expect([39, 40, 99, 100].map((now) => dueStep(waiting, now))).toEqual([
      null,
      'escalate',
      'escalate',
      'lapse',
    ]);
    expect(dueAt(waiting)).toBe(40);
    expect(dueAt({ ...waiting, escalatesAt: 200 })).toBe(100);
    expect(dueAt({ ...waiting, escalatesAt: null })).toBe(100);
    expect(dueStep({ ...times('approved'), escalatesAt: 40 }, 199)).toBeNull();
  });

  it('looks again exactly when the next step is due', () => {
    for (const state of ['pending', 'approved', 'active'] as const) {
      const at = dueAt(times(state)) ?? Number.NaN;
      expect([dueStep(times(state), at - 1), dueStep(times(state), at)]).toEqual([null, expect.any(String)]);
    }
  });

  it('starts the window at the approval or later, in whole seconds', () => {
    expect(windowOf({ minutes: 1, startAt: null }, 5_678)).toEqual({ startsAt: 5_000, endsAt: 65_000 });
    expect(windowOf({ minutes: 1, startAt: 9_000 }, 5_678)).toEqual({ startsAt: 9_000, endsAt: 69_000 });
    expect(windowOf({ minutes: 1, startAt: 1_000 }, 5_678)).toEqual({ startsAt: 5_000, endsAt: 65_000 });
  });
});
