import { randomUUID } from 'node:crypto';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../app.ts';
import { TestChain } from '../testing/audit-chain.ts';
import { enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

/** Ending one session: who may, who is asked, what stays. Two replicas: the agents' feeds are at either. */
const minute = 60_000;
let now = Date.now();
let plane: TestControlPlane;
let second: ControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let shop: Awaited<ReturnType<typeof addDatabase>>;
let chain: TestChain;
const feeds: FeedClient[] = [];
const reason = 'exports every customer';

beforeAll(async () => {
  const deps = { clock: { now: () => now } };
  plane = await startTestControlPlane({ deps });
  second = await startControlPlane(plane.config, { logger: silentLogger, ...deps });
  org = await bootstrapOrg(plane, 'Ending');
  shop = await addDatabase(plane, org.admin, 'shop');
  chain = new TestChain(shop.agentId);
});
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed[Symbol.asyncDispose]();
});
afterAll(async () => {
  await second?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
});

/** The session's records as its agent delivers them. */
async function record(kind: 'session.opened' | 'session.closed', session: string): Promise<void> {
  const before = chain.records.length;
  const who = { session, user: null };
  if (kind === 'session.opened') chain.append({ kind, email: 'dev@ending.example', ...who }, now);
  else chain.append({ kind, durationMs: 5, reason: 'client', ...who }, now);
  const records = chain.records.slice(before);
  await plane.client(shop.credential).appendAudit({ body: { records } });
}

async function openSession(): Promise<string> {
  const session = randomUUID();
  await record('session.opened', session);
  return session;
}

async function agentAt(
  port: number,
  answer: (question: EndSessionQuestion) => EndSessionAnswer,
  { credential = shop.credential, can = ['end-session'], onOther = (): void => {} } = {},
): Promise<EndSessionQuestion[]> {
  const feed = await FeedClient.open(port, credential);
  feeds.push(feed);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can });
  await feed.nextBundle();
  const asked: EndSessionQuestion[] = [];
  void (async () => {
    for (;;) {
      const message = await feed.next();
      if (message.type !== 'end-session') {
        onOther();
        continue;
      }
      asked.push(message);
      feed.say({ type: 'session-ended', id: message.id, answer: answer(message) });
    }
  })();
  return asked;
}

const end = async (session: string, { client = org.admin, why = reason } = {}) =>
  await client.endDatabaseSession({ params: { session }, body: { reason: why } });

const recorded = async (session: string) =>
  (await org.admin.listActivity({ query: { target: session } })).items.map(
    ({ action, detail, before, after }) => ({ action, detail, before, after }),
  );

it.each(['here', 'at another replica'])(
  'has the session’s own agent end it, whose feed is %s, and records who asked and why',
  async (where) => {
    const session = await openSession();
    const port = where === 'here' ? plane.controlPlane.port : second.port;
    const asked = await agentAt(port, () => ({ kind: 'ended', tookMs: 12 }));
    expect(await end(session)).toMatchObject({ session, tookMs: 12 });
    expect(asked.map(({ session: of, reason: why }) => [of, why])).toEqual([[session, reason]]);
    const detail = { reason, agent: shop.agentId, database: shop.database.id, user: null };
    expect(await recorded(session)).toEqual([
      {
        action: 'session.ended',
        detail: { ...detail, tookMs: 12 },
        before: { state: 'open' },
        after: { state: 'ended' },
      },
      { action: 'session.end_asked', detail, before: null, after: null },
    ]);
  },
);

it('asks the agent that has the session, not another one of the same database', async () => {
  const session = await openSession();
  const { agentToken } = await org.admin.issueAgentToken({
    params: { database: 'shop' },
    query: { mode: 'add' },
  });
  const { credential } = await plane
    .client(null)
    .registerAgent({ body: { token: agentToken, version: '0.1.0' } });
  const other = await agentAt(plane.controlPlane.port, () => ({ kind: 'not-open' }), { credential });
  expect(await codeOfAsync(end(session))).toBe('AGENT_UNAVAILABLE');
  const own = await agentAt(second.port, () => ({ kind: 'ended', tookMs: 1 }));
  expect((await end(session)).tookMs).toBe(1);
  expect([other.length, own.length]).toEqual([0, 1]);
});

it('asks nobody where another agent claims the same session', async () => {
  const session = await openSession();
  const asked = await agentAt(plane.controlPlane.port, () => ({ kind: 'ended', tookMs: 1 }));
  const stock = await addDatabase(plane, org.admin, 'stock');
  const copy = new TestChain(stock.agentId);
  const before = copy.records.length;
  const opened = { kind: 'session.opened', email: 'dev@ending.example', session, user: null } as const;
  copy.append(opened, now);
  await plane.client(stock.credential).appendAudit({ body: { records: copy.records.slice(before) } });
  expect(await codeOfAsync(end(session))).toBe('CONFLICT');
  expect([asked.length, await recorded(session)]).toEqual([0, []]);
});

it('is asked though the organization has as many other questions on their way as it may', async () => {
  const session = await openSession();
  let others = 0;
  await agentAt(second.port, () => ({ kind: 'ended', tookMs: 1 }), {
    can: ['end-session', 'explain'],
    onOther: () => {
      others += 1;
    },
  });
  const before = others;
  const waiting = Array.from(
    { length: 8 },
    async () =>
      await codeOfAsync(
        org.admin.explainStatement({ params: { database: 'shop' }, body: { sql: 'select 1' } }),
      ),
  );
  await expect.poll(() => others - before, { timeout: 5_000 }).toBeGreaterThanOrEqual(8);
  expect((await end(session)).tookMs).toBe(1);
  for (const feed of feeds.splice(0)) await feed[Symbol.asyncDispose]();
  expect(await Promise.all(waiting)).toHaveLength(8);
});

it('says so where the agent is too old to end one session', async () => {
  const session = await openSession();
  await agentAt(plane.controlPlane.port, () => ({ kind: 'not-open' }), { can: ['explain'] });
  expect(await codeOfAsync(end(session))).toBe('UNSUPPORTED');
});

it('needs a touch of the passkey of the last minutes from whoever has one, and an administrator', async () => {
  const session = await openSession();
  const asked = await agentAt(plane.controlPlane.port, () => ({ kind: 'ended', tookMs: 3 }));
  const ada = await addUser(plane, org.admin, 'ada@ending.example', 'admin');
  const passkey = new FakeAuthenticator();
  await enroll(new TestBrowser(plane), org.admin, { user: ada.id, authenticator: passkey });
  const auditor = await addUser(plane, org.admin, 'auditor@ending.example', 'auditor');
  expect(await codeOfAsync(end(session, { client: auditor.client }))).toBe('FORBIDDEN');
  expect(await codeOfAsync(end(session, { client: ada.client }))).toBe('STEP_UP_REQUIRED');
  const { accessToken } = await new TestDevice(plane).signIn(new TestBrowser(plane), passkey);
  now += 6 * minute;
  expect(await codeOfAsync(end(session, { client: plane.client(accessToken) }))).toBe('STEP_UP_REQUIRED');
  expect([asked.length, await recorded(session)]).toEqual([0, []]);
  const again = await new TestDevice(plane).signIn(new TestBrowser(plane), passkey);
  expect((await end(session, { client: plane.client(again.accessToken) })).tookMs).toBe(3);
});

it('refuses what is not open, not known, of another organization, or without a reason', async () => {
  const session = await openSession();
  const asked = await agentAt(plane.controlPlane.port, () => ({ kind: 'not-open' }));
  expect(await codeOfAsync(end(session))).toBe('CONFLICT');
  await record('session.closed', session);
  expect(await codeOfAsync(end(session))).toBe('CONFLICT');
  expect(await codeOfAsync(end(randomUUID()))).toBe('NOT_FOUND');
  const elsewhere = await bootstrapOrg(plane, 'Elsewhere');
  expect(await codeOfAsync(end(await openSession(), { client: elsewhere.admin }))).toBe('NOT_FOUND');
  for (const why of ['', '  ', 'two\nlines', 'bell \u0007 rings', 'turned \u202e around', 'x'.repeat(501)]) {
    expect(await codeOfAsync(end(session, { why }))).toBe('INVALID_INPUT');
  }
  expect(asked).toHaveLength(1);
  expect((await recorded(session)).map(({ action }) => action)).toEqual(['session.end_asked']);
});
