import type { ApiClient } from '@daam/shared/api/client';
import {
  decisionChallenge,
  decisionDigest,
  decisionsChallenge,
} from '@daam/shared/identity/decision-challenge';
import { checkAssertion, type PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Begun, enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Decisions that the decider's passkey signs, one by one. */
const minute = 60_000;
let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
let eve: Awaited<ReturnType<typeof addUser>>;
/** Ada's device, signed in with her passkey a moment ago. */
let laptop: ApiClient;
const adasPasskey = new FakeAuthenticator();
const evesPasskey = new FakeAuthenticator();
const access = { tables: [{ table: 'public.payments' }, { table: 'public.orders' }] };

interface Opened extends Begun {
  readonly decisions: readonly Record<string, unknown>[];
}

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Touch');
  dev = await addUser(plane, org.admin, 'dev@touch.example');
  ada = await addUser(plane, org.admin, 'ada@touch.example', 'admin');
  eve = await addUser(plane, org.admin, 'eve@touch.example', 'admin');
  await enroll(new TestBrowser(plane), org.admin, { user: ada.id, authenticator: adasPasskey });
  await enroll(new TestBrowser(plane), org.admin, { user: eve.id, authenticator: evesPasskey });
  await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
  const { accessToken } = await new TestDevice(plane).signIn(new TestBrowser(plane), adasPasskey);
  laptop = plane.client(accessToken);
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function ask(): Promise<string> {
  const body = { database: 'shop', access, reason: 'looking into a refund that failed', minutes: 120 };
  return (await dev.client.createRequest({ body })).id;
}

type Body = Parameters<ApiClient['beginDecision']>[0]['body'];

async function prepare(id: string, body: Body = { decision: 'approve' }, client = laptop): Promise<string> {
  const { url } = await client.beginDecision({ params: { id }, body });
  expect(url.startsWith(`${plane.controlPlane.url}/approve#`)).toBe(true);
  return new URL(url).hash.slice(1);
}

const browser = () => new TestBrowser(plane);
const open = async (flow: string) => await browser().call<Opened>('/approve/begin', { flow });

async function touch(flow: string, authenticator = adasPasskey) {
  const begun = { ...(await open(flow)), flow };
  const page = browser();
  const credential = page.get(authenticator, begun);
  return await page.call<{ states: string[] }>('/approve/finish', { flow, credential });
}

const stateOf = async (id: string) => (await dev.client.getRequest({ params: { id } })).state;
const codeOfCall = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: { code?: string }) => error.code ?? 'none',
  );

describe('a decision on a request', () => {
  it('needs a touch of its own, however recent the sign-in is', async () => {
    const params = { id: await ask() };
    expect(await codeOfAsync(laptop.approveRequest({ params, body: {} }))).toBe('TOUCH_REQUIRED');
    expect(await codeOfAsync(laptop.denyRequest({ params, body: { note: 'no' } }))).toBe('TOUCH_REQUIRED');
    expect(await stateOf(params.id)).toBe('pending');
  });

  it('is made by the touch, with the terms that the page showed', async () => {
    const id = await ask();
    const body = {
      decision: 'approve',
      minutes: 30,
      access: { tables: [{ table: 'public.payments' }] },
    } as const;
    const flow = await prepare(id, body);
    const { decisions } = await open(flow);
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({
      decision: 'approve',
      requester: 'dev@touch.example',
      database: 'shop',
      reason: 'looking into a refund that failed',
      gives: ['select on public.payments'],
      asked: ['select on public.payments', 'select on public.orders', '2 h, once approved'],
    });
    expect(await touch(flow)).toEqual({ states: ['active'] });
    const { granted, approval } = await dev.client.getRequest({ params: { id } });
    expect(granted).toMatchObject({ minutes: 30, access: { tables: [{ table: 'public.payments' }] } });
    expect(approval.given.map(({ by }) => by.email)).toEqual(['ada@touch.example']);
  });

  it('leaves a proof in the audit that anybody with the public key can check', async () => {
    const id = await ask();
    await touch(await prepare(id, { decision: 'deny', note: 'not today' }));
    expect(await stateOf(id)).toBe('denied');
    const { items } = await org.admin.listActivity({ query: { action: 'request.denied' } });
    const signed = items[0]?.detail['signed'] as { proof: PasskeyProof };
    const said = { org: org.orgId, user: ada.id, request: id, decision: 'deny', terms: null } as const;
    const relyingParty = { id: 'localhost', origins: [new URL(plane.controlPlane.url).origin] };
    const check = (told: Parameters<typeof decisionChallenge>[0]) =>
      checkAssertion({
        proof: signed.proof,
        challenge: decisionChallenge(told, signed.proof.nonce),
        passkeys: [adasPasskey.passkey],
        relyingParty,
      });
    expect(check(said)).toBeNull();
    expect(check({ ...said, decision: 'approve' })).toBe('wrong-challenge');
  });

  it('is prepared only by whoever may decide, and only as they may', async () => {
    const id = await ask();
    const params = { id };
    const approval = { params, body: { decision: 'approve' } } as const;
    expect(await codeOfAsync(dev.client.beginDecision(approval))).toBe('FORBIDDEN');
    expect(await codeOfAsync(org.admin.beginDecision(approval))).toBe('CONFLICT');
    const stranger = await addUser(plane, org.admin, 'sam@touch.example');
    expect(await codeOfAsync(stranger.client.beginDecision(approval))).toBe('NOT_FOUND');
    const bad = { tables: [{ table: 'not a table name' }] };
    const body = { decision: 'approve', access: bad } as const;
    expect(await codeOfAsync(laptop.beginDecision({ params, body }))).toBe('INVALID_POLICY');
  });
});

describe('the touch', () => {
  it('must be of whoever prepared the decision', async () => {
    const id = await ask();
    const flow = await prepare(id);
    expect(await codeOfCall(touch(flow, evesPasskey))).toBe('UNAUTHENTICATED');
    expect(await stateOf(id)).toBe('pending');
    // The step is used up by the attempt.
    expect(await codeOfCall(touch(flow))).toBe('UNAUTHENTICATED');
  });

  it('decides nothing over another challenge, a second time, or too late', async () => {
    const [one, two] = [await ask(), await ask()];
    const [first, second] = [await prepare(one), await prepare(two)];
    const begun = { ...(await open(first)), flow: first };
    const page = browser();
    const credential = page.get(adasPasskey, begun);
    expect(await codeOfCall(page.call('/approve/finish', { flow: second, credential }))).toBe(
      'UNAUTHENTICATED',
    );
    expect(await page.call('/approve/finish', { flow: first, credential })).toEqual({ states: ['active'] });
    expect(await codeOfCall(page.call('/approve/finish', { flow: first, credential }))).toBe(
      'UNAUTHENTICATED',
    );
    const late = await prepare(two);
    now += 11 * minute;
    expect(await codeOfCall(open(late))).toBe('UNAUTHENTICATED');
    expect(await stateOf(two)).toBe('pending');
  });

  it('does not count when the terms were changed meanwhile', async () => {
    const rules = [{ approvers: { admins: true }, required: 2 }];
    await org.admin.putRequestSettings({ body: { discoverable: 'all', rules } });
    const id = await ask();
    const flow = await prepare(id);
    const begun = { ...(await open(flow)), flow };
    await org.admin.approveRequest({ params: { id }, body: { minutes: 10 } });
    const page = browser();
    const credential = page.get(adasPasskey, begun);
    expect(await codeOfCall(page.call('/approve/finish', { flow, credential }))).toBe('CONFLICT');
    expect(await touch(await prepare(id))).toEqual({ states: ['active'] });
    expect((await dev.client.getRequest({ params: { id } })).granted.minutes).toBe(10);
    await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
  });

  it('is not asked of who has no passkey, unless the organization asks everybody', async () => {
    const params = { id: await ask() };
    expect((await org.admin.approveRequest({ params, body: {} })).state).toBe('active');
    const freshSignIn = { required: 'always' } as const;
    await org.admin.putRequestSettings({ body: { discoverable: 'all', freshSignIn } });
    const another = { id: await ask() };
    expect(await codeOfAsync(org.admin.approveRequest({ params: another, body: {} }))).toBe('TOUCH_REQUIRED');
    expect(await touch(await prepare(another.id))).toEqual({ states: ['active'] });
  });
});

describe('several decisions by one touch', () => {
  const prepareAll = async (decisions: { request: string; body: Body }[], client = laptop) => {
    const { url } = await client.beginDecisions({ body: { decisions } });
    return new URL(url).hash.slice(1);
  };

  it('are each shown, each made, and each proved without the others', async () => {
    const ids = [await ask(), await ask()];
    const [first = '', second = ''] = ids;
    const flow = await prepareAll([
      { request: first, body: { decision: 'approve', minutes: 15 } },
      { request: second, body: { decision: 'approve' } },
    ]);
    expect((await open(flow)).decisions.map(({ window }) => window)).toEqual([
      '15 min, once approved',
      '2 h, once approved',
    ]);
    expect(await touch(flow)).toEqual({ states: ['active', 'active'] });
    const { items } = await org.admin.listActivity({ query: { action: 'request.approved', limit: 10 } });
    const relyingParty = { id: 'localhost', origins: [new URL(plane.controlPlane.url).origin] };
    for (const id of ids) {
      const { signed, granted } = (items.find(({ target }) => target.id === id)?.detail ?? {}) as {
        readonly signed: { readonly proof: PasskeyProof; readonly digests: string[] };
        readonly granted: { readonly access: Record<string, unknown>; readonly minutes: number };
      };
      const terms = { policy: null, access: granted.access, minutes: granted.minutes, startAt: null };
      const said = { org: org.orgId, user: ada.id, request: id, decision: 'approve', terms } as const;
      expect(signed.digests).toContain(decisionDigest(said));
      expect(signed.digests).not.toContain(decisionDigest({ ...said, terms: { ...terms, minutes: 1 } }));
      const check = (digests: readonly string[]) =>
        checkAssertion({
          proof: signed.proof,
          challenge: decisionsChallenge(digests, signed.proof.nonce),
          passkeys: [adasPasskey.passkey],
          relyingParty,
        });
      expect([check(signed.digests), check(signed.digests.toReversed())]).toEqual([null, 'wrong-challenge']);
    }
  });

  it('are all made or none', async () => {
    const [first, second] = [await ask(), await ask()];
    const body = { decision: 'approve' } as const;
    const flow = await prepareAll([
      { request: first, body },
      { request: second, body },
    ]);
    const begun = { ...(await open(flow)), flow };
    await dev.client.revokeRequest({ params: { id: second }, body: {} });
    const page = browser();
    const credential = page.get(adasPasskey, begun);
    expect(await codeOfCall(page.call('/approve/finish', { flow, credential }))).toBe('CONFLICT');
    expect([await stateOf(first), await stateOf(second)]).toEqual(['pending', 'revoked']);
  });

  it('are of one person for one database, each once and all alike', async () => {
    const other = await addUser(plane, org.admin, 'other@touch.example');
    await org.admin.createDatabase({ body: { name: 'ledger', databaseName: 'ledger' } });
    const asked = { access, reason: 'looking into a refund that failed', minutes: 120 };
    const { id: ofOther } = await other.client.createRequest({ body: { database: 'shop', ...asked } });
    const { id: elsewhere } = await dev.client.createRequest({ body: { database: 'ledger', ...asked } });
    const [first, second] = [await ask(), await ask()];
    const yes = { decision: 'approve' } as const;
    const codeFor = async (...decisions: { request: string; body: Body }[]) =>
      await codeOfAsync(laptop.beginDecisions({ body: { decisions } }));
    const one = { request: first, body: yes };
    expect(await codeFor(one, { request: ofOther, body: yes })).toBe('INVALID_INPUT');
    expect(await codeFor(one, { request: elsewhere, body: yes })).toBe('INVALID_INPUT');
    expect(await codeFor(one, one)).toBe('INVALID_INPUT');
    expect(await codeFor(one, { request: second, body: { decision: 'deny', note: 'no' } })).toBe(
      'INVALID_INPUT',
    );
    expect(await codeFor(one)).toBe('INVALID_INPUT');
    const many = Array.from({ length: 21 }, () => one);
    expect(await codeFor(...many)).toBe('INVALID_INPUT');
    const own = laptop.createRequest({ body: { database: 'shop', ...asked } });
    expect(await codeFor(one, { request: (await own).id, body: yes })).toBe('FORBIDDEN');
  });
});

describe('the page of a decision', () => {
  it('is a page without secrets, whose steps want our own origin', async () => {
    const { status, text, headers } = await browser().open('/approve');
    expect(status).toBe(200);
    expect(text).toContain('data-page="decision"');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const flow = await prepare(await ask());
    const foreign = browser().call('/approve/begin', { flow }, { origin: 'https://evil.example' });
    expect(await codeOfCall(foreign)).toBe('FORBIDDEN');
    expect(await codeOfCall(open('A'.repeat(43)))).toBe('UNAUTHENTICATED');
  });
});
