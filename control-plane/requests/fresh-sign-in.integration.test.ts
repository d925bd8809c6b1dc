import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Where the organization lets it, a passkey's touch of the last minutes is enough to give access away. */
const decisions = 'fresh-sign-in' as const;
const minute = 60_000;
let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
const passkey = new FakeAuthenticator();
const access = { tables: [{ table: 'public.payments' }] };

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Fresh');
  dev = await addUser(plane, org.admin, 'dev@fresh.example');
  ada = await addUser(plane, org.admin, 'ada@fresh.example', 'admin');
  await enroll(new TestBrowser(plane), org.admin, { user: ada.id, authenticator: passkey });
  await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  await org.admin.putRequestSettings({ body: { discoverable: 'all', decisions } });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function ask() {
  const body = { database: 'shop', access, reason: 'looking into a refund that failed' };
  return { params: { id: (await dev.client.createRequest({ body })).id }, body: {} };
}

async function signedIn() {
  const { accessToken } = await new TestDevice(plane).signIn(new TestBrowser(plane), passkey);
  return plane.client(accessToken);
}

describe('an approval', () => {
  it('of somebody with a passkey needs its touch on the device, of the last minutes', async () => {
    const request = await ask();
    expect(await codeOfAsync(ada.client.approveRequest(request))).toBe('STEP_UP_REQUIRED');
    const laptop = await signedIn();
    now += 16 * minute;
    expect(await codeOfAsync(laptop.approveRequest(request))).toBe('STEP_UP_REQUIRED');
    // signed in again on another device: that says nothing of this one
    const phone = await signedIn();
    expect(await codeOfAsync(laptop.approveRequest(request))).toBe('STEP_UP_REQUIRED');
    now += 15 * minute;
    expect((await phone.approveRequest(request)).state).toBe('active');
  });

  it('needs it of everybody, or of nobody, where the organization says so', async () => {
    const fresh = (required: 'auto' | 'always' | 'never') => ({
      body: { discoverable: 'all' as const, decisions, freshSignIn: { required } },
    });
    await org.admin.putRequestSettings(fresh('always'));
    const request = await ask();
    expect(await codeOfAsync(org.admin.approveRequest(request))).toBe('STEP_UP_REQUIRED');
    await (await signedIn()).putRequestSettings(fresh('never'));
    expect((await ada.client.approveRequest(request)).state).toBe('active');
    await ada.client.putRequestSettings(fresh('auto'));
    expect((await org.admin.approveRequest(await ask())).state).toBe('active');
  });
});

describe('the settings of requests', () => {
  it('change after a touch alone, as the settings before the change say', async () => {
    const off = {
      body: { discoverable: 'all' as const, decisions, freshSignIn: { required: 'never' as const } },
    };
    const emergency = { enabled: true, anyone: true };
    const change = async (client: typeof ada.client, body: object) =>
      await codeOfAsync(client.putRequestSettings({ body }));
    expect(await change(ada.client, off.body)).toBe('STEP_UP_REQUIRED');
    expect(await change(ada.client, { emergency })).toBe('STEP_UP_REQUIRED');
    const laptop = await signedIn();
    now += 16 * minute;
    expect(await change(laptop, off.body)).toBe('STEP_UP_REQUIRED');
    expect((await ada.client.getRequestSettings()).freshSignIn.required).toBe('auto');

    const always = { discoverable: 'all' as const, decisions, freshSignIn: { required: 'always' as const } };
    await org.admin.putRequestSettings({ body: always });
    expect(await change(org.admin, off.body)).toBe('STEP_UP_REQUIRED');
    expect(
      (await (await signedIn()).putRequestSettings({ body: { discoverable: 'all', decisions } })).freshSignIn,
    ).toEqual({
      required: 'auto',
      minutes: 15,
    });
  });
});

describe('an emergency', () => {
  it('needs it too; asking, denying and revoking do not', async () => {
    const emergency = { enabled: true, anyone: true };
    await org.admin.putRequestSettings({ body: { discoverable: 'all', decisions, emergency } });
    const body = { database: 'shop', access, reason: 'everything is down', emergency: true };
    expect(await codeOfAsync(ada.client.createRequest({ body }))).toBe('STEP_UP_REQUIRED');
    const opened = await (await signedIn()).createRequest({ body });
    expect(opened.state).toBe('active');
    expect((await ada.client.revokeRequest({ params: { id: opened.id }, body: {} })).state).toBe('revoked');
    const { params } = await ask();
    expect((await ada.client.denyRequest({ params, body: { note: 'not now' } })).state).toBe('denied');
  });
});
