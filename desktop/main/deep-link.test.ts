import { describe, expect, it } from 'vitest';
import { findDeepLink, readDeepLink } from './deep-link.ts';

describe('a deep link', () => {
  it.each([
    ['daam://connect/orders', { kind: 'database', id: 'orders' }],
    ['daam://connect?db=orders', { kind: 'database', id: 'orders' }],
    ['daam://connect/a%20b%27c/', { kind: 'database', id: "a b'c" }],
    ['daam://query?db=orders&saved=q1', { kind: 'query', database: 'orders', saved: 'q1' }],
    ['daam://query', { kind: 'query', database: null, saved: null }],
    ['daam://request/r1', { kind: 'request', id: 'r1' }],
    ['daam://review/r1', { kind: 'review', id: 'r1' }],
    ['daam://session/s1', { kind: 'session', id: 's1' }],
    ['daam://settings', { kind: 'settings' }],
    [
      'daam://join?at=https%3A%2F%2Fdaam.example.com%2Fenroll',
      { kind: 'join', controlPlane: 'https://daam.example.com' },
    ],
  ])('%s leads to its screen', (link, target) => {
    expect(readDeepLink(link)).toEqual(target);
  });

  it.each([
    ['an address without TLS', 'daam://join?at=http%3A%2F%2Fdaam.example.com'],
    ['an address that is a script', 'daam://join?at=javascript%3Aalert(1)'],
    ['an address and more', 'daam://join?at=daam.example.com&go=1'],
    ['SQL', 'daam://query?db=orders&sql=drop%20table%20x'],
    ['a parameter twice', 'daam://query?db=a&db=b'],
    ['an unknown screen', 'daam://approve/r1'],
    ['a request without id', 'daam://request'],
    ['more segments', 'daam://request/r1/approve'],
    ['a fragment', 'daam://connect/orders#/admin'],
    ['an empty database', 'daam://connect?db='],
    ['a name and a parameter', 'daam://connect/orders?db=other'],
    ['credentials', 'daam://user:pass@connect/orders'],
    ['a port', 'daam://connect:1/orders'],
    ['another scheme', 'https://connect/orders'],
    ['a script', 'javascript:alert(1)'],
    ['a control character', 'daam://connect/a%00b'],
    ['a line feed', 'daam://connect/a%0Ab'],
    ['broken encoding', 'daam://connect/%E0%A4%A'],
    ['a name without end', `daam://connect/${'x'.repeat(300)}`],
    ['no end', `daam://connect/${'x'.repeat(3_000)}`],
    ['nothing', ''],
  ])('with %s leads nowhere', (_what, link) => {
    expect(readDeepLink(link)).toBeNull();
  });

  it('is found among the words of a second start', () => {
    expect(findDeepLink(['/opt/DAAM/daam', '--flag', 'daam://request/r1'])).toEqual({
      kind: 'request',
      id: 'r1',
    });
  });

  it('is not taken when there are two', () => {
    expect(findDeepLink(['daam://request/r1', 'daam://request/r2'])).toBeNull();
  });

  it('of random bytes never throws', () => {
    for (let seed = 1; seed < 2_000; seed += 1) {
      const noise = String.fromCodePoint(
        ...Array.from({ length: 12 }, (_, at) => (seed * (at + 7) * 31) % 0x300),
      );
      expect(() => readDeepLink(`daam://${noise}`)).not.toThrow();
    }
  });
});
