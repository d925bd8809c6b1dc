import type { ApiClient } from '@daam/shared/api/client';
import type { JudgedVerdict, JudgeQuestion } from '@daam/shared/api/judge';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import { FeedClient } from '../testing/feed-client.ts';
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
let agent: Awaited<ReturnType<typeof addDatabase>>;
let ada: { readonly id: string; readonly client: ApiClient };
const params = { database: 'shop' };

const text = `database: shop
policies:
  - name: support
    grants:
      - { table: public.customers, operations: [select, update] }
    masks:
      - { column: public.customers.phone, preset: phone }
    assign: { users: [], groups: [staff] }
  - name: shipping
    grants:
      - { table: public.orders, operations: [select] }
    assign: { users: [ada@dry.example], groups: [] }
`;
/** Less of customers for staff, more of orders for Ada. */
const draft = text
  .replace('[select, update]', '[select]')
  .replace('masks:', 'masks:\n      - { column: public.customers.email, preset: email }')
  .replace('public.orders, operations: [select]', 'public.orders, operations: [select, delete]');

const table = (name: string, operation: string) => ({ masked: false, name, operation, schema: 'public' });

beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ admin } = await bootstrapOrg(plane, 'Dry'));
  ada = await addUser(plane, admin, 'ada@dry.example');
  const staff = await admin.createGroup({ body: { name: 'staff' } });
  const people = [ada];
  for (const name of ['bea', 'cem', 'dan']) people.push(await addUser(plane, admin, `${name}@dry.example`));
  for (const { id } of people) await admin.addGroupMember({ params: { id: staff.id, user: id } });
  agent = await addDatabase(plane, admin, 'shop');
  await admin.publishPolicies({ params, body: { text } });
  const chain = new TestChain(agent.agentId);
  const append = (sql: string, changes: object) =>
    chain.append(statementEvent(sql, { user: ada.id, ...changes }), Date.now() - 60_000);
  for (const id of [1, 2, 3]) {
    append(`select email from customers where id = ${id}`, { tables: [table('customers', 'select')] });
  }
  append('select id from customers', { tables: [table('customers', 'select')] });
  append('update customers set phone = $1', { tables: [table('customers', 'update')] });
  const refused = { decision: 'deny', rule: 'operation', tables: [table('orders', 'denied')] };
  append('delete from orders', refused);
  append('select 1/0 from pg_shadow', { decision: 'deny', rule: 'system-relation', tables: [] });
  append('select 1', { tables: [], user: '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc12' });
  await agent.client.appendAudit({ body: { records: chain.records } });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
});

/** An agent that judges as it is told. */
async function judging(judge: (sql: string) => { before: JudgedVerdict; after: JudgedVerdict } | null) {
  const feed = await FeedClient.open(plane.controlPlane.port, agent.credential);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['judge'] });
  await feed.nextBundle();
  const asked: JudgeQuestion[] = [];
  void (async () => {
    for (;;) {
      const message = await feed.next();
      if (message.type !== 'judge') continue;
      asked.push(message);
      feed.say({
        type: 'judged',
        id: message.id,
        answer: { kind: 'judged', statements: message.statements.map(judge) },
      });
    }
  })();
  return { feed, asked };
}

describe('dry run of a document', () => {
  it('says what differs, and changes nothing', async () => {
    const result = await admin.dryRunPolicies({ params, body: { text: draft } });
    expect(result.current).toBe(1);
    expect(result.difference.policies.map(({ name }) => name)).toEqual(['support', 'shipping']);
    expect(result.unified).toContain('+      - { column: public.customers.email, preset: email }');
    expect(result.statements).toBeNull();
    const state = await admin.getPolicies({ params });
    expect([state.revision, state.text]).toEqual([1, text]);
  });

  it('says by the names in policies who would lose and gain what, before a schema came', async () => {
    const { people } = await admin.dryRunPolicies({ params, body: { text: draft } });
    expect(people).toMatchObject({ basis: 'names', considered: 4, affected: 4 });
    expect(people.groups.map(({ count }) => count)).toEqual([3, 1]);
    expect(people.summary[0]).toBe('4 people: lose update on public.customers');
    expect(people.summary).toContain('1 person: gain delete on public.orders');
  });

  it('says it for every table and column that the agent reported', async () => {
    await agent.client.putAgentSchema({ body: reportedShop });
    const { people } = await admin.dryRunPolicies({ params, body: { text: draft } });
    expect(people).toMatchObject({ basis: 'schema', considered: 4, affected: 4, truncated: false });
    const [three, one] = people.groups;
    expect(three?.people.map(({ email }) => email)).toEqual([
      'bea@dry.example',
      'cem@dry.example',
      'dan@dry.example',
    ]);
    expect(three?.tables).toMatchObject([
      {
        table: 'customers',
        gained: [],
        lost: ['update'],
        columns: [{ columns: ['email'], before: 'clear', after: 'masked', effect: 'loss' }],
      },
    ]);
    expect(one?.tables.map((each) => [each.table, each.gained])).toEqual([
      ['customers', []],
      ['orders', ['delete']],
    ]);
    expect(people.summary).toContain('4 people: lose email of public.customers (now masked as email)');
  });

  it('warns of rules that name nothing of the database, with their place', async () => {
    const misspelt = draft.replace('public.customers.phone', 'public.customers.phones');
    const { warnings } = await admin.dryRunPolicies({ params, body: { text: misspelt } });
    expect(warnings).toMatchObject([{ field: 'policies[0].masks[1]', line: 8 }]);
    expect((await admin.dryRunPolicies({ params, body: { text: draft } })).warnings).toEqual([]);
  });

  it('finds nobody for a document that says the same', async () => {
    const { people, difference } = await admin.dryRunPolicies({ params, body: { text: `# same\n${text}` } });
    expect([people.affected, difference.isSame]).toEqual([0, true]);
  });

  it('takes the caller’s draft when nothing is given, and refuses what cannot be read', async () => {
    expect(await codeOfAsync(admin.dryRunPolicies({ params, body: {} }))).toBe('NOT_FOUND');
    await admin.putPolicyDraft({ params, body: { edition: 0, text: draft } });
    expect((await admin.dryRunPolicies({ params, body: {} })).people.affected).toBe(4);
    const broken = admin.dryRunPolicies({ params, body: { text: 'database: shop\npolicies: 1' } });
    expect(await codeOfAsync(broken)).toBe('INVALID_POLICY');
    const nobody = admin.dryRunPolicies({ params, body: { text: draft.replace('ada@', 'nobody@') } });
    expect(await codeOfAsync(nobody)).toBe('INVALID_POLICY');
  });
});

describe('dry run against recorded statements', () => {
  it('judges by tables and operations when there is no agent to ask', async () => {
    const { statements } = await admin.dryRunPolicies({
      params,
      body: { text: draft, statements: { days: 7 } },
    });
    expect(statements).toMatchObject({
      considered: 8,
      counts: { same: 2, refused: 1, allowed: 1, masked: 3, unmasked: 0, unknown: 1 },
      truncated: false,
    });
    expect(statements?.withoutAgent).toContain('not connected');
    expect(statements?.items.map(({ effect, judgedBy, count }) => [effect, judgedBy, count])).toEqual([
      ['refused', 'tables', 1],
      ['allowed', 'tables', 1],
      ['masked', 'tables', 3],
    ]);
    expect(statements?.items[0]).toMatchObject({
      text: 'update customers set phone = $1',
      user: { email: 'ada@dry.example' },
      reason: 'No policy grants update on public.customers.',
    });
  });

  it('has the agent judge the texts under both policies', async () => {
    const allow: JudgedVerdict = { outcome: 'allow', rule: null, message: null, masks: [] };
    const { feed, asked } = await judging((sql) => {
      if (sql.startsWith('select 1/0')) return null;
      if (sql.startsWith('update')) {
        return {
          before: allow,
          after: { ...allow, outcome: 'deny', rule: 'operation', message: 'no update' },
        };
      }
      const masks = sql.includes('email') ? ['public.customers.email email'] : [];
      return { before: { ...allow, masks: [] }, after: { ...allow, masks } };
    });
    await using _ = feed;
    const { statements } = await admin.dryRunPolicies({ params, body: { text: draft, statements: {} } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.before.grants).not.toEqual(asked[0]?.after.grants);
    expect(statements).toMatchObject({ withoutAgent: null, counts: { refused: 1, masked: 3, unknown: 1 } });
    expect(statements?.items.map(({ effect, judgedBy, reason }) => [effect, judgedBy, reason])).toEqual([
      ['refused', 'agent', 'no update'],
      ['masked', 'agent', 'Now masked: public.customers.email email'],
    ]);
  });

  it('looks at the newest only, and says so', async () => {
    const { statements } = await admin.dryRunPolicies({
      params,
      body: { text: draft, statements: { limit: 2, askAgent: false } },
    });
    expect(statements).toMatchObject({ considered: 2, truncated: true });
  });

  it('is for programs that may read the audit; others try documents alone, and publish none', async () => {
    const account = { name: 'pipeline', role: 'admin', scopes: ['policies:read'] } as const;
    const { token } = await admin.createServiceAccount({ body: { ...account, scopes: [...account.scopes] } });
    const client = plane.client(token);
    expect((await client.dryRunPolicies({ params, body: { text: draft } })).people.affected).toBe(4);
    const recorded = client.dryRunPolicies({ params, body: { text: draft, statements: {} } });
    expect(await codeOfAsync(recorded)).toBe('FORBIDDEN');
    expect(await codeOfAsync(client.publishPolicies({ params, body: { text: draft } }))).toBe('FORBIDDEN');
  });

  it('leaves an event of who looked', async () => {
    const { items } = await admin.listActivity({ query: { action: 'statement.explained' } });
    expect(items[0]).toMatchObject({ target: { label: 'shop' }, detail: { recorded: true } });
  });
});
