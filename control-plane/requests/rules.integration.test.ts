import type { ApiClient } from '@daam/shared/api/client';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Rules that look at what is asked for, that open by themselves, that go on to others; and asking for more time. */
const minute = 60_000;
let now = Date.parse('2030-01-01T00:00:00Z');
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
let shop: string;
let security: string;

type Settings = NonNullable<NonNullable<Parameters<ApiClient['putRequestSettings']>[0]>['body']>;
const reason = 'looking into a refund that failed';
const reading = { tables: [{ table: 'sales.*', operations: ['select'] }] };
const quick = { approvers: {}, within: reading, maxMinutes: 30, automatic: true } as const;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now }, scheduleMs: 20 } });
  org = await bootstrapOrg(plane, 'Rules');
  dev = await addUser(plane, org.admin, 'dev@rules.example');
  ada = await addUser(plane, org.admin, 'ada@rules.example');
  security = (await org.admin.createGroup({ body: { name: 'security' } })).id;
  await org.admin.addGroupMember({ params: { id: security, user: ada.id } });
  shop = (await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } })).database.id;
  await org.admin.createDatabase({ body: { name: 'ledger', databaseName: 'ledger' } });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const settings = async (body: Settings) =>
  await org.admin.putRequestSettings({ body: { discoverable: 'all', ...body } });
const ask = async (table: string, minutes = 20) =>
  await dev.client.createRequest({
    body: { database: 'shop', access: { tables: [{ table }] }, minutes, reason },
  });
const actions = async (id: string) =>
  (await org.admin.listActivity({ query: { limit: 200 } })).items
    .filter(({ target }) => target.id === id)
    .toReversed();
const until = async (
  id: string,
  test: (request: Awaited<ReturnType<typeof ask>>) => unknown,
  wanted: unknown,
) =>
  await expect
    .poll(async () => test(await org.admin.getRequest({ params: { id } })), { timeout: 10_000, interval: 10 })
    .toEqual(wanted);

describe('a rule that nobody has to approve', () => {
  it('opens what is no more than it says, and the audit names the rule; more waits', async () => {
    await settings({ rules: [quick] });
    const open = await ask('sales.orders');
    expect(open).toMatchObject({ state: 'active', approval: { required: 0, given: [] } });
    const told = await actions(open.id);
    expect(told.map(({ action }) => action)).toEqual([
      'request.created',
      'request.approved',
      'request.activated',
    ]);
    expect(told[1]).toMatchObject({ actor: { kind: 'system' }, detail: { rule: 1 } });
    expect(await ask('hr.salaries')).toMatchObject({ state: 'pending', approval: { required: 1 } });
    expect(await ask('sales.orders', 31)).toMatchObject({ state: 'pending' });
  });

  it('is refused where it does not say what it opens', async () => {
    const bad = { ...quick, maxMinutes: null };
    expect(await codeOfAsync(settings({ rules: [bad] }))).toBe('INVALID_INPUT');
  });
});

describe('what an approver adds', () => {
  it('has the rule that it would have had if it had been asked for', async () => {
    await settings({
      rules: [
        { approvers: {}, within: reading },
        { approvers: {}, required: 2 },
      ],
    });
    const { id } = await ask('sales.orders');
    const params = { id };
    const wider = { tables: [{ table: 'hr.salaries' }] };
    expect(await codeOfAsync(org.admin.approveRequest({ params, body: { access: wider } }))).toBe(
      'FORBIDDEN',
    );
    expect((await org.admin.approveRequest({ params, body: { minutes: 25 } })).state).toBe('active');
  });
});

describe('a request that nobody answers', () => {
  it('goes on to others at its time, once, and says so in the audit', async () => {
    const escalation = { minutes: 10, approvers: { users: [], groups: [security], admins: false } };
    await settings({ rules: [{ approvers: {}, escalation }] });
    const { id, approval } = await ask('sales.orders');
    expect(approval.escalatesAt).toBe(new Date(now + 10 * minute).toISOString());
    expect(await codeOfAsync(ada.client.getRequest({ params: { id } }))).toBe('NOT_FOUND');
    now += 10 * minute;
    await until(id, (request) => request.approval.escalatesAt, null);
    expect((await ada.client.getRequest({ params: { id } })).approval.mine).toBe(true);
    const told = (await actions(id)).filter(({ action }) => action === 'request.escalated');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      before: { approvers: { groups: [] } },
      after: { approvers: { groups: [security], admins: true }, state: 'pending' },
    });
    expect((await ada.client.approveRequest({ params: { id }, body: {} })).state).toBe('active');
  });
});

describe('asking before one asks', () => {
  it('tells who may approve and what would open by itself, to whoever may ask', async () => {
    await settings({ rules: [quick, { approvers: { groups: [security], admins: false } }] });
    const access = { tables: [{ table: 'sales.orders', operations: ['select', 'update'] }] };
    const answer = await dev.client.previewRequest({ body: { database: 'shop', access, minutes: 60 } });
    expect(answer.approval).toMatchObject({ automatic: false, required: 1, total: 1 });
    expect(answer.approval.people.map(({ email }) => email)).toEqual(['ada@rules.example']);
    expect(answer.alternatives).toMatchObject([
      { minutes: 30, access: { tables: [{ table: 'sales.orders', operations: ['select'] }] } },
    ]);
    await settings({ discoverable: [], rules: [quick] });
    const body = { database: 'ledger', access, minutes: 60 };
    expect(await codeOfAsync(dev.client.previewRequest({ body }))).toBe('NOT_FOUND');
    await settings({});
  });

  it('tells the usual time once five were decided', async () => {
    const body = { database: 'ledger', access: { tables: [{ table: 'a.b' }] }, minutes: 5 };
    const usual = async () => (await dev.client.previewRequest({ body })).usual;
    for (const [at, waited] of [4, 30, 6, 2, 5].entries()) {
      expect(await usual()).toBeNull();
      const { id } = await dev.client.createRequest({ body: { ...body, reason } });
      now += waited * minute;
      const params = { id };
      if (at === 1) await org.admin.denyRequest({ params, body: { note: 'not now' } });
      else await org.admin.approveRequest({ params, body: {} });
    }
    expect(await usual()).toEqual({ minutes: 5, of: 5 });
    await org.admin.createDatabase({ body: { name: 'quiet', databaseName: 'quiet' } });
    for (const database of ['ledger', 'quiet'])
      await org.admin.updateDatabase({ params: { database }, body: { discoverable: true } });
    const { items } = await ada.client.listDiscoverableDatabases();
    expect(items.map(({ name, usualMinutes }) => [name, usualMinutes])).toEqual([
      ['ledger', 5],
      ['quiet', null],
    ]);
  });

  it('tries out rules that are not in force', async () => {
    const rules = [{ database: shop, approvers: { groups: [security], admins: false }, required: 2 }];
    const body = { rules, database: 'shop', policy: undefined, access: reading, minutes: 60 };
    const answer = await org.admin.checkRequestRules({ body });
    expect(answer).toMatchObject({ rule: 0, required: 2, total: 1, automatic: false });
    const own = await org.admin.checkRequestRules({ body: { ...body, requester: ada.id } });
    expect(own.total).toBe(0);
    const unknown = [{ approvers: { users: [shop] } }];
    expect(await codeOfAsync(org.admin.checkRequestRules({ body: { ...body, rules: unknown } }))).toBe(
      'NOT_FOUND',
    );
    expect(await codeOfAsync(dev.client.checkRequestRules({ body }))).toBe('FORBIDDEN');
  });
});

describe('more time', () => {
  it('is somebody’s decision, also of what opened by itself', async () => {
    await settings({ rules: [quick] });
    const { id, state } = await ask('sales.orders');
    const more = await dev.client.extendRequest({ params: { id }, body: { minutes: 20, reason } });
    expect([state, more.state, more.approval.required]).toEqual(['active', 'pending', 1]);
    const { routing } = await org.admin.getRequestContext({ params: { id: more.id } });
    expect(routing).toMatchObject({ rule: 1, tables: true, required: 1, moreTime: true });
    for (const one of [more.id, id]) await dev.client.revokeRequest({ params: { id: one }, body: {} });
  });

  it('is asked for by the requester alone, once, and goes on from the end', async () => {
    await settings({});
    const { id } = await ask('sales.orders', 20);
    const params = { id };
    const body = { minutes: 30, reason };
    expect(await codeOfAsync(dev.client.extendRequest({ params, body }))).toBe('CONFLICT');
    const { window } = await org.admin.approveRequest({ params, body: {} });
    expect(await codeOfAsync(org.admin.extendRequest({ params, body }))).toBe('FORBIDDEN');
    expect(await codeOfAsync(ada.client.extendRequest({ params, body }))).toBe('NOT_FOUND');
    const longer = { minutes: 481, reason };
    expect(await codeOfAsync(dev.client.extendRequest({ params, body: longer }))).toBe('INVALID_INPUT');
    const more = await dev.client.extendRequest({ params, body });
    expect(more).toMatchObject({
      state: 'pending',
      extends: id,
      asked: { minutes: 30, startAt: window?.endsAt, access: { tables: [{ table: 'sales.orders' }] } },
    });
    expect(await codeOfAsync(dev.client.extendRequest({ params, body }))).toBe('CONFLICT');
    const approved = await org.admin.approveRequest({ params: { id: more.id }, body: {} });
    expect(approved).toMatchObject({ state: 'approved', window: { startsAt: window?.endsAt } });
  });
});
