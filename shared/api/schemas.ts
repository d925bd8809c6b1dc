import { z } from 'zod';
import { errorCodes } from '../errors/codes.ts';

/** Values that several routes share. Every text has a ceiling. */

/** UUID in lower-case canonical text. */
export const id = z.uuid().meta({ description: 'UUID' });

/** A name in an address: lower-case letters, digits and hyphens; at most 63. */
export const slug = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-_]{0,61}[a-z0-9])?$/,
    'lower-case letters, digits, hyphens and underscores, at most 63',
  );

/** A database by its name or its id. */
export const databaseRef = z.union([id, slug]).meta({ description: 'Name or id of the database' });

/** Text for people: 1 to 120 characters, no control characters. */
export const label = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters');

/** E-mail address, compared in lower case. */
export const email = z.email().max(254).toLowerCase();

/** ISO 8601 in UTC. */
export const timestamp = z.iso.datetime();

/** 32 bytes in base64url without padding, in the one canonical text. */
export const key32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, '32 bytes in base64url');

export const role = z.enum(['admin', 'auditor', 'member']);
export type Role = z.infer<typeof role>;

/** What policies may refer to as `{{user.attributes.x}}`: scalars and lists of scalars. */
export const attributes = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/),
    z.union([
      z.string().max(1000),
      z.number(),
      z.boolean(),
      z.array(z.union([z.string().max(1000), z.number(), z.boolean()])).max(1000),
    ]),
  )
  .refine((value) => Object.keys(value).length <= 100, 'at most 100 attributes');
export type UserAttributes = z.infer<typeof attributes>;

/** Host and port at which an agent accepts clients. */
export const agentAddress = z.object({
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535),
});

/** How a device reaches an agent through the tunnel: its WireGuard key, and `address:port` where UDP may find it. */
export const tunnelTarget = z.object({ publicKey: key32, candidates: z.array(z.string().max(64)).max(16) });
export type TunnelTarget = z.infer<typeof tunnelTarget>;

/** Admission to a relay for one key: at most an hour, for these counterparts. `stun` is `host:port`. */
export const relayTicket = z.object({
  name: z.string().min(1).max(255),
  url: z.url({ protocol: /^wss?$/ }).max(500),
  stun: z.array(z.string().max(262)).max(4),
  token: z.string().max(24_000),
  expiresAt: timestamp,
});
export type RelayTicket = z.infer<typeof relayTicket>;

/** Query of a list: `after` is the `next` of the page before. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.string().max(200).optional(),
});

/** A page: `next` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** The answer of a route that answers nothing. */
export const nothing = z.void();

/** The one error shape. `code` is a key of shared/errors/codes.ts; an unknown one is read as INTERNAL. */
export const errorBody = z.object({
  error: z.object({
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]).catch('INTERNAL'),
    message: z.string(),
    field: z.string().optional(),
    hint: z.string().optional(),
    requestId: z.string(),
  }),
});
export type ErrorBody = z.infer<typeof errorBody>;
