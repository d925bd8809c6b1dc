import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import { addDatabase, addUser, bootstrapOrg, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';

/** What somebody reads of themselves in the audit, and what they do not read of others. */
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let mina: Awaited<ReturnType<typeof addUser>>;
let eve: Awaited<ReturnType<typeof addUser>>;
const at = Date.UTC(2026, 2, 10, 12);
const secret = 'select canary_of_eve from public.customers';

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Mine');
  const agent = await addDatabase(plane, org.admin, 'shop');
  mina = await addUser(plane, org.admin, 'mina@mine.example');
  eve = await addUser(plane, org.admin, 'eve@mine.example');
  const chain = new TestChain(agent.agentId);
  const opened = {
    kind: 'session.opened',
    application: 'psql',
    device: 'd1',
    email: 'x@mine.example',
    epoch: 1,
    path: 'direct',
    policies: [{ policy: 'reader', version: 3 }],
  };
  for (const [n, { id }] of [mina, eve].entries()) {
    const who = { session: `s${n}`, user: id };
    chain.append({ ...opened, ...who }, at + n);
    chain.append(statementEvent(n === 0 ? 'select email from public.customers' : secret, who), at + 10 + n);
  }
  const who = { session: 's0', user: mina.id };
  const refused = { decision: 'deny', rule: 'default-deny', sqlstate: '42501', command: 'SELECT' };
  chain.append(statementEvent('select * from hr.salaries', { ...who, ...refused }), at + 20);
  chain.append(
    {
      kind: 'session.closed',
      durationMs: 99,
      masked: 1,
      refused: 1,
      reason: 'client',
      rows: 3,
      statements: 2,
      ...who,
    },
    at + 30,
  );
  await agent.client.appendAudit({ body: { records: chain.records } });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

describe('my activity', () => {
  it('is my sessions and statements, with what was refused and how they ended', async () => {
    const sessions = await mina.client.listMySessions();
    expect(sessions.items).toMatchObject([
      {
        session: 's0',
        database: { name: 'shop' },
        program: 'psql',
        policies: [{ policy: 'reader', version: 3 }],
        end: { reason: 'client', statements: 2, masked: 1, refused: 1 },
      },
    ]);
    const { items } = await mina.client.listMyStatements();
    expect(items.map(({ decision, rule }) => [decision, rule])).toEqual([
      ['deny', 'default-deny'],
      ['allow', null],
    ]);
    expect(Object.keys(items[0] ?? {})).not.toContain('event');
  });

  it('is read in pages and by words, and nobody else’s comes with any of it', async () => {
    const read: string[] = [];
    let after: string | undefined;
    do {
      const page = await mina.client.listMyStatements({
        query: { limit: 1, ...(after === undefined ? {} : { after }) },
      });
      read.push(...page.items.map(({ text }) => text));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(read).toHaveLength(2);
    const found = await mina.client.listMyStatements({ query: { text: 'salaries' } });
    expect(found.items).toHaveLength(1);
    for (const query of [{ text: 'canary_of_eve' }, { session: 's1' }]) {
      expect((await mina.client.listMyStatements({ query })).items).toEqual([]);
    }
    // A page of somebody else's goes on in one's own.
    const ofEve = await eve.client.listMyStatements({ query: { limit: 1 } });
    expect(ofEve.items.map(({ text }) => text)).toEqual([secret]);
    const { adminToken } = org;
    const own = await plane.client(adminToken).listMyStatements();
    expect(own.items).toEqual([]);
  });

  it('cannot be asked for another person', async () => {
    const response = await plane.send(`/api/v1/my-activity/statements?user=${eve.id}`, {
      headers: { authorization: `Bearer ${mina.token}` },
    });
    expect(response.status).toBe(400);
    const nobody = plane.client('daam_x_nothing');
    expect(await codeOfAsync(nobody.listMySessions())).toBe('UNAUTHENTICATED');
  });
});
