import { z } from 'zod';
import { route } from '../route.ts';
import { databaseRef, id } from '../schemas.ts';

/** Functions and triggers that an administrator vouches for (enforcement.md 4, shared/policy/bundle.ts). */

const tag = 'databases';

const params = z.strictObject({ database: databaseRef });

/** Vouched functions and triggers in one database. */
export const maxVouched = 1_000;

export const vouch = z.strictObject({
  kind: z.enum(['function', 'trigger']),
  oid: z.int().min(1).max(0xffff_ffff),
  sourceHash: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  /** For people: `public.similarity(text, text)`. */
  name: z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters'),
});

const vouchedState = z.object({
  database: z.object({ id, name: z.string() }),
  epoch: z.number().int(),
  vouched: z.array(vouch),
});

export const vouchedRoutes = {
  getVouched: route({
    method: 'GET',
    path: '/api/v1/databases/:database/vouched',
    summary: 'Functions and triggers that are vouched for, each by OID and source hash.',
    tag,
    params,
    status: 200,
    response: vouchedState,
  }),
  putVouched: route({
    method: 'PUT',
    path: '/api/v1/databases/:database/vouched',
    summary: 'Replace what is vouched for. A vouch holds as long as its code is what it was.',
    tag,
    params,
    query: z.strictObject({
      /** Refuse with CONFLICT unless the database is still at this epoch. */
      expectEpoch: z.coerce.number().int().min(0).optional(),
    }),
    body: z.strictObject({ vouched: z.array(vouch).max(maxVouched) }),
    status: 200,
    response: vouchedState,
  }),
} as const;
