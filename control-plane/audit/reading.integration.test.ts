import type { auditRoutes } from '@daam/shared/api/routes/audit';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

type QueryOf<Name extends 'listConnections' | 'listStatements' | 'listActivity'> = z.input<
  (typeof auditRoutes)[Name]['query']
>;

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let agent: Awaited<ReturnType<typeof addDatabase>>;
let reader: Awaited<ReturnType<typeof addUser>>;
const other = '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc12';
const march = Date.UTC(2026, 2, 10, 12);
const april = Date.UTC(2026, 3, 10, 12);

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Reading');
  agent = await addDatabase(plane, org.admin, 'shop');
  reader = await addUser(plane, org.admin, 'reader@reading.example');
  const chain = new TestChain(agent.agentId);
  const opened = {
    application: 'psql',
    device: 'd1',
    email: 'reader@reading.example',
    epoch: 4,
    path: 'direct',
  };
  const who = { session: 's1', user: reader.id };
  chain.append({ kind: 'session.opened', ...opened, ...who }, march);
  const first = chain.append(
    statementEvent('select email from public.customers where id = 17 -- Größe', who),
    march + 1,
  );
  chain.append(
    {
      kind: 'statement.completed',
      durationMs: 2.5,
      rows: 3,
      sqlstate: null,
      statement: first,
      tag: 'SELECT 3',
      ...who,
    },
    march + 2,
  );
  chain.append(statementEvent('select email from public.customers where id = 18', who), march + 3);
  chain.append(
    statementEvent('update orders set total = 0', {
      ...who,
      command: 'UPDATE',
      tables: [{ masked: false, name: 'orders', operation: 'update', schema: 'sales' }],
    }),
    march + 4,
  );
  const refused = {
    decision: 'deny',
    rule: 'table.not_granted',
    sqlstate: '42501',
    tables: [{ masked: false, name: 'salaries', operation: 'denied', schema: 'hr' }],
  };
  chain.append(
    statementEvent('select * from hr.salaries', { ...who, ...refused, command: 'SELECT' }),
    march + 5,
  );
  chain.append(
    { kind: 'alarm', detail: 'a result had a column too many', rule: 'result.shape', ...who },
    march + 6,
  );
  chain.append(
    {
      kind: 'session.closed',
      bytesIn: 10,
      bytesOut: 20,
      durationMs: 900,
      reason: 'client',
      rows: 3,
      statements: 4,
      ...who,
    },
    march + 7,
  );
  chain.append({ kind: 'session.opened', ...opened, path: 'relay', session: 's2', user: other }, april);
  chain.append(
    statementEvent('select count(*) from customers \u0000', { session: 's2', user: other }),
    april + 1,
  );
  await agent.client.appendAudit({ body: { records: chain.records } });
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function seqs(query: QueryOf<'listStatements'>): Promise<number[]> {
  return (await org.admin.listStatements({ query })).items.map(({ seq }) => seq);
}

describe('connections', () => {
  it('tell who, from which device, over which path and with what, and how they ended', async () => {
    const { items } = await org.admin.listConnections({ query: { session: 's1' } });
    const [closed, opened] = items;
    expect(closed).toMatchObject({ kind: 'session.closed', end: null });
    expect(opened).toMatchObject({
      kind: 'session.opened',
      user: reader.id,
      database: agent.database.id,
      event: { application: 'psql', device: 'd1', epoch: 4, path: 'direct' },
      end: { durationMs: 900, reason: 'client', statements: 4, rows: 3, bytesIn: 10, bytesOut: 20 },
    });
  });

  it('are found by path, device, person, kind and time', async () => {
    const found = async (query: QueryOf<'listConnections'>) =>
      (await org.admin.listConnections({ query })).items.map(({ seq }) => seq);
    expect(await found({ path: 'relay' })).toEqual([9]);
    expect(await found({ device: 'd1', kind: 'session.opened' })).toEqual([9, 1]);
    expect(await found({ user: other })).toEqual([9]);
    expect(await found({ until: new Date(april).toISOString(), kind: 'session.opened' })).toEqual([1]);
    expect(await found({ state: 'open' })).toEqual([9]);
    expect(await found({ state: 'ended' })).toEqual([1]);
    expect(await found({ state: 'open', user: reader.id })).toEqual([]);
  });
});

describe('statements', () => {
  it('tell how they ended, with their class and fingerprint', async () => {
    const { items } = await org.admin.listStatements({ query: { user: reader.id } });
    const bySeq = new Map(items.map((item) => [item.seq, item]));
    expect(bySeq.get(2)).toMatchObject({ class: 'read', end: { durationMs: 2.5, rows: 3, tag: 'SELECT 3' } });
    expect(bySeq.get(4)).toMatchObject({ fingerprint: bySeq.get(2)?.fingerprint, end: null });
    expect(bySeq.get(5)).toMatchObject({ class: 'write' });
    expect(bySeq.get(7)).toMatchObject({ kind: 'alarm', class: 'alarm', fingerprint: null });
    expect(await seqs({ fingerprint: bySeq.get(2)?.fingerprint ?? '' })).toEqual([4, 2]);
  });

  it('are found by the words of their text, their beginnings, and without words', async () => {
    expect(await seqs({ text: 'Customers email' })).toEqual([4, 2]);
    expect(await seqs({ text: 'größe' })).toEqual([2]);
    expect(await seqs({ text: 'custom*' })).toEqual([10, 4, 2]);
    expect(await seqs({ text: 'customers -count' })).toEqual([4, 2]);
    expect(await seqs({ text: 'nowhere' })).toEqual([]);
    for (const text of ["'", '-x', '!!']) {
      await expect(seqs({ text })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'query.text' });
    }
  });

  it('are found by table, operation, decision, rule, class, person and time', async () => {
    expect(await seqs({ table: 'public.customers' })).toEqual([10, 4, 2]);
    expect(await seqs({ table: 'sales.orders', operation: 'update' })).toEqual([5]);
    expect(await seqs({ table: 'sales.orders', operation: 'select' })).toEqual([]);
    expect(await seqs({ decision: 'deny' })).toEqual([6]);
    expect(await seqs({ rule: 'table.not_granted' })).toEqual([6]);
    expect(await seqs({ class: 'write' })).toEqual([5]);
    expect(await seqs({ kind: 'alarm' })).toEqual([7]);
    expect(await seqs({ from: new Date(april).toISOString() })).toEqual([10]);
    expect(await seqs({ user: other, text: 'count' })).toEqual([10]);
    await expect(seqs({ operation: 'select' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('come page by page under every filter, none twice', async () => {
    const found: number[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof org.admin.listStatements>> = await org.admin.listStatements({
        query: { table: 'public.customers', limit: 1, ...(after === null ? {} : { after }) },
      });
      found.push(...page.items.map(({ seq }) => seq));
      after = page.next;
    } while (after !== null);
    expect(found).toEqual([10, 4, 2]);
  });

  it('come in the other order too, from where one stands: what the same person did next', async () => {
    const at = new Date(march + 1).toISOString();
    const next = { user: reader.id, from: at, order: 'oldest', limit: 2 } as const;
    const page = await org.admin.listStatements({ query: next });
    expect(page.items.map(({ seq }) => seq)).toEqual([2, 4]);
    expect(await seqs({ ...next, after: page.next ?? '' })).toEqual([5, 6]);
    expect(await seqs({ order: 'oldest', text: 'customers' })).toEqual([2, 4, 10]);
    const connections = await org.admin.listConnections({ query: { order: 'oldest', limit: 1 } });
    expect(connections.items.map(({ seq }) => seq)).toEqual([1]);
  });
});

describe('who read a table', () => {
  const table = 'public.customers';

  it('names the people of that time, with how often and when', async () => {
    const { items } = await org.admin.listTableReaders({
      params: { table },
      query: { from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z' },
    });
    expect(items).toEqual([
      {
        user: reader.id,
        email: 'reader@reading.example',
        statements: 2,
        first: new Date(march + 1).toISOString(),
        last: new Date(march + 3).toISOString(),
      },
    ]);
    expect((await org.admin.listTableReaders({ params: { table } })).items).toHaveLength(2);
  });

  it('names nobody who only tried, unless that is asked', async () => {
    const params = { table: 'hr.salaries' };
    expect((await org.admin.listTableReaders({ params })).items).toEqual([]);
    const { items } = await org.admin.listTableReaders({ params, query: { operation: 'denied' } });
    expect(items).toMatchObject([{ user: reader.id, statements: 1 }]);
  });

  it('is for auditors and administrators, of their own organization', async () => {
    const second = await bootstrapOrg(plane, 'Stranger');
    expect((await second.admin.listTableReaders({ params: { table } })).items).toEqual([]);
    expect((await second.admin.listStatements({ query: { text: 'customers' } })).items).toEqual([]);
    await expect(reader.client.listTableReaders({ params: { table } })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('questions that are kept', () => {
  const view = (name: string, question = 'outcome:refused') => ({
    name,
    class: 'statements' as const,
    question,
  });

  it('are each person’s own, whole and in their order', async () => {
    expect(await org.admin.getAuditViews()).toEqual({ views: [] });
    const body = { views: [view('refused lately'), view('exports', 'copy "to stdout"')] };
    expect(await org.admin.putAuditViews({ body })).toEqual(body);
    expect(await org.admin.getAuditViews()).toEqual(body);
    expect(await reader.client.getAuditViews()).toEqual({ views: [] });
    await org.admin.putAuditViews({ body: { views: [] } });
    expect(await org.admin.getAuditViews()).toEqual({ views: [] });
  });

  it('have names that stand once, and are not endless', async () => {
    const put = async (views: ReturnType<typeof view>[]) =>
      await codeOfAsync(org.admin.putAuditViews({ body: { views } }));
    expect(await put([view('twice'), view('twice')])).toBe('INVALID_INPUT');
    expect(await put([view('long', 'x'.repeat(501))])).toBe('INVALID_INPUT');
    expect(await put(Array.from({ length: 51 }, (_, at) => view(String(at))))).toBe('INVALID_INPUT');
    expect(await put([view(' ')])).toBe('INVALID_INPUT');
  });
});

describe('activity', () => {
  it('has what was before and what is after', async () => {
    await org.admin.putAuditRetention({ body: { connections: 400, statements: 90, activity: null } });
    await org.admin.putAuditRetention({ body: { connections: 400, statements: 30, activity: null } });
    const { items } = await org.admin.listActivity({ query: { action: 'audit.retention_changed' } });
    expect(items).toMatchObject([
      { before: { statements: 90 }, after: { statements: 30 } },
      { before: { connections: null, statements: null }, after: { connections: 400, statements: 90 } },
    ]);
    expect(Object.keys(items[0]?.after ?? {})).toEqual(['statements']);
    expect(await org.admin.getAuditRetention()).toEqual({ connections: 400, statements: 30, activity: null });
  });

  it('shows what changed of people, databases and policies, and no value of an attribute', async () => {
    const newest = async () => (await org.admin.listActivity({ query: { limit: 1 } })).items[0];
    await org.admin.updateUser({
      params: { id: reader.id },
      body: { role: 'auditor', attributes: { region: 'hidden value' } },
    });
    expect(await newest()).toMatchObject({
      before: { role: 'member', attributes: [] },
      after: { role: 'auditor', attributes: ['region'] },
    });
    expect(JSON.stringify(await newest())).not.toContain('hidden value');
    await org.admin.updateUser({ params: { id: reader.id }, body: { role: 'member' } });
    await org.admin.updateDatabase({ params: { database: 'shop' }, body: { description: 'the shop' } });
    expect(await newest()).toMatchObject({
      before: { description: '' },
      after: { description: 'the shop' },
    });
    await org.admin.updateDatabase({ params: { database: 'shop' }, body: { stepUpMinutes: 30 } });
    await org.admin.updateDatabase({ params: { database: 'shop' }, body: { stepUpMinutes: null } });
    expect(await newest()).toMatchObject({ before: { stepUpMinutes: 30 }, after: { stepUpMinutes: null } });
    await org.admin.putPolicies({ params: { database: 'shop' }, body: documentFor('shop', {}) });
    expect(await newest()).toMatchObject({ before: { versions: {} }, after: { versions: { reader: 1 } } });
  });

  it('is found by action, actor, target and time', async () => {
    const actions = async (query: QueryOf<'listActivity'>) =>
      (await org.admin.listActivity({ query })).items.map(({ action }) => action);
    expect(new Set(await actions({ action: 'user.' }))).toEqual(new Set(['user.created', 'user.updated']));
    expect(await actions({ target: reader.id })).toContain('user.created');
    expect(await actions({ actor: other })).toEqual([]);
    const [newest, oldest] = [await actions({}), await actions({ order: 'oldest' })];
    expect(oldest).toEqual(newest.toReversed());
    expect(await actions({ until: '2020-01-01T00:00:00.000Z' })).toEqual([]);
  });
});
