import { randomUUID } from 'node:crypto';
import { createClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../app.ts';
import { TestChain } from '../testing/audit-chain.ts';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

/** Sessions whose agent's process died before it could say that they were over. Two replicas answer the same. */
let now = Date.UTC(2026, 4, 4, 9);
let plane: TestControlPlane;
let second: ControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let shop: Awaited<ReturnType<typeof addDatabase>>;
let stock: Awaited<ReturnType<typeof addDatabase>>;
let dev: Awaited<ReturnType<typeof addUser>>;

beforeAll(async () => {
  const deps = { clock: { now: () => now } };
  plane = await startTestControlPlane({ deps });
  second = await startControlPlane(plane.config, { logger: silentLogger, ...deps });
  org = await bootstrapOrg(plane, 'Ends');
  shop = await addDatabase(plane, org.admin, 'shop');
  stock = await addDatabase(plane, org.admin, 'stock');
  dev = await addUser(plane, org.admin, 'dev@ends.example');
});
afterAll(async () => {
  await second?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
});

type Told = 'agent.started' | { readonly opened: string } | { readonly closed: string };

class Recorder {
  readonly #agent: typeof shop;
  readonly #chain: TestChain;

  constructor(agent: typeof shop) {
    this.#agent = agent;
    this.#chain = new TestChain(agent.agentId);
  }

  /** Records and delivers, one second after the other. */
  async tell(...all: readonly Told[]): Promise<void> {
    const before = this.#chain.records.length;
    for (const told of all) {
      now += 1_000;
      this.#chain.append(eventOf(told), now);
    }
    await this.#agent.client.appendAudit({ body: { records: this.#chain.records.slice(before) } });
  }
}

function eventOf(told: Told): Parameters<TestChain['append']>[0] {
  if (told === 'agent.started') return { kind: told, version: '0.1.0' };
  if ('opened' in told)
    return { kind: 'session.opened', email: 'dev@ends.example', session: told.opened, user: dev.id };
  return {
    kind: 'session.closed',
    durationMs: 5,
    reason: 'client',
    session: told.closed,
    statements: 2,
    user: dev.id,
  };
}

let atShop: Recorder;
let atStock: Recorder;
beforeAll(() => {
  atShop = new Recorder(shop);
  atStock = new Recorder(stock);
});

const idsIn = async (state: 'open' | 'ended'): Promise<(string | null)[]> =>
  (await org.admin.listConnections({ query: { state } })).items.map(({ session }) => session);

const one = async (session: string, client = org.admin) =>
  (await client.listConnections({ query: { session, kind: 'session.opened' } })).items[0];

describe('a session that was open when its agent’s process ended', () => {
  it('has ended with the agent’s next start, which is no end of later or of other agents’ sessions', async () => {
    const [lost, closed, elsewhere, later] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await atStock.tell('agent.started', { opened: elsewhere });
    await atShop.tell('agent.started', { opened: closed }, { opened: lost }, { closed });
    expect(await idsIn('open')).toEqual(expect.arrayContaining([lost, elsewhere]));
    await atShop.tell('agent.started', { opened: later });

    const open = await idsIn('open');
    expect([lost, closed, elsewhere, later].map((id) => open.includes(id))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await idsIn('ended')).toEqual(expect.arrayContaining([lost, closed]));
    expect((await one(closed))?.end).toMatchObject({ reason: 'client', statements: 2 });
    const found = await one(lost);
    expect(found?.end).toMatchObject({ reason: 'AGENT_RESTARTED', durationMs: 2_000, statements: null });
    expect(
      await one(
        lost,
        createClient({ baseUrl: `http://127.0.0.1:${second.port}`, fetch, token: () => org.adminToken }),
      ),
    ).toEqual(found);
  });

  it('ended with the first start after it, however often the agent starts again', async () => {
    const lost = randomUUID();
    await atShop.tell({ opened: lost }, 'agent.started');
    const { end } = (await one(lost)) ?? {};
    await atShop.tell('agent.started', 'agent.started');
    expect([end?.durationMs, (await one(lost))?.end]).toEqual([1_000, end]);
  });

  it('cannot be ended once more, and the person who had it reads that it is over', async () => {
    const lost = randomUUID();
    await atShop.tell({ opened: lost }, 'agent.started');
    const end = org.admin.endDatabaseSession({ params: { session: lost }, body: { reason: 'left open' } });
    expect(await codeOfAsync(end)).toBe('CONFLICT');
    const mine = (await dev.client.listMySessions({})).items.find(({ session }) => session === lost);
    expect(mine?.end?.reason).toBe('AGENT_RESTARTED');
  });
});

describe('an open session whose agent is away', () => {
  it('tells since when, and no more once the agent is back or the session has ended', async () => {
    const session = randomUUID();
    await atShop.tell('agent.started', { opened: session });
    const feed = await FeedClient.open(plane.controlPlane.port, shop.credential);
    feed.say({ type: 'hello', version: '0.1.0', epoch: 0 });
    await feed.nextBundle();
    expect(await one(session)).toMatchObject({ end: null, unreachableSince: null });

    const heard = new Date(now).toISOString();
    await feed[Symbol.asyncDispose]();
    await expect.poll(async () => (await one(session))?.unreachableSince).toBe(heard);
    now += 3_600_000;
    expect((await one(session))?.unreachableSince).toBe(heard);
    expect(await idsIn('open')).toContain(session);

    const again = await FeedClient.open(second.port, shop.credential);
    again.say({ type: 'hello', version: '0.1.0', epoch: 0 });
    await again.nextBundle();
    expect((await one(session))?.unreachableSince).toBeNull();
    await again[Symbol.asyncDispose]();
    await expect.poll(async () => (await one(session))?.unreachableSince).not.toBeNull();
    await atShop.tell({ closed: session });
    expect(await one(session)).toMatchObject({ end: { reason: 'client' }, unreachableSince: null });
  });
});
