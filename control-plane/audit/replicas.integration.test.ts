import { silentLogger } from '@daam/shared/base/logger';
import { createClient } from '@daam/shared/api/client';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../app.ts';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Two replicas over one PostgreSQL, one of which goes away while agents deliver. */
let plane: TestControlPlane;
let second: ControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
const at = Date.UTC(2026, 2, 10);

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { maintenanceMs: 100 } });
  second = await startControlPlane(plane.config, { logger: silentLogger, maintenanceMs: 100 });
  org = await bootstrapOrg(plane, 'Replicas');
});

afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
});

/** Delivers in batches, now here and now there, each batch again until somebody acknowledges it. */
async function deliver(
  credential: string,
  records: TestChain['records'],
  afterBatch: () => void,
): Promise<void> {
  const clients = [second.port, plane.controlPlane.port].map((port) =>
    createClient({ baseUrl: `http://127.0.0.1:${port}`, fetch, token: () => credential }),
  );
  for (let first = 0, turn = 0; first < records.length; turn += 1) {
    const body = { records: records.slice(first, first + 100) };
    const acknowledged = await clients[turn % 2]?.appendAudit({ body }).catch(() => null);
    if (turn % 7 === 0) await clients[(turn + 1) % 2]?.appendAudit({ body }).catch(() => null);
    if (acknowledged === null) continue;
    first += 100;
    afterBatch();
  }
}

describe('two replicas', () => {
  it('store each record once while one of them goes away', async () => {
    const agents = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => await addDatabase(plane, org.admin, name)),
    );
    let batches = 0;
    const gone: PromiseLike<void>[] = [];
    const afterBatch = (): void => {
      batches += 1;
      if (batches === 25) gone.push(second[Symbol.asyncDispose]());
    };
    await Promise.all(
      agents.map(async ({ agentId, credential }) => {
        const chain = new TestChain(agentId);
        for (let index = 0; index < 2_000; index += 1)
          chain.append(statementEvent(`select ${index}`), at + index);
        await deliver(credential, chain.records, afterBatch);
      }),
    );
    expect(gone).toHaveLength(1);
    await gone[0];
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    const { rows } = await client.query<{ all: number; distinct: number }>(
      'select count(*)::int as all, count(distinct (agent_id, seq))::int as distinct from audit_statements',
    );
    await client.end();
    expect(rows).toEqual([{ all: 6_000, distinct: 6_000 }]);
    expect(await org.admin.verifyAudit()).toMatchObject({ ok: true });
  });

  it('sign each checkpoint once, though both look after them', async () => {
    await expect
      .poll(async () => (await org.admin.listCheckpoints({ query: { limit: 500 } })).items.length, {
        timeout: 20_000,
      })
      .toBeGreaterThanOrEqual(4);
    const { items } = await org.admin.listCheckpoints({ query: { limit: 500 } });
    const places = items.map(({ claims }) => `${claims.stream} ${claims.seq}`);
    expect(new Set(places).size).toBe(places.length);
  });
});
