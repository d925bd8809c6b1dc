import { type AgentId, asId, type DatabaseId, type OrgId } from '@daam/shared/domain/ids';
import { verifyBundle } from '@daam/shared/identity/bundle';
import type { ApiClient } from '@daam/shared/api/client';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { Client } from 'pg';
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

/** Access requests over a real PostgreSQL, with a clock that stands still until it is told. */
const startOfTime = Date.parse('2030-01-01T00:00:00Z');
const minute = 60_000;
let now = startOfTime;
const clock = { now: () => now };
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
let bob: Awaited<ReturnType<typeof addUser>>;
let auditor: Awaited<ReturnType<typeof addUser>>;
let shop: Awaited<ReturnType<typeof addDatabase>>;
let security: { id: string };

const access = { tables: [{ table: 'public.payments' }] };
const reason = 'looking into a refund that failed';

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock, scheduleMs: 20 } });
  org = await bootstrapOrg(plane, 'Requests');
  dev = await addUser(plane, org.admin, 'dev@requests.example');
  ada = await addUser(plane, org.admin, 'ada@requests.example');
  bob = await addUser(plane, org.admin, 'bob@requests.example');
  auditor = await addUser(plane, org.admin, 'auditor@requests.example', 'auditor');
  shop = await addDatabase(plane, org.admin, 'shop');
  security = await org.admin.createGroup({ body: { name: 'security' } });
  await org.admin.addGroupMember({ params: { id: security.id, user: ada.id } });
  await org.admin.addGroupMember({ params: { id: security.id, user: bob.id } });
  const document = documentFor('shop', { users: ['dev@requests.example'] });
  const support = {
    name: 'support',
    grants: [{ table: 'public.tickets', operations: ['select' as const] }],
    masks: [],
    assign: {},
  };
  await org.admin.putPolicies({
    params: { database: 'shop' },
    body: { ...document, policies: [...document.policies, support] },
  });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

type NewRequest = Parameters<ApiClient['createRequest']>[0]['body'];
type Settings = NonNullable<NonNullable<Parameters<ApiClient['putRequestSettings']>[0]>['body']>;

const ask = async (body: Partial<NewRequest> = {}) =>
  await dev.client.createRequest({
    body: { database: 'shop', access, minutes: 10, reason, ...body },
  });
const stateOf = async (id: string) => (await org.admin.getRequest({ params: { id } })).state;
const until = async (id: string, state: string) =>
  await expect.poll(async () => await stateOf(id), { timeout: 10_000, interval: 10 }).toBe(state);

/** What the audit tells of one request, oldest first. */
async function told(id: string) {
  const { items } = await org.admin.listActivity({ query: { limit: 500 } });
  return items.filter(({ target }) => target.id === id).toReversed();
}

/** The subject of the developer in the newest bundle. */
async function subjectNow() {
  await using feed = await FeedClient.open(plane.controlPlane.port, shop.credential);
  feed.hello();
  const jws = await feed.nextBundle();
  const audience = {
    org: asId<OrgId>(org.orgId),
    database: asId<DatabaseId>(shop.database.id),
    agent: asId<AgentId>(shop.agentId),
  };
  const { orgKeys } = await org.admin.getOrganization();
  const bundle = await verifyBundle(jws, orgKeys, audience, now);
  const subject = bundle.subjects.find(({ user }) => user === dev.id);
  const at = subject?.temporary?.[0]?.policy;
  return { bundle, subject, temporary: at === undefined ? undefined : bundle.policies[at] };
}

async function settings(body: Settings): Promise<void> {
  await org.admin.putRequestSettings({ body });
}

describe('a request', () => {
  it('waits, is approved by somebody else, holds for its window, and is over to the second', async () => {
    const request = await ask({ ticket: 'OPS-1' });
    expect(request).toMatchObject({ state: 'pending', window: null, approval: { mine: false, required: 1 } });
    expect((await subjectNow()).subject?.temporary).toBeUndefined();
    now += 5 * minute;
    const approved = await org.admin.approveRequest({ params: { id: request.id }, body: {} });
    const endsAt = now + 10 * minute;
    expect(approved).toMatchObject({
      state: 'active',
      window: { startsAt: new Date(now).toISOString(), endsAt: new Date(endsAt).toISOString() },
    });
    const { subject, temporary } = await subjectNow();
    expect(subject?.temporary).toEqual([{ until: endsAt / 1000, policy: expect.any(Number) }]);
    expect(temporary?.grants.map(({ table }) => table).toSorted()).toEqual(['customers', 'payments']);
    expect(temporary?.masks).toMatchObject([{ column: 'email' }]);
    now = endsAt - 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await stateOf(request.id)).toBe('active');
    now = endsAt;
    await until(request.id, 'expired');
    expect((await subjectNow()).subject?.temporary).toBeUndefined();
    const events = await told(request.id);
    expect(events.map(({ action }) => action)).toEqual([
      'request.created',
      'request.approved',
      'request.activated',
      'request.expired',
    ]);
    expect(events).toMatchObject([
      { after: { state: 'pending' }, detail: { reason, ticket: 'OPS-1' } },
      { before: { state: 'pending' }, after: { state: 'approved' }, detail: { asked: { minutes: 10 } } },
      { before: { state: 'approved' }, after: { state: 'active' } },
      { before: { state: 'active' }, after: { state: 'expired' } },
    ]);
    expect(events.at(-1)?.actor).toMatchObject({ kind: 'system', label: 'schedule' });
  });

  it('for a policy gives that policy, and for a database that was unknown before its name', async () => {
    const request = await ask({ access: undefined, policy: 'support' });
    await org.admin.approveRequest({ params: { id: request.id }, body: {} });
    const { temporary } = await subjectNow();
    expect(temporary?.policies.map(({ policy }) => policy).toSorted()).toEqual(['reader', 'support']);
    await settings({ discoverable: [] });
    const body = { database: 'shop', access, reason };
    expect(await codeOfAsync(ada.client.createRequest({ body }))).toBe('NOT_FOUND');
    await settings({ discoverable: [shop.database.id] });
    const stranger = await ada.client.createRequest({ body });
    await org.admin.approveRequest({ params: { id: stranger.id }, body: {} });
    expect((await ada.client.listMyDatabases()).items.map(({ name }) => name)).toEqual(['shop']);
    const alone = (await subjectNow()).bundle;
    const hers = alone.subjects.find(({ user }) => user === ada.id);
    expect(alone.policies[hers?.policy ?? -1]).toMatchObject({ grants: [], policies: [] });
    await ada.client.revokeRequest({ params: { id: stranger.id }, body: {} });
    expect((await subjectNow()).bundle.subjects.some(({ user }) => user === ada.id)).toBe(false);
    expect((await ada.client.listMyDatabases()).items).toEqual([]);
    await dev.client.revokeRequest({ params: { id: request.id }, body: {} });
    await settings({});
  });

  it('that nobody answers lapses, one that is denied or revoked is over, and none comes back', async () => {
    const [lapsing, denied, withdrawn] = [await ask(), await ask(), await ask()];
    await org.admin.denyRequest({ params: { id: denied.id }, body: { note: 'ask the team instead' } });
    await dev.client.revokeRequest({ params: { id: withdrawn.id }, body: {} });
    now += 24 * 60 * minute;
    await until(lapsing.id, 'expired');
    expect([await stateOf(denied.id), await stateOf(withdrawn.id)]).toEqual(['denied', 'revoked']);
    for (const { id } of [lapsing, denied, withdrawn]) {
      const attempts = [
        async () => await org.admin.approveRequest({ params: { id }, body: {} }),
        async () => await org.admin.denyRequest({ params: { id }, body: { note: 'no' } }),
        async () => await org.admin.revokeRequest({ params: { id }, body: {} }),
      ];
      for (const attempt of attempts) expect(await codeOfAsync(attempt())).toBe('CONFLICT');
    }
  });

  it('with a start of its own is opened then, not at the approval', async () => {
    const startAt = new Date(now + 30 * minute).toISOString();
    const request = await ask({ startAt });
    const approved = await org.admin.approveRequest({ params: { id: request.id }, body: {} });
    expect(approved).toMatchObject({ state: 'approved', window: { startsAt: startAt } });
    expect((await subjectNow()).subject?.temporary).toBeUndefined();
    now += 30 * minute;
    await until(request.id, 'active');
    expect((await subjectNow()).subject?.temporary).toHaveLength(1);
    now += 10 * minute;
    await until(request.id, 'expired');
  });

  it('beside another: each ends for itself', async () => {
    const long = await ask({ minutes: 60, access: { unmask: [{ column: 'public.customers.email' }] } });
    const short = await ask({ minutes: 30 });
    for (const { id } of [long, short]) await org.admin.approveRequest({ params: { id }, body: {} });
    const { bundle, subject } = await subjectNow();
    const steps = subject?.temporary?.map(({ until: end, policy }) => ({
      minutes: (end * 1000 - now) / minute,
      tables: bundle.policies[policy]?.grants.length,
      unmasks: bundle.policies[policy]?.unmasks?.length,
    }));
    expect(steps).toEqual([
      { minutes: 30, tables: 2, unmasks: 1 },
      { minutes: 60, tables: 1, unmasks: 1 },
    ]);
    for (const { id } of [long, short]) await org.admin.revokeRequest({ params: { id }, body: {} });
  });

  it.each([
    ['no reason', { reason: 'short' }],
    ['both a policy and tables', { policy: 'support' }],
    ['neither', { access: undefined }],
    ['a window that is longer than allowed', { minutes: 481 }],
    ['a start that has been', { startAt: '2029-01-01T00:00:00Z' }],
    ['a control character in the reason', { reason: `${reason}\u001b[2J` }],
  ])('with %s is refused', async (_, body) => {
    expect(await codeOfAsync(ask(body))).toBe('INVALID_INPUT');
  });

  it('for what no document says is refused with the path', async () => {
    await expect(ask({ access: { tables: [{ table: 'payments' }] } })).rejects.toMatchObject({
      code: 'INVALID_POLICY',
      field: 'tables[0].table',
    });
    expect(await codeOfAsync(ask({ access: undefined, policy: 'none' }))).toBe('NOT_FOUND');
    expect(await codeOfAsync(ask({ database: 'other' }))).toBe('NOT_FOUND');
  });
});

describe('approvals', () => {
  it('are never one’s own, an administrator’s neither, and nobody’s who is not asked', async () => {
    const own = await org.admin.createRequest({ body: { database: 'shop', access, reason } });
    const params = { id: own.id };
    expect(await codeOfAsync(org.admin.approveRequest({ params, body: {} }))).toBe('FORBIDDEN');
    expect(await codeOfAsync(dev.client.approveRequest({ params, body: {} }))).toBe('NOT_FOUND');
    expect(await codeOfAsync(dev.client.getRequest({ params }))).toBe('NOT_FOUND');
    expect(await codeOfAsync(auditor.client.approveRequest({ params, body: {} }))).toBe('FORBIDDEN');
    expect((await auditor.client.getRequest({ params })).state).toBe('pending');
    expect(await codeOfAsync(dev.client.listRequests({ query: { scope: 'all' } }))).toBe('FORBIDDEN');
    await org.admin.revokeRequest({ params, body: {} });
  });

  it('of two are needed where a rule says so, of different people who are still asked', async () => {
    await settings({ rules: [{ approvers: { groups: [security.id], admins: false }, required: 2 }] });
    const request = await ask();
    const params = { id: request.id };
    expect(await codeOfAsync(org.admin.approveRequest({ params, body: {} }))).toBe('FORBIDDEN');
    const inbox = await ada.client.listRequests({ query: { scope: 'inbox' } });
    expect(inbox.items.map(({ id }) => id)).toEqual([request.id]);
    expect((await ada.client.approveRequest({ params, body: {} })).state).toBe('pending');
    expect(await codeOfAsync(ada.client.approveRequest({ params, body: {} }))).toBe('CONFLICT');
    expect((await ada.client.listRequests({ query: { scope: 'inbox' } })).items).toEqual([]);
    await org.admin.removeGroupMember({ params: { id: security.id, user: ada.id } });
    expect((await bob.client.approveRequest({ params, body: {} })).state).toBe('pending');
    await org.admin.addGroupMember({ params: { id: security.id, user: ada.id } });
    const carol = await addUser(plane, org.admin, 'carol@requests.example');
    await org.admin.addGroupMember({ params: { id: security.id, user: carol.id } });
    expect((await carol.client.approveRequest({ params, body: {} })).state).toBe('active');
    await dev.client.revokeRequest({ params, body: {} });
    await settings({});
  });

  it('may give less, and more only from an administrator', async () => {
    await settings({ rules: [{ approvers: { groups: [security.id] } }] });
    const request = await ask({ access: { tables: [{ table: 'public.payments' }, { table: 'sales.*' }] } });
    const params = { id: request.id };
    const more: NonNullable<Parameters<ApiClient['approveRequest']>[0]['body']>[] = [
      { minutes: 11 },
      { access: { tables: [{ table: 'public.customers' }] } },
      { access: { tables: [{ table: 'sales.*', operations: ['select', 'update'] }] } },
      { access: { ...access, unmask: [{ column: 'public.customers.email' }] } },
      { policy: 'support' },
    ];
    for (const body of more) {
      expect(await codeOfAsync(ada.client.approveRequest({ params, body }))).toBe('FORBIDDEN');
    }
    const less = await ada.client.approveRequest({
      params,
      body: { minutes: 5, access: { tables: [{ table: 'sales.orders' }] } },
    });
    expect(less).toMatchObject({
      state: 'active',
      asked: { minutes: 10 },
      granted: { minutes: 5, access: { tables: [{ table: 'sales.orders' }] } },
    });
    expect((await subjectNow()).temporary?.grants.map(({ table }) => table).toSorted()).toEqual([
      'customers',
      'orders',
    ]);
    const second = await ask();
    const wider = await org.admin.approveRequest({ params: { id: second.id }, body: { minutes: 60 } });
    expect(wider).toMatchObject({ state: 'active', granted: { minutes: 60 } });
    for (const { id } of [request, second]) await dev.client.revokeRequest({ params: { id }, body: {} });
    await settings({});
  });

  it('do not count for more than was approved: an administrator who widens starts again', async () => {
    await settings({ rules: [{ approvers: { groups: [security.id] }, required: 2 }] });
    const request = await ask();
    const params = { id: request.id };
    await ada.client.approveRequest({ params, body: { minutes: 5 } });
    const widened = await org.admin.approveRequest({ params, body: { minutes: 20 } });
    expect(widened).toMatchObject({
      state: 'pending',
      approval: { given: [{ by: { email: 'admin@requests.example' } }] },
    });
    expect((await bob.client.approveRequest({ params, body: {} })).state).toBe('active');
    await dev.client.revokeRequest({ params, body: {} });
    await settings({});
  });
});

describe('an emergency', () => {
  it('opens on the requester’s own word only where the organization allows it, loudly, and is reviewed', async () => {
    const emergency = { emergency: true, minutes: 30 };
    expect(await codeOfAsync(ask(emergency))).toBe('FORBIDDEN');
    await settings({ emergency: { enabled: true, anyone: true, maxMinutes: 30 } });
    expect(await codeOfAsync(ask({ ...emergency, minutes: 31 }))).toBe('INVALID_INPUT');
    const request = await ask(emergency);
    expect(request).toMatchObject({ state: 'active', emergency: true, review: { outcome: null } });
    expect((await told(request.id)).map(({ action }) => action)).toEqual([
      'request.created',
      'request.break_glass',
      'request.activated',
    ]);
    const due = await org.admin.listRequests({ query: { scope: 'all', review: 'due' } });
    expect(due.items.map(({ id }) => id)).toEqual([request.id]);
    const verdict = { params: { id: request.id }, body: { outcome: 'justified' as const, note: 'outage' } };
    expect(await codeOfAsync(dev.client.reviewRequest(verdict))).toBe('FORBIDDEN');
    expect(await org.admin.reviewRequest(verdict)).toMatchObject({ review: { outcome: 'justified' } });
    expect(await codeOfAsync(org.admin.reviewRequest(verdict))).toBe('CONFLICT');
    expect((await org.admin.listRequests({ query: { scope: 'all', review: 'due' } })).items).toEqual([]);
    await dev.client.revokeRequest({ params: { id: request.id }, body: {} });
    await settings({});
  });
});

describe('people and databases that go', () => {
  it('take their requests with them, and do not bring them back', async () => {
    const leaver = await addUser(plane, org.admin, 'leaver@requests.example');
    await addDatabase(plane, org.admin, 'old');
    await settings({ discoverable: 'all' });
    const body = { database: 'shop', access, reason };
    const open = await leaver.client.createRequest({ body });
    const waiting = await leaver.client.createRequest({ body });
    const old = await dev.client.createRequest({ body: { ...body, database: 'old' } });
    for (const { id } of [open, old]) await org.admin.approveRequest({ params: { id }, body: {} });
    expect((await subjectNow()).bundle.subjects.some(({ user }) => user === leaver.id)).toBe(true);
    await org.admin.updateUser({ params: { id: leaver.id }, body: { disabled: true } });
    await org.admin.deleteDatabase({ params: { database: 'old' }, query: { confirm: 'old' } });
    for (const { id } of [open, waiting, old]) expect(await stateOf(id)).toBe('revoked');
    await org.admin.updateUser({ params: { id: leaver.id }, body: { disabled: false } });
    expect((await subjectNow()).bundle.subjects.some(({ user }) => user === leaver.id)).toBe(false);
    await settings({});
  });
});

describe('comments', () => {
  it('are for those whom the request concerns', async () => {
    const request = await ask();
    const params = { id: request.id };
    await dev.client.commentOnRequest({ params, body: { text: 'customer 17\nis waiting' } });
    await org.admin.commentOnRequest({ params, body: { text: 'which refund?' } });
    expect(await codeOfAsync(ada.client.commentOnRequest({ params, body: { text: 'me too' } }))).toBe(
      'NOT_FOUND',
    );
    expect(await codeOfAsync(auditor.client.commentOnRequest({ params, body: { text: 'hm' } }))).toBe(
      'FORBIDDEN',
    );
    const { comments } = await dev.client.getRequest({ params });
    expect(comments.map(({ text }) => text)).toEqual(['customer 17\nis waiting', 'which refund?']);
    await dev.client.revokeRequest({ params, body: {} });
  });
});

describe('pages', () => {
  it('go through all requests once, newest first', async () => {
    const all: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await org.admin.listRequests({ query: { scope: 'all', limit: 3, after } });
      all.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(new Set(all).size).toBe(all.length);
    const whole = await org.admin.listRequests({ query: { scope: 'all', limit: 500 } });
    expect(all).toEqual(whole.items.map(({ id }) => id));
  });
});

describe('requests of another organization', () => {
  it('are not there, and neither are its policies, databases and approvers', async () => {
    const request = await ask();
    const other = await bootstrapOrg(plane, 'Elsewhere');
    const params = { id: request.id };
    const attempts = [
      async () => await other.admin.getRequest({ params }),
      async () => await other.admin.approveRequest({ params, body: {} }),
      async () => await other.admin.denyRequest({ params, body: { note: 'no' } }),
      async () => await other.admin.revokeRequest({ params, body: {} }),
      async () => await other.admin.commentOnRequest({ params, body: { text: 'hello' } }),
      async () => await other.admin.reviewRequest({ params, body: { outcome: 'justified', note: 'no' } }),
      async () => await other.admin.createRequest({ body: { database: shop.database.id, access, reason } }),
      async () => await other.admin.putRequestSettings({ body: { discoverable: [shop.database.id] } }),
      async () =>
        await other.admin.putRequestSettings({ body: { rules: [{ approvers: { groups: [security.id] } }] } }),
    ];
    for (const attempt of attempts) expect(await codeOfAsync(attempt())).toBe('NOT_FOUND');
    expect((await other.admin.listRequests({ query: { scope: 'all' } })).items).toEqual([]);
    await dev.client.revokeRequest({ params, body: {} });
  });
});

describe('the store', () => {
  it('leaves a state only by a step that there is, and what was asked for alone', async () => {
    const request = await ask();
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      const update = async (set: string) =>
        await client.query(`update access_requests set ${set} where id = $1`, [request.id]);
      const attempts = [
        "state = 'active', starts_at = now(), ends_at = now() + interval '1 hour'",
        "reason = 'another reason'",
        "access = '{}'",
        'emergency = true',
        'reviewed_by = user_id',
      ];
      for (const set of attempts) await expect(update(set)).rejects.toMatchObject({ code: '23514' });
      await dev.client.revokeRequest({ params: { id: request.id }, body: {} });
      const back = update("state = 'pending', due_at = now()");
      await expect(back).rejects.toMatchObject({ code: '23514' });
    } finally {
      await client.end();
    }
  });
});
