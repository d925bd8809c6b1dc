import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { matchCode } from '@daam/shared/identity/match-code';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine, type PasskeyLogin } from '../engine.ts';
import { type FakeControlPlane, startFakeControlPlane } from '../testing/fake-control-plane.ts';
import type { SignInPage } from './browser-sign-in.ts';

let controlPlane: FakeControlPlane;
let stateDir: string;
let stack: AsyncDisposableStack;
let time: number;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  controlPlane = stack.use(await startFakeControlPlane());
  stateDir = await mkdtemp(join(tmpdir(), 'daam-sign-in-'));
  stack.defer(async () => await rm(stateDir, { recursive: true, maxRetries: 5 }));
  time = Date.UTC(2030, 0, 1);
  controlPlane.now = () => time;
});
afterEach(async () => await stack.disposeAsync());

async function open(): Promise<Engine> {
  return stack.use(await Engine.open({ stateDir, secretStore: 'file', clock: { now: () => time } }));
}

type Browser = (page: SignInPage) => void;

function inBrowser(browser: Browser, signal = new AbortController().signal): PasskeyLogin {
  return { controlPlane: controlPlane.url, way: { kind: 'browser', show: browser }, signal };
}

/** A browser whose person says yes, or no. */
function person(answer: 'yes' | 'no' = 'yes'): Browser {
  return ({ url }) => void fetch(controlPlane.signIn.authorize(url, answer));
}

describe('signing in in the browser', () => {
  it('keeps account, certificate, token and key, and shows what the page shows', async () => {
    const pages: SignInPage[] = [];
    const engine = await open();
    const account = await engine.loginWithPasskey(
      inBrowser((page) => {
        pages.push(page);
        person()(page);
      }),
    );
    expect(account).toMatchObject({ user: { email: 'dev@example.com' }, signedInWith: 'passkey' });
    const query = new URL(pages[0]?.url ?? '').searchParams;
    expect(pages[0]?.matchCode).toBe(matchCode(query.get('code_challenge') ?? ''));
    expect(query.get('wg_key')).toBe(account.device.publicKey);
    expect((await readdir(join(stateDir, 'secrets'))).sort()).toEqual(['api-token', 'device-key']);
    const held = await readFile(join(stateDir, 'certificate.json'), 'utf8');
    expect(held).not.toContain(controlPlane.token);
    expect((await engine.databases()).live).toBe(true);
    expect(controlPlane.calls.filter((call) => call.endsWith('/certificate'))).toEqual([]);
  });

  it('keeps nothing when the person refuses', async () => {
    const engine = await open();
    await expect(engine.loginWithPasskey(inBrowser(person('no')))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await readdir(stateDir)).toEqual([]);
  });

  it('keeps nothing when it is interrupted', async () => {
    const engine = await open();
    const stop = new AbortController();
    const attempt = engine.loginWithPasskey(inBrowser(() => stop.abort(), stop.signal));
    await expect(attempt).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(stateDir)).toEqual([]);
  });

  it('takes no code that another sign-in was given', async () => {
    const engine = await open();
    const foreign: SignInPage[] = [];
    const other = engine.loginWithPasskey(inBrowser((page) => foreign.push(page)));
    other.catch(() => {});
    await expect.poll(() => foreign.length).toBe(1);
    const stolen =
      new URL(controlPlane.signIn.authorize(foreign[0]?.url ?? '')).searchParams.get('code') ?? '';
    const attempt = engine.loginWithPasskey(
      inBrowser(({ url }) => {
        const back = new URL(controlPlane.signIn.authorize(url));
        back.searchParams.set('code', stolen);
        void fetch(back);
      }),
    );
    await expect(attempt).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_PROOF|UNAUTHENTICATED/) as string,
    });
    void fetch(controlPlane.signIn.authorize(foreign[0]?.url ?? ''));
    await other;
  });

  it('keeps the device key for the next time, and makes another when that one was revoked', async () => {
    const engine = await open();
    const first = await engine.loginWithPasskey(inBrowser(person()));
    const second = await engine.loginWithPasskey(inBrowser(person()));
    expect(second.device.publicKey).toBe(first.device.publicKey);
    controlPlane.signIn.revokedKeys.add(first.device.publicKey);
    const third = await engine.loginWithPasskey(inBrowser(person()));
    expect(third.device.publicKey).not.toBe(first.device.publicKey);
  });

  it('ends the token at the control plane at logout', async () => {
    const engine = await open();
    await engine.loginWithPasskey(inBrowser(person()));
    await engine.logout();
    expect(controlPlane.calls).toContain('POST /api/v1/auth/sign-out');
    expect((await engine.status()).account).toBeNull();
  });
});

describe('signing in with a device code', () => {
  it('asks until the person has used the code elsewhere', async () => {
    const engine = await open();
    const shown: unknown[] = [];
    const account = await engine.loginWithPasskey({
      controlPlane: controlPlane.url,
      signal: new AbortController().signal,
      way: {
        kind: 'device-code',
        show: (page) => {
          shown.push(page);
          controlPlane.signIn.approve();
        },
      },
    });
    expect(account.signedInWith).toBe('passkey');
    expect(shown).toMatchObject([
      { userCode: 'BCDF-GHJK', fingerprint: expect.stringMatching(/^\w{4}( \w{4}){3}$/) as string },
    ]);
  });

  it('ends when it is interrupted', async () => {
    const stop = new AbortController();
    const attempt = (await open()).loginWithPasskey({
      controlPlane: controlPlane.url,
      signal: stop.signal,
      way: { kind: 'device-code', show: () => stop.abort() },
    });
    await expect(attempt).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a certificate that a passkey stands behind', () => {
  it('is used to its end, never renewed in silence, and then the person is told to sign in', async () => {
    const engine = await open();
    await engine.loginWithPasskey(inBrowser(person()));
    const credentials = async () => await (await engine.credentials()).certificate();
    const { certificate } = await credentials();
    time += 3_500_000;
    expect((await credentials()).certificate).toBe(certificate);
    time += 200_000;
    await expect(credentials()).rejects.toMatchObject({ code: 'EXPIRED_CERTIFICATE' });
    expect(controlPlane.calls.filter((call) => call.endsWith('/certificate'))).toEqual([]);
  });

  it('is followed by the one of a sign-in in another process, without a restart', async () => {
    const engine = await open();
    await engine.loginWithPasskey(inBrowser(person()));
    const before = (await (await engine.credentials()).certificate()).certificate;
    time += 3_700_000;
    const other = await open();
    await other.loginWithPasskey(inBrowser(person()));
    const after = (await (await engine.credentials()).certificate()).certificate;
    expect(after).not.toBe(before);
  });

  it('gives way to a token when the person signs in with one', async () => {
    const engine = await open();
    await engine.loginWithPasskey(inBrowser(person()));
    const account = await engine.login({
      controlPlane: controlPlane.url,
      token: new Secret(controlPlane.token),
    });
    expect(account.signedInWith).toBe('token');
  });
});
