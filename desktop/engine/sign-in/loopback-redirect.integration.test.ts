import { request } from 'node:http';
import { AppError } from '@daam/shared/errors/app-error';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoopbackRedirect, openLoopbackRedirect } from './loopback-redirect.ts';
import { makePkce } from './pkce.ts';

const { state } = makePkce();
const code = 'c'.repeat(43);
let redirect: LoopbackRedirect;
let stop: AbortController;

beforeEach(async () => {
  stop = new AbortController();
  redirect = await openLoopbackRedirect({ state, signal: stop.signal });
});
afterEach(async () => await redirect[Symbol.asyncDispose]());

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

function call(query: string, { method = 'GET', path = '/callback', host }: Call = {}) {
  return new Promise<{ status: number; html: string; policy: string }>((resolve, reject) => {
    const url = new URL(redirect.redirectUri);
    const options = { method, ...(host === undefined ? {} : { headers: { host } }) };
    const sent = request(`${url.origin}${path}${query}`, options, (response) => {
      let html = '';
      response.on('data', (chunk) => (html += String(chunk)));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          html,
          policy: String(response.headers['content-security-policy']),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function isWaiting(): Promise<boolean> {
  const waiting = Symbol('waiting');
  return (await Promise.race([redirect.code.catch(() => null), Promise.resolve(waiting)])) === waiting;
}

describe('the way back from the browser', () => {
  it('is on 127.0.0.1, and gives the code of the right state', async () => {
    expect(redirect.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    const { status, html, policy } = await call(`?code=${code}&state=${state}`);
    expect(status).toBe(200);
    expect(html).not.toContain(code);
    expect(policy).toContain("default-src 'none'");
    expect(await redirect.code).toBe(code);
  });

  it.each([
    ['another state', `?code=${code}&state=${'x'.repeat(32)}`, {}, 400],
    ['no state', `?code=${code}`, {}, 400],
    ['two states', `?code=${code}&state=${state}&state=${state}`, {}, 400],
    ['no code', `?state=${state}`, {}, 400],
    ['a code of another shape', `?state=${state}&code=%3Cscript%3E`, {}, 400],
    ['a query without end', `?code=${code}&state=${state}&x=${'y'.repeat(3_000)}`, {}, 400],
    ['another method', `?code=${code}&state=${state}`, { method: 'POST' }, 400],
    ['another path', `?code=${code}&state=${state}`, { path: '/' }, 404],
    ['a name that points here', `?code=${code}&state=${state}`, { host: 'evil.example' }, 404],
  ] as const)('goes on waiting after %s', async (_, query, how, status) => {
    const answer = await call(query, how);
    expect(answer.status).toBe(status);
    expect(answer.html).not.toContain('script');
    expect(await isWaiting()).toBe(true);
  });

  it('tells that the person refused, only with the right state', async () => {
    await call(`?error=access_denied&state=${'x'.repeat(32)}`);
    expect(await isWaiting()).toBe(true);
    expect((await call(`?error=access_denied&state=${state}`)).status).toBe(200);
    await expect(redirect.code).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('ends with the reason that it is called off for', async () => {
    stop.abort(new AppError('TIMEOUT'));
    await expect(redirect.code).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
