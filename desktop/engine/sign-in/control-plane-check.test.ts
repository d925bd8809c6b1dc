import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { ControlPlaneCheck } from './control-plane-check.ts';

function start(known: string | null) {
  const reached: string[] = [];
  const clock = { now: 0 };
  const check = new ControlPlaneCheck({
    reach: async (controlPlane) => {
      reached.push(controlPlane);
      return { kind: 'reached', clockSkewMs: 0 };
    },
    signedInTo: async () => known,
    now: () => clock.now,
  });
  const codeOf = async (controlPlane: string): Promise<string> =>
    await check.check(controlPlane).then(
      ({ kind }) => kind,
      (thrown: unknown) => (thrown instanceof AppError ? thrown.code : 'other'),
    );
  return { reached, clock, codeOf };
}

describe('the check of a control plane', () => {
  it('goes anywhere while nobody is signed in, and to the same address again', async () => {
    expect(await start(null).codeOf('https://daam.example.com')).toBe('reached');
    expect(await start('https://daam.example.com/').codeOf('https://daam.example.com')).toBe('reached');
  });

  it('goes nowhere else while somebody is signed in', async () => {
    const { codeOf, reached } = start('https://daam.example.com');
    expect(await codeOf('https://evil.example')).toBe('CONFLICT');
    expect(reached).toEqual([]);
  });

  it('is made a few times a minute', async () => {
    const { codeOf, reached, clock } = start(null);
    for (let count = 0; count < 12; count++) await codeOf('https://daam.example.com');
    expect(await codeOf('https://daam.example.com')).toBe('RATE_LIMITED');
    clock.now = 60_000;
    expect(await codeOf('https://daam.example.com')).toBe('reached');
    expect(reached).toHaveLength(13);
  });
});
