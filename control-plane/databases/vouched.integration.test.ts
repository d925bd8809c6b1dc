import { verifyBundle } from '@daam/shared/identity/bundle';
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
  org = await bootstrapOrg(plane, 'Vouchers');
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

const vouch = {
  kind: 'function',
  oid: 16_402,
  sourceHash: 'a'.repeat(64),
  name: 'public.similarity(text, text)',
} as const;

describe('vouching', () => {
  it('reaches the agent in its signed bundle, and is recorded with what was added and removed', async () => {
    const registered = await addDatabase(plane, org.admin, 'vouched');
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.hello();
    const audience = { org: registered.org.id, database: registered.database.id, agent: registered.agentId };
    const bundle = async () =>
      await verifyBundle(await feed.nextBundle(), registered.orgKeys, audience, Date.now());
    const first = await bundle();
    expect(first.settings).not.toHaveProperty('vouched');
    const params = { database: 'vouched' };
    const state = await org.admin.putVouched({ params, body: { vouched: [vouch] } });
    expect(state).toMatchObject({ epoch: first.epoch + 1, vouched: [vouch] });
    expect((await bundle()).settings).toMatchObject({ vouched: [vouch] });
    expect((await org.admin.putVouched({ params, body: { vouched: [vouch] } })).epoch).toBe(first.epoch + 1);
    await org.admin.putVouched({ params, body: { vouched: [] } });
    expect((await bundle()).settings).not.toHaveProperty('vouched');
    expect((await org.admin.getVouched({ params })).vouched).toEqual([]);
    const { items } = await org.admin.listActivity({ query: { limit: 10 } });
    expect(items.filter(({ action }) => action === 'vouched.changed')).toMatchObject([
      { before: { vouched: [vouch] }, after: { vouched: [] } },
      { before: { vouched: [] }, after: { vouched: [vouch] } },
    ]);
  });

  it('is refused for members, at an epoch that is over, twice for the same code, and without a whole hash', async () => {
    await addDatabase(plane, org.admin, 'refused');
    const params = { database: 'refused' };
    const member = await addUser(plane, org.admin, 'member@example.com');
    const put = async (client: typeof org.admin, body: object, query = {}) =>
      await client.putVouched({ params, query, body: body as { vouched: [] } });
    const one = { vouched: [vouch] };
    await expect(put(member.client, one)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(put(org.admin, one, { expectEpoch: 99 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(put(org.admin, { vouched: [vouch, vouch] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    const short = { vouched: [{ ...vouch, sourceHash: 'a' }] };
    await expect(put(org.admin, short)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('and the elevation switch are changes with an audit event and a new bundle', async () => {
    const registered = await addDatabase(plane, org.admin, 'switched');
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.hello();
    const audience = { org: registered.org.id, database: registered.database.id, agent: registered.agentId };
    const bundle = async () =>
      await verifyBundle(await feed.nextBundle(), registered.orgKeys, audience, Date.now());
    expect((await bundle()).settings.elevation).toBe(true);
    await org.admin.updateDatabase({ params: { database: 'switched' }, body: { elevation: false } });
    expect((await bundle()).settings.elevation).toBe(false);
    const { items } = await org.admin.listActivity({ query: { limit: 10 } });
    expect(items[0]).toMatchObject({ action: 'database.updated', detail: { elevation: false } });
  });
});
