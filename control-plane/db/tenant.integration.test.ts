import { randomUUID } from 'node:crypto';
import { chainGenesis, sealRecord } from '@daam/shared/audit/chain';
import { Secret } from '@daam/shared/base/secret';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';
import { entities, Store } from './store.ts';

/** Two organizations side by side; the second tries everything with the ids and names of the first. */
let plane: TestControlPlane;
let theirs: Awaited<ReturnType<typeof seed>>;
let ours: Awaited<ReturnType<typeof bootstrapOrg>>;

async function seed(org: string) {
  const own = await bootstrapOrg(plane, org);
  const user = await addUser(plane, own.admin, 'dev@shared.example');
  const group = await own.admin.createGroup({ body: { name: 'team' } });
  await own.admin.addGroupMember({ params: { id: group.id, user: user.id } });
  const agent = await addDatabase(plane, own.admin, 'shop');
  await own.admin.putPolicies({
    params: { database: 'shop' },
    body: documentFor('shop', { users: ['dev@shared.example'], groups: ['team'] }),
  });
  const wgKey = `${'F'.repeat(42)}A`;
  const device = await user.client.registerDevice({ body: { name: 'laptop', os: 'linux', wgKey } });
  const { apiToken } = await own.admin.createApiToken({ body: { name: 'kept' } });
  const event = { kind: 'statement', session: 's', text: 'select secret', user: user.id };
  const { text } = sealRecord({ stream: agent.agentId, head: chainGenesis }, Date.now(), event);
  await agent.client.appendAudit({ body: { records: [JSON.parse(text) as Record<string, unknown>] } });
  return { ...own, user, group, agent, device, apiToken, wgKey };
}

beforeAll(async () => {
  plane = await startTestControlPlane();
  theirs = await seed('First');
  ours = await bootstrapOrg(plane, 'Second');
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

describe('another organization', () => {
  it('is not seen in any list', async () => {
    const { admin } = ours;
    const lists = JSON.stringify([
      await admin.getMe(),
      await admin.getOrganization(),
      await admin.listUsers(),
      await admin.listGroups(),
      await admin.listDatabases(),
      await admin.listMyDatabases(),
      await admin.listAgents(),
      await admin.listDevices(),
      await admin.listApiTokens(),
      await admin.listConnections(),
      await admin.listStatements(),
      await admin.listActivity(),
      await admin.verifyAudit(),
    ]);
    const { user, group, agent, device, apiToken, orgId } = theirs;
    for (const foreign of [
      user.id,
      group.id,
      agent.agentId,
      agent.database.id,
      device.id,
      apiToken.id,
      orgId,
    ]) {
      expect(lists).not.toContain(foreign);
    }
    expect(lists).not.toContain('select secret');
  });

  it('does not open its objects to those who know their ids', async () => {
    const { admin } = ours;
    const { user, group, agent, device, apiToken } = theirs;
    const database = agent.database.id;
    const mine = await admin.getMe();
    const ownGroup = await admin.createGroup({ body: { name: 'ours' } });
    const attempts: Record<string, () => Promise<unknown>> = {
      updateUser: async () => await admin.updateUser({ params: { id: user.id }, body: { disabled: true } }),
      deleteGroup: async () => await admin.deleteGroup({ params: { id: group.id } }),
      joinTheirGroup: async () => await admin.addGroupMember({ params: { id: group.id, user: mine.id } }),
      takeTheirUser: async () => await admin.addGroupMember({ params: { id: ownGroup.id, user: user.id } }),
      removeMember: async () => await admin.removeGroupMember({ params: { id: group.id, user: user.id } }),
      updateDatabase: async () =>
        await admin.updateDatabase({ params: { database }, body: { elevation: false } }),
      deleteDatabase: async () =>
        await admin.deleteDatabase({ params: { database }, query: { confirm: 'shop' } }),
      getPolicies: async () => await admin.getPolicies({ params: { database } }),
      getPoliciesByName: async () => await admin.getPolicies({ params: { database: 'shop' } }),
      putPolicies: async () =>
        await admin.putPolicies({ params: { database }, body: documentFor('shop', {}) }),
      versions: async () => await admin.listPolicyVersions({ params: { database } }),
      agentToken: async () => await admin.issueAgentToken({ params: { database } }),
      revokeAgent: async () => await admin.revokeAgent({ params: { id: agent.agentId } }),
      revokeDevice: async () => await admin.revokeDevice({ params: { id: device.id } }),
      certificate: async () => await admin.issueCertificate({ params: { id: device.id } }),
      grant: async () =>
        await admin.issueGrant({ params: { database }, body: { certificateHash: theirs.wgKey } }),
      revokeToken: async () => await admin.revokeApiToken({ params: { id: apiToken.id } }),
      tokenForTheirUser: async () => await admin.createApiToken({ body: { name: 'x', user: user.id } }),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      await expect(attempt().then(() => `${name} worked`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    for (const query of [{ database }, { user: user.id }]) {
      expect((await admin.listStatements({ query })).items).toEqual([]);
    }
    expect((await theirs.user.client.getMe()).groups).toHaveLength(1);
  });

  it('has its own names, keys and subjects', async () => {
    const second = await seed('Third');
    expect(second.device.id).not.toBe(theirs.device.id);
    expect((await second.admin.getOrganization()).orgKeys).not.toEqual(
      (await theirs.admin.getOrganization()).orgKeys,
    );
    const { document } = await second.admin.getPolicies({ params: { database: 'shop' } });
    expect(document).toMatchObject({ policies: [{ assign: { users: ['dev@shared.example'] } }] });
    await expect(
      ours.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } }),
    ).resolves.toMatchObject({ database: { name: 'shop' } });
    const foreignName = documentFor('shop', { users: ['dev@shared.example'] });
    await expect(
      ours.admin.putPolicies({ params: { database: 'shop' }, body: foreignName }),
    ).rejects.toMatchObject({
      code: 'INVALID_POLICY',
    });
  });
});

describe('the store', () => {
  it('answers no query for an entity of an organization when none was named', async () => {
    await using store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 2 });
    const scoped = entities.filter(({ meta }) => meta.tableName !== 'organizations');
    expect(scoped).toHaveLength(entities.length - 1);
    for (const entity of scoped) {
      await expect(store.em().find(entity as never, {})).rejects.toThrow('tenant');
    }
  });

  it('has every column that the entities name', async () => {
    await using store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 2 });
    const em = store.em();
    em.setFilterParams('tenant', { org: randomUUID() });
    for (const entity of entities) {
      await expect(em.find(entity as never, {}, { limit: 1 })).resolves.toBeDefined();
    }
  });

  it('lets no row refer to another organization’s', async () => {
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      const insert = client.query(
        'insert into group_members (group_id, user_id, org_id, created_at) values ($1, $2, $3, now())',
        [theirs.group.id, (await ours.admin.getMe()).id, theirs.orgId],
      );
      await expect(insert).rejects.toMatchObject({ code: '23503' });
      const lower = client.query('update databases set epoch = epoch - 1 where id = $1', [
        theirs.agent.database.id,
      ]);
      await expect(lower).rejects.toMatchObject({ code: '23514' });
    } finally {
      await client.end();
    }
  });

  it('migrates once, however many start together', async () => {
    const dsn = await plane.postgres.createDatabase('together');
    const stores = await Promise.all(
      [1, 2, 3].map(async () => await Store.open({ dsn: new Secret(dsn), poolSize: 3 })),
    );
    const applied = await Promise.all(stores.map(async (store) => await store.migrate()));
    const names = applied.flat();
    const rows = await stores[0]?.em().execute<{ name: string }[]>('select name from schema_migrations');
    expect(names).toContain('0001-foundation');
    expect(names).toEqual([...new Set(names)]);
    expect(rows?.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    for (const store of stores) await store[Symbol.asyncDispose]();
  });
});
