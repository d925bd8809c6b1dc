import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { MaskedShop, secrets } from '../testing/masked-shop.ts';
import { writeShapes } from '../testing/write-shapes.ts';

describe.each(supportedMajors)('writes through the gate in front of PostgreSQL %i', (major) => {
  let shop: MaskedShop;

  beforeAll(async () => {
    shop = await MaskedShop.start(major);
  });

  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });

  test.each(['simple', 'extended'] as const)(
    'give and leave what the same statement does on the masks, in the %s protocol',
    async (protocol) => {
      const failed: unknown[] = [];
      for (const { sql } of writeShapes.filter(({ since = 13 }) => major >= since)) {
        const [actual, wanted] = [
          await shop.throughGate(sql, protocol, ['customers', 'orders']),
          await shop.onMasks(sql, protocol, ['customers', 'orders']),
        ];
        const shown = JSON.stringify(actual);
        const isNull = sql.includes('DEFAULT VALUES');
        if ((actual.error !== null && !isNull) || shown !== JSON.stringify(wanted))
          failed.push({ sql, actual, wanted });
        if (secrets.some((secret) => shown.includes(secret))) failed.push({ sql, leak: shown });
      }
      expect(failed).toEqual([]);
    },
  );
});
