import { createHash } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { verifyDocument } from '@daam/shared/identity/verify';
import { verifyRelayToken } from '@daam/shared/relay-protocol/token';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeRelay } from '../relays/tickets.ts';
import { enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

const relays = ['one', 'two', 'three'].map((name) => ({
  name,
  url: `wss://${name}.relays.example/relay/v1`,
  stun: [`${name}.relays.example:3478`],
}));
const keyOf = (letter: string) => `${letter.repeat(42)}A`;

let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let mina: Awaited<ReturnType<typeof addUser>>;
const passkey = new FakeAuthenticator();
const browserOf = () => new TestBrowser(plane);

beforeAll(async () => {
  plane = await startTestControlPlane({ relays, deps: { clock: { now: () => now }, heartbeatMs: 1500 } });
  org = await bootstrapOrg(plane, 'Grants');
  mina = await addUser(plane, org.admin, 'mina@grants.example');
  await enroll(browserOf(), org.admin, { user: mina.id, authenticator: passkey });
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function refusal(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');

/** A database that Mina may use, with an agent whose tunnel is up. */
async function databaseWithTunnel(name: string, tunnelKey: string) {
  const added = await addDatabase(plane, org.admin, name);
  const body = documentFor(name, { users: ['mina@grants.example'] });
  await org.admin.putPolicies({ params: { database: name }, body });
  const feed = await FeedClient.open(plane.controlPlane.port, added.credential);
  const tunnel = { publicKey: tunnelKey, candidates: ['192.0.2.7:51820'] };
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, tunnel });
  const relay = await feed.nextRelay();
  return { ...added, feed, relay, tunnel };
}

/** A device of Mina's, signed in. */
async function device() {
  const signed = await new TestDevice(plane).signIn(browserOf(), passkey);
  const body = { certificateHash: hashOf(signed.certificate), device: signed.device.id };
  return { ...signed, client: plane.client(signed.accessToken), body };
}

describe('relay tickets', () => {
  it('come to an agent over its feed, for its home relay, and again before they end', async () => {
    const { feed, relay, agentId, orgKeys } = await databaseWithTunnel('home', keyOf('H'));
    await using _feed = feed;
    const home = homeRelay(relays, agentId);
    expect(relay).toMatchObject({ name: home?.name, url: home?.url, stun: home?.stun });
    const token = await verifyRelayToken(relay?.token ?? '', { keys: orgKeys, relay: home?.name ?? '', now });
    expect(token).toMatchObject({ publicKey: keyOf('H'), counterparts: [] });
    expect(token.exp - token.iat).toBe(3_600);
    now += 50 * 60_000;
    const renewed = await feed.nextRelay();
    expect(Date.parse(renewed?.expiresAt ?? '')).toBeGreaterThan(Date.parse(relay?.expiresAt ?? ''));
    // the same tunnel, found elsewhere: kept, and no reason for another ticket
    feed.say({ type: 'tunnel', tunnel: { publicKey: keyOf('H'), candidates: ['192.0.2.8:4000'] } });
    await expect
      .poll(async () => (await org.admin.listAgents()).items.find(({ id }) => id === agentId)?.tunnel)
      .toEqual({ publicKey: keyOf('H'), candidates: ['192.0.2.8:4000'] });
    const other = { publicKey: keyOf('I'), candidates: [] };
    feed.say({ type: 'tunnel', tunnel: other });
    const moved = await feed.nextRelay();
    const claims = await verifyRelayToken(moved?.token ?? '', {
      keys: orgKeys,
      relay: home?.name ?? '',
      now,
    });
    expect(claims.publicKey).toBe(keyOf('I'));
  });

  it('are not sent to agents that have no tunnel', async () => {
    const { credential } = await addDatabase(plane, org.admin, 'plain');
    await using feed = await FeedClient.open(plane.controlPlane.port, credential);
    feed.hello();
    await feed.nextBundle();
    feed.say({ type: 'ping' });
    const answers = [await feed.next(), await feed.next()].map(({ type }) => type);
    expect(answers).not.toContain('relay');
  });

  it('choose the same relay for an agent everywhere, and spread agents over relays', () => {
    const agents = Array.from({ length: 300 }, (_, index) => `agent-${index}`);
    const chosen = agents.map((agent) => homeRelay(relays, agent)?.name);
    expect(chosen).toEqual(agents.map((agent) => homeRelay(relays.toReversed(), agent)?.name));
    for (const { name } of relays) expect(chosen.filter((each) => each === name).length).toBeGreaterThan(60);
    expect(homeRelay([], 'agent-1')).toBeNull();
  });
});

describe('grants', () => {
  it('tell a device the agent’s tunnel, and admit its key to the agent’s relay for what it may reach', async () => {
    const [first, second] = [
      await databaseWithTunnel('first', keyOf('F')),
      await databaseWithTunnel('second', keyOf('S')),
    ];
    await using _first = first.feed;
    await using _second = second.feed;
    const elsewhere = await addDatabase(plane, org.admin, 'elsewhere');
    const laptop = await device();
    const answer = await laptop.client.issueGrant({ params: { database: 'first' }, body: laptop.body });
    expect(answer.tunnel).toEqual(first.tunnel);
    const home = homeRelay(relays, first.agentId)?.name ?? '';
    expect(answer.relay?.name).toBe(home);
    const keys = first.orgKeys;
    const token = await verifyRelayToken(answer.relay?.token ?? '', { keys, relay: home, now });
    const certificate = await verifyDocument('deviceCertificate', laptop.certificate, keys, now);
    expect(token.publicKey).toBe(certificate.wgKey);
    expect(token.counterparts).toEqual(expect.arrayContaining([keyOf('F'), keyOf('S')]));
    expect(elsewhere.agentId).not.toBe(first.agentId);
    const { device: _none, ...withoutDevice } = laptop.body;
    const plain = await laptop.client.issueGrant({ params: { database: 'first' }, body: withoutDevice });
    expect(plain.relay).toBeNull();
  });

  it('are for the device’s own certificate and its own key alone', async () => {
    const { feed } = await databaseWithTunnel('own', keyOf('O'));
    await using _feed = feed;
    const [laptop, desktop] = [await device(), await device()];
    const ask = async (body: { certificateHash: string; device?: string }) =>
      await refusal(laptop.client.issueGrant({ params: { database: 'own' }, body }));
    expect(await ask(laptop.body)).toBe('none');
    expect(await ask(desktop.body)).toBe('INVALID_CERTIFICATE');
    expect(await ask({ ...laptop.body, device: desktop.device.id })).toBe('NOT_FOUND');
    expect(await ask({ ...laptop.body, certificateHash: keyOf('Z') })).toBe('INVALID_CERTIFICATE');
    const other = await addUser(plane, org.admin, `other@grants.example`);
    await org.admin.putPolicies({
      params: { database: 'own' },
      body: documentFor('own', { users: ['mina@grants.example', 'other@grants.example'] }),
    });
    const stolen = other.client.issueGrant({ params: { database: 'own' }, body: laptop.body });
    expect(await refusal(stolen)).toBe('NOT_FOUND');
  });

  it('ask for a recent sign-in where the database does, end with its time, and come again after a new one', async () => {
    const { feed, orgKeys } = await databaseWithTunnel('sensitive', keyOf('X'));
    await using _feed = feed;
    const params = { database: 'sensitive' };
    const set = await org.admin.updateDatabase({ params, body: { stepUpMinutes: 15 } });
    expect(set.stepUpMinutes).toBe(15);
    const laptop = await device();
    const ask = async (from: Awaited<ReturnType<typeof device>>) =>
      await from.client.issueGrant({ params, body: from.body });
    now += 12 * 60_000;
    const grant = await verifyDocument('databaseGrant', (await ask(laptop)).grant, orgKeys, now);
    expect(grant.exp - grant.iat).toBe(180);
    now += 4 * 60_000;
    expect(await refusal(ask(laptop))).toBe('STEP_UP_REQUIRED');
    const again = await device();
    expect(await refusal(ask(again))).toBe('none');
    // a token that proves nothing about a sign-in gets none either
    const bare = mina.client.issueGrant({ params, body: { certificateHash: keyOf('Z') } });
    expect(await refusal(bare)).toBe('INVALID_CERTIFICATE');
    await org.admin.updateDatabase({ params, body: { stepUpMinutes: null } });
    expect(await refusal(ask(laptop))).toBe('none');
  });

  it('are not given for a certificate that has ended', async () => {
    const { feed } = await databaseWithTunnel('ended', keyOf('E'));
    await using _feed = feed;
    const { token } = await org.admin.createApiToken({ body: { name: 'late', user: mina.id } });
    const laptop = await device();
    now = Date.parse(laptop.certificateExpiresAt) + 1;
    const late = plane.client(token).issueGrant({ params: { database: 'ended' }, body: laptop.body });
    expect(await refusal(late)).toBe('EXPIRED_CERTIFICATE');
  });
});
