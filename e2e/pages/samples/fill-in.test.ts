import { apiRoutes } from '@daam/shared/api/routes';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fillIn } from './fill-in.ts';

describe('a sample answer', () => {
  it('keeps what was said, and gets the emptiest value for the rest', () => {
    const schema = z.object({
      name: z.string(),
      count: z.number().int().min(1),
      at: z.iso.datetime(),
      ended: z.object({ note: z.string() }).nullable(),
      kinds: z.array(z.enum(['a', 'b'])),
      extra: z.boolean().default(true),
      either: z.union([
        z.object({ kind: z.literal('one') }),
        z.object({ kind: z.literal('two'), of: z.number() }),
      ]),
    });
    expect(fillIn(schema, { name: 'orders', kinds: ['b'], either: { kind: 'two' } })).toEqual({
      name: 'orders',
      count: 1,
      at: '2030-01-15T09:41:00.000Z',
      ended: null,
      kinds: ['b'],
      extra: true,
      either: { kind: 'two', of: 0 },
    });
  });

  it('that its contract does not allow is refused', () => {
    expect(() => fillIn(z.object({ count: z.number() }), { count: 'many' })).toThrow('expected number');
  });

  it('can be made of every route that answers JSON', () => {
    const impossible = Object.entries(apiRoutes)
      .filter(([, contract]) => contract.status === 200 || contract.status === 201)
      .filter(([, { response }]) => {
        try {
          fillIn(response);
          return false;
        } catch {
          return true;
        }
      })
      .map(([name]) => name);
    expect(impossible).toEqual([]);
  });
});
