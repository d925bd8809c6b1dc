import { PurgeDigest, type PurgedRange } from '@daam/shared/audit/purge';
import { type AuditClaims, signClaims } from '@daam/shared/audit/signature';
import { generateSigningKey } from '@daam/shared/identity/keys';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** What somebody who rules the store's PostgreSQL, but has not the organization's key, can make of it. */
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
const own = generateSigningKey();
const at = Date.UTC(2026, 2, 10, 12);
const purgeId = '4a0ecb8e-3a3c-4f6f-9f5e-6f1f7f3b8d01';

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { maintenanceMs: 100 } });
  org = await bootstrapOrg(plane, 'Ruled');
  // They can say that a key of theirs is the organization's, too.
  await behindItsBack(
    `insert into org_keys (kid, org_id, public_x, sealed_private, master_key_id, created_at, retired_at)
     select '${own.kid}', org_id, '${own.publicKey.x}', sealed_private, master_key_id, now(), now() from org_keys`,
  );
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

function chainOf(stream: string, texts: readonly string[]): TestChain {
  const chain = new TestChain(stream);
  for (const [index, text] of texts.entries()) chain.append(statementEvent(text), at + index);
  return chain;
}

const texts = Array.from({ length: 10 }, (_, index) => `select ${index}`);

/** An agent whose ten statements are stored and have a checkpoint. */
async function stored(name: string) {
  const { agentId, client } = await addDatabase(plane, org.admin, name);
  const { records } = chainOf(agentId, texts);
  await client.appendAudit({ body: { records } });
  const checkpointed = async () =>
    (await org.admin.listCheckpoints({ query: { stream: agentId } })).items.length;
  await expect.poll(checkpointed, { timeout: 20_000, interval: 20 }).toBe(1);
  expect(await verdict(agentId)).toMatchObject({ ok: true, records: 10, fault: null });
  return { agentId, records };
}

async function verdict(agentId: string) {
  const { chains } = await org.admin.verifyAudit();
  return chains.find(({ chain }) => chain === `agent:${agentId}`);
}

/** Removes records 4 to 6 under a purge that they signed with a key of theirs. */
async function passOff(agentId: string, { records }: Pick<TestChain, 'records'>) {
  const [first, , last] = records.slice(3);
  if (first === undefined || last === undefined) throw new Error('unreachable');
  const range = { first: 4, last: 6, prev: first.prev, hash: last.hash };
  const { claims, kid, signature } = signClaims('purge', purgeOf(agentId, range), own);
  await behindItsBack(
    `delete from audit_statements where agent_id = '${agentId}' and seq between 4 and 6;
     insert into audit_purges
       (id, org_id, stream, class, first_seq, last_seq, records, received_before, at, claims, kid, signature)
     values ('${purgeId}', '${org.orgId}', '${agentId}', 'statements', 4, 6, 3, now(), now(),
       '${JSON.stringify(claims)}', '${kid}', '${signature}');
     insert into audit_purged_ranges (org_id, stream, purge_id, first_seq, last_seq, prev_hash, hash)
     values ('${org.orgId}', '${agentId}', '${purgeId}', 4, 6, '${range.prev}', '${range.hash}')`,
  );
}

function purgeOf(stream: string, range: PurgedRange): AuditClaims<'purge'> {
  const seen = new PurgeDigest();
  seen.add(range);
  const { records } = seen;
  const { first, last } = range;
  const digest = seen.digest();
  return {
    at,
    before: at,
    class: 'statements',
    digest,
    first,
    id: purgeId,
    last,
    org: org.orgId,
    records,
    stream,
  };
}

describe('verifying the store', () => {
  it('takes no gap whose purge the organization did not sign', async () => {
    const { agentId, records } = await stored('unsigned');
    await passOff(agentId, { records });
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 4, fault: 'untrusted' });
    await behindItsBack(`delete from audit_purges where id = '${purgeId}'`);
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 4, fault: 'removed' });
  });

  it('takes no other gap than the one that was purged', async () => {
    const { agentId, records } = await stored('widened');
    await behindItsBack(
      `select audit_ensure_partitions('2026-01-01', 1);
       update audit_statements set received_at = '2026-01-15' where agent_id = '${agentId}' and seq in (2, 3, 5)`,
    );
    await org.admin.putAuditRetention({ body: { connections: null, statements: 7, activity: null } });
    const left = async () => (await verdict(agentId))?.records;
    await expect.poll(left, { timeout: 20_000, interval: 100 }).toBe(7);
    expect(await verdict(agentId)).toMatchObject({ ok: true, purged: 3 });
    const [, , , fourth] = records;
    await behindItsBack(
      `delete from audit_statements where agent_id = '${agentId}' and seq = 4;
       update audit_purged_ranges set last_seq = 4, hash = '${fourth?.hash ?? ''}'
        where stream = '${agentId}' and first_seq = 2`,
    );
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 2, fault: 'changed' });
  });

  it('finds a history that was written anew, whole in itself, by the signed checkpoints', async () => {
    const { agentId } = await stored('rewritten');
    await rewrite(agentId, texts.with(6, 'select nothing'));
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 10, fault: 'changed' });
    const [last] = chainOf(agentId, texts.with(6, 'select nothing')).records.slice(-1);
    await behindItsBack(
      `update audit_checkpoints set hash = '${last?.hash ?? ''}' where stream = '${agentId}'`,
    );
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 10, fault: 'untrusted' });
    const claims = { at, hash: last?.hash ?? '', org: org.orgId, seq: 10, stream: agentId };
    const { kid, signature } = signClaims('checkpoint', claims, own);
    await behindItsBack(
      `update audit_checkpoints set at = '${new Date(at).toISOString()}', kid = '${kid}', signature = '${signature}'
        where stream = '${agentId}'`,
    );
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 10, fault: 'untrusted' });
  });

  it('finds a history that was cut off with its head', async () => {
    const { agentId } = await stored('cut');
    await rewrite(agentId, texts.slice(0, 8));
    expect(await verdict(agentId)).toMatchObject({ ok: false, brokenAt: 9, fault: 'removed' });
  });
});

/** Another history in the place of the stored one, with all its hashes. */
async function rewrite(agentId: string, history: readonly string[]): Promise<void> {
  const { records } = chainOf(agentId, history);
  const changes = records.map(
    ({ seq, prev, hash, event }) =>
      `update audit_statements set prev_hash = '${prev}', hash = '${hash}', event = '${JSON.stringify(event)}'
        where agent_id = '${agentId}' and seq = ${seq};`,
  );
  const last = records.at(-1);
  await behindItsBack(
    `${changes.join('\n')}
     delete from audit_statements where agent_id = '${agentId}' and seq > ${records.length};
     update agents set audit_seq = ${records.length}, audit_hash = '${last?.hash ?? ''}' where id = '${agentId}'`,
  );
}

async function behindItsBack(sql: string): Promise<void> {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica; ${sql}`);
  } finally {
    await client.end();
  }
}
