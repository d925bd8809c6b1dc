import { describe, expect, it } from 'vitest';
import { assess, type HealthFacts } from './assess.ts';
import { StateReporter } from './state-reporter.ts';
import type { ReportedState } from '../control/control-link.ts';

const fine: HealthFacts = {
  isDraining: false,
  policy: 'live',
  isConnected: true,
  isRefused: false,
  isAuditWritable: true,
  isUpstreamReached: true,
  isSafe: true,
  isOpen: true,
  isWhole: true,
};

describe('an agent’s health', () => {
  it('is healthy when nothing is wrong, also with a policy of the cache that is in force still', () => {
    expect(assess(fine)).toEqual({ status: 'healthy', troubles: [] });
    expect(assess({ ...fine, policy: 'cache' })).toEqual({ status: 'healthy', troubles: ['cached-policy'] });
  });

  it.each([
    [{ policy: 'none' }, 'no-policy'],
    [{ isUpstreamReached: false }, 'upstream-away'],
    [{ isSafe: false }, 'database-unsafe'],
    [{ isAuditWritable: false }, 'audit-not-writable'],
    [{ isOpen: false }, 'no-way-in'],
  ] as const)('is unhealthy with %j: nobody can be served', (over, trouble) => {
    expect(assess({ ...fine, ...over })).toEqual({ status: 'unhealthy', troubles: [trouble] });
  });

  it.each([[{ isWhole: false }], [{ isRefused: true }], [{ isConnected: false }]] as const)(
    'is degraded with %j: somebody must look',
    (over) => {
      expect(assess({ ...fine, ...over }).status).toBe('degraded');
    },
  );

  it('is draining whatever else is wrong', () => {
    expect(assess({ ...fine, isDraining: true, policy: 'none' }).status).toBe('draining');
  });
});

describe('what is told of it', () => {
  it('goes out when it changes, and numbers alone every ten seconds', () => {
    const sent: ReportedState[] = [];
    let now = 0;
    let state: ReportedState = { state: 'healthy', sessions: 0, undelivered: 0 };
    using reporter = new StateReporter({
      state: () => ({ ...state }),
      send: (told) => sent.push(told),
      clock: { now: () => now },
    });
    reporter.look();
    reporter.look();
    expect(sent).toHaveLength(1);
    state = { ...state, sessions: 5 };
    reporter.look();
    expect(sent).toHaveLength(1);
    now = 10_000;
    reporter.look();
    expect(sent.at(-1)).toMatchObject({ sessions: 5 });
    state = { ...state, state: 'degraded', troubles: ['tunnel-degraded'] };
    reporter.look();
    expect(sent).toHaveLength(3);
    reporter.look();
    expect(sent).toHaveLength(3);
  });
});
