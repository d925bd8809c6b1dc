import { describe, expect, it } from 'vitest';
import { updatesFrom } from './updates-address.ts';

describe('the address of updates', () => {
  it('is written into the build', () => {
    expect(updatesFrom('https://updates.example.com/daam')).toEqual({
      provider: 'generic',
      url: 'https://updates.example.com/daam',
    });
  });

  it('may be missing: then there are none', () => {
    expect(updatesFrom(undefined)).toBeNull();
  });

  it.each([
    'http://updates.example.com/',
    'file:///srv/updates',
    'https://a:b@updates.example.com/',
    'updates',
    '',
  ])('is not %s', (url) => {
    expect(() => updatesFrom(url)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
