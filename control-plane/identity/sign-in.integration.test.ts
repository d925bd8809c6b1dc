import { createHash } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { checkPasskeyProof } from '@daam/shared/identity/passkey-proof';
import { verifyDocument } from '@daam/shared/identity/verify';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { testRandom } from '@daam/shared/testing/random';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Begun,
  enroll,
  enrollBy,
  inviteByCommand,
  signIn,
  TestBrowser,
  TestDevice,
} from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let mina: Awaited<ReturnType<typeof addUser>>;
const passkey = new FakeAuthenticator();

beforeAll(async () => {
  plane = await startTestControlPlane({
    deps: { clock: { now: () => now } },
    identity: { developmentTokens: true },
  });
  org = await bootstrapOrg(plane, 'Signs');
  mina = await addUser(plane, org.admin, 'mina@signs.example');
  await enroll(new TestBrowser(plane), org.admin, { user: mina.id, authenticator: passkey });
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

/** The code of a refusal, of the API or of a page. */
async function refusal(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : (error as { code: string }).code),
  );
}

describe('enrolment', () => {
  it('registers passkeys of every algorithm that agents verify', async () => {
    for (const algorithm of [-7, -8, -257] as const) {
      const user = await addUser(plane, org.admin, `alg${-algorithm}@signs.example`);
      const authenticator = new FakeAuthenticator(algorithm);
      const browser = new TestBrowser(plane);
      const { isFirst } = await enroll(browser, org.admin, { user: user.id, authenticator });
      expect(isFirst).toBe(true);
      await signIn(browser, authenticator);
      const { items } = await user.client.listPasskeys();
      expect(items).toMatchObject([{ name: 'Laptop', endorsedBy: null, revokedAt: null, isSynced: false }]);
    }
  });

  it('takes an invitation once, and the newest alone', async () => {
    const user = await addUser(plane, org.admin, 'once@signs.example');
    const browser = new TestBrowser(plane);
    const older = await org.admin.inviteUser({ params: { id: user.id } });
    const newer = await org.admin.inviteUser({ params: { id: user.id } });
    const begin = async (url: string) =>
      await browser.call<Begun>('/enroll/begin', { invitation: new URL(url).hash.slice(1) });
    expect(await refusal(begin(older.url))).toBe('UNAUTHENTICATED');
    const [first, second] = [await begin(newer.url), await begin(newer.url)];
    const finish = async (begun: Begun) =>
      await browser.call('/enroll/finish', {
        flow: begun.flow,
        credential: browser.register(new FakeAuthenticator(), begun),
        name: 'Key',
      });
    await finish(first);
    expect(await refusal(finish(second))).toBe('UNAUTHENTICATED');
    expect(await refusal(begin(newer.url))).toBe('UNAUTHENTICATED');
  });

  it('refuses ceremonies of another origin, another page, without verification, and attestation with certificates', async () => {
    const user = await addUser(plane, org.admin, 'strict@signs.example');
    const browser = new TestBrowser(plane);
    const { url } = await org.admin.inviteUser({ params: { id: user.id } });
    for (const changes of [
      { origin: 'http://localhost:1' },
      { origin: browser.origin, relyingPartyId: 'evil.example' },
      { origin: browser.origin, type: 'webauthn.get' },
      { origin: browser.origin, flags: 0x01 },
      { origin: browser.origin, flags: 0x04 },
      { origin: browser.origin, format: 'packed', hasCertificates: true },
      { origin: browser.origin, format: 'android-safetynet' },
    ]) {
      const begun = await browser.call<Begun>('/enroll/begin', { invitation: new URL(url).hash.slice(1) });
      const credential = new FakeAuthenticator().register(begun.publicKey.challenge, changes);
      const finished = browser.call('/enroll/finish', { flow: begun.flow, credential, name: 'Key' });
      expect(await refusal(finished)).toBe('UNAUTHENTICATED');
    }
    expect((await user.client.listPasskeys()).items).toEqual([]);
  });
});

describe('sign-in with a code', () => {
  it('gives a token and a certificate whose assertion an agent can verify by itself', async () => {
    const device = new TestDevice(plane);
    const redirect = await device.authorize(new TestBrowser(plane), passkey);
    expect(`${redirect.origin}${redirect.pathname}`).toBe(device.redirectUri);
    expect(redirect.searchParams.get('state')).toBe(device.state);
    const signed = await device.exchange(redirect.searchParams.get('code') ?? '');
    const client = plane.client(signed.accessToken);
    expect((await client.getMe()).email).toBe('mina@signs.example');
    const { orgKeys } = await client.getMe();
    const certificate = await verifyDocument('deviceCertificate', signed.certificate, orgKeys, now);
    expect(certificate).toMatchObject({
      wgKey: device.wgKey,
      amr: ['hwk', 'user'],
      user: mina.id,
      org: org.orgId,
    });
    expect(certificate.authTime).toBe(Math.floor(now / 1000));
    const { passkey: proof, wgKey, exp } = certificate;
    if (proof === null) throw new Error('no assertion');
    const { origin } = new TestBrowser(plane);
    const fault = checkPasskeyProof({
      proof,
      commitment: { wgKey, org: org.orgId, exp },
      passkeys: [passkey.passkey],
      relyingParty: { id: 'localhost', origins: [origin] },
    });
    expect(fault).toBeNull();
    expect(Date.parse(signed.expiresAt)).toBe(certificate.exp * 1000);
    const { items } = await client.listDevices();
    expect(items).toMatchObject([{ id: signed.device.id, isCurrent: true, revokedAt: null }]);
  });

  it('takes a code once: a second use ends what the first one gave', async () => {
    const device = new TestDevice(plane);
    const code = (await device.authorize(new TestBrowser(plane), passkey)).searchParams.get('code') ?? '';
    const { accessToken } = await device.exchange(code);
    expect(await refusal(device.exchange(code))).toBe('UNAUTHENTICATED');
    expect(await refusal(plane.client(accessToken).getMe())).toBe('UNAUTHENTICATED');
  });

  it('binds the code to verifier, redirect and device key, and burns it on each mistake', async () => {
    const thief = new TestDevice(plane);
    const cases: [Record<string, unknown>, string][] = [
      [{ code_verifier: 'A'.repeat(43) }, 'UNAUTHENTICATED'],
      [{ redirect_uri: 'http://127.0.0.1:50124/callback' }, 'UNAUTHENTICATED'],
    ];
    for (const [changes, code] of cases) {
      const device = new TestDevice(plane);
      const given = (await device.authorize(new TestBrowser(plane), passkey)).searchParams.get('code') ?? '';
      expect(await refusal(device.exchange(given, changes))).toBe(code);
      expect(await refusal(device.exchange(given))).toBe('UNAUTHENTICATED');
    }
    const device = new TestDevice(plane);
    const given = (await device.authorize(new TestBrowser(plane), passkey)).searchParams.get('code') ?? '';
    const device_proof = await thief.prove(given);
    expect(await refusal(device.exchange(given, { device_proof }))).toBe('INVALID_PROOF');
    expect(await refusal(device.exchange(given))).toBe('UNAUTHENTICATED');
  });

  it('asks for a proof that was made here, for this code, with a fresh challenge', async () => {
    const device = new TestDevice(plane);
    const fresh = async () =>
      (await device.authorize(new TestBrowser(plane), passkey)).searchParams.get('code') ?? '';
    const elsewhere = await fresh();
    const foreign = { device_proof: await device.prove(elsewhere, 'https://other.example') };
    expect(await refusal(device.exchange(elsewhere, foreign))).toBe('INVALID_PROOF');
    const other = await fresh();
    expect(await refusal(device.exchange(other, { device_proof: await device.prove('another code') }))).toBe(
      'INVALID_PROOF',
    );
    const used = await fresh();
    const device_proof = await device.prove(used);
    await device.exchange(used, { device_proof });
    expect(await refusal(device.exchange(await fresh(), { device_proof }))).toBe('INVALID_PROOF');
  });

  it('ends codes after a minute and pages after five', async () => {
    const device = new TestDevice(plane);
    const browser = new TestBrowser(plane);
    const code = (await device.authorize(browser, passkey)).searchParams.get('code') ?? '';
    const begun = await browser.call<Begun>('/auth/authorize/begin', device.query());
    now += 61_000;
    expect(await refusal(device.exchange(code))).toBe('UNAUTHENTICATED');
    now += 300_000;
    const credential = browser.get(passkey, begun);
    const finished = browser.call('/auth/authorize/finish', { flow: begun.flow, credential });
    expect(await refusal(finished)).toBe('UNAUTHENTICATED');
  });

  it('takes an assertion once, over its own challenge, at its own origin, with the person verified', async () => {
    const browser = new TestBrowser(plane);
    const device = new TestDevice(plane);
    const begin = async () => await browser.call<Begun>('/auth/authorize/begin', device.query());
    const finish = async (begun: Begun, credential: unknown) =>
      await browser.call('/auth/authorize/finish', { flow: begun.flow, credential });
    const used = await begin();
    const good = browser.get(passkey, used);
    await finish(used, good);
    expect(await refusal(finish(used, good))).toBe('UNAUTHENTICATED');
    const other = await begin();
    expect(await refusal(finish(other, good))).toBe('UNAUTHENTICATED');
    const { origin } = browser;
    for (const changes of [
      { origin: 'https://evil.example' },
      { origin, crossOrigin: true },
      { origin, relyingPartyId: 'evil.example' },
      { origin, flags: 0x01 },
      { origin, type: 'webauthn.create' },
      // a copy of the authenticator: the counter does not grow
      { origin, signCount: 1 },
      // a synced passkey that was none when it was made
      { origin, flags: 0x1d, signCount: 9_000 },
    ]) {
      const begun = await begin();
      const credential = passkey.get(begun.publicKey.challenge, changes);
      expect([changes, await refusal(finish(begun, credential))]).toEqual([changes, 'UNAUTHENTICATED']);
    }
    const stranger = await begin();
    expect(await refusal(finish(stranger, browser.get(new FakeAuthenticator(), stranger)))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('refuses redirects that are not the loopback’s, and queries that are not whole, without a redirect', async () => {
    const device = new TestDevice(plane);
    const browser = new TestBrowser(plane);
    for (const changes of [
      { redirect_uri: 'https://evil.example/callback' },
      { redirect_uri: 'http://127.0.0.1:1/callback@evil.example' },
      { redirect_uri: 'http://127.0.0.1.evil.example:1/callback' },
      { redirect_uri: 'http://localhost:50123/callback' },
      { redirect_uri: 'http://127.0.0.1:70000/callback' },
      { code_challenge_method: 'plain' },
      { client_id: 'other' },
      { wg_key: 'short' },
      { state: 'x' },
      { more: 'fields' },
    ]) {
      const query = device.query(changes);
      const page = await browser.open(`/auth/authorize?${new URLSearchParams(query).toString()}`);
      expect([changes, page.status]).toEqual([changes, 400]);
      expect(page.headers.get('location')).toBeNull();
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(await refusal(browser.call('/auth/authorize/begin', query))).toBe('INVALID_INPUT');
    }
  });

  it('refuses somebody else’s passkey when the app asked for one account', async () => {
    const device = new TestDevice(plane);
    const hinted = device.authorize(new TestBrowser(plane), passkey, { login_hint: 'other@signs.example' });
    expect(await refusal(hinted)).toBe('UNAUTHENTICATED');
  });

  it('keeps device keys apart: revoked ones and somebody else’s are not signed in', async () => {
    const device = new TestDevice(plane);
    const browser = new TestBrowser(plane);
    const first = await device.signIn(browser, passkey);
    expect((await device.signIn(browser, passkey)).device.id).toBe(first.device.id);
    const other = await addUser(plane, org.admin, 'other@signs.example');
    const theirs = new FakeAuthenticator();
    await enroll(new TestBrowser(plane), org.admin, { user: other.id, authenticator: theirs });
    expect(await refusal(device.signIn(new TestBrowser(plane), theirs))).toBe('CONFLICT');
    await mina.client.revokeDevice({ params: { id: first.device.id } });
    expect(await refusal(device.signIn(browser, passkey))).toBe('REVOKED');
  });
});

describe('device codes', () => {
  const start = async (device: TestDevice) =>
    await plane.client(null).startDeviceCode({
      body: { client_id: 'daam-desktop', device_name: 'Server', device_os: 'linux', wg_key: device.wgKey },
    });

  it('wait for the person, then give the same as a code, once', async () => {
    const device = new TestDevice(plane);
    const browser = new TestBrowser(plane);
    const { device_code, user_code, interval } = await start(device);
    expect(await refusal(device.exchangeDevice(device_code))).toBe('AUTHORIZATION_PENDING');
    expect(await refusal(device.exchangeDevice(device_code))).toBe('RATE_LIMITED');
    const typed = user_code.toLowerCase().replace('-', ' ');
    const begun = await browser.call<Begun>('/device/begin', { user_code: typed });
    expect(begun['device']).toMatchObject({ name: 'Server', os: 'linux' });
    await browser.call('/device/finish', { flow: begun.flow, credential: browser.get(passkey, begun) });
    now += interval * 1000;
    const signed = await device.exchangeDevice(device_code);
    expect(signed.user.email).toBe('mina@signs.example');
    expect(await refusal(device.exchangeDevice(device_code))).toBe('UNAUTHENTICATED');
    expect(await refusal(browser.call('/device/begin', { user_code }))).toBe('NOT_FOUND');
  });

  it('end when the person refuses, and after ten minutes', async () => {
    const browser = new TestBrowser(plane);
    const device = new TestDevice(plane);
    const refused = await start(device);
    const begun = await browser.call<Begun>('/device/begin', { user_code: refused.user_code });
    await browser.call('/device/refuse', { flow: begun.flow });
    expect(await refusal(device.exchangeDevice(refused.device_code))).toBe('FORBIDDEN');
    const late = await start(device);
    now += 600_001;
    expect(await refusal(browser.call('/device/begin', { user_code: late.user_code }))).toBe('NOT_FOUND');
    expect(await refusal(device.exchangeDevice(late.device_code))).toBe('UNAUTHENTICATED');
  });

  it('are worth nothing without the device’s key, and one approval is one approval', async () => {
    const device = new TestDevice(plane);
    const browser = new TestBrowser(plane);
    const { device_code, user_code } = await start(device);
    const [one, two] = [
      await browser.call<Begun>('/device/begin', { user_code }),
      await browser.call<Begun>('/device/begin', { user_code }),
    ];
    await browser.call('/device/finish', { flow: one.flow, credential: browser.get(passkey, one) });
    const again = browser.call('/device/finish', { flow: two.flow, credential: browser.get(passkey, two) });
    expect(await refusal(again)).toBe('NOT_FOUND');
    expect(await refusal(new TestDevice(plane).exchangeDevice(device_code))).toBe('INVALID_PROOF');
    expect((await device.exchangeDevice(device_code)).user.id).toBe(mina.id);
  });
});

describe('access tokens', () => {
  it('end with the certificate, the device, the user, the passkey, and by signing out', async () => {
    const user = await addUser(plane, org.admin, 'ends@signs.example');
    const [one, two] = [new FakeAuthenticator(), new FakeAuthenticator()];
    const browser = new TestBrowser(plane);
    await enroll(browser, org.admin, { user: user.id, authenticator: one });
    const second = await enrollBy(browser, await inviteByCommand(plane, 'ends@signs.example', now), two);
    expect(second.isFirst).toBe(false);
    const open = async (authenticator: FakeAuthenticator) =>
      await new TestDevice(plane).signIn(browser, authenticator);
    const me = async (token: string) => await refusal(plane.client(token).getMe());

    const signedOut = await open(one);
    expect(await me(signedOut.accessToken)).toBe('none');
    await plane.client(signedOut.accessToken).signOut();
    expect(await me(signedOut.accessToken)).toBe('UNAUTHENTICATED');

    const revoked = await open(one);
    await user.client.revokeDevice({ params: { id: revoked.device.id } });
    expect(await me(revoked.accessToken)).toBe('UNAUTHENTICATED');

    const byPasskey = await open(two);
    const mine = (await user.client.listPasskeys()).items;
    const { id = '' } = mine.find(({ fingerprint }) => fingerprint === second.fingerprint) ?? {};
    await user.client.revokePasskey({ params: { id } });
    expect(await me(byPasskey.accessToken)).toBe('UNAUTHENTICATED');
    expect(await refusal(open(two))).toBe('UNAUTHENTICATED');

    const disabled = await open(one);
    await org.admin.updateUser({ params: { id: user.id }, body: { disabled: true } });
    expect(await me(disabled.accessToken)).toBe('UNAUTHENTICATED');
    expect(await refusal(open(one))).toBe('UNAUTHENTICATED');

    const { accessToken, expiresAt } = await new TestDevice(plane).signIn(new TestBrowser(plane), passkey);
    now = Date.parse(expiresAt);
    expect(await me(accessToken)).toBe('UNAUTHENTICATED');
  });

  it('are stored as hashes, as are codes and sessions', async () => {
    const browser = new TestBrowser(plane);
    const { accessToken } = await new TestDevice(plane).signIn(browser, passkey);
    const stored = await dump();
    const session = browser.cookie?.split('=')[1] ?? '';
    for (const secret of [accessToken, session]) {
      expect(stored).not.toContain(secret);
      expect(stored).toContain(createHash('sha256').update(secret).digest('base64url'));
    }
  });
});

describe('the token routes', () => {
  it('answer anything that is sent to them with a refusal, and never with a failure of ours', async () => {
    const random = testRandom(18_052);
    const pieces = [
      null,
      0,
      '',
      'A',
      'A'.repeat(43),
      'daam-desktop',
      '\u0000',
      [],
      {},
      'x'.repeat(9_000),
      '../..',
    ];
    const grants = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code', 'password', null];
    const good = new TestDevice(plane);
    for (let round = 0; round < 120; round++) {
      const { challenge, proof } = await good.prove('A'.repeat(43));
      const whole = {
        grant_type: random.pick(grants),
        client_id: 'daam-desktop',
        code: 'A'.repeat(43),
        device_code: 'A'.repeat(43),
        code_verifier: good.verifier,
        redirect_uri: good.redirectUri,
        device_proof: random.chance(0.7) ? { challenge, proof } : random.pick(pieces),
        device_name: 'x',
        device_os: 'y',
        wg_key: good.wgKey,
      };
      const kept = Object.entries(whole).filter(() => random.chance(0.8));
      const body = kept.map(([key, value]) => [key, random.chance(0.15) ? random.pick(pieces) : value]);
      const path = random.pick(['/api/v1/auth/token', '/api/v1/auth/device']);
      const response = await plane.send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(Object.fromEntries(body)),
      });
      const { error } = (await response.json()) as { error?: { code: string } };
      // a whole request for a device code is answered with one; nothing here is worth a token
      const isOrder = path === '/api/v1/auth/device';
      const code = error?.code ?? (isOrder ? 'ANSWERED' : 'A TOKEN');
      expect(['INVALID_INPUT', 'INVALID_PROOF', 'UNAUTHENTICATED', 'ANSWERED']).toContain(code);
    }
  });
});

/** Everything in the tables of sign-in, as text. */
async function dump(): Promise<string> {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    const tables = ['access_tokens', 'web_sessions', 'one_time_codes', 'passkeys', 'device_certificates'];
    const texts = [];
    for (const table of tables) {
      const { rows } = await client.query<{ text: string }>(
        `select row_to_json(t)::text as text from ${table} t`,
      );
      texts.push(...rows.map(({ text }) => text));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}
