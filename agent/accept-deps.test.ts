import { systemClock } from '@daam/shared/base/clock';
import { codeOf } from '@daam/shared/testing/code-of';
import { sampleCertificate } from '@daam/shared/testing/identity-samples';
import { describe, expect, it } from 'vitest';
import { acceptDeps, assertRecentSignIn } from './accept-deps.ts';

describe('what newcomers are measured by', () => {
  it('is nothing that lets anybody in before there is a policy, or when the agent stops', () => {
    for (const [isDraining, code] of [
      [false, 'NO_CACHED_POLICY'],
      [true, 'DRAINING'],
    ] as const) {
      const deps = acceptDeps({
        control: () => null,
        passkeys: () => null,
        isDraining: () => isDraining,
        clock: systemClock,
      });
      const { device, user } = sampleCertificate();
      expect(codeOf(() => deps.isRevoked(device, user))).toBe(code);
      expect(codeOf(() => deps.agentId)).toBe(code);
      expect(codeOf(() => deps.passkeyFault(sampleCertificate()))).toBe('NO_CACHED_POLICY');
    }
  });
});

describe('a database that asks for a recent sign-in', () => {
  const authTime = 1_000;

  it('takes one of its last minutes, and none that is older', () => {
    expect(() => assertRecentSignIn({ authTime }, 600, 1_599_999)).not.toThrow();
    expect(codeOf(() => assertRecentSignIn({ authTime }, 600, 1_600_000))).toBe('STEP_UP_REQUIRED');
  });

  it('asks for nothing where no age is set', () => {
    expect(() => assertRecentSignIn({ authTime }, null, Number.MAX_SAFE_INTEGER)).not.toThrow();
  });
});
