import { createClient } from '@daam/shared/api/client';
import type { ExplainAnswer } from '@daam/shared/api/explain';
import { silentLogger } from '@daam/shared/base/logger';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../app.ts';
import { FeedClient } from '../testing/feed-client.ts';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Two replicas: people ask at one, the agents' feeds are at the other. */
let plane: TestControlPlane;
let second: ControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  second = await startControlPlane(plane.config, { logger: silentLogger });
  org = await bootstrapOrg(plane, 'Relayed');
});
afterAll(async () => {
  await second?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
});

const failed = (code: 'NO_POLICY' | 'UPSTREAM_UNAVAILABLE'): ExplainAnswer => ({ kind: 'failed', code });

/** An agent at the second replica that answers every question by its text. */
async function agentAt(
  name: string,
  {
    port,
    answer,
    owner = org.admin,
  }: {
    readonly port: number;
    readonly answer: (sql: string) => ExplainAnswer | null;
    readonly owner?: typeof org.admin;
  },
) {
  const registered = await addDatabase(plane, owner, name);
  const feed = await FeedClient.open(port, registered.credential);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['explain'] });
  await feed.nextBundle();
  const asked: string[] = [];
  void (async () => {
    for (;;) {
      const message = await feed.next();
      if (message.type !== 'explain') continue;
      asked.push(message.sql);
      const said = answer(message.sql);
      if (said !== null) feed.say({ type: 'explained', id: message.id, answer: said });
    }
  })();
  return { feed, asked, database: registered.database };
}

const explain = async (name: string, sql: string, client = org.admin): Promise<string> =>
  await client.explainStatement({ params: { database: name }, body: { sql } }).then(
    () => 'explained',
    (thrown: unknown) => (thrown as { code?: string }).code ?? '',
  );

const rows = async (): Promise<number> => {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  await client.query(`select set_config('daam.org', $1, false)`, [org.orgId]);
  const { rows: found } = await client.query('select id from agent_questions');
  await client.end();
  return found.length;
};

describe('a question to an agent at another replica', () => {
  it('is answered from there, whatever characters it has, and leaves nothing behind', async () => {
    const agent = await agentAt('elsewhere', {
      port: second.port,
      answer: (sql) => failed(sql.includes('away') ? 'UPSTREAM_UNAVAILABLE' : 'NO_POLICY'),
    });
    await using _feed = agent.feed;
    expect(await explain('elsewhere', 'select 1')).toBe('NO_POLICY');
    expect(await explain('elsewhere', `select 'away ''"\\ \u{1F600} é'`)).toBe('UPSTREAM_UNAVAILABLE');
    expect(agent.asked.at(-1)).toBe(`select 'away ''"\\ \u{1F600} é'`);
    const here = createClient({
      baseUrl: `http://127.0.0.1:${second.port}`,
      fetch,
      token: () => org.adminToken,
    });
    expect(await explain('elsewhere', 'select 2', here)).toBe('NO_POLICY');
    expect(agent.asked).toHaveLength(3);
    expect(await rows()).toBe(0);
  });

  it('many at once come back each to who asked', async () => {
    const agent = await agentAt('many', {
      port: second.port,
      answer: (sql) => failed(Number(sql.split(' ')[1]) % 2 === 0 ? 'NO_POLICY' : 'UPSTREAM_UNAVAILABLE'),
    });
    await using _feed = agent.feed;
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => await explain('many', `select ${index}`)),
    );
    expect(answers).toEqual(
      Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? 'NO_POLICY' : 'UPSTREAM_UNAVAILABLE')),
    );
    expect(agent.asked).toHaveLength(8);
  });

  it('takes eight places of one organization, and leaves the others to others', async () => {
    const silent = await agentAt('silent', { port: second.port, answer: () => null });
    const neighbour = await bootstrapOrg(plane, 'Neighbour');
    const theirs = await agentAt('theirs', {
      port: second.port,
      answer: () => failed('NO_POLICY'),
      owner: neighbour.admin,
    });
    await using _theirs = theirs.feed;
    const waiting = Array.from({ length: 8 }, async (_, at) => await explain('silent', `select ${at}`));
    await expect.poll(() => silent.asked.length, { timeout: 5_000 }).toBe(8);
    const ninth = explain('silent', 'select 9');
    const reached = vi
      .waitUntil(() => silent.asked.length === 9, { timeout: 5_000 })
      .then(
        () => 'asked',
        () => 'neither',
      );
    const outcome = await Promise.race([ninth, reached]);
    expect(outcome).toBe('AGENT_UNAVAILABLE');
    expect(await explain('theirs', 'select 1', neighbour.admin)).toBe('NO_POLICY');
    await silent.feed[Symbol.asyncDispose]();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['AGENT_UNAVAILABLE']));
    const again = await agentAt('again', { port: second.port, answer: () => failed('NO_POLICY') });
    await using _again = again.feed;
    expect(await explain('again', 'select 1')).toBe('NO_POLICY');
  });

  it('fails at once when no replica has the agent, and when the agent leaves meanwhile', async () => {
    await addDatabase(plane, org.admin, 'nowhere');
    expect(await explain('nowhere', 'select 1')).toBe('AGENT_UNAVAILABLE');
    const agent = await agentAt('leaving', { port: second.port, answer: () => null });
    const asking = explain('leaving', 'select 1');
    await expect.poll(() => agent.asked.length).toBe(1);
    await agent.feed[Symbol.asyncDispose]();
    expect(await asking).toBe('AGENT_UNAVAILABLE');
    expect(await rows()).toBe(0);
  });

  it('goes to an agent that serves, where there are several', async () => {
    const first = await agentAt('pair', { port: plane.controlPlane.port, answer: () => failed('NO_POLICY') });
    await using _first = first.feed;
    const { agentToken } = await org.admin.issueAgentToken({
      params: { database: 'pair' },
      query: { mode: 'add' },
    });
    const { credential } = await plane
      .client(null)
      .registerAgent({ body: { token: agentToken, version: '0.1.0' } });
    await using ill = await FeedClient.open(plane.controlPlane.port, credential);
    ill.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['explain'] });
    await ill.nextBundle();
    ill.say({ type: 'state', state: 'unhealthy', troubles: ['upstream-away'] });
    const conditions = async () =>
      (await org.admin.listAgents({ query: { database: 'pair' } })).items.map(({ condition }) => condition);
    await expect.poll(conditions).toContain('unhealthy');
    expect(await explain('pair', 'select 1')).toBe('NO_POLICY');
    expect(first.asked).toEqual(['select 1']);
  });
});
