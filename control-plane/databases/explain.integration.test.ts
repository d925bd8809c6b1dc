import type { ExplainAnswer, ExplainQuestion, Explanation } from '@daam/shared/api/explain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
let dev: Awaited<ReturnType<typeof addUser>>;
let shop: Awaited<ReturnType<typeof addDatabase>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Explain');
  dev = await addUser(plane, org.admin, 'dev@explain.example');
  shop = await addDatabase(plane, org.admin, 'shop');
  await org.admin.putPolicies({
    params: { database: 'shop' },
    body: documentFor('shop', { users: ['dev@explain.example'] }),
  });
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

const condition = { column: 'region', operator: 'eq' as const, values: ["'north'"] };
const explanation: Explanation = {
  outcome: 'allow',
  denial: null,
  tier: 'either',
  taint: null,
  statements: [
    {
      text: 'select 1',
      class: 'rewrite',
      command: 'SELECT',
      tier: 'either',
      taint: null,
      reason: null,
      tables: [
        {
          schema: 'public',
          name: 'customers',
          operation: 'select',
          masked: false,
          policies: [{ policy: 'reader', version: 1 }],
          rowFilter: { conditions: [condition], policies: [{ policy: 'reader', version: 1 }] },
        },
      ],
      columns: null,
      matches: [],
      degraded: false,
      denial: null,
    },
  ],
  rewritten: 'select 2',
  epoch: 2,
  truncated: false,
};

/** An agent that answers what it is asked. */
async function agent(
  answer: (question: ExplainQuestion) => ExplainAnswer | null,
  can: readonly string[] = ['explain'],
): Promise<{ feed: FeedClient; asked: ExplainQuestion[] }> {
  const feed = await FeedClient.open(plane.controlPlane.port, shop.credential);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can });
  await feed.nextBundle();
  const asked: ExplainQuestion[] = [];
  void (async () => {
    for (;;) {
      const message = await feed.next();
      if (message.type !== 'explain') continue;
      const { type: _, ...question } = message;
      asked.push(question);
      const given = answer(question);
      if (given !== null) feed.say({ type: 'explained', id: question.id, answer: given });
    }
  })();
  return { feed, asked };
}

const ask = (client: typeof dev.client, body: { sql: string; as?: string }, database = 'shop') =>
  client.explainStatement({ params: { database }, body });

describe('explaining a statement', () => {
  it('asks the database’s agent about the person who asks, without what only administrators see', async () => {
    const { feed, asked } = await agent(() => ({ kind: 'explained', explanation }));
    await using _ = feed;
    const result = await ask(dev.client, { sql: 'select 1' });
    expect(asked).toEqual([{ id: asked[0]?.id, user: dev.id, sql: 'select 1', full: false }]);
    expect(result.user).toEqual({ id: dev.id, email: 'dev@explain.example' });
    expect(result.explanation.rewritten).toBeUndefined();
    expect(JSON.stringify(result)).not.toContain('north');
    expect(result.explanation.statements[0]?.class).toBe('rewrite');
  });

  it('lets administrators ask as somebody else, by e-mail or id, and leaves an event without the text', async () => {
    const { feed, asked } = await agent(() => ({ kind: 'explained', explanation }));
    await using _ = feed;
    for (const as of ['Dev@explain.example', dev.id]) {
      const result = await ask(org.admin, { sql: "select 'secret'", as });
      expect(result.explanation.rewritten).toBe('select 2');
      expect(result.user.email).toBe('dev@explain.example');
    }
    expect(asked.map(({ user, full }) => ({ user, full }))).toEqual([
      { user: dev.id, full: true },
      { user: dev.id, full: true },
    ]);
    const { items } = await org.admin.listActivity();
    const events = items.filter(({ action }) => action === 'statement.explained');
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).toContain(dev.id);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('refuses a member and an auditor who ask as somebody else, themselves included', async () => {
    const auditor = await addUser(plane, org.admin, 'auditor@explain.example', 'auditor');
    for (const client of [dev.client, auditor.client]) {
      await expect(ask(client, { sql: 'select 1', as: 'dev@explain.example' })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    }
  });

  it('answers a member without a policy as if there were no such database', async () => {
    const other = await addUser(plane, org.admin, 'other@explain.example');
    for (const database of ['shop', 'nonsense']) {
      await expect(ask(other.client, { sql: 'select 1' }, database)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such database.',
      });
    }
    await expect(ask(org.admin, { sql: 'select 1', as: 'nobody@explain.example' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('passes the agent’s failure on, with the next step', async () => {
    const { feed } = await agent(() => ({ kind: 'failed', code: 'NO_POLICY', hint: 'Ask for one.' }));
    await using _ = feed;
    await expect(ask(dev.client, { sql: 'select 1' })).rejects.toMatchObject({
      code: 'NO_POLICY',
      hint: 'Ask for one.',
    });
  });

  it('says so when the agent is offline, goes away, or is too old', async () => {
    await expect(ask(dev.client, { sql: 'select 1' })).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    const silent = await agent(() => null);
    const waiting = ask(dev.client, { sql: 'select 1' });
    await expect.poll(() => silent.asked.length).toBe(1);
    await silent.feed[Symbol.asyncDispose]();
    await expect(waiting).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    const old = await agent(() => null, []);
    await using _ = old.feed;
    await expect(ask(dev.client, { sql: 'select 1' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('ignores an answer to what was not asked, and bounds questions by size', async () => {
    const { feed } = await agent((question) => {
      feed.say({
        type: 'explained',
        id: '00000000-0000-4000-8000-000000000000',
        answer: { kind: 'failed', code: 'INTERNAL' },
      });
      return question.sql === 'select 1' ? { kind: 'explained', explanation } : null;
    });
    await using _ = feed;
    expect((await ask(dev.client, { sql: 'select 1' })).explanation.outcome).toBe('allow');
    await expect(ask(dev.client, { sql: 'x'.repeat(32_769) })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
