import { describe, expect, it } from 'vitest';
import { Site } from './site.ts';

function siteAt(publicUrl: string | null, host = '127.0.0.1'): Site {
  const site = new Site(publicUrl);
  site.listening({ host, port: 7400 });
  return site;
}

describe('the site', () => {
  it('is its public URL, or localhost by the port that it listens on', () => {
    expect(siteAt('https://daam.example.com').url).toBe('https://daam.example.com');
    for (const host of ['127.0.0.1', '0.0.0.0', '::', '::1']) {
      expect(siteAt(null, host).url).toBe('http://localhost:7400');
    }
    expect(siteAt(null, '192.0.2.4').url).toBe('http://192.0.2.4:7400');
    expect(siteAt(null, '2001:db8::4').url).toBe('http://[2001:db8::4]:7400');
  });

  it.each([
    ['https://daam.example.com', 'daam.example.com'],
    ['https://daam.example.com:8443', 'daam.example.com'],
    ['http://localhost:7400', 'localhost'],
    ['http://daam.localhost', 'daam.localhost'],
    ['http://daam.example.com', null],
    ['https://192.0.2.4', null],
    ['http://127.0.0.1:7400', null],
    ['https://[2001:db8::4]', null],
  ])('%s has the relying party %s', (url, id) => {
    const { relyingParty, origin } = siteAt(url);
    expect(relyingParty).toEqual(id === null ? null : { id, origins: [origin] });
  });

  it('takes proofs for its own origin, and for names of this machine only where it has no public URL', () => {
    expect(siteAt('https://daam.example.com').audiences).toEqual(['https://daam.example.com']);
    expect(siteAt(null).audiences).toEqual(
      expect.arrayContaining(['http://localhost:7400', 'http://127.0.0.1:7400', 'http://[::1]:7400']),
    );
  });
});
