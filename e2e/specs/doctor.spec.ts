import { createClient } from '@daam/shared/api/client';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';

/** The doctor's way: from the database, by the agent, over its feed, to an administrator. */
describe('the doctor in a running system', () => {
  let system: RunningSystem;
  const clientOf = (token: string) =>
    createClient({ baseUrl: system.ready.controlPlane.url, fetch, token: () => token });
  const findings = async () => {
    const { received } = await clientOf(system.ready.admin.apiToken).getDoctorReport({
      params: { database: 'shop' },
    });
    return received?.report.findings ?? [];
  };

  beforeAll(async () => {
    system = await startRunningSystem();
  });
  afterAll(async () => await system?.[Symbol.asyncDispose]());

  it('sends its report at start, with nothing critical in the sample shop', async () => {
    await expect.poll(async () => (await findings()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect((await findings()).filter(({ severity }) => severity === 'critical')).toEqual([]);
  });

  it('looks again when an administrator asks, and finds what was planted meanwhile', async () => {
    const client = new Client({ connectionString: system.ready.upstream.dsn });
    await client.connect();
    await client.query('GRANT SELECT ON payments TO PUBLIC');
    const admin = clientOf(system.ready.admin.apiToken);
    await admin.refreshDoctorReport({ params: { database: 'shop' } });
    await expect
      .poll(async () => (await findings()).find(({ check }) => check === 'public-table')?.object, {
        timeout: 20_000,
      })
      .toBe('public.payments');
    const [found] = (await findings()).filter(({ check }) => check === 'public-table');
    await client.query(found?.mend ?? '');
    await client.end();
    await admin.refreshDoctorReport({ params: { database: 'shop' } });
    await expect
      .poll(async () => (await findings()).some(({ check }) => check === 'public-table'), { timeout: 20_000 })
      .toBe(false);
  });

  it('shows the report to administrators only', async () => {
    const developer = clientOf(system.ready.developer.apiToken);
    await expect(developer.getDoctorReport({ params: { database: 'shop' } })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});
