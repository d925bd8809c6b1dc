import { describe, expect, it } from 'vitest';
import { authorizeQuery, loopbackRedirect } from './auth.ts';

describe('a redirect to the app', () => {
  it.each(['http://127.0.0.1:1/callback', 'http://127.0.0.1:65535/callback', 'http://[::1]:50123/callback'])(
    'may be %s',
    (uri) => {
      expect(loopbackRedirect.safeParse(uri).success).toBe(true);
    },
  );

  it.each([
    'http://127.0.0.1/callback',
    'http://127.0.0.1:0/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:99999/callback',
    'https://127.0.0.1:50123/callback',
    'http://localhost:50123/callback',
    'http://127.0.0.2:50123/callback',
    'http://127.0.0.1:50123/callback/',
    'http://127.0.0.1:50123/callback?x=1',
    'http://127.0.0.1:50123/callback#x',
    'http://127.0.0.1:50123/other',
    'http://u@127.0.0.1:50123/callback',
    'http://127.0.0.1:50123@evil.example/callback',
    'http://127.0.0.1.evil.example:1/callback',
    ' http://127.0.0.1:50123/callback',
    'http://127.0.0.1:50123/callback\n',
    'javascript:alert(1)//127.0.0.1:1/callback',
    '',
  ])('may not be %j', (uri) => {
    expect(loopbackRedirect.safeParse(uri).success).toBe(false);
  });
});

describe('the query of the sign-in page', () => {
  const key = Buffer.alloc(32, 7).toString('base64url');
  const query = {
    client_id: 'daam-desktop',
    redirect_uri: 'http://127.0.0.1:50123/callback',
    code_challenge: key,
    code_challenge_method: 'S256',
    state: 'abcdefgh',
    device_name: 'Laptop',
    device_os: 'linux',
    wg_key: key,
  };

  it('is taken whole, and refused with any part missing, changed or added', () => {
    expect(authorizeQuery.safeParse(query).success).toBe(true);
    for (const name of Object.keys(query)) {
      const { [name as keyof typeof query]: _gone, ...rest } = query;
      expect([name, authorizeQuery.safeParse(rest).success]).toEqual([name, false]);
      const doubled = { ...query, [name]: [query[name as keyof typeof query], 'x'] };
      expect([name, authorizeQuery.safeParse(doubled).success]).toEqual([name, false]);
    }
    for (const change of [
      { code_challenge_method: 'plain' },
      { client_id: 'other' },
      { state: 'a b c d e f' },
      { state: 'x'.repeat(201) },
      { device_name: 'a\u0007b' },
      { device_name: 'x'.repeat(121) },
      { wg_key: `${'A'.repeat(42)}B` },
      { prompt: 'none' },
      { response_type: 'token' },
      { response_type: 'code id_token' },
      { response_type: '' },
    ]) {
      expect([change, authorizeQuery.safeParse({ ...query, ...change }).success]).toEqual([change, false]);
    }
  });

  it('may name the one kind of answer that there is', () => {
    expect(authorizeQuery.safeParse({ ...query, response_type: 'code' }).success).toBe(true);
  });
});
