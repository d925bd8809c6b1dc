import { createHash, randomUUID } from 'node:crypto';
import { maxAgentMessageBytes } from '@daam/shared/api/feed';
import { silentLogger } from '@daam/shared/base/logger';
import { verifyBundle } from '@daam/shared/identity/bundle';
import { verifyDocument } from '@daam/shared/identity/verify';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Feeds');
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

type Registered = Awaited<ReturnType<typeof addDatabase>>;

async function connect(registered: Registered, port = plane.controlPlane.port) {
  const feed = await FeedClient.open(port, registered.credential);
  feed.hello();
  const audience = { org: registered.org.id, database: registered.database.id, agent: registered.agentId };
  const bundle = async (): Promise<PolicyBundle> =>
    await verifyBundle(await feed.nextBundle(), registered.orgKeys, audience, Date.now());
  return { feed, bundle };
}

describe('registration', () => {
  it('takes a token once, and answers used, unknown and malformed tokens alike', async () => {
    const { agentToken } = await addDatabase(plane, org.admin, 'once');
    const answers = [];
    for (const token of [agentToken, `daam_reg_${'A'.repeat(43)}`, 'nonsense']) {
      const response = await plane.send('/api/v1/agents/register', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, version: '0.1.0' }),
      });
      const { error } = (await response.json()) as { error: Record<string, unknown> };
      answers.push({ status: response.status, ...error, requestId: null });
    }
    expect(answers[0]).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('gives a token that two use at once to one of them', async () => {
    const { agentToken } = await org.admin.createDatabase({ body: { name: 'race', databaseName: 'race' } });
    const register = async () =>
      await plane.client(null).registerAgent({ body: { token: agentToken, version: '1' } });
    const results = await Promise.allSettled([register(), register(), register()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('replaces the agent before: it hears so on its feed, at once and whenever it comes back', async () => {
    const first = await addDatabase(plane, org.admin, 'replaced');
    await using connected = (await connect(first)).feed;
    const { agentToken } = await org.admin.issueAgentToken({ params: { database: 'replaced' } });
    await plane.client(null).registerAgent({ body: { token: agentToken, version: '0.1.0' } });
    expect(await connected.closed).toBe(4001);
    await using late = await FeedClient.open(plane.controlPlane.port, first.credential);
    expect(await late.closed).toBe(4001);
    await expect(first.client.appendAudit({ body: { records: [{}] } })).rejects.toMatchObject({
      code: 'REVOKED',
    });
  });
});

describe('feed', () => {
  it('refuses a wrong credential, a user’s token, and a browser', async () => {
    const registered = await addDatabase(plane, org.admin, 'refusals');
    const { port } = plane.controlPlane;
    await expect(FeedClient.open(port, `daam_agt_${'A'.repeat(43)}`)).rejects.toThrow('401');
    await expect(FeedClient.open(port, org.adminToken)).rejects.toThrow('401');
    const headers = { origin: 'http://localhost' };
    await expect(FeedClient.open(port, registered.credential, headers)).rejects.toThrow('403');
  });

  it('sends a bundle with a higher epoch when policies change, and none when they do not', async () => {
    const dev = await addUser(plane, org.admin, 'put@feeds.example');
    const { feed, bundle } = await connect(await addDatabase(plane, org.admin, 'put'));
    await using _ = feed;
    const before = await bundle();
    expect(before.subjects).toEqual([]);
    const document = documentFor('put', { users: ['Put@feeds.example'] });
    const first = await org.admin.putPolicies({ params: { database: 'put' }, body: document });
    const after = await bundle();
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(after.subjects).toEqual([{ user: dev.id, email: 'put@feeds.example', policy: 0 }]);
    expect(after.policies[0]?.policies).toEqual([{ policy: 'reader', version: 1 }]);

    const again = await org.admin.putPolicies({ params: { database: 'put' }, body: document });
    expect(again.epoch).toBe(first.epoch);
    document.policies[0]?.grants.push({ table: 'public.orders', operations: ['select'] });
    await org.admin.putPolicies({ params: { database: 'put' }, body: document });
    expect((await bundle()).policies[0]?.policies).toEqual([{ policy: 'reader', version: 2 }]);
    const versions = await org.admin.listPolicyVersions({ params: { database: 'put' } });
    expect(versions.items.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('reaches the agent when a group, a user or a device changes', async () => {
    const dev = await addUser(plane, org.admin, 'live@feeds.example');
    const group = await org.admin.createGroup({ body: { name: 'live' } });
    const registered = await addDatabase(plane, org.admin, 'live');
    await org.admin.putPolicies({
      params: { database: 'live' },
      body: documentFor('live', { groups: ['live'] }),
    });
    const { feed, bundle } = await connect(registered);
    await using _ = feed;
    let last = await bundle();
    const next = async (): Promise<PolicyBundle> => {
      const newer = await bundle();
      expect(newer.epoch).toBe(last.epoch + 1);
      last = newer;
      return newer;
    };
    expect(last.subjects).toEqual([]);
    await org.admin.addGroupMember({ params: { id: group.id, user: dev.id } });
    expect((await next()).subjects).toMatchObject([{ user: dev.id }]);

    const device = await dev.client.registerDevice({
      body: { name: 'laptop', os: 'linux', wgKey: 'B'.repeat(42) + 'A' },
    });
    await dev.client.issueCertificate({ params: { id: device.id } });
    await dev.client.revokeDevice({ params: { id: device.id } });
    expect((await next()).revoked).toEqual({ devices: [device.id], users: [] });

    await org.admin.updateUser({ params: { id: dev.id }, body: { disabled: true } });
    expect(await next()).toMatchObject({ subjects: [], revoked: { users: [dev.id] } });
    await expect(dev.client.getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await org.admin.updateUser({ params: { id: dev.id }, body: { disabled: false } });
    expect((await next()).subjects).toHaveLength(1);

    await org.admin.removeGroupMember({ params: { id: group.id, user: dev.id } });
    expect((await next()).subjects).toEqual([]);
  });

  it('puts a user’s attributes into the row filters of their own policy only', async () => {
    const [east, west] = await Promise.all(
      ['east', 'west'].map(async (region) => {
        const user = await addUser(plane, org.admin, `${region}@feeds.example`);
        await org.admin.updateUser({ params: { id: user.id }, body: { attributes: { regions: [region] } } });
        return user;
      }),
    );
    const registered = await addDatabase(plane, org.admin, 'filtered');
    const document = documentFor('filtered', { users: ['east@feeds.example', 'west@feeds.example'] });
    const where = [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }];
    Object.assign(document.policies[0] ?? {}, { rowFilters: [{ table: 'public.customers', where }] });
    await org.admin.putPolicies({ params: { database: 'filtered' }, body: document });
    const { feed, bundle } = await connect(registered);
    await using _ = feed;
    const { policies, subjects } = await bundle();
    const filterOf = (id: string | undefined) =>
      policies[subjects.find(({ user }) => user === id)?.policy ?? -1]?.rowFilters[0]?.where[0]?.value;
    expect(filterOf(east?.id)).toEqual(['east']);
    expect(filterOf(west?.id)).toEqual(['west']);
  });

  it('hears of a change that another replica made', async () => {
    await using other = await startControlPlane(plane.config, { logger: silentLogger });
    const registered = await addDatabase(plane, org.admin, 'replicas');
    const { feed, bundle } = await connect(registered, other.port);
    await using _ = feed;
    const before = await bundle();
    await org.admin.putPolicies({ params: { database: 'replicas' }, body: documentFor('replicas', {}) });
    expect((await bundle()).epoch).toBeGreaterThan(before.epoch);

    const here = await connect(registered);
    await using __ = here.feed;
    expect(await feed.closed).toBe(4003);
  });

  it('stays when a feed before it is announced late, and goes when one comes after it', async () => {
    const registered = await addDatabase(plane, org.admin, 'late');
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    const replica = new Client({ connectionString: plane.dsn });
    await replica.connect();
    await using _ = { [Symbol.asyncDispose]: async () => await replica.end() };
    const announceAnother = async (): Promise<void> => {
      const news = { kind: 'agent', agent: registered.agentId, feed: randomUUID() };
      await replica.query('select pg_notify($1, $2)', ['daam_changes', JSON.stringify(news)]);
    };
    await announceAnother();
    feed.hello();
    await feed.nextBundle();
    await announceAnother();
    expect(await feed.closed).toBe(4003);
  });

  it('closes on a message that is none, on one before hello, and on one that is too large', async () => {
    const registered = await addDatabase(plane, org.admin, 'nonsense');
    const { port } = plane.controlPlane;
    for (const [message, code] of [
      [{ type: 'shutdown' }, 4002],
      [{ type: 'applied', epoch: 1, tookMs: 1 }, 4002],
      [{ type: 'hello', version: 'x'.repeat(maxAgentMessageBytes), epoch: 0 }, 1009],
    ] as const) {
      await using feed = await FeedClient.open(port, registered.credential);
      feed.say(message);
      expect(await feed.closed).toBe(code);
    }
  });

  it('cuts an agent that gives no sign of life', async () => {
    const deps = { logger: silentLogger, heartbeatMs: 20 };
    await using impatient = await startControlPlane(plane.config, deps);
    const { feed } = await connect(await addDatabase(plane, org.admin, 'silent'), impatient.port);
    await using _ = feed;
    expect(await feed.closed).toBe(4004);
  });

  it('shows the agent online while it is connected, with its epoch and address', async () => {
    const dev = await addUser(plane, org.admin, 'online@feeds.example');
    const registered = await addDatabase(plane, org.admin, 'online');
    const body = documentFor('online', { users: ['online@feeds.example'] });
    const { epoch } = await org.admin.putPolicies({ params: { database: 'online' }, body });
    expect((await dev.client.listMyDatabases()).items).toMatchObject([
      { name: 'online', state: 'offline', agent: null },
    ]);
    const { feed, bundle } = await connect(registered);
    await bundle();
    feed.say({ type: 'applied', epoch: epoch + 1000, tookMs: 3, sessions: { updated: 4, ended: 1 } });
    feed.say({ type: 'ping' });
    expect(await feed.next()).toEqual({ type: 'pong' });
    const { items } = await dev.client.listMyDatabases();
    expect(items).toMatchObject([
      { state: 'online', policies: ['reader'], agent: { host: '127.0.0.1', port: 7430 } },
    ]);
    const agents = await org.admin.listAgents();
    expect(agents.items.find(({ id }) => id === registered.agentId)).toMatchObject({
      appliedEpoch: epoch,
      applied: { at: expect.any(String), tookMs: 3, sessions: { updated: 4, ended: 1 } },
    });
    await feed[Symbol.asyncDispose]();
    await expect.poll(async () => (await dev.client.listMyDatabases()).items[0]?.state).toBe('offline');
  });
});

describe('certificates and grants', () => {
  it('are signed, bound to device, database and agent, and end when they must', async () => {
    const dev = await addUser(plane, org.admin, 'sign@feeds.example');
    const registered = await addDatabase(plane, org.admin, 'signed');
    const body = documentFor('signed', { users: ['sign@feeds.example'] });
    await org.admin.putPolicies({ params: { database: 'signed' }, body });
    const wgKey = `${'C'.repeat(42)}A`;
    const device = await dev.client.registerDevice({ body: { name: 'laptop', os: 'linux', wgKey } });
    expect((await dev.client.registerDevice({ body: { name: 'again', os: 'linux', wgKey } })).id).toBe(
      device.id,
    );
    const { certificate } = await dev.client.issueCertificate({ params: { id: device.id } });
    const claims = await verifyDocument('deviceCertificate', certificate, registered.orgKeys, Date.now());
    expect(claims).toMatchObject({
      org: org.orgId,
      user: dev.id,
      device: device.id,
      wgKey,
      amr: ['dev-token'],
    });
    expect(claims.exp - claims.iat).toBe(8 * 3600);

    const certificateHash = createHash('sha256').update(certificate).digest('base64url');
    const { grant } = await dev.client.issueGrant({
      params: { database: 'signed' },
      body: { certificateHash },
    });
    const granted = await verifyDocument('databaseGrant', grant, registered.orgKeys, Date.now());
    expect(granted).toMatchObject({
      certificateHash,
      database: registered.database.id,
      agent: registered.agentId,
    });
    expect(granted.exp - granted.iat).toBe(600);
  });

  it('are refused for a revoked device, somebody else’s device, and a database without a policy', async () => {
    const [one, two] = [
      await addUser(plane, org.admin, 'one@feeds.example'),
      await addUser(plane, org.admin, 'two@feeds.example'),
    ];
    await addDatabase(plane, org.admin, 'closed');
    const wgKey = `${'D'.repeat(42)}A`;
    const device = await one.client.registerDevice({ body: { name: 'a', os: 'linux', wgKey } });
    await expect(two.client.issueCertificate({ params: { id: device.id } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(two.client.revokeDevice({ params: { id: device.id } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      two.client.registerDevice({ body: { name: 'b', os: 'linux', wgKey } }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    await one.client.revokeDevice({ params: { id: device.id } });
    await expect(one.client.issueCertificate({ params: { id: device.id } })).rejects.toMatchObject({
      code: 'REVOKED',
    });
    await expect(
      one.client.registerDevice({ body: { name: 'a', os: 'linux', wgKey } }),
    ).rejects.toMatchObject({ code: 'REVOKED' });
    await expect(
      one.client.issueGrant({ params: { database: 'closed' }, body: { certificateHash: wgKey } }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('need a passkey where development tokens are off', async () => {
    const config = { ...plane.config, identity: { ...plane.config.identity, developmentTokens: false } };
    const dev = await addUser(plane, org.admin, 'strict@feeds.example');
    const device = await dev.client.registerDevice({
      body: { name: 'a', os: 'linux', wgKey: `${'E'.repeat(42)}A` },
    });
    await using strict = await startControlPlane(config, { logger: silentLogger });
    const post = async (path: string, token: string, body: object) =>
      await fetch(`http://127.0.0.1:${strict.port}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const certificate = await post(`/api/v1/devices/${device.id}/certificate`, dev.token, {});
    expect(await certificate.json()).toMatchObject({ error: { code: 'UNSUPPORTED' } });
    const token = await post('/api/v1/api-tokens', org.adminToken, { name: 'x', user: dev.id });
    expect(await token.json()).toMatchObject({ error: { code: 'UNSUPPORTED' } });
  });
});
