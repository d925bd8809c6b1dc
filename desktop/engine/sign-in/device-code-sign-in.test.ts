import { AppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { describe, expect, it } from 'vitest';
import { nextPoll } from './device-code-sign-in.ts';

const step = (code: ErrorCode, interval = 5) => nextPoll(new AppError(code), interval);

describe('asking whether the code was used', () => {
  it.each([
    ['AUTHORIZATION_PENDING', 5],
    ['RATE_LIMITED', 10],
    ['CONTROL_PLANE_UNAVAILABLE', 10],
    ['TIMEOUT', 10],
  ] as const)('goes on after %s, in %i seconds', (code, interval) => {
    expect(step(code)).toEqual({ kind: 'again', interval });
  });

  it('waits no longer than a minute', () => {
    expect(step('RATE_LIMITED', 58)).toEqual({ kind: 'again', interval: 60 });
    expect(step('TIMEOUT', 59)).toEqual({ kind: 'again', interval: 60 });
  });

  it.each([
    ['FORBIDDEN', 'FORBIDDEN'],
    ['UNAUTHENTICATED', 'TIMEOUT'],
    ['REVOKED', 'REVOKED'],
    ['INVALID_PROOF', 'INVALID_PROOF'],
    ['INTERNAL', 'INTERNAL'],
  ] as const)('ends after %s', (code, told) => {
    expect(step(code)).toMatchObject({ kind: 'failed', failure: { code: told } });
  });
});
