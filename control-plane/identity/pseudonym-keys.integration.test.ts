import { Secret } from '@daam/shared/base/secret';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { verifyBundle } from '@daam/shared/identity/bundle';
import { pseudonymKeyId } from '@daam/shared/sql/pseudonym';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeedClient } from '../testing/feed-client.ts';
import { addDatabase, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';
import { Store } from '../db/store.ts';
import { PseudonymKeys } from './pseudonym-keys.ts';
import { masterKeyOf } from './sealed-box.ts';

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await startTestControlPlane();
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

/** The first bundle of a feed, with the key beside it. */
async function bundleOf(registered: Awaited<ReturnType<typeof addDatabase>>) {
  await using feed = await FeedClient.open(plane.controlPlane.port, registered.credential);
  feed.hello();
  for (;;) {
    const message = await feed.next();
    if (message.type !== 'bundle') continue;
    const { org, database, agentId } = registered;
    const audience = { org: org.id, database: database.id, agent: agentId };
    const bundle = await verifyBundle(message.jws, registered.orgKeys, audience, Date.now());
    return { bundle, jws: message.jws, key: message.pseudonymKey ?? '' };
  }
}

describe('the pseudonym key', () => {
  it('comes beside the bundle that names it, the same for every database of the organization', async () => {
    const org = await bootstrapOrg(plane, 'Pseudonyms');
    const first = await bundleOf(await addDatabase(plane, org.admin, 'one'));
    const second = await bundleOf(await addDatabase(plane, org.admin, 'two'));
    const key = Buffer.from(first.key, 'base64url');
    expect(key).toHaveLength(32);
    expect(first.bundle.settings.pseudonymKey).toBe(pseudonymKeyId(key));
    expect(second.key).toBe(first.key);
    expect(Buffer.from(first.jws.split('.')[1] ?? '', 'base64url').toString()).not.toContain(first.key);
  });

  it('is another one in another organization', async () => {
    const [a, b] = await Promise.all(
      ['A', 'B'].map(async (name) => {
        const org = await bootstrapOrg(plane, `Pseudonyms${name}`);
        return await bundleOf(await addDatabase(plane, org.admin, 'db'));
      }),
    );
    expect(a?.key).not.toBe(b?.key);
  });

  it('rests sealed, is made once, and opens under its master key only', async () => {
    const { orgId: text } = await bootstrapOrg(plane, 'Sealed');
    const orgId = asId<OrgId>(text);
    const store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 3 });
    const master = masterKeyOf(new Secret(randomBytes(32)));
    const made = await Promise.all(
      [1, 2, 3].map(async () => await new PseudonymKeys({ master, store }).of(orgId, Date.now())),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(String(made[0]?.key)).toBe('[secret]');
    const other = new PseudonymKeys({ master: masterKeyOf(new Secret(randomBytes(32))), store });
    await expect(other.of(orgId, Date.now())).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await store[Symbol.asyncDispose]();
  });
});
