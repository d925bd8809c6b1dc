import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { MaskedShop, type Protocol, secrets } from '../testing/masked-shop.ts';
import { readShapes } from '../testing/read-shapes.ts';

describe.each(supportedMajors)('reads through the gate in front of PostgreSQL %i', (major) => {
  let shop: MaskedShop;

  beforeAll(async () => {
    shop = await MaskedShop.start(major);
  });

  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });

  const shapes = readShapes.filter(({ since = 13 }) => major >= since);

  test.each(['simple', 'extended', 'binary'] as const)(
    'give what the same query gives on the masks, in the %s protocol',
    async (protocol: Protocol) => {
      const failed: unknown[] = [];
      for (const { sql } of shapes) {
        const [actual, wanted] = [await shop.throughGate(sql, protocol), await shop.onMasks(sql, protocol)];
        const shown = JSON.stringify(actual);
        if (actual.error !== null || shown !== JSON.stringify(wanted)) failed.push({ sql, actual, wanted });
        if (secrets.some((secret) => shown.includes(secret))) failed.push({ sql, leak: shown });
      }
      expect(failed).toEqual([]);
    },
  );
});
