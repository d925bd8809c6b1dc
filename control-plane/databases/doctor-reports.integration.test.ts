import type { DoctorReport } from '@daam/shared/api/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedClient } from '../testing/feed-client.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Doctors');
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const report = (message: string): DoctorReport => ({
  checkedAt: '2026-01-01T00:00:00.000Z',
  database: 'shop',
  serverVersion: '18.1',
  scope: null,
  policyEpoch: 3,
  findings: [{ check: 'public-table', severity: 'critical', object: 'public.t', message, mend: 'REVOKE …' }],
  omitted: 0,
});

async function connect(name: string, can: readonly string[] = ['examine']) {
  const registered = await addDatabase(plane, org.admin, name);
  const feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can });
  await feed.nextBundle();
  return { feed, registered };
}

const read = (database: string) => org.admin.getDoctorReport({ params: { database } });

describe('doctor reports', () => {
  it('keeps the last one of an agent, for administrators only', async () => {
    const { feed, registered } = await connect('kept');
    await using _ = feed;
    expect((await read('kept')).received).toBeNull();
    feed.say({ type: 'doctor', report: report('first') });
    feed.say({ type: 'doctor', report: report('second') });
    await expect.poll(async () => (await read('kept')).received?.report.findings[0]?.message).toBe('second');
    expect((await read('kept')).received?.agent).toBe(registered.agentId);
    for (const role of ['member', 'auditor'] as const) {
      const { client } = await addUser(plane, org.admin, `${role}@doctors.example`, role);
      await expect(client.getDoctorReport({ params: { database: 'kept' } })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      await expect(client.refreshDoctorReport({ params: { database: 'kept' } })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    const other = await bootstrapOrg(plane, 'Strangers');
    await expect(
      other.admin.getDoctorReport({ params: { database: registered.database.id } }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('asks the agent to look again, and says when it is not there', async () => {
    const { feed } = await connect('asked');
    await org.admin.refreshDoctorReport({ params: { database: 'asked' } });
    for (;;) if ((await feed.next()).type === 'examine') break;
    await feed[Symbol.asyncDispose]();
    await expect
      .poll(
        async () =>
          await org.admin.refreshDoctorReport({ params: { database: 'asked' } }).then(
            () => 'asked',
            (thrown: unknown) => (thrown as { code?: string }).code,
          ),
      )
      .toBe('AGENT_UNAVAILABLE');
  });

  it('closes the feed of an agent that sends what is no report, or too many', async () => {
    const { feed: wrong } = await connect('wrong');
    wrong.say({ type: 'doctor', report: { ...report('x'), findings: [{ check: 'X' }] } });
    expect(await wrong.closed).toBe(4002);
    const { feed: many } = await connect('many');
    for (let sent = 0; sent < 61; sent += 1) many.say({ type: 'doctor', report: report(String(sent)) });
    expect(await many.closed).toBe(4002);
  });
});
