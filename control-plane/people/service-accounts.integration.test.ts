import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { addDatabase, addUser, bootstrapOrg, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';

let now = Date.parse('2030-01-01T00:00:00Z');
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Services');
  await addDatabase(plane, org.admin, 'shop');
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

let count = 0;

async function account(
  scopes: Parameters<typeof org.admin.createServiceAccount>[0]['body']['scopes'],
  role: 'member' | 'auditor' | 'admin' = 'member',
) {
  const name = `robot-${(count += 1)}`;
  const { token, serviceAccount } = await org.admin.createServiceAccount({ body: { name, role, scopes } });
  return { token, id: serviceAccount.id, name, view: serviceAccount, client: plane.client(token) };
}

const minutes = 60_000;

describe('a service account', () => {
  it('is a member unless told, shows its token once and its prefix afterwards', async () => {
    const { token, view, client, name } = await account(['policies:read']);
    expect(token).toMatch(/^daam_sat_[A-Za-z0-9_-]{43}$/);
    expect(view).toMatchObject({ name, role: 'member', scopes: ['policies:read'], disabled: false });
    expect(view.tokens).toMatchObject([{ prefix: token.slice(0, 13), lastUsedAt: null }]);
    expect((await client.getMe()).email).toBe(`${name}@service-accounts.invalid`);
    const { items } = await org.admin.listServiceAccounts();
    expect(items.find(({ id }) => id === view.id)?.tokens[0]?.lastUsedAt).toBe('2030-01-01T00:00:00.000Z');
    expect(JSON.stringify(items)).not.toContain(token);
  });

  it('is stored by the hash of its token alone', async () => {
    const { token } = await account(['audit:read']);
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    const { rows } = await client.query('select t::text as row from service_tokens t');
    await client.end();
    expect(JSON.stringify(rows)).not.toContain(token.slice('daam_sat_'.length));
  });

  it('is bounded by its scopes and by its role, whichever is less', async () => {
    const policies = await account(['policies:read'], 'admin');
    await expect(policies.client.getPolicies({ params: { database: 'shop' } })).resolves.toBeDefined();
    const refused = { code: 'FORBIDDEN' };
    await expect(policies.client.listStatements()).rejects.toMatchObject(refused);
    await expect(policies.client.createGroup({ body: { name: 'x' } })).rejects.toMatchObject(refused);
    const body = { database: 'shop', policies: [] };
    await expect(policies.client.putPolicies({ params: { database: 'shop' }, body })).rejects.toMatchObject(
      refused,
    );
    const writer = await account(['policies:read', 'policies:write'], 'admin');
    await expect(writer.client.putPolicies({ params: { database: 'shop' }, body })).rejects.toMatchObject(
      refused,
    );
    const publisher = await account(['policies:publish'], 'admin');
    await expect(publisher.client.putPolicies({ params: { database: 'shop' }, body })).resolves.toBeDefined();
    const lowly = await account(['policies:write', 'audit:read', 'people:read']);
    await expect(lowly.client.listStatements()).rejects.toMatchObject(refused);
    await expect(lowly.client.listUsers()).rejects.toMatchObject(refused);
  });

  it('makes no credential and decides on nothing, whatever its role and its scopes', async () => {
    const { client, id } = await account(
      [
        'audit:read',
        'databases:write',
        'people:write',
        'policies:publish',
        'policies:write',
        'requests:read',
        'webhooks:write',
      ],
      'admin',
    );
    const params = { id };
    const attempts: Record<string, () => Promise<unknown>> = {
      createApiToken: async () => await client.createApiToken({ body: { name: 'x' } }),
      listApiTokens: async () => await client.listApiTokens(),
      inviteUser: async () => await client.inviteUser({ params }),
      createServiceAccount: async () =>
        await client.createServiceAccount({ body: { name: 'x', scopes: ['audit:read'] } }),
      rotateServiceToken: async () => await client.rotateServiceToken({ params, body: {} }),
      updateServiceAccount: async () =>
        await client.updateServiceAccount({ params, body: { role: 'admin' } }),
      registerDevice: async () =>
        await client.registerDevice({ body: { name: 'x', os: 'linux', wgKey: `${'G'.repeat(42)}A` } }),
      issueCertificate: async () => await client.issueCertificate({ params }),
      approveRequest: async () => await client.approveRequest({ params, body: {} }),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      await expect(attempt().then(() => `${name} worked`)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });

  it('keeps members with people:write, and makes, changes and touches nobody of another role', async () => {
    const { client } = await account(['people:read', 'people:write'], 'admin');
    const { id } = await client.createUser({ body: { email: 'kept@services.example' } });
    const params = { id };
    await client.updateUser({ params, body: { name: 'Kept', attributes: { region: 'eu' }, role: 'member' } });
    const group = await client.createGroup({ body: { name: 'kept' } });
    await client.addGroupMember({ params: { id: group.id, user: id } });
    const auditor = await addUser(plane, org.admin, 'watcher@services.example', 'auditor');
    const chief = await org.admin.getMe();
    await org.admin.addGroupMember({ params: { id: group.id, user: auditor.id } });
    const attempts: Record<string, () => Promise<unknown>> = {
      'makes an administrator': async () =>
        await client.createUser({ body: { email: 'own@services.example', role: 'admin' } }),
      'makes an auditor': async () =>
        await client.createUser({ body: { email: 'own@services.example', role: 'auditor' } }),
      promotes: async () => await client.updateUser({ params, body: { role: 'admin' } }),
      demotes: async () => await client.updateUser({ params: { id: auditor.id }, body: { role: 'member' } }),
      disables: async () => await client.updateUser({ params: { id: chief.id }, body: { disabled: true } }),
      attributes: async () => await client.updateUser({ params: { id: chief.id }, body: { attributes: {} } }),
      'adds to a group': async () =>
        await client.addGroupMember({ params: { id: group.id, user: chief.id } }),
      'removes from a group': async () =>
        await client.removeGroupMember({ params: { id: group.id, user: auditor.id } }),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const outcome = await attempt().then(
        () => 'worked',
        (thrown: unknown) => (thrown as { code?: string }).code,
      );
      expect([name, outcome]).toEqual([name, 'FORBIDDEN']);
    }
    expect(await org.admin.updateUser({ params, body: { role: 'auditor' } })).toMatchObject({
      role: 'auditor',
    });
  });

  it('is no person: no list of users has it, nobody can invite it, change it there, or make it an API token', async () => {
    const { id, name } = await account(['audit:read']);
    const { items } = await org.admin.listUsers({ query: { limit: 200 } });
    expect(items.map((user) => user.email)).not.toContain(`${name}@service-accounts.invalid`);
    const refused = { code: 'NOT_FOUND' };
    await expect(org.admin.inviteUser({ params: { id } })).rejects.toMatchObject(refused);
    await expect(org.admin.updateUser({ params: { id }, body: { role: 'admin' } })).rejects.toMatchObject(
      refused,
    );
    await expect(org.admin.createApiToken({ body: { name: 'x', user: id } })).rejects.toMatchObject(refused);
  });

  it('ends at once when it is disabled, comes back, and goes for good with its name free', async () => {
    const { id, client, name } = await account(['audit:read'], 'auditor');
    await client.listStatements();
    const ended = { code: 'UNAUTHENTICATED' };
    await org.admin.updateServiceAccount({ params: { id }, body: { disabled: true } });
    await expect(client.listStatements()).rejects.toMatchObject(ended);
    await org.admin.updateServiceAccount({ params: { id }, body: { disabled: false } });
    await client.listStatements();
    await org.admin.deleteServiceAccount({ params: { id } });
    await expect(client.getMe()).rejects.toMatchObject(ended);
    await expect(org.admin.deleteServiceAccount({ params: { id } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const again = await org.admin.createServiceAccount({ body: { name, scopes: ['audit:read'] } });
    expect(again.serviceAccount.id).not.toBe(id);
    const taken = org.admin.createServiceAccount({ body: { name, scopes: ['audit:read'] } });
    await expect(taken).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('rotation', () => {
  it('leaves the token before valid for the overlap, and never more than two', async () => {
    const { id, client: first } = await account(['audit:read']);
    const rotate = async (overlapMinutes: number) =>
      await org.admin.rotateServiceToken({ params: { id }, body: { overlapMinutes } });
    now += minutes;
    const second = await rotate(60);
    expect(second.serviceAccount.tokens).toHaveLength(2);
    await first.getMe();
    await plane.client(second.token).getMe();
    now += minutes;
    const third = await rotate(60);
    const ended = { code: 'UNAUTHENTICATED' };
    await expect(first.getMe()).rejects.toMatchObject(ended);
    expect(third.serviceAccount.tokens).toHaveLength(2);
    await plane.client(second.token).getMe();
    now += 61 * minutes;
    await expect(plane.client(second.token).getMe()).rejects.toMatchObject(ended);
    const fourth = await rotate(0);
    await expect(plane.client(third.token).getMe()).rejects.toMatchObject(ended);
    expect(fourth.serviceAccount.tokens).toHaveLength(1);
  });

  it('lengthens no token’s life', async () => {
    const { serviceAccount } = await org.admin.createServiceAccount({
      body: { name: 'short', scopes: ['audit:read'], expiresInDays: 1 },
    });
    const params = { id: serviceAccount.id };
    const { serviceAccount: after } = await org.admin.rotateServiceToken({
      params,
      body: { overlapMinutes: 43_200 },
    });
    const [, before] = after.tokens;
    expect(before?.expiresAt).toBe(serviceAccount.tokens[0]?.expiresAt);
  });

  it('ends one token when that is asked for, and knows no other account’s', async () => {
    const mine = await account(['audit:read']);
    const other = await account(['audit:read']);
    const token = mine.view.tokens[0]?.id ?? '';
    const revoke = async (id: string) => await org.admin.revokeServiceToken({ params: { id, token } });
    await expect(revoke(other.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await revoke(mine.id);
    await expect(mine.client.getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(revoke(mine.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is an administrator’s, not an auditor’s', async () => {
    const { id } = await account(['audit:read']);
    const auditor = await addUser(plane, org.admin, 'audit@services.example', 'auditor');
    await expect(auditor.client.listServiceAccounts()).resolves.toBeDefined();
    const rotation = auditor.client.rotateServiceToken({ params: { id }, body: {} });
    await expect(rotation).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a group', () => {
  it('is renamed with its members and its policies, and takes no name that is there', async () => {
    const group = await org.admin.createGroup({ body: { name: 'analysts' } });
    await org.admin.createGroup({ body: { name: 'others' } });
    const user = await addUser(plane, org.admin, 'ana@services.example');
    await org.admin.addGroupMember({ params: { id: group.id, user: user.id } });
    const params = { id: group.id };
    const renamed = await org.admin.renameGroup({ params, body: { name: 'science' } });
    expect(renamed).toMatchObject({ name: 'science', members: [{ email: 'ana@services.example' }] });
    const clash = org.admin.renameGroup({ params, body: { name: 'others' } });
    await expect(clash).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('signing up', () => {
  it('is switched off unless the configuration says otherwise', async () => {
    const signUp = plane.client(null).signUp({ body: { name: 'Acme', adminEmail: 'boss@acme.example' } });
    await expect(signUp).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
