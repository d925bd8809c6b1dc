import type { AgentMessage } from '@daam/shared/api/feed';
import { AppError } from '@daam/shared/errors/app-error';
import { checkEndorsement } from '@daam/shared/identity/passkey-endorsement';
import { verifyDocument } from '@daam/shared/identity/verify';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { testRandom } from '@daam/shared/testing/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approve, type Begun, enroll, signIn, TestBrowser, TestDevice } from '../testing/browser.ts';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';
import { pageRoutes } from './contracts.ts';

let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
/** An administrator without a passkey, who invites. */
let host: Awaited<ReturnType<typeof addUser>>;
const adminKey = new FakeAuthenticator();

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Pages');
  host = await addUser(plane, org.admin, 'host@pages.example', 'admin');
  const { id } = await org.admin.getMe();
  await enroll(new TestBrowser(plane), org.admin, { user: id, authenticator: adminKey });
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function refusal(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : (error as { code: string }).code),
  );
}

/** Somebody with a passkey and a signed-in browser. */
async function person(email: string, role: 'member' | 'admin' = 'member') {
  const user = await addUser(plane, host.client, email, role);
  const authenticator = new FakeAuthenticator();
  const browser = new TestBrowser(plane);
  await enroll(browser, host.client, { user: user.id, authenticator });
  await signIn(browser, authenticator);
  return { ...user, authenticator, browser };
}

/** Makes another passkey on the account page; the older one speaks for it. */
async function addPasskey(browser: TestBrowser, older: FakeAuthenticator, newer: FakeAuthenticator) {
  now += 1000;
  const begun = await browser.call<Begun>('/account/passkeys/begin', {});
  const made = await browser.call<Begun>('/account/passkeys/endorse', {
    flow: begun.flow,
    credential: browser.register(newer, begun),
    name: 'Second',
  });
  const finish = { flow: made.flow, credential: browser.get(older, made) };
  return await browser.call<{ fingerprint: string }>('/account/passkeys/finish', finish);
}

describe('pages', () => {
  it('carry a policy without inline script, are framed by nobody and cached nowhere', async () => {
    const browser = new TestBrowser(plane);
    const device = new TestDevice(plane);
    const query = new URLSearchParams(device.query()).toString();
    const paths = ['/enroll', '/device', '/account', '/admin/passkeys', `/auth/authorize?${query}`];
    for (const path of paths) {
      const { status, text, headers } = await browser.open(path);
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(text).not.toMatch(
        /<script(?! type="module" src="\/assets\/pages\.js">)|<style| style=| on[a-z]+=/,
      );
    }
    expect((await browser.open('/assets/pages.js')).headers.get('content-type')).toContain('text/javascript');
    expect((await browser.open('/assets/pages.css')).headers.get('content-type')).toContain('text/css');
  });

  it('show what others typed as text', async () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='x'>`;
    const mina = await person('text@pages.example');
    const name = hostile.slice(0, 100);
    const device = await new TestDevice(plane).signIn(mina.browser, mina.authenticator);
    await mina.client.renameDevice({ params: { id: device.device.id }, body: { name } });
    const query = new URLSearchParams(new TestDevice(plane).query({ device_name: hostile })).toString();
    const codePage = `/device?${new URLSearchParams({ user_code: '"><b>x</b>' }).toString()}`;
    for (const path of ['/account', codePage, `/auth/authorize?${query}`]) {
      const { text } = await mina.browser.open(path);
      expect(text).not.toContain('<script>');
      expect(text).not.toContain('<img');
      expect(text).not.toContain('<b>');
    }
  });

  it('sign what they show: the query as the server read it, whatever a browser reads in the address', async () => {
    const browser = new TestBrowser(plane);
    const query = new TestDevice(plane).query({ device_name: `Mina's "laptop" & <more>` });
    const shown = new URLSearchParams(query).toString();
    const { text } = await browser.open(`/auth/authorize?${shown}`);
    const [, carried = ''] = / data-query="([^"]*)"/.exec(text) ?? [];
    expect(JSON.parse(unescapeHtml(carried))).toEqual(query);
    const other = new URLSearchParams({ wg_key: new TestDevice(plane).wgKey }).toString();
    for (const between of ['&', '&'.repeat(1_000)]) {
      expect((await browser.open(`/auth/authorize?${shown}${between}${other}`)).status).toBe(400);
      expect((await browser.open(`/auth/authorize?${other}${between}${shown}`)).status).toBe(400);
    }
  });

  it('refuse addresses that are longer than any that an app makes', async () => {
    const browser = new TestBrowser(plane);
    const query = new URLSearchParams(new TestDevice(plane).query()).toString();
    const of = async (length: number) => await browser.open(`/auth/authorize?${query.padEnd(length, '&')}`);
    expect((await of(2_000)).status).toBe(200);
    const { status, text } = await of(2_001);
    expect([status, text.includes('more than 2000 characters')]).toEqual([400, true]);
  });

  it('show accounts to their owner alone, and approvals to administrators', async () => {
    const mina = await person('owner@pages.example');
    expect((await mina.browser.open('/account')).text).toContain('owner@pages.example');
    expect((await new TestBrowser(plane).open('/account')).text).not.toContain('@pages.example');
    expect((await mina.browser.open('/admin/passkeys')).status).toBe(403);
    const other = await person('other@pages.example');
    const [theirs] = (await mina.client.listPasskeys()).items;
    const body = { passkey: theirs?.id };
    expect(await refusal(other.browser.call('/account/passkeys/remove', body))).toBe('NOT_FOUND');
    expect(await refusal(other.browser.call('/admin/passkeys/begin', body))).toBe('FORBIDDEN');
    const { device } = await new TestDevice(plane).signIn(mina.browser, mina.authenticator);
    const steal = { device: device.id, name: 'mine' };
    expect(await refusal(other.browser.call('/account/devices/rename', steal))).toBe('NOT_FOUND');
    expect(await refusal(other.browser.call('/account/devices/remove', { device: device.id }))).toBe(
      'NOT_FOUND',
    );
    await mina.browser.call('/account/devices/rename', { device: device.id, name: 'Renamed' });
    await mina.browser.call('/account/devices/remove', { device: device.id });
    const [mine] = (await mina.client.listDevices()).items;
    expect([mine?.name, mine?.revokedAt === null]).toEqual(['Renamed', false]);
  });
});

describe('sessions', () => {
  it('change at each sign-in, end by signing out, by time, and take nothing from outside', async () => {
    const mina = await person('session@pages.example');
    const first = mina.browser.cookie;
    await signIn(mina.browser, mina.authenticator);
    expect(mina.browser.cookie).not.toBe(first);
    const fixed = new TestBrowser(plane);
    fixed.cookie = first;
    expect((await fixed.open('/account')).text).not.toContain('session@pages.example');
    // somebody else's session, put into the browser before the sign-in, is not what comes out of it
    const planted = await person('planted@pages.example');
    fixed.cookie = planted.browser.cookie;
    await signIn(fixed, mina.authenticator);
    expect(fixed.cookie).not.toBe(planted.browser.cookie);
    expect((await planted.browser.open('/account')).text).not.toContain('planted@pages.example');
    await fixed.call('/auth/session/end', {});
    expect(fixed.cookie).toBe('daam_session=');
    now += 61 * 60_000;
    expect((await mina.browser.open('/account')).text).not.toContain('session@pages.example');
    expect(await refusal(mina.browser.call('/account/passkeys/begin', {}))).toBe('UNAUTHENTICATED');
  });

  it('have cookies that no script reads and no other site sends', async () => {
    const { browser, authenticator } = await person('cookie@pages.example');
    const begun = await browser.call<Begun>('/auth/session/begin', {});
    const response = await plane.send('/auth/session/finish', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: browser.origin },
      body: JSON.stringify({ flow: begun.flow, credential: browser.get(authenticator, begun) }),
    });
    const cookie = response.headers.getSetCookie().join();
    expect(cookie).toMatch(/^daam_session=daam_ses_[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });

  it('are not acted on from other origins, by forms, or without saying from where', async () => {
    const { browser, client } = await person('forged@pages.example');
    const { items } = await client.listPasskeys();
    const body = { passkey: items[0]?.id };
    for (const origin of ['https://evil.example', 'null', `${browser.origin}.evil.example`, '']) {
      expect(await refusal(browser.call('/account/passkeys/remove', body, { origin }))).toBe('FORBIDDEN');
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await refusal(browser.call('/account/passkeys/remove', body, form))).toBe('INVALID_INPUT');
    const bearer = { authorization: `Bearer ${org.adminToken}`, cookie: '' };
    expect(await refusal(browser.call('/account/passkeys/remove', body, bearer))).toBe('UNAUTHENTICATED');
  });

  it('open nothing of the API', async () => {
    const { browser } = await person('api@pages.example');
    const response = await plane.send('/api/v1/me', { headers: { cookie: browser.cookie ?? '' } });
    expect(response.status).toBe(401);
  });
});

describe('another passkey', () => {
  it('is spoken for by an older one, in a word that agents can check', async () => {
    const mina = await person('second@pages.example');
    const agent = await addDatabase(plane, host.client, 'words');
    await org.admin.putPolicies({
      params: { database: 'words' },
      body: documentFor('words', { users: ['second@pages.example'] }),
    });
    const newer = new FakeAuthenticator();
    await addPasskey(mina.browser, mina.authenticator, newer);
    await using feed = await FeedClient.open(plane.controlPlane.port, agent.credential);
    feed.hello();
    const bundle = await verifyDocument('policyBundle', await feed.nextBundle(), agent.orgKeys, now);
    const subject = bundle.subjects.find(({ user }) => user === mina.id);
    expect(subject?.passkeys?.map(({ endorsement }) => endorsement?.by ?? null)).toEqual([null, mina.id]);
    expect(subject?.isAdmin).toBeUndefined();
    const [first, second] = subject?.passkeys ?? [];
    const { relyingParty } = bundle.settings;
    const proof = second?.endorsement?.proof;
    if (first === undefined || second === undefined || proof === undefined || relyingParty === undefined) {
      throw new Error('the bundle lacks something');
    }
    const { endorsement: _one, ...pinned } = first;
    const { endorsement: _two, ...passkey } = second;
    expect(relyingParty).toEqual({ id: 'localhost', origins: [mina.browser.origin] });
    const endorsed = { org: org.orgId, user: mina.id, passkey };
    expect(checkEndorsement({ endorsed, proof, pinned: [pinned], relyingParty })).toBeNull();
    expect(bundle.settings.endorsers?.map(({ email }) => email)).toContain('admin@pages.example');
  });

  it('is refused with somebody else’s word, with its own, or with a word for another', async () => {
    const mina = await person('words@pages.example');
    const other = await person('stranger@pages.example');
    const newer = new FakeAuthenticator();
    expect(await refusal(addPasskey(mina.browser, other.authenticator, newer))).toBe('UNAUTHENTICATED');
    expect(await refusal(addPasskey(mina.browser, newer, newer))).toBe('UNAUTHENTICATED');
    const begun = await mina.browser.call<Begun>('/account/passkeys/begin', {});
    const credential = mina.browser.register(newer, begun);
    const stolen = { flow: begun.flow, credential, name: 'x' };
    expect(await refusal(other.browser.call('/account/passkeys/endorse', stolen))).toBe('UNAUTHENTICATED');
    expect((await mina.client.listPasskeys()).items).toHaveLength(1);
    expect((await other.client.listPasskeys()).items).toHaveLength(1);
  });

  it('must not be anybody’s already', async () => {
    const mina = await person('twice@pages.example');
    const other = await person('thief@pages.example');
    const again = addPasskey(other.browser, other.authenticator, mina.authenticator);
    expect(await refusal(again)).toBe('CONFLICT');
  });

  it('can be removed after a recent sign-in, but not the last one', async () => {
    const mina = await person('remove@pages.example');
    await addPasskey(mina.browser, mina.authenticator, new FakeAuthenticator());
    const [newest, oldest] = (await mina.client.listPasskeys()).items;
    now += 16 * 60_000;
    const remove = async (id: string | undefined) =>
      await refusal(mina.browser.call('/account/passkeys/remove', { passkey: id }));
    expect(await remove(newest?.id)).toBe('STEP_UP_REQUIRED');
    await signIn(mina.browser, mina.authenticator);
    expect(await remove(newest?.id)).toBe('none');
    expect(await remove(oldest?.id)).toBe('CONFLICT');
  });
});

describe('approval', () => {
  it('is an administrator’s word by their own passkey, and agents hear it', async () => {
    const mina = await person('approved@pages.example');
    const browser = new TestBrowser(plane);
    await signIn(browser, adminKey);
    const [passkey] = (await mina.client.listPasskeys()).items;
    const begin = async () => await browser.call<Begun>('/admin/passkeys/begin', { passkey: passkey?.id });
    const wrong = await begin();
    const finish = { flow: wrong.flow, credential: browser.get(mina.authenticator, wrong) };
    expect(await refusal(browser.call('/admin/passkeys/finish', finish))).toBe('UNAUTHENTICATED');
    const begun = await begin();
    await browser.call('/admin/passkeys/finish', {
      flow: begun.flow,
      credential: browser.get(adminKey, begun),
    });
    const [approved] = (await mina.client.listPasskeys()).items;
    expect(approved?.endorsedBy?.email).toBe('admin@pages.example');
    expect(await refusal(begin())).toBe('NOT_FOUND');
    const { items } = await org.admin.listActivity();
    expect(items[0]).toMatchObject({ action: 'passkey.endorsed', target: { id: approved?.id } });
  });

  it('is not for one’s own passkeys', async () => {
    const boss = await person('boss@pages.example', 'admin');
    const [own] = (await boss.client.listPasskeys()).items;
    expect(await refusal(boss.browser.call('/admin/passkeys/begin', { passkey: own?.id }))).toBe('FORBIDDEN');
  });

  it('shows what agents hold back, to auditors and administrators over the API', async () => {
    const mina = await person('held@pages.example');
    const [passkey] = (await mina.client.listPasskeys()).items;
    const agent = await addDatabase(plane, host.client, 'holding');
    await using feed = await FeedClient.open(plane.controlPlane.port, agent.credential);
    feed.hello();
    await feed.nextBundle();
    const standing = {
      user: mina.id,
      email: 'held@pages.example',
      fingerprint: passkey?.fingerprint ?? '',
      standing: 'waiting',
      since: new Date(now).toISOString(),
    } as const;
    feed.say({ type: 'passkeys', passkeys: [standing] } satisfies AgentMessage);
    const params = { id: agent.agentId };
    const told = async () => await org.admin.listAgentPasskeys({ params });
    await expect.poll(async () => (await told()).items).toEqual([standing]);
    expect(await refusal(mina.client.listAgentPasskeys({ params }))).toBe('FORBIDDEN');
    const browser = new TestBrowser(plane);
    await signIn(browser, adminKey);
    expect((await browser.open('/admin/passkeys')).text).toContain('Waiting at 1 agent');
    // Somebody's word that an agent does not take is no reason to refuse one that it would.
    const id = passkey?.id ?? '';
    const other = await person('other-boss@pages.example', 'admin');
    await approve(other.browser, other.authenticator, id);
    expect((await browser.open('/admin/passkeys')).text).toContain('held@pages.example');
    await approve(browser, adminKey, id);
    const endorser = async () => (await mina.client.listPasskeys()).items[0]?.endorsedBy?.email;
    expect(await endorser()).toBe('admin@pages.example');
    feed.say({ type: 'passkeys', passkeys: [{ ...standing, standing: 'pinned' }] } satisfies AgentMessage);
    await expect.poll(async () => (await told()).items[0]?.standing).toBe('pinned');
    expect(await refusal(approve(other.browser, other.authenticator, id))).toBe('NOT_FOUND');
  });
});

describe('by https', () => {
  it('cookies are bound to the host, and passkeys to its name', async () => {
    await using secure = await startTestControlPlane({ publicUrl: 'https://daam.pages.example' });
    const own = await bootstrapOrg(secure, 'Secure');
    const browser = new TestBrowser(secure);
    const key = new FakeAuthenticator();
    const { id } = await own.admin.getMe();
    const { url } = await own.admin.inviteUser({ params: { id } });
    expect(url).toMatch(/^https:\/\/daam\.pages\.example\/enroll#[A-Za-z0-9_-]{43}$/);
    const begun = await browser.call<Begun>('/enroll/begin', { invitation: new URL(url).hash.slice(1) });
    const changes = { origin: browser.origin, relyingPartyId: 'daam.pages.example' };
    const credential = key.register(begun.publicKey.challenge, changes);
    await browser.call('/enroll/finish', { flow: begun.flow, credential, name: 'Key' });
    const again = await browser.call<Begun>('/auth/session/begin', {});
    const response = await secure.send('/auth/session/finish', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: browser.origin },
      body: JSON.stringify({
        flow: again.flow,
        credential: key.get(again.publicKey.challenge, { ...changes, signCount: 2 }),
      }),
    });
    expect(response.headers.getSetCookie().join()).toMatch(
      /^__Host-daam_session=daam_ses_[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(response.headers.get('strict-transport-security')).not.toBeNull();
    // a proxy may reach it by any name
    expect((await secure.send('/account', { redirect: 'manual' })).status).toBe(200);
  });

  it('an address without a name has no passkeys, and says so', async () => {
    await using bare = await startTestControlPlane({ publicUrl: 'http://192.0.2.4:7400' });
    const page = await bare.send('/account');
    expect(page.status).toBe(200);
    const begun = new TestBrowser(bare).call('/auth/session/begin', {});
    expect(await refusal(begun)).toBe('UNSUPPORTED');
  });

  it('without a public URL, pages send people to the name that passkeys work at', async () => {
    const response = await plane.send('/device?user_code=BCDF', { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`${plane.controlPlane.url}/device?user_code=BCDF`);
  });
});

describe('two organizations', () => {
  it('know nothing of each other’s people, and sign-ins name theirs', async () => {
    await using both = await startTestControlPlane();
    const [ours, theirs] = [await bootstrapOrg(both, 'Ours'), await bootstrapOrg(both, 'Theirs')];
    const key = new FakeAuthenticator();
    const browser = new TestBrowser(both);
    await enroll(browser, ours.admin, { user: (await ours.admin.getMe()).id, authenticator: key });
    const device = new TestDevice(both);
    const page = await browser.open(`/auth/authorize?${new URLSearchParams(device.query()).toString()}`);
    expect(page.text).toContain('Choose your organization');
    const begin = async (more: Record<string, string>) =>
      await browser.call<Begun>('/auth/authorize/begin', device.query(more));
    expect(await refusal(begin({}))).toBe('INVALID_INPUT');
    const answers = new Set<string>();
    for (const name of ['Theirs', 'Nobodys', theirs.orgId]) {
      const begun = await begin({ org: name });
      const credential = browser.get(key, begun);
      const finished = browser.call('/auth/authorize/finish', { flow: begun.flow, credential });
      expect(await refusal(finished)).toBe('UNAUTHENTICATED');
      answers.add(await finished.then(String, ({ message, hint }: AppError) => `${message} ${hint}`));
    }
    for (const org of ['Theirs', 'Nobodys']) {
      const asked = { client_id: 'daam-desktop', device_name: 'x', device_os: 'linux', org } as const;
      const code = await both.client(null).startDeviceCode({ body: { ...asked, wg_key: device.wgKey } });
      const begun = await browser.call<Begun>('/device/begin', { user_code: code.user_code });
      const answer = { flow: begun.flow, credential: browser.get(key, begun) };
      const finished = browser.call('/device/finish', answer);
      answers.add(await finished.then(String, ({ message, hint }: AppError) => `${message} ${hint}`));
    }
    expect(answers.size).toBe(1);
    expect((await device.authorize(browser, key, { org: 'Ours' })).searchParams.has('code')).toBe(true);
    expect((await theirs.admin.listOrganizationPasskeys({ query: {} })).items).toEqual([]);
    const [passkey] = (await ours.admin.listPasskeys()).items;
    const params = { id: passkey?.id ?? '' };
    expect(await refusal(theirs.admin.revokePasskey({ params }))).toBe('NOT_FOUND');
    const ourId = (await ours.admin.getMe()).id;
    expect(await refusal(theirs.admin.inviteUser({ params: { id: ourId } }))).toBe('NOT_FOUND');
  });
});

describe('steps of pages', () => {
  it('answer anything that is sent to them with a refusal, and never with a failure of ours', async () => {
    const random = testRandom(20_260);
    const mina = await person('fuzz@pages.example');
    const begun = await mina.browser.call<Begun>('/auth/session/begin', {});
    const good = {
      flow: begun.flow,
      credential: mina.authenticator.get(begun.publicKey.challenge, {
        origin: mina.browser.origin,
        signCount: 900,
      }),
    };
    const pieces = [
      null,
      0,
      '',
      'A',
      'A'.repeat(43),
      '\u0000',
      [],
      {},
      { id: 'x' },
      'x'.repeat(3_000),
      good.credential,
    ];
    const pick = () => pieces[random.int(pieces.length)];
    const steps = Object.values(pageRoutes).filter(({ method }) => method === 'POST');
    for (const { path } of steps) {
      if (path === '/auth/session/end') continue;
      for (let round = 0; round < 12; round++) {
        const flow = random.chance(0.5) ? 'A'.repeat(43) : pick();
        const body = { flow, credential: pick(), name: pick(), invitation: pick(), user_code: pick() };
        const keys = Object.keys(body).filter(() => random.chance(0.6)) as (keyof typeof body)[];
        const sent = Object.fromEntries(keys.map((key) => [key, body[key]]));
        const code = await refusal(mina.browser.call(path, sent));
        expect([path, code]).not.toEqual([path, 'INTERNAL']);
      }
    }
    for (const field of ['authenticatorData', 'clientDataJSON', 'signature', 'userHandle'] as const) {
      const fresh = await mina.browser.call<Begun>('/auth/session/begin', {});
      const credential = mina.browser.get(mina.authenticator, fresh);
      const damaged = { ...credential, response: { ...credential.response, [field]: 'AAAA' } };
      const finished = mina.browser.call('/auth/session/finish', { flow: fresh.flow, credential: damaged });
      expect([field, await refusal(finished)]).toEqual([field, 'UNAUTHENTICATED']);
    }
  });

  it('survive registrations with any byte changed', async () => {
    const random = testRandom(7);
    const { browser, authenticator, client } = await person('bytes@pages.example');
    for (let round = 0; round < 60; round++) {
      const begun = await browser.call<Begun>('/account/passkeys/begin', {});
      const credential = browser.register(new FakeAuthenticator(), begun);
      const bytes = Buffer.from(credential.response.attestationObject, 'base64url');
      const at = random.int(bytes.length);
      const cut = round % 3 === 0 ? bytes.subarray(0, at) : bytes;
      if (round % 3 !== 0) bytes[at] = random.int(256);
      const attestationObject = cut.toString('base64url') || 'AA';
      const changed = { ...credential, response: { ...credential.response, attestationObject } };
      const made = browser.call('/account/passkeys/endorse', {
        flow: begun.flow,
        credential: changed,
        name: 'x',
      });
      expect(['UNAUTHENTICATED', 'none']).toContain(await refusal(made));
    }
    expect((await client.listPasskeys()).items).toHaveLength(1);
    await signIn(browser, authenticator);
  });
});

/** What a browser makes of an attribute's text. */
function unescapeHtml(text: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replaceAll(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => characters[name] ?? '');
}
