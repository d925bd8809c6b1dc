import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '@daam/shared/api/client';
import { verifyBundle } from '@daam/shared/identity/bundle';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import { FeedClient } from './testing/feed-client.ts';
import { startTestControlPlane, type TestControlPlane } from './testing/start.ts';

const document = {
  database: 'shop',
  policies: [
    {
      name: 'analyst',
      grants: [{ table: 'public.customers', operations: ['select'] }],
      masks: [{ column: 'public.customers.email', preset: 'email' }],
      assign: { users: ['dev@example.com'], groups: [] },
    },
  ],
};

let plane: TestControlPlane;
let admin: ApiClient;

beforeAll(async () => {
  plane = await startTestControlPlane();
  const { adminToken } = await plane.controlPlane.bootstrap({
    org: 'Example',
    adminEmail: 'admin@example.com',
  });
  admin = plane.client(adminToken);
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

describe('from a registered database to a developer with a grant', () => {
  it('works step by step', async () => {
    const user = await admin.createUser({ body: { email: 'dev@example.com' } });
    const { agentToken } = await admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
    const registered = await plane
      .client(null)
      .registerAgent({ body: { token: agentToken, version: '0.1.0' } });
    await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
    feed.hello();
    const audience = { org: registered.org.id, database: registered.database.id, agent: registered.agentId };
    const read = async (): Promise<PolicyBundle> =>
      await verifyBundle(await feed.nextBundle(), registered.orgKeys, audience, Date.now());
    const first = await read();
    expect(first.subjects).toEqual([]);

    const state = await admin.putPolicies({ params: { database: 'shop' }, body: document });
    expect(state.policies).toMatchObject([{ name: 'analyst', version: 1 }]);
    const second = await read();
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.subjects).toEqual([{ user: user.id, email: 'dev@example.com', policy: 0 }]);

    const { token } = await admin.createApiToken({ body: { name: 'dev', user: user.id } });
    const dev = plane.client(token);
    const device = await dev.registerDevice({ body: { name: 'laptop', os: 'linux', wgKey: 'A'.repeat(43) } });
    const { certificate } = await dev.issueCertificate({ params: { id: device.id } });
    expect(certificate.split('.')).toHaveLength(3);
    const mine = await dev.listMyDatabases();
    expect(mine.items).toMatchObject([
      { name: 'shop', state: 'online', policies: ['analyst'], agent: { port: 7430 } },
    ]);
    const grant = await dev.issueGrant({
      params: { database: 'shop' },
      body: { certificateHash: 'A'.repeat(43) },
    });
    expect(grant.agent).toMatchObject({ id: registered.agentId, host: '127.0.0.1', port: 7430 });

    await dev.revokeDevice({ params: { id: device.id } });
    const third = await read();
    expect(third.epoch).toBeGreaterThan(second.epoch);
    expect(third.revoked.devices).toEqual([device.id]);
    expect(await admin.verifyAudit()).toMatchObject({ ok: true });
  });
});
