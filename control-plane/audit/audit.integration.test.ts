import { type AuditRecord, chainGenesis, sealRecord } from '@daam/shared/audit/chain';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Audits');
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

const user = '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc11';
const at = 1_800_000_000_000;

function chainOf(stream: string, count: number, text = 'select 1'): AuditRecord[] {
  const records: AuditRecord[] = [];
  let head = chainGenesis;
  for (let i = 0; i < count; i++) {
    const event =
      i === 0
        ? { kind: 'session.opened', session: 's1', user }
        : { kind: 'statement', session: 's1', text: `${text} \u0000 ${i} 1.0`, user };
    const sealed = sealRecord({ stream, head }, at + i, event);
    records.push(JSON.parse(sealed.text) as AuditRecord);
    ({ head } = sealed);
  }
  return records;
}

async function agent(name: string) {
  const registered = await addDatabase(plane, org.admin, name);
  const append = async (records: AuditRecord[]) => await registered.client.appendAudit({ body: { records } });
  return { ...registered, append };
}

describe('ingest', () => {
  it('stores records once, whichever way they are repeated', async () => {
    const { agentId, database, append } = await agent('repeated');
    const records = chainOf(agentId, 10);
    expect(await append(records.slice(0, 4))).toEqual({ acknowledgedSeq: 4 });
    expect(await append(records.slice(0, 4))).toEqual({ acknowledgedSeq: 4 });
    expect(await append(records.slice(2, 8))).toEqual({ acknowledgedSeq: 8 });
    expect(await append(records)).toEqual({ acknowledgedSeq: 10 });
    const query = { database: database.id, limit: 4 };
    const first = await org.admin.listStatements({ query });
    expect(first.items.map(({ seq }) => seq)).toEqual([10, 9, 8, 7]);
    const second = await org.admin.listStatements({ query: { ...query, after: first.next ?? '' } });
    expect(second.items.map(({ seq }) => seq)).toEqual([6, 5, 4, 3]);
    expect(second.items[0]).toMatchObject({ at: new Date(at + 5).toISOString(), user, session: 's1' });
    const connections = await org.admin.listConnections({ query: { database: database.id } });
    expect(connections.items.map(({ seq }) => seq)).toEqual([1]);
    expect(connections.next).toBeNull();
  });

  it('stores nothing of a batch that breaks the chain', async () => {
    const { agentId, database, append } = await agent('broken');
    const records = chainOf(agentId, 6);
    await append(records.slice(0, 2));
    const [, , third, fourth] = records;
    if (!third || !fourth) throw new Error('unreachable');
    const changed = { ...fourth, event: { ...fourth.event, text: 'select 2' } };
    const broken = {
      'a changed event': [third, changed],
      'a gap to the head': [fourth],
      'a gap inside': [third, records[4] ?? fourth],
      'another agent’s record': chainOf(user, 6).slice(2),
      'another past': chainOf(agentId, 6, 'select 2').slice(2),
      'a fork of what is known': chainOf(agentId, 2, 'select 2'),
    };
    for (const [name, batch] of Object.entries(broken)) {
      await expect(append(batch).then(() => `accepted ${name}`)).rejects.toMatchObject({
        code: 'AUDIT_CHAIN_BROKEN',
      });
    }
    expect((await org.admin.listStatements({ query: { database: database.id } })).items).toHaveLength(1);
    expect(await append(records)).toEqual({ acknowledgedSeq: 6 });
  });

  it('takes batches that come at once without losing or doubling any', async () => {
    const { agentId, database, append } = await agent('parallel');
    const records = chainOf(agentId, 50);
    await append(records.slice(0, 10));
    await Promise.all([append(records), append(records), append(records.slice(5, 30))]);
    expect((await org.admin.listStatements({ query: { database: database.id } })).items).toHaveLength(49);
  });

  it('names the field of a record that has not the form', async () => {
    const { agentId, append } = await agent('malformed');
    const [first] = chainOf(agentId, 1);
    const bad = { ...first, seq: 'one' } as unknown as AuditRecord;
    await expect(append([bad])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'body.records[0].seq',
    });
  });
});

describe('the audit store', () => {
  it('verifies every chain, and finds the record that was changed behind its back', async () => {
    const { agentId, append } = await agent('verified');
    await append(chainOf(agentId, 5));
    const { ok, chains } = await org.admin.verifyAudit();
    expect(ok).toBe(true);
    expect(chains.find(({ chain }) => chain === `agent:${agentId}`)).toMatchObject({ records: 5, ok: true });
    expect(chains.find(({ chain }) => chain === 'activity')?.records).toBeGreaterThan(1);

    await withoutTriggers(
      `update audit_statements set event = '{"kind":"statement"}' where agent_id = '${agentId}' and seq = 3`,
    );
    const after = await org.admin.verifyAudit();
    expect(after.ok).toBe(false);
    expect(after.chains.find(({ chain }) => chain === `agent:${agentId}`)).toMatchObject({
      ok: false,
      brokenAt: 3,
      fault: 'changed',
    });
  });

  it('notices records that are missing at the end', async () => {
    const { agentId, append } = await agent('shortened');
    await append(chainOf(agentId, 5));
    await withoutTriggers(`delete from audit_statements where agent_id = '${agentId}' and seq = 5`);
    const { chains } = await org.admin.verifyAudit();
    expect(chains.find(({ chain }) => chain === `agent:${agentId}`)).toMatchObject({
      ok: false,
      brokenAt: 5,
      fault: 'removed',
    });
  });

  it.each([
    ['audit_connections', 'kind'],
    ['audit_statements', 'kind'],
    ['audit_activity', 'action'],
    ['policy_versions', 'document'],
  ])('lets nobody change, delete or truncate %s', async (table, column) => {
    const { agentId, append } = await agent(`appended-${table.replace('_', '-')}`);
    await append(chainOf(agentId, 2));
    const name = `appended-${table.replace('_', '-')}`;
    await org.admin.putPolicies({
      params: { database: name },
      body: { database: name, policies: [{ name: 'p' }] },
    });
    for (const sql of [
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      await expect(execute(sql)).rejects.toMatchObject({ code: '23001' });
    }
  });

  it('tells who did what, in the transaction of the change', async () => {
    const email = 'told@audits.example';
    const created = await org.admin.createUser({ body: { email, role: 'auditor' } });
    await expect(org.admin.createUser({ body: { email } })).rejects.toMatchObject({ code: 'CONFLICT' });
    const { items } = await org.admin.listActivity({ query: { limit: 2 } });
    expect(items[0]).toMatchObject({
      action: 'user.created',
      actor: { kind: 'user', label: 'admin@audits.example' },
      target: { kind: 'user', id: created.id, label: email },
      before: null,
      after: { email, role: 'auditor', disabled: false },
    });
    expect(items[1]?.target.label).not.toBe(email);
  });

  it('holds no token and no key', async () => {
    const { credential, agentToken, client: _ } = await agent('secrets');
    const dump = JSON.stringify(
      await Promise.all(
        ['agents', 'api_tokens', 'org_keys', 'audit_activity'].map(
          async (table) => (await execute(`select * from ${table}`)).rows,
        ),
      ),
    );
    for (const secret of [credential, agentToken, org.adminToken])
      expect(dump).not.toContain(secret.slice(9));
  });
});

async function execute(sql: string) {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

/** As somebody with the database's own superuser would: what only the chain can notice. */
async function withoutTriggers(sql: string): Promise<void> {
  await execute(`set session_replication_role = replica; ${sql}`);
}
