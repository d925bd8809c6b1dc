import type { ApiClient } from '@daam/shared/api/client';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportedShop } from '../testing/reported-shop.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let admin: ApiClient;
let auditor: ApiClient;
let ada: { readonly id: string; readonly client: ApiClient };
let bob: { readonly id: string; readonly client: ApiClient };
const params = { database: 'shop' };

const text = `database: shop
policies:
  - name: everybody
    grants:
      - { table: public.customers, operations: [select] }
      - { table: "public.m*", operations: [select] }
    masks:
      - { column: "*.*.email", preset: email }
      - { column: public.customers.phone, preset: "null" }
    rowFilters:
      - { table: public.m*, where: [{ column: customer, operator: lt, value: 4711 }] }
    limits: { maxRows: 1000, statementTimeout: 30s }
    assign: { users: [], groups: [staff] }
  - name: shipping
    grants:
      - { table: public.orders, operations: [select, update] }
    limits: { maxRows: 50 }
    assign: { users: [ada@access.example], groups: [] }
`;

beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ admin } = await bootstrapOrg(plane, 'Access'));
  ({ client: auditor } = await addUser(plane, admin, 'auditor@access.example', 'auditor'));
  ada = await addUser(plane, admin, 'ada@access.example');
  bob = await addUser(plane, admin, 'bob@access.example');
  const staff = await admin.createGroup({ body: { name: 'staff' } });
  await admin.addGroupMember({ params: { id: staff.id, user: ada.id } });
  const { client: agent } = await addDatabase(plane, admin, 'shop');
  await agent.putAgentSchema({ body: reportedShop });
  await admin.publishPolicies({ params, body: { text } });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
});

describe('effective access', () => {
  it('has every table and column with the line that it comes from', async () => {
    const access = await auditor.getEffectiveAccess({ params, query: { user: 'ada@access.example' } });
    expect(access.policies).toEqual([
      { name: 'everybody', version: 1, assignedBy: [{ kind: 'group', group: 'staff' }] },
      { name: 'shipping', version: 1, assignedBy: [{ kind: 'user' }] },
    ]);
    expect(access.limits.map(({ limit, value, policy }) => [limit, value, policy])).toEqual([
      ['maxRows', 50, 'shipping'],
      ['statementTimeoutMs', 30_000, 'everybody'],
    ]);
    expect(access.schemaAt).not.toBeNull();
    expect(access.tables.map(({ table }) => table)).toEqual(['customers', 'mailing', 'orders']);
    const [customers, mailing, orders] = access.tables;
    expect(customers?.operations).toMatchObject([
      { operation: 'select', sources: [{ policy: 'everybody', path: 'policies[0].grants[0]', line: 5 }] },
    ]);
    expect(customers?.columns).toMatchObject([
      { column: 'id', type: 'int4', state: 'clear', mask: null },
      {
        column: 'email',
        state: 'masked',
        mask: { preset: 'email' },
        sources: [{ pattern: '*.*.email', line: 8 }],
      },
      {
        column: 'phone',
        state: 'hidden',
        isInherited: false,
        sources: [{ path: 'policies[0].masks[1]', line: 9 }],
      },
      { column: 'region', state: 'clear' },
    ]);
    // The view's column has another name: the mask came with the value.
    expect(mailing?.columns[1]).toMatchObject({ column: 'address', state: 'masked', isInherited: true });
    expect(mailing?.rowFilters).toMatchObject([{ text: 'customer lt 4711', source: { line: 11 } }]);
    expect(orders?.operations.map(({ operation }) => operation)).toEqual(['select', 'update']);
  });

  it('is read by table and in pages', async () => {
    const user = ada.id;
    const one = await admin.getEffectiveAccess({ params, query: { user, limit: 2 } });
    const two = await admin.getEffectiveAccess({ params, query: { user, limit: 2, after: one.next ?? '' } });
    const names = [one, two].map(({ tables }) => tables.map(({ table }) => table));
    expect([names, two.next]).toEqual([[['customers', 'mailing'], ['orders']], null]);
    const named = await admin.getEffectiveAccess({ params, query: { user, table: 'public.o*' } });
    expect(named.tables.map(({ table }) => table)).toEqual(['orders']);
    const bad = admin.getEffectiveAccess({ params, query: { user, table: 'orders' } });
    expect(await codeOfAsync(bad)).toBe('INVALID_INPUT');
  });

  it('is a member’s own, without the values of filters, and nobody else’s', async () => {
    const own = await ada.client.getEffectiveAccess({ params });
    expect(own.subject).toMatchObject({ email: 'ada@access.example' });
    expect(JSON.stringify(own)).not.toContain('4711');
    expect(own.tables[1]?.rowFilters[0]?.text).toBe('customer lt …');
    const other = ada.client.getEffectiveAccess({ params, query: { user: bob.id } });
    expect(await codeOfAsync(other)).toBe('FORBIDDEN');
    expect(await codeOfAsync(bob.client.getEffectiveAccess({ params }))).toBe('NOT_FOUND');
    const none = await admin.getEffectiveAccess({ params, query: { user: bob.id } });
    expect([none.policies, none.tables]).toEqual([[], []]);
  });

  it('under a draft is what it would be, for a person and for a group', async () => {
    const changed = text.replace('preset: "null"', 'preset: phone').replace('groups: [staff]', 'groups: []');
    const body = { text: changed, user: 'ada@access.example' };
    const preview = await admin.previewAccess({ params, body });
    expect(preview.policies.map(({ name }) => name)).toEqual(['shipping']);
    const group = await admin.previewAccess({
      params,
      body: { text: text.replace('preset: "null"', 'preset: phone'), group: 'staff' },
    });
    expect(group.policies).toMatchObject([{ name: 'everybody', version: 2 }]);
    expect(group.tables[0]?.columns[2]).toMatchObject({ column: 'phone', state: 'masked' });
    expect(await codeOfAsync(admin.previewAccess({ params, body: { user: ada.id } }))).toBe('NOT_FOUND');
    expect((await admin.getPolicies({ params })).revision).toBe(1);
  });
});

describe('why a column can or cannot be seen', () => {
  const ask = async (column: string, operation: 'select' | 'update' = 'select', client: ApiClient = admin) =>
    await client.explainColumn({ params, query: { column, operation, user: 'ada@access.example' } });

  it('names the mask, the policy and through which group it came', async () => {
    const answer = await ask('public.customers.email');
    expect(answer).toMatchObject({ state: 'masked', mask: { preset: 'email', match: 'equality' } });
    expect(answer.rules.map(({ kind, decisive, assignedBy }) => [kind, decisive, assignedBy])).toEqual([
      ['grant', true, [{ kind: 'group', group: 'staff' }]],
      ['mask', true, [{ kind: 'group', group: 'staff' }]],
    ]);
    expect(answer.nextStep).toContain('daam request new shop');
    expect(await ask('public.customers.id')).toMatchObject({ state: 'clear', nextStep: null });
    expect(await ask('public.mailing.address')).toMatchObject({ state: 'masked' });
  });

  it('says that nothing grants it, and what is not there', async () => {
    expect(await ask('public.customers.email', 'update')).toMatchObject({
      state: 'none',
      rules: [{ kind: 'default-deny', source: null }],
    });
    expect(await ask('public.orders.total', 'update')).toMatchObject({ state: 'clear' });
    expect(await ask('public.customers.nothing')).toMatchObject({ isReported: false, state: 'none' });
    expect(await codeOfAsync(ask('customers.email'))).toBe('INVALID_INPUT');
  });

  it('tells members nothing about tables that are not granted to them', async () => {
    const client = ada.client;
    const [there, nowhere] = [
      await client.explainColumn({ params, query: { column: 'hr.salaries.amount' } }),
      await client.explainColumn({ params, query: { column: 'hr.nothing.amount' } }),
    ];
    expect([there.isReported, nowhere.isReported, there.state]).toEqual([null, null, 'none']);
  });

  it('shows a window that an approved request opened', async () => {
    const request = await ada.client.createRequest({
      body: {
        database: 'shop',
        access: { unmask: [{ column: 'public.customers.email' }] },
        minutes: 60,
        reason: 'a customer called about a letter',
      },
    });
    await admin.approveRequest({ params: { id: request.id }, body: {} });
    const answer = await ask('public.customers.email');
    expect(answer.state).toBe('clear');
    expect(answer.rules.find(({ kind }) => kind === 'unmask')).toMatchObject({
      assignedBy: [{ kind: 'request', request: request.id }],
      source: { path: null },
    });
  });
});
