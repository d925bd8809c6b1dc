import { codeOfAsync } from '@daam/shared/testing/code-of';
import { describe, expect, it } from 'vitest';
import { admit, type GuardDeps, type Knock } from './guard.ts';
import { rateClasses, RateLimiter } from './rate-limit.ts';

const origin = 'https://daam.example.com';

/** No call here gets as far as the database. */
function guard() {
  const clock = { now: () => 0 };
  const site = { origin, url: origin, isHttps: true, isDerived: false };
  const store = { em: () => ({ fork: () => null }) };
  const deps = { clock, site, limiter: new RateLimiter({ clock, factor: 1 }), store };
  return async (route: Knock['route'], address: string, further: Partial<Knock> = {}) => {
    const knock = { route, address, authorization: undefined, ...further };
    return await codeOfAsync(admit(deps as unknown as GuardDeps, knock));
  };
}

describe('the guard', () => {
  it('counts all addresses of an IPv6 network as one caller, and its neighbour as another', async () => {
    const knock = guard();
    for (let host = 1; host <= rateClasses.register.burst; host++) {
      expect(await knock('registerAgent', `2001:db8:1:2::${host.toString(16)}`)).not.toBe('RATE_LIMITED');
    }
    expect(await knock('registerAgent', '2001:db8:1:2:ffff::1')).toBe('RATE_LIMITED');
    expect(await knock('registerAgent', '2001:db8:1:3::1')).not.toBe('RATE_LIMITED');
  });

  it('counts failures so too, and an IPv4 address as itself in either form', async () => {
    const knock = guard();
    for (let host = 1; host <= rateClasses.failure.burst; host++) {
      expect(await knock('getMe', `2001:db8::${host.toString(16)}`)).toBe('UNAUTHENTICATED');
      const mapped = host % 2 === 0 ? '::ffff:' : '';
      expect(await knock('getMe', `${mapped}192.0.2.1`)).toBe('UNAUTHENTICATED');
    }
    expect(await knock('getMe', '2001:db8::ffff')).toBe('RATE_LIMITED');
    expect(await knock('getMe', '192.0.2.1')).toBe('RATE_LIMITED');
    expect(await knock('getMe', '::ffff:192.0.2.1')).toBe('RATE_LIMITED');
    expect(await knock('getMe', '192.0.2.2')).toBe('UNAUTHENTICATED');
  });

  it.each<readonly [string, Knock['route'], Partial<Knock>, string]>([
    ['the console without a session', 'getMe', { isConsole: true }, 'UNAUTHENTICATED'],
    [
      'the console from elsewhere',
      'signOut',
      { isConsole: true, origin: 'https://evil.example' },
      'FORBIDDEN',
    ],
    ['a page without a session', 'removePasskey', { origin }, 'UNAUTHENTICATED'],
    ['a page of another origin', 'beginSignIn', { origin: 'https://evil.example' }, 'FORBIDDEN'],
  ])('counts failures of %s', async (_, route, further, code) => {
    const knock = guard();
    for (let host = 1; host <= rateClasses.failure.burst; host++) {
      expect(await knock(route, '192.0.2.1', further)).toBe(code);
    }
    expect(await knock(route, '192.0.2.1', further)).toBe('RATE_LIMITED');
    expect(await knock('getMe', '192.0.2.1')).toBe('RATE_LIMITED');
    expect(await knock(route, '192.0.2.2', further)).toBe(code);
  });

  it('still lets in who opens a page to sign in after failures', async () => {
    const knock = guard();
    for (let host = 0; host <= rateClasses.failure.burst; host++) {
      await knock('getMe', '192.0.2.1', { isConsole: true });
    }
    expect(await knock('getMe', '192.0.2.1', { isConsole: true })).toBe('RATE_LIMITED');
    expect(await knock('beginSignIn', '192.0.2.1', { origin })).not.toBe('RATE_LIMITED');
  });
});
