import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let dev: Awaited<ReturnType<typeof addUser>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Discover');
  dev = await addUser(plane, org.admin, 'dev@discover.example');
  for (const name of ['hr', 'shop', 'vault']) await addDatabase(plane, org.admin, name);
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const show = async (database: string, ownerWords = ''): Promise<unknown> =>
  await org.admin.updateDatabase({ params: { database }, body: { discoverable: true, ownerWords } });
const seen = async (client = dev.client): Promise<string[]> =>
  (await client.listDiscoverableDatabases()).items.map(({ name }) => name);
const ask = async (database: string): Promise<{ readonly state: string }> =>
  await dev.client.createRequest({
    body: {
      database,
      access: { tables: [{ table: 'public.people', operations: ['select'] }] },
      minutes: 30,
      reason: 'A look at the people of last month',
    },
  });

describe('databases that may be asked for', () => {
  it('are none until an administrator shows one, and then by name, environment and the owner’s words alone', async () => {
    expect(await seen()).toEqual([]);
    await expect(ask('hr')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await show('hr', 'Owned by the people team');
    const { items } = await dev.client.listDiscoverableDatabases();
    expect(items).toEqual([
      {
        id: items[0]?.id,
        name: 'hr',
        environment: 'production',
        ownerWords: 'Owned by the people team',
        usualMinutes: null,
      },
    ]);
    expect((await ask('hr')).state).toBe('pending');
    await expect(ask('vault')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // Seen is not had: nothing of what is in it is told.
    await expect(dev.client.getMySchema({ params: { database: 'hr' } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await dev.client.listMyDatabases()).items).toEqual([]);
  });

  it('leave out what the person has, and come and go with the switch, which is audited', async () => {
    await show('shop');
    expect(await seen()).toEqual(['hr', 'shop']);
    await org.admin.putPolicies({
      params: { database: 'shop' },
      body: documentFor('shop', { users: ['dev@discover.example'] }),
    });
    expect(await seen()).toEqual(['hr']);
    const hidden = await org.admin.updateDatabase({
      params: { database: 'hr' },
      body: { discoverable: false },
    });
    expect(hidden).toMatchObject({ discoverable: false, ownerWords: 'Owned by the people team' });
    expect(await seen()).toEqual([]);
    const { items } = await org.admin.listActivity();
    const updates = items.filter(({ action }) => action === 'database.updated');
    expect(updates[0]).toMatchObject({ before: { discoverable: true }, after: { discoverable: false } });
  });

  it('are the organization’s own, are no member’s to show, and go with the database', async () => {
    await show('vault');
    const other = await bootstrapOrg(plane, 'Elsewhere');
    expect(await seen(other.admin)).toEqual([]);
    await expect(
      dev.client.updateDatabase({ params: { database: 'vault' }, body: { discoverable: false } }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(
      org.admin.updateDatabase({ params: { database: 'vault' }, body: { ownerWords: 'x'.repeat(201) } }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await org.admin.deleteDatabase({ params: { database: 'vault' }, query: { confirm: 'vault' } });
    expect(await seen()).toEqual([]);
  });
});
