import { AppError } from '@daam/shared/errors/app-error';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  approve,
  type Begun,
  enroll,
  enrollBy,
  inviteByCommand,
  signIn,
  TestBrowser,
  TestDevice,
} from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** What a credential came from: it waits, or ends, with that. */
const minute = 60_000;
let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Origins');
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

/** The code of a refusal, of the API or of a page. */
async function refusal(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : (error as { code: string }).code),
  );
}

/** Somebody with a passkey. */
async function person(name: string, role: 'member' | 'admin' = 'member') {
  const user = await addUser(plane, org.admin, `${name}@origins.example`, role);
  const authenticator = new FakeAuthenticator();
  await enroll(new TestBrowser(plane), org.admin, { user: user.id, authenticator });
  return { ...user, authenticator };
}

/** A client of a device that was signed in now. */
async function signedIn(authenticator: FakeAuthenticator) {
  const device = new TestDevice(plane);
  const browser = new TestBrowser(plane);
  const signed = await device.signIn(browser, authenticator);
  return { client: plane.client(signed.accessToken), device: signed.device.id, browser };
}

async function openedBy(authenticator: FakeAuthenticator): Promise<readonly string[]> {
  const browser = new TestBrowser(plane);
  const { user_code } = await plane.client(null).startDeviceCode({
    body: {
      client_id: 'daam-desktop',
      device_name: 'x',
      device_os: 'linux',
      wg_key: new TestDevice(plane).wgKey,
    },
  });
  const begun = await browser.call<Begun>('/device/begin', { user_code });
  // Made when it is sent, since counters only grow.
  const finish = async () =>
    await browser.call('/device/finish', { flow: begun.flow, credential: browser.get(authenticator, begun) });
  return [
    await refusal(signIn(new TestBrowser(plane), authenticator)),
    await refusal(new TestDevice(plane).signIn(new TestBrowser(plane), authenticator)),
    await refusal(finish()),
  ];
}

describe('an invitation', () => {
  it('needs a touch of the last minutes of an administrator who has a passkey', async () => {
    const boss = await person('boss', 'admin');
    const { id } = await addUser(plane, org.admin, 'invited@origins.example');
    expect(await refusal(boss.client.inviteUser({ params: { id } }))).toBe('STEP_UP_REQUIRED');
    const { client } = await signedIn(boss.authenticator);
    expect(await refusal(client.inviteUser({ params: { id } }))).toBe('none');
    now += 16 * minute;
    expect(await refusal(client.inviteUser({ params: { id } }))).toBe('STEP_UP_REQUIRED');
  });

  it('of somebody who has a passkey opens nothing before another administrator has approved it', async () => {
    const victim = await person('victim', 'admin');
    const inviter = await person('inviter', 'admin');
    const other = await person('approver', 'admin');
    const { client } = await signedIn(inviter.authenticator);
    const planted = new FakeAuthenticator();
    const { isFirst } = await enroll(new TestBrowser(plane), client, {
      user: victim.id,
      authenticator: planted,
    });
    expect(isFirst).toBe(false);
    const nothing = ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'];
    expect(await openedBy(planted)).toEqual(nothing);
    const passkey = (await victim.client.listPasskeys()).items.find(({ isHeld }) => isHeld);
    const id = passkey?.id ?? '';
    const own = new TestBrowser(plane);
    await signIn(own, inviter.authenticator);
    expect((await own.open('/admin/passkeys')).text).toContain('You invited them');
    expect(await refusal(approve(own, inviter.authenticator, id))).toBe('FORBIDDEN');
    const theirs = new TestBrowser(plane);
    await signIn(theirs, victim.authenticator);
    expect(await refusal(approve(theirs, victim.authenticator, id))).toBe('FORBIDDEN');
    expect(await openedBy(planted)).toEqual(nothing);
    const browser = new TestBrowser(plane);
    await signIn(browser, other.authenticator);
    expect((await browser.open('/admin/passkeys')).text).toContain('Opens nothing yet');
    await approve(browser, other.authenticator, id);
    expect(await openedBy(planted)).toEqual(['none', 'none', 'none']);
  });

  it('waits as well after the older passkey was removed, but not when whoever runs the server made it', async () => {
    const { id, client } = await person('lost');
    const [first] = (await client.listPasskeys()).items;
    await org.admin.revokePasskey({ params: { id: first?.id ?? '' } });
    const held = new FakeAuthenticator();
    await enroll(new TestBrowser(plane), org.admin, { user: id, authenticator: held });
    expect(await refusal(signIn(new TestBrowser(plane), held))).toBe('UNAUTHENTICATED');
    const recovered = new FakeAuthenticator();
    await enrollBy(
      new TestBrowser(plane),
      await inviteByCommand(plane, 'lost@origins.example', now),
      recovered,
    );
    expect(await refusal(signIn(new TestBrowser(plane), recovered))).toBe('none');
  });
});

describe('a token of an agent', () => {
  it('is made by an administrator who has a passkey with a touch of the last minutes alone, also with its database', async () => {
    const keeper = await person('keeper', 'admin');
    const register = async (client: typeof keeper.client, name: string) =>
      await refusal(client.createDatabase({ body: { name, databaseName: name } }));
    const issue = async (client: typeof keeper.client) =>
      await refusal(client.issueAgentToken({ params: { database: 'shop' } }));
    expect(await register(keeper.client, 'shop')).toBe('STEP_UP_REQUIRED');
    const { client } = await signedIn(keeper.authenticator);
    expect([await register(client, 'shop'), await issue(client)]).toEqual(['none', 'none']);
    expect(await issue(keeper.client)).toBe('STEP_UP_REQUIRED');
    now += 16 * minute;
    expect([await register(client, 'late'), await issue(client)]).toEqual([
      'STEP_UP_REQUIRED',
      'STEP_UP_REQUIRED',
    ]);
    const robot = await org.admin.createServiceAccount({
      body: { name: 'keeper', role: 'admin', scopes: ['databases:write'] },
    });
    for (const other of [org.admin, plane.client(robot.token)]) expect(await issue(other)).toBe('none');
  });
});

describe('an API token', () => {
  const body = { name: 'script' };

  it('is made by whoever has a passkey with a touch of the last minutes alone', async () => {
    const { client, authenticator } = await person('maker');
    expect(await refusal(client.createApiToken({ body }))).toBe('STEP_UP_REQUIRED');
    const laptop = await signedIn(authenticator);
    expect(await refusal(laptop.client.createApiToken({ body }))).toBe('none');
    now += 16 * minute;
    expect(await refusal(laptop.client.createApiToken({ body }))).toBe('STEP_UP_REQUIRED');
  });

  it('ends with the device that made it, with its passkey, and with the token that made it', async () => {
    const { client, authenticator } = await person('ends');
    const me = async (token: string) => await refusal(plane.client(token).getMe());
    const laptop = await signedIn(authenticator);
    const made = await laptop.client.createApiToken({ body });
    const phone = await signedIn(authenticator);
    const other = await phone.client.createApiToken({ body });
    await client.revokeDevice({ params: { id: laptop.device } });
    expect([await me(made.token), await me(other.token)]).toEqual(['UNAUTHENTICATED', 'none']);
    // long after the device's certificate has ended
    now += 24 * 60 * minute;
    const [passkey] = (await client.listPasskeys()).items;
    await org.admin.revokePasskey({ params: { id: passkey?.id ?? '' } });
    expect(await me(other.token)).toBe('UNAUTHENTICATED');

    const plain = await addUser(plane, org.admin, 'plain@origins.example');
    const parent = await plain.client.createApiToken({ body });
    const child = await plane.client(parent.token).createApiToken({ body });
    const grandchild = await plane.client(child.token).createApiToken({ body });
    await plain.client.revokeApiToken({ params: { id: parent.apiToken.id } });
    expect([await me(child.token), await me(grandchild.token), await me(plain.token)]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'none',
    ]);
  });
});

describe('a code', () => {
  it('that comes again while it is being exchanged gives nothing', async () => {
    const { authenticator } = await person('replayed');
    const device = new TestDevice(plane);
    const code = (await device.authorize(new TestBrowser(plane), authenticator)).searchParams.get('code');
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      await client.query('begin');
      await client.query('select 1 from organizations where id = $1 for update', [org.orgId]);
      const first = refusal(device.exchange(code ?? ''));
      const isTaken = `select 1 from one_time_codes where kind = 'authorization-code' and used_at = $1`;
      await expect
        .poll(async () => (await client.query(isTaken, [new Date(now)])).rowCount, { timeout: 10_000 })
        .toBe(1);
      expect(await refusal(device.exchange(code ?? ''))).toBe('UNAUTHENTICATED');
      await client.query('commit');
      expect(await first).toBe('UNAUTHENTICATED');
    } finally {
      await client.end();
    }
  });

  it('is forgotten at its end, but for those whose second use tells of a theft', async () => {
    const { authenticator } = await person('kept');
    now += 1000;
    await new TestDevice(plane).authorize(new TestBrowser(plane), authenticator);
    await plane.client(null).makeAuthChallenge();
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    const kinds = async () => {
      const { rows } = await client.query<{ kind: string }>(
        'select distinct kind from one_time_codes where expires_at < $1 order by kind',
        [new Date(now)],
      );
      return rows.map(({ kind }) => kind);
    };
    try {
      now += 60 * minute;
      expect(await kinds()).toContain('key-challenge');
      for (let round = 0; round < 10; round++) await plane.client(null).makeAuthChallenge();
      expect(await kinds()).toEqual(['authorization-code']);
      now += 26 * 60 * minute;
      for (let round = 0; round < 10; round++) await plane.client(null).makeAuthChallenge();
      expect(await kinds()).toEqual([]);
    } finally {
      await client.end();
    }
  });
});

describe('a browser', () => {
  it('is signed in to the pages by the app’s sign-in, until the app signs out', async () => {
    const { authenticator } = await person('browsing');
    const { client, browser } = await signedIn(authenticator);
    expect((await browser.open('/account')).text).toContain('browsing@origins.example');
    await client.signOut();
    expect((await browser.open('/account')).text).not.toContain('browsing@origins.example');
  });

  it('is not signed in by a device code', async () => {
    const { authenticator } = await person('elsewhere');
    const browser = new TestBrowser(plane);
    const { user_code } = await plane.client(null).startDeviceCode({
      body: {
        client_id: 'daam-desktop',
        device_name: 'x',
        device_os: 'linux',
        wg_key: new TestDevice(plane).wgKey,
      },
    });
    const begun = await browser.call<Begun>('/device/begin', { user_code });
    await browser.call('/device/finish', {
      flow: begun.flow,
      credential: browser.get(authenticator, begun),
    });
    expect(browser.cookie).toBeNull();
  });
});
