import type { ApiClient } from '@daam/shared/api/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

/** Which grants nobody used: real records, five weeks after the policies came into force. */
const day = 24 * 3_600_000;
const today = Date.now();
let now = today - 35 * day;
let plane: TestControlPlane;
let admin: ApiClient;
const params = { database: 'shop' };
const grant = (table: string, ...operations: string[]) => ({ table, operations });

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  ({ admin } = await bootstrapOrg(plane, 'Unused'));
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

it('are told from the records of the time in which they were granted, for auditors', async () => {
  const ada = await addUser(plane, admin, 'ada@unused.example');
  const auditor = await addUser(plane, admin, 'odd@unused.example', 'auditor');
  const agent = await addDatabase(plane, admin, 'shop');
  const assign = { users: ['ada@unused.example'], groups: [] };
  const support = { name: 'support', grants: [grant('public.customers', 'select', 'update')], assign };
  const body = (further: object[]) => ({ database: 'shop', policies: [support, ...further] });
  await admin.putPolicies({ params, body: body([]) });
  now = today;
  const young = { name: 'young', grants: [grant('public.orders', 'select')], assign };
  await admin.putPolicies({ params, body: body([young]) });
  const chain = new TestChain(agent.agentId);
  const tables = [{ schema: 'public', name: 'customers', operation: 'select', masked: false }];
  chain.append(statementEvent('select 1 from customers', { user: ada.id, tables }), today - 60_000);
  await agent.client.appendAudit({ body: { records: chain.records } });
  const ask = async (days: number) => await auditor.client.listUnusedGrants({ params, query: { days } });
  expect(await ask(30)).toEqual({
    days: 30,
    considered: 1,
    isTruncated: false,
    since: new Date(today - 60_000).toISOString(),
    items: [{ policy: 'support', table: 'public.customers', operations: ['update'], isWholeLine: false }],
  });
  // Ninety days ago nothing was granted: nothing can be said.
  expect((await ask(90)).items).toEqual([]);
  await expect(ada.client.listUnusedGrants({ params })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
