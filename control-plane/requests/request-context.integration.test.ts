import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDatabase, addUser, bootstrapOrg, documentFor, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';

/** What stands around a request: for those who decide, and for the one who asks. */
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;
let ada: Awaited<ReturnType<typeof addUser>>;
const reason = 'looking into a refund that failed';
const statement = 'select id, email from customers where email = $1';

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Context');
  dev = await addUser(plane, org.admin, 'dev@context.example');
  ada = await addUser(plane, org.admin, 'ada@context.example');
  await addDatabase(plane, org.admin, 'shop');
  const { id } = await org.admin.createGroup({ body: { name: 'support' } });
  await org.admin.addGroupMember({ params: { id, user: dev.id } });
  const document = documentFor('shop', { users: ['dev@context.example'] });
  const other = {
    name: 'other',
    grants: [{ table: 'public.secrets', operations: ['select' as const] }],
    masks: [],
    assign: {},
  };
  await org.admin.putPolicies({
    params: { database: 'shop' },
    body: { ...document, policies: [...document.policies, other] },
  });
  const rules = [{ approvers: { users: [ada.id] }, required: 1 }];
  await org.admin.putRequestSettings({ body: { rules } });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const ask = async (access: object, more: object = {}) =>
  await dev.client.createRequest({
    body: {
      database: 'shop',
      access: { ...access },
      minutes: 10,
      reason: `${reason}\n\nStatement:\n${statement}`,
      ...more,
    },
  });
const unmask = { unmask: [{ column: 'public.customers.email' }] };

describe('the surroundings of a request', () => {
  it('say who asks, what would change, and which words of the statement are masked for them', async () => {
    const { id } = await ask({ ...unmask, tables: [{ table: 'public.payments' }] });
    for (const client of [org.admin, ada.client]) {
      const found = await client.getRequestContext({ params: { id } });
      expect(found.requester).toEqual({ groups: ['support'], devices: [], lastSignInAt: null });
      expect(found.difference?.tables).toMatchObject([
        {
          table: 'customers',
          gained: [],
          columns: [
            {
              columns: ['email'],
              before: { state: 'masked', preset: 'email' },
              after: { state: 'clear' },
              effect: 'gain',
            },
          ],
        },
        { table: 'payments', gained: ['select'], lost: [] },
      ]);
      const marks = found.statement?.marks ?? [];
      expect(marks.map(({ from, to }) => statement.slice(from, to))).toEqual(['email', 'email']);
      expect(marks[0]).toMatchObject({ column: 'public.customers.email', preset: 'email', isCleared: true });
    }
  });

  it('stay the same while its own window is open', async () => {
    const { id } = await ask(unmask);
    const before = await org.admin.getRequestContext({ params: { id } });
    await org.admin.approveRequest({ params: { id }, body: {} });
    const open = await org.admin.getRequestContext({ params: { id } });
    expect(open.difference).toEqual(before.difference);
    expect(open.difference?.tables).toHaveLength(1);
    await org.admin.revokeRequest({ params: { id }, body: {} });
  });

  it('say by which rule it came to its approvers, as the rule was then, to all but whoever asks', async () => {
    const fitted = { environment: null, tables: false, required: 1, moreTime: false };
    const { id } = await ask(unmask);
    const before = (await ada.client.getRequestContext({ params: { id } })).routing;
    expect(before).toEqual({ ...fitted, rule: 1, database: false, maxMinutes: null });
    const settings = await org.admin.getRequestSettings();
    const shop = (await org.admin.listDatabases()).items.find(({ name }) => name === 'shop');
    const rule = { approvers: { users: [ada.id] }, required: 1 };
    const rules = [
      { ...rule, maxMinutes: 5 },
      { ...rule, database: shop?.id ?? '', maxMinutes: 60 },
    ];
    await org.admin.putRequestSettings({ body: { ...settings, rules } });
    const later = await ask(unmask);
    const routed = (await org.admin.getRequestContext({ params: { id: later.id } })).routing;
    expect(routed).toEqual({ ...fitted, rule: 2, database: true, maxMinutes: 60 });
    await org.admin.putRequestSettings({ body: settings });
    expect((await ada.client.getRequestContext({ params: { id } })).routing).toEqual(before);
    expect((await dev.client.getRequestContext({ params: { id } })).routing).toBeNull();
  });

  it('tell the requester no names but their own', async () => {
    const { id } = await ask({ tables: [{ table: 'public.*' }] });
    const found = await dev.client.getRequestContext({ params: { id } });
    expect(JSON.stringify(found.difference)).not.toContain('secrets');
    const policy = await ask({}, { access: undefined, policy: 'other' });
    const ofPolicy = await dev.client.getRequestContext({ params: { id: policy.id } });
    expect(ofPolicy.difference).toBeNull();
    const ofDecider = await ada.client.getRequestContext({ params: { id: policy.id } });
    expect(ofDecider.difference?.tables).toMatchObject([{ table: 'secrets', gained: ['select'] }]);
  });

  it('have what was asked for before, with its outcome, as far as the caller may see it', async () => {
    const first = await ask(unmask);
    await ada.client.denyRequest({ params: { id: first.id }, body: { note: 'use the masked column' } });
    const { id } = await ask(unmask);
    const { similar } = await ada.client.getRequestContext({ params: { id } });
    expect(similar[0]).toMatchObject({
      id: first.id,
      state: 'denied',
      ended: { note: 'use the masked column' },
    });
    expect(similar.length).toBeLessThanOrEqual(10);
    const stranger = await addUser(plane, org.admin, 'sam@context.example');
    expect(await codeOfAsync(stranger.client.getRequestContext({ params: { id } }))).toBe('NOT_FOUND');
  });
});
