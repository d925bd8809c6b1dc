import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { createClient } from '@daam/shared/api/client';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { Store } from '../db/store.ts';
import { FeedClient } from '../testing/feed-client.ts';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';
import { rotateMasterKey } from './rotate-master-key.ts';
import { masterKeyOf } from './sealed-box.ts';

/** From one master key to another while the control plane runs, and then without the old one. */
const next = new Secret<Uint8Array>(new Uint8Array(32).fill(9));
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let registered: Awaited<ReturnType<typeof addDatabase>>;
let webhook: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Rotating');
  registered = await addDatabase(plane, org.admin, 'shop');
  const made = await org.admin.createWebhook({
    body: { name: 'hook', url: 'https://hooks.example/in', events: ['group.created'] },
  });
  webhook = made.webhook.id;
  await org.admin.rotateWebhookSecret({ params: { id: webhook } });
  // The pseudonym key is made for the first bundle.
  await bundleFrom(plane.controlPlane.port);
}, 60_000);
afterAll(async () => await plane?.[Symbol.asyncDispose]());

interface Keys {
  readonly masterKey: Secret<Uint8Array>;
  readonly secondMasterKey: Secret<Uint8Array> | null;
}

/** Another replica, with these keys. */
async function replica(keys: Keys) {
  const config = { ...plane.config, ...keys, listen: { host: '127.0.0.1', port: 0 } };
  return await startControlPlane(config, { logger: silentLogger });
}

async function rotate({ masterKey, secondMasterKey }: Keys) {
  await using store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 2 });
  return await rotateMasterKey(store, masterKeyOf(masterKey, secondMasterKey));
}

/** What needs the organization's signing key and its pseudonym key: a bundle for the agent. */
async function bundleFrom(port: number): Promise<string> {
  await using feed = await FeedClient.open(port, registered.credential);
  feed.hello();
  return await feed.nextBundle();
}

describe('a rotation of the master key', () => {
  const keys = () => ({ masterKey: plane.config.masterKey, secondMasterKey: null });

  it('is readied by replicas that know both, and seals everything with the new one', async () => {
    const old = keys().masterKey;
    await using prepared = await replica({ masterKey: old, secondMasterKey: next });
    await using turned = await replica({ masterKey: next, secondMasterKey: old });
    expect(await bundleFrom(turned.port)).not.toBe('');
    const before = await sealedTexts();
    expect(await rotate({ masterKey: next, secondMasterKey: old })).toMatchObject({
      resealed: { signingKeys: 1, pseudonymKeys: 1, webhooks: 1 },
      unopened: 0,
    });
    const after = await sealedTexts();
    expect(after).toHaveLength(4);
    expect(after.filter((text) => before.includes(text))).toEqual([]);
    for (const { port } of [prepared, turned]) expect(await bundleFrom(port)).not.toBe('');
    expect(await rotate({ masterKey: next, secondMasterKey: old })).toMatchObject({
      resealed: { signingKeys: 0, pseudonymKeys: 0, webhooks: 0 },
      unopened: 0,
    });
  });

  it('is over when the new key alone does everything, and the old one nothing', async () => {
    await using alone = await replica({ masterKey: next, secondMasterKey: null });
    expect(await bundleFrom(alone.port)).not.toBe('');
    const client = createClient({
      baseUrl: `http://127.0.0.1:${alone.port}`,
      fetch,
      token: () => org.adminToken,
    });
    expect(await codeOfAsync(client.testWebhook({ params: { id: webhook } }))).toBeNull();
    await using late = await replica(keys());
    await expect(bundleFrom(late.port)).rejects.toThrow('closed with 1011');
  });

  it('does not lose what no key opens, and says how much that is', async () => {
    const foreign = new Secret<Uint8Array>(new Uint8Array(32).fill(1));
    const stranger = new Secret<Uint8Array>(new Uint8Array(32).fill(2));
    const before = await sealedTexts();
    expect(await rotate({ masterKey: foreign, secondMasterKey: stranger })).toMatchObject({
      resealed: { signingKeys: 0, pseudonymKeys: 0, webhooks: 0 },
      unopened: 3,
    });
    expect(await sealedTexts()).toEqual(before);
  });
});

async function sealedTexts(): Promise<string[]> {
  const client = new Client({ connectionString: plane.dsn });
  await client.connect();
  try {
    await client.query(`set daam.org = '${org.orgId}'`);
    const { rows } = await client.query<{ text: string }>(
      `select sealed_private as text from org_keys union all select sealed from pseudonym_keys
        union all select sealed_secret from webhooks union all select old_sealed_secret from webhooks`,
    );
    return rows.map(({ text }) => text).toSorted();
  } finally {
    await client.end();
  }
}
