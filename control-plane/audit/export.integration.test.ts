import { connect } from 'node:net';
import type { Checkpoint } from '@daam/shared/audit/signature';
import { type ExportVerdict, ExportVerifier } from '@daam/shared/audit/verify-export';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let agent: Awaited<ReturnType<typeof addDatabase>>;
let trusted: string[];
const user = '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc11';
const at = Date.UTC(2026, 2, 10, 12);

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { maintenanceMs: 300 } });
  org = await bootstrapOrg(plane, 'Exports');
  trusted = (await org.admin.getOrganization()).orgKeys.map(({ kid }) => kid);
  agent = await addDatabase(plane, org.admin, 'shop');
  await fill(agent, 2_500);
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function fill(to: typeof agent, count: number): Promise<void> {
  const chain = new TestChain(to.agentId);
  chain.append(
    { kind: 'session.opened', application: '=HYPERLINK("x")', device: 'd', session: 's1', user },
    at,
  );
  for (let index = 1; index < count; index += 1) {
    const text = index % 10 === 0 ? `=cmd|' /C calc'!A0 \u0000 ${index}` : `select ${index}`;
    if (index % 5 === 4) {
      const end = {
        durationMs: 1.5,
        rows: 1,
        session: 's1',
        sqlstate: null,
        statement: index,
        tag: 'SELECT 1',
        user,
      };
      chain.append({ kind: 'statement.completed', ...end }, at + index);
    } else chain.append(statementEvent(text, { user }), at + index);
  }
  for (let first = 0; first < count; first += 1_000)
    await to.client.appendAudit({ body: { records: chain.records.slice(first, first + 1_000) } });
}

async function download(query = '', token = org.adminToken): Promise<Response> {
  return await plane.send(`/api/v1/audit/export?${query}`, { headers: { authorization: `Bearer ${token}` } });
}

async function exported(query = '', token = org.adminToken): Promise<string[]> {
  const response = await download(query, token);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.split('\n').slice(0, -1);
}

function verify(lines: readonly string[], checkpoints: readonly Checkpoint[] = []): ExportVerdict {
  const verifier = new ExportVerifier({ trusted, checkpoints });
  for (const line of lines) verifier.push(Buffer.from(line));
  return verifier.finish();
}

describe('an export', () => {
  it('verifies with the organization’s key alone, every chain from first to last', async () => {
    const lines = await exported();
    const verdict = verify(lines);
    expect(verdict).toMatchObject({ kind: 'ok', summary: { organization: 'Exports', filter: {} } });
    const streams = verdict.kind === 'ok' ? verdict.summary.streams : [];
    expect(streams.find(({ stream }) => stream === agent.agentId)).toMatchObject({
      label: 'shop',
      complete: true,
      records: 2_500,
      head: { seq: 2_500 },
    });
    expect(streams[0]).toMatchObject({ stream: `activity:${org.orgId}`, complete: true });
  });

  it('does not verify with a byte flipped, a line dropped, two swapped, or one appended', async () => {
    const lines = await exported();
    const index = lines.findIndex((line) => line.includes('"seq":1234,'));
    const [line = '', next = ''] = lines.slice(index, index + 2);
    const place = { line: index + 1, seq: 1234, stream: agent.agentId };
    const flipped = lines.with(
      index,
      line.replace('select 1233', 'select 1234').replace('"rows":1', '"rows":2'),
    );
    expect(verify(flipped)).toMatchObject({ fault: { kind: 'changed', ...place } });
    expect(verify(lines.toSpliced(index, 1))).toMatchObject({ fault: { kind: 'removed', ...place } });
    const swapped = lines.with(index, next).with(index + 1, line);
    expect(verify(swapped)).toMatchObject({ fault: { kind: 'reordered', ...place } });
    expect(verify([...lines, line])).toMatchObject({ fault: { kind: 'added', line: lines.length + 1 } });
  });

  it('tells what was changed in the store behind its back', async () => {
    const tampered = await addDatabase(plane, org.admin, 'tampered');
    await fill(tampered, 20);
    await behindItsBack(
      `update audit_statements set at = at + interval '1 h' where agent_id = '${tampered.agentId}' and seq = 7`,
    );
    const fault = { kind: 'changed', seq: 7, stream: tampered.agentId };
    expect(verify(await exported())).toMatchObject({ kind: 'fault', fault });
    expect(verify(await exported(`database=${agent.database.id}`))).toMatchObject({ kind: 'ok' });
    await behindItsBack(
      `update audit_statements set at = at - interval '1 h' where agent_id = '${tampered.agentId}' and seq = 7`,
    );
  });

  it('of a part says that it is one, and is sealed all the same', async () => {
    for (const query of [
      'class=connections',
      'class=statements&text=select',
      'from=2026-03-10T12:00:01.000Z',
      `user=${user}`,
      'table=public.customers&operation=select',
    ]) {
      const lines = await exported(query);
      const verdict = verify(lines);
      expect(verdict.kind).toBe('ok');
      const streams = verdict.kind === 'ok' ? verdict.summary.streams : [];
      expect(streams.find(({ stream }) => stream === agent.agentId)?.complete).toBe(false);
      const index = lines.findLastIndex((line) => line.includes('"type":"record"'));
      expect(verify(lines.toSpliced(index, 1))).toMatchObject({
        fault: { kind: 'removed', line: index + 1 },
      });
    }
    const connections = await exported('class=connections');
    expect(connections.filter((line) => line.includes('"type":"record"')).length).toBeLessThan(5);
    expect((await exported('class=activity')).some((line) => line.includes('"complete":true'))).toBe(true);
  });

  it('is activity: who, when, with which filter', async () => {
    await exported('class=connections');
    const { items } = await org.admin.listActivity({ query: { limit: 1 } });
    expect(items[0]).toMatchObject({
      action: 'audit.exported',
      actor: { label: 'admin@exports.example' },
      detail: { class: 'connections' },
    });
  });

  it('is for auditors, not for members, and of their own organization', async () => {
    const auditor = await addUser(plane, org.admin, 'auditor@exports.example', 'auditor');
    const member = await addUser(plane, org.admin, 'member@exports.example');
    expect(verify(await exported('', auditor.token)).kind).toBe('ok');
    expect((await download('', member.token)).status).toBe(403);
    const stranger = await bootstrapOrg(plane, 'Strangers');
    const lines = await exported('', stranger.adminToken);
    expect(lines.join('\n')).not.toContain(agent.agentId);
    expect(verify(lines)).toMatchObject({ fault: { kind: 'untrusted' } });
  });

  it('refuses filters that it does not know', async () => {
    for (const query of ['format=xml', 'class=x', 'from=yesterday', 'operation=select', 'text=%27', 'x=1'])
      expect((await download(query)).status).toBe(400);
  });

  it('as CSV has a row for each record, and no cell that a spreadsheet would run', async () => {
    const response = await download('format=csv');
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const rows = (await response.text()).split('\r\n');
    expect(rows[0]).toMatch(/^at,class,kind,database/);
    expect(rows.filter((row) => row.includes(agent.agentId) && !row.includes(',activity,'))).toHaveLength(
      2_500,
    );
    expect(rows.some((row) => row.includes("'=cmd|"))).toBe(true);
    expect(rows.filter((row) => /(^|,)"?=/.test(row))).toEqual([]);
  });

  it('runs once at a time for each organization, and stands in no other’s way', async () => {
    const other = await bootstrapOrg(plane, 'Neighbours');
    const blocker = new Client({ connectionString: plane.dsn });
    await blocker.connect();
    await blocker.query('begin; lock table audit_statements in access exclusive mode');
    let first: Response;
    try {
      first = await download();
      expect(first.status).toBe(200);
      expect((await download('class=activity')).status).toBe(429);
      expect(await exported('class=activity', other.adminToken)).not.toEqual([]);
    } finally {
      await blocker.end();
    }
    expect(verify((await first.text()).split('\n').slice(0, -1)).kind).toBe('ok');
    expect((await exported('class=activity')).length).toBeGreaterThan(0);
  });

  it('stops when nobody reads any more, and lets the next ones run', async () => {
    const { port } = plane.controlPlane;
    for (let round = 0; round < 4; round += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `GET /api/v1/audit/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${org.adminToken}\r\n\r\n`,
      );
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
    }
    await expect
      .poll(async () => await exported('class=connections').catch(() => []), { timeout: 10_000 })
      .not.toEqual([]);
    expect(verify(await exported()).kind).toBe('ok');
  });
});

describe('checkpoints', () => {
  it('are signed as chains move, and fit what is exported', async () => {
    await expect
      .poll(async () => (await org.admin.listCheckpoints({ query: { stream: agent.agentId } })).items, {
        timeout: 20_000,
      })
      .not.toEqual([]);
    const { items } = await org.admin.listCheckpoints({ query: { limit: 500 } });
    const kept = items.map(({ claims }) => claims);
    expect(verify(await exported(), kept)).toMatchObject({ kind: 'ok', summary: { unseenCheckpoints: 0 } });
    const forged = kept.map((claims) => ({ ...claims, hash: 'f'.repeat(64) }));
    expect(verify(await exported(), forged)).toMatchObject({ kind: 'fault', fault: { kind: 'changed' } });
  });
});

describe('the application’s role', () => {
  it.each([
    'audit_connections',
    'audit_statements',
    'audit_completions',
    'audit_activity',
    'audit_checkpoints',
    'audit_purges',
    'audit_purged_ranges',
    'policy_versions',
  ])('has no right to change, delete or truncate %s', async (table) => {
    for (const sql of [
      `update ${table} set org_id = org_id`,
      `delete from ${table}`,
      `truncate ${table}`,
      `drop table ${table}`,
      `alter table ${table} disable trigger all`,
    ]) {
      await expect(asApplication(sql)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(asApplication(`select count(*) from ${table}`)).resolves.toBeDefined();
  });

  it('reaches no month by its own name, and makes no month of its own', async () => {
    const { rows } = await asApplication(
      `select relname from pg_class where relispartition and relkind = 'r'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(9);
    for (const { relname } of rows as { relname: string }[]) {
      await expect(asApplication(`select from ${relname}`)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(asApplication('create table x (a integer)')).rejects.toMatchObject({ code: '42501' });
  });

  it('lets not even the owner truncate or change a month', async () => {
    const { rows } = await execute(`select relname from pg_class where relispartition and relkind = 'r'`);
    for (const { relname } of rows as { relname: string }[])
      await expect(execute(`truncate ${relname}`)).rejects.toMatchObject({ code: '23001' });
  });

  it('removes nothing with a purge that retention does not cover', async () => {
    const id = '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc99';
    await asApplication(
      `insert into audit_purges values ('${id}', '${org.orgId}', '${agent.agentId}', 'statements', 2, 2, 1, now(), now(), '{}', 'k', 's')`,
    );
    await asApplication(
      `insert into audit_purged_ranges values ('${org.orgId}', '${agent.agentId}', 2, 2, 'x', 'y', '${id}')`,
    );
    await expect(asApplication(`select audit_purge('${id}')`)).rejects.toMatchObject({ code: '23001' });
    await behindItsBack(
      `delete from audit_purged_ranges where purge_id = '${id}'; delete from audit_purges where id = '${id}'`,
    );
  });
});

describe('retention', () => {
  it('purges what is older under a signed proof, and every chain goes on verifying', async () => {
    const aged = await addDatabase(plane, org.admin, 'aged');
    await fill(aged, 60);
    const moves = ['audit_connections', 'audit_statements', 'audit_completions'].map(
      (table) =>
        `update ${table} set received_at = '2026-01-15' where agent_id = '${aged.agentId}' and (seq <= 20 or seq = 30);`,
    );
    await behindItsBack(`select audit_ensure_partitions('2026-01-01', 1); ${moves.join(' ')}`);
    await org.admin.putAuditRetention({ body: { connections: null, statements: 7, activity: null } });
    const left = async () =>
      (
        await execute(
          `select count(*)::int as n from (select agent_id from audit_statements union all select agent_id from audit_completions) r where agent_id = '${aged.agentId}'`,
        )
      ).rows[0] as { n: number };
    await expect.poll(async () => (await left()).n, { timeout: 20_000 }).toBe(39);
    const verdict = verify(await exported());
    expect(verdict).toMatchObject({ kind: 'ok' });
    const streams = verdict.kind === 'ok' ? verdict.summary.streams : [];
    expect(streams.find(({ stream }) => stream === aged.agentId)).toMatchObject({
      records: 40,
      purged: 20,
      head: { seq: 60 },
    });
    const { ok, chains } = await org.admin.verifyAudit();
    expect(ok).toBe(true);
    expect(chains.find(({ chain }) => chain === `agent:${aged.agentId}`)).toMatchObject({
      records: 40,
      purged: 20,
    });
    const { items } = await org.admin.listActivity({ query: { action: 'audit.purged' } });
    expect(items[0]).toMatchObject({
      actor: { kind: 'system', label: 'retention' },
      detail: { records: 20, class: 'statements', days: 7 },
    });
    // what was purged may come again from an agent that forgot that it had delivered it
    const chain = new TestChain(aged.agentId);
    chain.append(
      { kind: 'session.opened', application: '=HYPERLINK("x")', device: 'd', session: 's1', user },
      at,
    );
    chain.append(statementEvent('select 1', { user }), at + 1);
    expect(await aged.client.appendAudit({ body: { records: chain.records } })).toEqual({
      acknowledgedSeq: 60,
    });
  });

  it('drops months that are over and empty, and makes those to come', async () => {
    const months = async () =>
      (await execute(`select count(*)::int as n from pg_class where relname like 'audit%_2020_05'`))
        .rows[0] as { n: number };
    const old = await execute(`select audit_ensure_partitions('2020-05-01', 1) as made`);
    expect(old.rows).toEqual([{ made: 4 }]);
    await expect.poll(async () => (await months()).n, { timeout: 20_000 }).toBe(0);
    const { rows } = await execute(`select audit_ensure_partitions(now(), 3) as made`);
    expect(rows).toEqual([{ made: 0 }]);
  });

  it('drops no month while somebody reads, and nobody waits for that', async () => {
    const reader = new Client({ connectionString: plane.dsn });
    await reader.connect();
    await reader.query('begin; lock table audit_statements in access share mode');
    await execute(`select audit_ensure_partitions('2020-07-01', 1)`);
    expect((await execute('select audit_drop_empty_partitions() as n')).rows).not.toEqual([{ n: 4 }]);
    const busy = await addDatabase(plane, org.admin, 'busy');
    await fill(busy, 10);
    expect((await execute(`select to_regclass('audit_statements_2020_07') as name`)).rows[0]).not.toEqual({
      name: null,
    });
    await reader.query('commit');
    await reader.end();
    await expect
      .poll(async () => (await execute(`select to_regclass('audit_statements_2020_07') as name`)).rows, {
        timeout: 20_000,
      })
      .toEqual([{ name: null }]);
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

async function asApplication(sql: string) {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    await client.query(`set role daam_application; set daam.org = '${org.orgId}'`);
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

/** As somebody with the database's own superuser would: what only the chain can notice. */
async function behindItsBack(sql: string): Promise<void> {
  await execute(`set session_replication_role = replica; ${sql}`);
}
