import { createClient } from '@daam/shared/api/client';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** The clock's part of access requests, by several control planes over one PostgreSQL and a clock that is told. */
const minute = 60_000;
let now = Date.parse('2030-01-01T00:00:00Z');
const clock = { now: () => now };
const access = { tables: [{ table: 'public.payments' }] };
const reason = 'looking into a refund that failed';
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock, scheduleMs: 20 } });
  org = await bootstrapOrg(plane, 'Schedule');
  dev = await addUser(plane, org.admin, 'dev@schedule.example');
  await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const until = async (id: string, state: string) =>
  await expect
    .poll(async () => (await org.admin.getRequest({ params: { id } })).state, {
      timeout: 10_000,
      interval: 10,
    })
    .toBe(state);

/** What the audit tells of one request, oldest first. */
async function told(id: string): Promise<string[]> {
  const { items } = await org.admin.listActivity({ query: { limit: 500 } });
  return items
    .filter(({ target }) => target.id === id)
    .map(({ action }) => action)
    .toReversed();
}

describe('the schedule', () => {
  it('takes every step once, with two replicas and after a restart in the middle', async () => {
    const config = plane.config;
    const deps = { logger: silentLogger, clock, scheduleMs: 10 };
    const ids: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      const startAt = new Date(now + 10 * minute).toISOString();
      const body = { database: 'shop', access, minutes: 10, reason, startAt };
      const request = await dev.client.createRequest({ body });
      await org.admin.approveRequest({ params: { id: request.id }, body: {} });
      ids.push(request.id);
    }
    {
      await using _second = await startControlPlane(config, deps);
      await using _third = await startControlPlane(config, deps);
      now += 10 * minute;
      for (const id of ids) await until(id, 'active');
    }
    now += 9 * minute;
    await using _restarted = await startControlPlane(config, deps);
    now += minute;
    for (const id of ids) await until(id, 'expired');
    for (const id of ids) {
      expect(await told(id)).toEqual([
        'request.created',
        'request.approved',
        'request.activated',
        'request.expired',
      ]);
    }
  });

  it('finds after a long stop what was due meanwhile, and opens no window that has passed', async () => {
    const dsn = await plane.postgres.createDatabase('stopped');
    const config = { ...plane.config, database: { ...plane.config.database, dsn: new Secret(dsn) } };
    const deps = { logger: silentLogger, clock, scheduleMs: 10 };
    let ids: string[] = [];
    {
      await using first = await startControlPlane(config, deps);
      const { adminToken } = await first.bootstrap({ org: 'Stopped', adminEmail: 'admin@stopped.example' });
      const clientOf = (token: string) =>
        createClient({ baseUrl: `http://127.0.0.1:${first.port}`, fetch, token: () => token });
      const admin = clientOf(adminToken);
      const user = await admin.createUser({ body: { email: 'dev@stopped.example' } });
      const { token } = await admin.createApiToken({ body: { name: 't', user: user.id } });
      await admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
      await admin.putRequestSettings({ body: { discoverable: 'all' } });
      const make = async (startAt?: number) => {
        const at = startAt === undefined ? {} : { startAt: new Date(startAt).toISOString() };
        const body = { database: 'shop', access, minutes: 10, reason, ...at };
        const { id } = await clientOf(token).createRequest({ body });
        await admin.approveRequest({ params: { id }, body: {} });
        return id;
      };
      ids = [await make(), await make(now + 20 * minute), await make(now + 55 * minute)];
    }
    now += 60 * minute;
    await using _second = await startControlPlane(config, deps);
    const client = new Client({ connectionString: dsn });
    await client.connect();
    try {
      const states = async () =>
        (await client.query('select id, state from access_requests')).rows as { id: string; state: string }[];
      await expect
        .poll(async () => inOrder(ids, await states()), { timeout: 10_000, interval: 20 })
        .toEqual(['expired', 'expired', 'active']);
      const actions = await client.query(
        "select action from audit_activity where action in ('request.activated', 'request.expired') order by seq",
      );
      expect((actions.rows as { action: string }[]).map(({ action }) => action)).toEqual([
        'request.activated',
        'request.expired',
        'request.expired',
        'request.activated',
      ]);
    } finally {
      await client.end();
    }
  });
});

function inOrder(ids: readonly string[], rows: readonly { id: string; state: string }[]) {
  return ids.map((wanted) => rows.find(({ id }) => id === wanted)?.state);
}
