import type { AppError } from '@daam/shared/errors/app-error';
import type { EffectiveLimits } from '@daam/shared/policy/effective-policy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SessionContext } from './context.ts';
import { PendingQueue } from './pending.ts';
import { SessionTimers } from './timers.ts';

let timers: SessionTimers | null = null;

afterEach(() => timers?.[Symbol.dispose]());

function start(limits: EffectiveLimits): {
  readonly clock: { time: number };
  readonly pending: PendingQueue;
  readonly ended: AppError[];
  readonly cancel: () => void;
} {
  const clock = { time: 0, now: () => clock.time };
  const pending = new PendingQueue();
  const ended: AppError[] = [];
  const cancel = vi.fn<() => void>();
  const context = {
    clock,
    pending,
    view: { access: { limits } },
    end: (reason: AppError) => ended.push(reason),
  };
  timers = new SessionTimers({ context: context as unknown as SessionContext, startedAt: 0, cancel });
  return { clock, pending, ended, cancel };
}

function busy(pending: PendingQueue): void {
  pending.push({
    kind: 'query',
    own: false,
    denial: null,
    running: null,
    touchesMasked: false,
    rewritten: false,
    onFailed: null,
    ownParameters: 0,
    ofQuery: null,
    copyEnds: 0,
  });
}

describe('the times of a policy', () => {
  it('end an idle session, and not one that is at work', () => {
    const { clock, pending, ended } = start({ idleTimeoutMs: 1_000 });
    busy(pending);
    clock.time = 5_000;
    timers?.check();
    expect(ended).toHaveLength(0);
    pending.shift();
    clock.time = 5_900;
    timers?.check();
    expect(ended).toHaveLength(0);
    clock.time = 6_100;
    timers?.check();
    expect(ended[0]?.code).toBe('TIMEOUT');
  });

  it('end a session at its maximum duration, whatever it does', () => {
    const { clock, pending, ended } = start({ maxSessionDurationMs: 1_000 });
    busy(pending);
    clock.time = 1_001;
    timers?.check();
    expect(ended[0]?.code).toBe('TIMEOUT');
  });

  it('do nothing where a policy sets none', () => {
    const { clock, ended, cancel } = start({});
    clock.time = 1e9;
    timers?.check();
    expect(ended).toHaveLength(0);
    expect(cancel).not.toHaveBeenCalled();
  });
});
