import { shopAccess } from '@daam/shared/testing/catalog';
import { MaskedShop } from '@daam/shared/testing/masked-shop';
import { readShapes } from '@daam/shared/testing/read-shapes';
import { writeShapes } from '@daam/shared/testing/write-shapes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupGrants } from './group-grants.ts';

/**
 * What the gate makes of a statement needs no right that the floor withholds: under the groups' own grants it gives
 * what it gives with all privileges.
 */
describe.each([13, 14, 15, 16, 17, 18] as const)('the floor of PostgreSQL %i', (major) => {
  let shop: MaskedShop;

  beforeAll(async () => {
    shop = await MaskedShop.start(major);
    const access = shopAccess();
    const existing = new Map([...access.relations].filter(([oid]) => oid === 1 || oid === 2));
    const { base, raw } = groupGrants(
      { base: 'daam_p', raw: 'daam_x' },
      { access: { ...access, relations: existing }, catalog: shop.catalog },
    );
    await shop.client.query(`CREATE ROLE daam_p; CREATE ROLE daam_x; CREATE ROLE low IN ROLE daam_p;
      CREATE ROLE high IN ROLE daam_p, daam_x; GRANT TEMP ON DATABASE shop TO low, high;
      REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    // the hand-made catalogue has a sequence that the real table has not
    const grants = [...base, ...raw].filter((grant) => !grant.includes('SEQUENCE'));
    for (const grant of grants) await shop.client.query(grant);
    shop.roleOf = (tier) => (tier === 'elevated' ? 'high' : 'low');
  });

  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });

  const since = (shape: { readonly since?: number }): boolean => major >= (shape.since ?? 13);

  it.each(['simple', 'extended'] as const)('suffices for every read in the %s protocol', async (protocol) => {
    const failed: unknown[] = [];
    for (const { sql } of readShapes.filter(since)) {
      const actual = await shop.throughGate(sql, protocol);
      const wanted = await shop.onMasks(sql, protocol);
      if (JSON.stringify(actual) !== JSON.stringify(wanted)) failed.push({ sql, actual });
    }
    expect(failed).toEqual([]);
  });

  it('suffices for every write', async () => {
    const failed: unknown[] = [];
    for (const { sql } of writeShapes.filter(since)) {
      const actual = await shop.throughGate(sql, 'extended', ['customers', 'orders']);
      const wanted = await shop.onMasks(sql, 'extended', ['customers', 'orders']);
      if (JSON.stringify(actual) !== JSON.stringify(wanted)) failed.push({ sql, actual });
    }
    expect(failed).toEqual([]);
  });
});
