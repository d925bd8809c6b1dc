import { createHash } from 'node:crypto';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedClient } from '../testing/feed-client.ts';
import { customers, hashOfSchema, orders, reportedSchema } from '../testing/reported-schema.ts';
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
  org = await bootstrapOrg(plane, 'Several');
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const refusal = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'none',
    (thrown: unknown) => (thrown as { code?: string }).code ?? '',
  );

describe('several agents of one database', () => {
  const hello = async (credential: string, version = '0.1.0') => {
    const feed = await FeedClient.open(plane.controlPlane.port, credential);
    feed.say({ type: 'hello', version, epoch: 0, listen: { host: '127.0.0.1', port: 7430 } });
    await feed.nextBundle();
    return feed;
  };
  const registerWith = async (token: string) =>
    await plane.client(null).registerAgent({ body: { token, version: '0.0.9' } });

  it('serve one database when the token adds, and are replaced when it does not', async () => {
    const first = await addDatabase(plane, org.admin, 'pair');
    const params = { database: 'pair' };
    await using _first = await hello(first.credential);
    const { agentToken, commands } = await org.admin.issueAgentToken({ params, query: { mode: 'add' } });
    for (const command of Object.values(commands)) expect(command).toContain(agentToken);
    const second = await registerWith(agentToken);
    await using feed = await hello(second.credential, '0.0.9');
    const { items } = await org.admin.listAgents({ query: { database: 'pair' } });
    expect(items.map(({ id, condition }) => [id, condition])).toEqual(
      expect.arrayContaining([
        [first.agentId, 'online'],
        [second.agentId, 'online'],
      ]),
    );
    expect(items.find(({ id }) => id === second.agentId)).toMatchObject({ isBehind: true, health: null });
    await org.admin.updateDatabase({ params, body: { elevation: false } });
    expect(await feed.nextBundle()).toBeDefined();
    const { agentToken: replacing } = await org.admin.issueAgentToken({ params });
    const third = await registerWith(replacing);
    expect(await feed.closed).toBe(4001);
    const after = await org.admin.listDatabases();
    expect(after.items.find(({ name }) => name === 'pair')?.agents).toEqual([
      { id: third.agentId, condition: 'never-connected' },
    ]);
  });

  it('are at most eight', async () => {
    await addDatabase(plane, org.admin, 'many');
    const params = { database: 'many' };
    for (let count = 1; count <= 8; count += 1) {
      const { agentToken } = await org.admin.issueAgentToken({ params, query: { mode: 'add' } });
      expect(await refusal(registerWith(agentToken))).toBe(count === 8 ? 'CONFLICT' : 'none');
    }
  });

  it('of which one reports the schema, until it is gone: they may see different ones', async () => {
    const first = await addDatabase(plane, org.admin, 'reporters');
    const params = { database: 'reporters' };
    const { agentToken } = await org.admin.issueAgentToken({ params, query: { mode: 'add' } });
    const second = await registerWith(agentToken);
    const open = async (credential: string) => {
      const feed = await FeedClient.open(plane.controlPlane.port, credential);
      feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['schema'] });
      await feed.nextBundle();
      return feed;
    };
    const one = await open(first.credential);
    await using two = await open(second.credential);
    const [mine, theirs] = [reportedSchema([customers]), reportedSchema([customers, orders])];
    await first.client.putAgentSchema({ body: mine });
    /** Whether the agent is asked for the report of this hash; a pong ends the wait. */
    const isWanted = async (feed: FeedClient, schema: DatabaseSchema): Promise<boolean> => {
      feed.say({ type: 'schema', hash: hashOfSchema(schema) });
      feed.say({ type: 'ping' });
      for (;;) {
        const message = await feed.next();
        if (message.type === 'schema-wanted') return true;
        if (message.type === 'pong') return false;
      }
    };
    expect(await isWanted(two, mine)).toBe(false);
    expect(await isWanted(two, theirs)).toBe(false);
    expect(await isWanted(one, theirs)).toBe(true);
    await one[Symbol.asyncDispose]();
    await expect
      .poll(async () => (await org.admin.getAgent({ params: { id: first.agentId } })).condition)
      .toBe('offline');
    expect(await isWanted(two, theirs)).toBe(true);
  });

  it('tell how they are, and people are sent to one that is well', async () => {
    const first = await addDatabase(plane, org.admin, 'health');
    const params = { database: 'health' };
    const { agentToken } = await org.admin.issueAgentToken({ params, query: { mode: 'add' } });
    const second = await registerWith(agentToken);
    await using one = await hello(first.credential);
    await using two = await hello(second.credential);
    const bearer = await addUser(plane, org.admin, 'bearer@several.example');
    await org.admin.putPolicies({
      params,
      body: documentFor('health', { users: ['bearer@several.example'] }),
    });
    const say = (feed: FeedClient, state: 'healthy' | 'degraded' | 'unhealthy') =>
      feed.say({
        type: 'state',
        state,
        sessions: 3,
        upstream: 'connected',
        serverVersion: '18',
        troubles: state === 'healthy' ? [] : ['tunnel-degraded'],
        policy: 'live',
        undelivered: 0,
        lease: state === 'healthy' ? 'holder' : 'other',
        relay: { name: 'r1', isConnected: true },
      });
    const conditions = async () =>
      new Map(
        (await org.admin.listAgents({ query: { database: 'health' } })).items.map((agent) => [
          agent.id,
          agent.condition,
        ]),
      );
    const chosen = async () =>
      (
        await bearer.client.issueGrant({
          params,
          body: { certificateHash: createHash('sha256').update('x').digest('base64url') },
        })
      ).agent?.id;
    say(one, 'unhealthy');
    say(two, 'healthy');
    await expect.poll(conditions).toEqual(
      new Map([
        [second.agentId, 'online'],
        [first.agentId, 'unhealthy'],
      ]),
    );
    expect(await chosen()).toBe(second.agentId);
    say(one, 'healthy');
    say(two, 'degraded');
    await expect.poll(async () => (await conditions()).get(second.agentId)).toBe('degraded');
    expect(await chosen()).toBe(first.agentId);
    expect(await org.admin.getAgent({ params: { id: second.agentId } })).toMatchObject({
      condition: 'degraded',
      health: { status: 'degraded', troubles: ['tunnel-degraded'], sessions: 3, lease: 'other', path: null },
      doctor: null,
    });
    await two[Symbol.asyncDispose]();
    await expect.poll(async () => (await conditions()).get(second.agentId)).toBe('offline');
    const other = await bootstrapOrg(plane, 'Elsewhere');
    expect(await refusal(other.admin.getAgent({ params: { id: first.agentId } }))).toBe('NOT_FOUND');
  });
});
