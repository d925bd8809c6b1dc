import { describe, expect, it } from 'vitest';
import { takeToken } from './take-token.ts';

function open(hash: string, stored: string | null = null) {
  const shown: string[] = [];
  const kept = new Map(stored === null ? [] : [['daam.bridge-token', stored]]);
  const token = takeToken({
    location: { hash, pathname: '/' },
    history: { replaceState: (_data, _unused, url) => void shown.push(url) },
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
  });
  return { token, shown };
}

describe('the token of the page', () => {
  it('is taken from the fragment, which then leaves the address bar', () => {
    expect(open('#token=a%2Bb')).toEqual({ token: 'a+b', shown: ['/'] });
  });

  it('is the tab’s own after a reload', () => {
    expect(open('', 'kept')).toEqual({ token: 'kept', shown: [] });
  });

  it('of a new link wins over the one of before', () => {
    expect(open('#token=new', 'kept').token).toBe('new');
  });

  it.each(['', '#', '#token=', '#main'])('is missing when the page is opened with "%s"', (hash) => {
    expect(open(hash).token).toBeNull();
  });
});
