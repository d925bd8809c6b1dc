import { Secret } from '@daam/shared/base/secret';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startControlPlane } from '../app.ts';
import { enrollBy, inviteByCommand, TestBrowser } from '../testing/browser.ts';
import { startMailServer, type TestMailServer } from '../testing/mail-server.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';
import type { MailConfig } from './mail-config.ts';
import { dailyCeilings, maxNewsWaiting } from './mail-queue.ts';
import { smtpTransport } from './transport.ts';

/** Mail against a server on this machine; time is told. */
let now = Date.parse('2030-01-01T00:00:00Z');
const clock = { now: () => now };
let server: TestMailServer;
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
const access = { tables: [{ table: 'public.payments' }] };

function configOf(port: number, further: Partial<MailConfig> = {}): MailConfig {
  const host = 'localhost';
  return { host, port, security: 'none', login: null, from: 'DAAM <daam@example.com>', ca: null, ...further };
}

beforeAll(async () => {
  server = await startMailServer();
  const mail = configOf(server.port);
  plane = await startTestControlPlane({ deps: { clock, scheduleMs: 10 }, mail });
  org = await bootstrapOrg(plane, 'Mails');
  dev = await addUser(plane, org.admin, 'dev@mails.example');
  ada = await addUser(plane, org.admin, 'ada@mails.example', 'admin');
  for (const email of ['dev@mails.example', 'ada@mails.example']) await enrollAs(email);
  await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
  await vi.waitUntil(async () => (await waiting()) === 0, { timeout: 20_000 });
  server.received.length = 0;
});
afterAll(async () => {
  await plane?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});
afterEach(() => {
  server.answer = 250;
  server.received.length = 0;
});

/** A passkey by an invitation's link. The administrator of the bootstrap has none, and makes tokens without a touch. */
async function enrollAs(email: string) {
  const url = await inviteByCommand(plane, email, now);
  await enrollBy(new TestBrowser(plane), url, new FakeAuthenticator());
}

async function ask() {
  const body = { database: 'shop', access, reason: 'a secret reason of ten letters', minutes: 60 };
  return { id: (await dev.client.createRequest({ body })).id };
}

const waiting = async () => (await org.admin.getMailStatus()).waiting;

/** What came once nothing waits any more: `to: subject`, in order of the alphabet. */
async function came(): Promise<string[]> {
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
  return server.received
    .map(({ to, subject }) => `${to.join()}: ${subject.replace('[DAAM] ', '')}`)
    .toSorted();
}

describe('mail', () => {
  it('tells approvers what waits for them, and the requester what became of it', async () => {
    const params = await ask();
    expect(await came()).toEqual(['ada@mails.example: dev@mails.example asks for access to shop']);
    const [first] = server.received;
    expect(first?.text).toContain('select on public.payments');
    expect(first?.text).toContain(`daam request show ${params.id}`);
    expect(first?.raw).toContain('Auto-Submitted: auto-generated');
    expect(first?.from).toBe('daam@example.com');
    server.received.length = 0;
    await org.admin.approveRequest({ params, body: { note: 'a secret note' } });
    expect(await came()).toEqual(['dev@mails.example: Your request for shop was approved']);
    server.received.length = 0;
    now += 61 * 60_000;
    await expect.poll(() => server.received.length, { timeout: 20_000 }).toBe(1);
    expect(await came()).toEqual(['dev@mails.example: Your access to shop has ended']);
  });

  it('has nothing of what people wrote', async () => {
    const params = await ask();
    await org.admin.commentOnRequest({ params, body: { text: 'a secret comment' } });
    await org.admin.denyRequest({ params, body: { note: 'a secret note' } });
    expect((await came()).filter((line) => line.startsWith('dev@'))).toEqual([
      'dev@mails.example: There is a comment on the request of dev@mails.example for shop',
      'dev@mails.example: Your request for shop was denied',
    ]);
    expect(server.received.filter(({ raw, text }) => `${raw}${text}`.includes('secret'))).toEqual([]);
  });

  it('tells the owner of an account what changed about it, whatever they prefer', async () => {
    const requests = { mine: false, inbox: false };
    await dev.client.putNotificationPreferences({ body: { requests } });
    const { token } = await org.admin.createApiToken({ body: { name: 'theirs', user: dev.id } });
    expect(await came()).toEqual(['dev@mails.example: A token was made for your account']);
    expect(server.received[0]?.raw).not.toContain(token);
    server.received.length = 0;
    await ada.client.putNotificationPreferences({ body: { requests } });
    const params = await ask();
    await org.admin.denyRequest({ params, body: { note: 'no' } });
    expect(await came()).toEqual([]);
    await dev.client.putNotificationPreferences({ body: {} });
    await ada.client.putNotificationPreferences({ body: {} });
  });

  it('tells administrators of the events that they asked for, and members of none', async () => {
    const events = ['group.*'];
    expect(await codeOfAsync(dev.client.putNotificationPreferences({ body: { events } }))).toBe('FORBIDDEN');
    await ada.client.putNotificationPreferences({ body: { events } });
    await org.admin.createGroup({ body: { name: 'support' } });
    await org.admin.createUser({ body: { email: 'new@mails.example' } });
    expect(await came()).toEqual(['ada@mails.example: group.created: support']);
    await ada.client.putNotificationPreferences({ body: {} });
  });

  it('goes to no service account and to nobody who was disabled', async () => {
    const { serviceAccount } = await org.admin.createServiceAccount({
      body: { name: 'deploys', scopes: ['policies:read'] },
    });
    const gone = await addUser(plane, org.admin, 'gone@mails.example');
    await enrollAs('gone@mails.example');
    await came();
    const users = [serviceAccount.id, gone.id];
    await org.admin.putRequestSettings({
      body: { discoverable: 'all', rules: [{ approvers: { users, admins: true } }] },
    });
    await org.admin.updateUser({ params: { id: gone.id }, body: { disabled: true } });
    await came();
    server.received.length = 0;
    await org.admin.denyRequest({ params: await ask(), body: { note: 'no' } });
    expect(await came()).toEqual([
      'ada@mails.example: dev@mails.example asks for access to shop',
      'dev@mails.example: Your request for shop was denied',
    ]);
    await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
  });

  it('goes to nobody who never enrolled: an address that an administrator wrote is not that of a person', async () => {
    const written = await addUser(plane, org.admin, 'written@mails.example', 'admin');
    await written.client.putNotificationPreferences({ body: { events: ['*'] } });
    await org.admin.updateUser({ params: { id: written.id }, body: { name: 'Written' } });
    await org.admin.createGroup({ body: { name: 'news' } });
    expect(await codeOfAsync(written.client.testMail())).toBe('CONFLICT');
    expect(await came()).toEqual([]);
    await enrollAs('written@mails.example');
    expect(await came()).toEqual(['written@mails.example: A passkey was added to your account']);
    await execute(`update passkeys set revoked_at = now() where user_id = '${written.id}'`);
    server.received.length = 0;
    await org.admin.createGroup({ body: { name: 'later' } });
    expect(await came()).toEqual([]);
    await org.admin.updateUser({ params: { id: written.id }, body: { disabled: true } });
  });

  it('is bounded by the day for a person and for an organization, what concerns accounts apart from news', async () => {
    const person = await addUser(plane, org.admin, 'bombed@mails.example');
    await enrollAs('bombed@mails.example');
    await came();
    server.received.length = 0;
    const asManyAs = async (reason: string, user: string, count: number) =>
      await execute(`insert into mail_messages (id, org_id, user_id, reason, type, event, state, created_at)
        select gen_random_uuid(), '${org.orgId}', '${user}', '${reason}', 'x', '{}', 'sent',
               timestamptz '${new Date(now).toISOString()}' from generate_series(1, ${count})`);
    const rename = async () =>
      await org.admin.updateUser({ params: { id: person.id }, body: { name: 'Another' } });
    await asManyAs('account', person.id, dailyCeilings.account.person - 2);
    await rename();
    await rename();
    expect(await came()).toHaveLength(1);
    await asManyAs('subscribed', dev.id, dailyCeilings.news.organization);
    expect(await codeOfAsync(ada.client.testMail())).toBe('CONFLICT');
    server.received.length = 0;
    await org.admin.updateUser({ params: { id: dev.id }, body: { name: 'Dev' } });
    expect(await came()).toEqual(['dev@mails.example: Your account was changed']);
    now += 86_400_001;
    server.received.length = 0;
    await ada.client.testMail();
    await rename();
    expect(await came()).toHaveLength(2);
  });

  it('is tried again after a refusal for now, and not after one for good', async () => {
    server.answer = 451;
    await ada.client.testMail();
    const failure = async () => (await org.admin.getMailStatus()).lastFailure?.failure;
    await expect.poll(failure, { timeout: 20_000 }).toBe('eenvelope 451');
    expect(await waiting()).toBe(1);
    server.answer = 250;
    now += 60_000;
    expect(await came()).toEqual(['ada@mails.example: A test message']);
    server.answer = 550;
    await ada.client.testMail();
    await expect.poll(failure, { timeout: 20_000 }).toBe('eenvelope 550');
    expect(await waiting()).toBe(0);
  });

  it('goes out once from two replicas, and each message has one id', async () => {
    await using _other = await startControlPlane(
      { ...plane.config, listen: { host: '127.0.0.1', port: 0 } },
      { logger: silentLogger, clock, scheduleMs: 10 },
    );
    for (let at = 0; at < 30; at += 1) await ada.client.testMail();
    expect(await came()).toHaveLength(30);
    const ids = server.received.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1]);
    expect(new Set(ids).size).toBe(30);
  });

  it('goes out in turns of the organizations, of each what concerns accounts first', async () => {
    const other = await bootstrapOrg(plane, 'Mailed');
    const eve = await addUser(plane, other.admin, 'eve@mailed.example');
    await enrollAs('eve@mailed.example');
    await came();
    await expect.poll(async () => (await other.admin.getMailStatus()).waiting, { timeout: 20_000 }).toBe(0);
    server.received.length = 0;
    const at = new Date(now).toISOString();
    const event = (title: string) =>
      `jsonb_build_object('title', ${title}, 'facts', '[]'::jsonb, 'command', null)`;
    // One transaction: the deliverer sees all of it or nothing. The others' messages are due after all of the first's.
    await execute(`insert into mail_messages (id, org_id, user_id, reason, type, event, state, next_attempt_at, created_at)
      select gen_random_uuid(), '${org.orgId}'::uuid, '${dev.id}'::uuid, 'mine', 'x', ${event(`'news ' || n`)}, 'pending',
             timestamptz '${at}' - interval '1 hour', timestamptz '${at}' from generate_series(1, 60) n
      union all select gen_random_uuid(), '${other.orgId}', '${eve.id}', 'mine', 'x', ${event(`'other news'`)}, 'pending',
             timestamptz '${at}' - interval '1 minute', timestamptz '${at}'
      union all select gen_random_uuid(), '${org.orgId}', '${dev.id}', 'account', 'x', ${event(`'account'`)}, 'pending',
             timestamptz '${at}' - interval '1 second', timestamptz '${at}'`);
    await expect.poll(() => server.received.length, { timeout: 20_000 }).toBe(62);
    const first = server.received.slice(0, 10).map(({ subject }) => subject);
    expect(first).toContain('[DAAM] account');
    expect(first).toContain('[DAAM] other news');
  });

  it('waits in bounds: more news of an organization is not queued, and what concerns accounts still is', async () => {
    server.answer = 451;
    await execute(`insert into mail_messages (id, org_id, user_id, reason, type, event, state, next_attempt_at, created_at)
      select gen_random_uuid(), '${org.orgId}', '${dev.id}', 'mine', 'x', '{}', 'pending',
             timestamptz '${new Date(now + 3_600_000).toISOString()}', timestamptz '${new Date(now).toISOString()}'
        from generate_series(1, ${maxNewsWaiting})`);
    expect(await codeOfAsync(ada.client.testMail())).toBe('CONFLICT');
    server.answer = 250;
    await org.admin.updateUser({ params: { id: dev.id }, body: { name: 'Devi' } });
    await expect.poll(() => server.received.length, { timeout: 20_000 }).toBe(1);
    await execute(`delete from mail_messages where state = 'pending'`);
  });

  it('is dropped when it is a day old', async () => {
    await execute(`insert into mail_messages (id, org_id, user_id, reason, type, event, state, next_attempt_at, created_at)
      values (gen_random_uuid(), '${org.orgId}', '${dev.id}', 'test', 'mail.test', '{}', 'pending', now(),
              timestamptz '${new Date(now - 86_400_001).toISOString()}')`);
    now += 3_600_001;
    const failure = async () =>
      (await execute(`select failure from mail_messages where failure = 'too-old'`)).rowCount;
    await expect.poll(failure, { timeout: 20_000 }).toBe(1);
    expect(server.received).toEqual([]);
  });
});

describe('the way to the mail server', () => {
  const mail = {
    id: 'one',
    to: 'dev@mails.example',
    subject: 'Subject',
    text: 'text',
    html: '<p>text</p>',
  };
  const certificate = selfSignedCertificate('localhost');
  const secure = { key: certificate.key, cert: certificate.certificate };
  const send = async (config: MailConfig) => {
    await using transport = smtpTransport(config);
    return await transport.send(mail);
  };

  it('is encrypted, to a server whose certificate holds, with the login', async () => {
    await using encrypting = await startMailServer(secure);
    const login = { user: 'daam', password: new Secret('right') };
    const config = configOf(encrypting.port, { security: 'starttls', login, ca: certificate.certificate });
    expect(await send(config)).toEqual({ kind: 'sent' });
    expect(encrypting.received).toMatchObject([
      { isEncrypted: true, user: 'daam', to: ['dev@mails.example'] },
    ]);
    expect(await send({ ...config, ca: null })).toMatchObject({ kind: 'failed', isFinal: false });
    const wrong = { user: 'daam', password: new Secret('wrong') };
    expect(await send({ ...config, login: wrong })).toMatchObject({ failure: 'eauth 535', isFinal: false });
    expect(encrypting.received).toHaveLength(1);
  });

  it('is not taken in the clear when the server offers no encryption', async () => {
    const outcome = await send(configOf(server.port, { security: 'starttls' }));
    expect(outcome).toMatchObject({ kind: 'failed', isFinal: false });
    expect(server.received).toEqual([]);
  });

  it('may be encrypted from the first byte', async () => {
    await using encrypting = await startMailServer({ ...secure, secure: true });
    const config = configOf(encrypting.port, { security: 'tls', ca: certificate.certificate });
    expect(await send(config)).toEqual({ kind: 'sent' });
    expect(await send(configOf(encrypting.port, { security: 'starttls' }))).toMatchObject({ kind: 'failed' });
  });
});

async function execute(sql: string) {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    await client.query(`set daam.org = '${org.orgId}'`);
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
