import { z } from 'zod';
import { isUuid } from '../domain/ids.ts';
import type { AgentId, AnyId, DatabaseId, DeviceId, OrgId, UserId } from '../domain/ids.ts';
import type { PolicyBundle } from '../policy/bundle.ts';
import { maskPresets, rowFilterOperators, tableOperations } from '../policy/effective-policy.ts';
import type { DatabaseGrant, DeviceCertificate } from './claims.ts';
import { isPublicKeyText } from './keys.ts';
import { passkeyProofSchema, pinnedPasskeySchema } from './passkey-proof.ts';

/**
 * The claims of every signed document as zod schemas. Strict: a member that a verifier does not know might
 * be a restriction, and ignoring it would widen access.
 */

/** Which document carries which claims; the keys are those of `documentTypes`. */
export interface DocumentClaims {
  readonly deviceCertificate: DeviceCertificate;
  readonly databaseGrant: DatabaseGrant;
  readonly policyBundle: PolicyBundle;
}
export type DocumentKind = keyof DocumentClaims;

function id<Id extends AnyId>() {
  return z.custom<Id>((value) => typeof value === 'string' && isUuid(value), 'a UUID');
}

const seconds = z.int().min(0).max(8_640_000_000_000);
const epoch = z.int().min(0);
const jti = z.string().min(1).max(200);
const key32 = z.string().refine(isPublicKeyText, '32 bytes in base64url');
const text = z.string().max(400);

const deviceCertificate = z.strictObject({
  org: id<OrgId>(),
  user: id<UserId>(),
  email: z.string().min(1).max(254),
  device: id<DeviceId>(),
  wgKey: key32,
  amr: z.array(z.enum(['hwk', 'user', 'dev-token', 'workload'])).max(8),
  passkey: passkeyProofSchema.nullable(),
  authTime: seconds,
  iat: seconds,
  exp: seconds,
  epoch,
  jti,
}) satisfies z.ZodType<DeviceCertificate>;

const databaseGrant = z.strictObject({
  certificateHash: key32,
  database: id<DatabaseId>(),
  agent: id<AgentId>().nullable(),
  policyEpoch: epoch,
  iat: seconds,
  exp: seconds,
  jti,
}) satisfies z.ZodType<DatabaseGrant>;

const origin = z.strictObject({ policy: text, version: z.int().min(0) });
const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);
const milliseconds = z.int().min(1);

/** Columns that PostgreSQL lets a table have (docs, Appendix K). */
const maxColumns = 1_600;

/** What one person may do (policy/effective-policy.ts), as it travels to an agent. */
export const effectivePolicy = z.strictObject({
  database: text,
  grants: z.array(
    z.strictObject({
      schema: text,
      table: text,
      operations: z.array(z.enum(tableOperations)),
      columns: z.array(text).max(maxColumns).optional(),
      origin,
    }),
  ),
  unmasks: z
    .array(
      z.strictObject({
        schema: text,
        table: text,
        column: text,
        mask: z
          .strictObject({
            preset: z.enum(maskPresets),
            prefix: z.int().min(0).optional(),
            suffix: z.int().min(0).optional(),
          })
          .nullable(),
        origin,
      }),
    )
    .optional(),
  masks: z.array(
    z.strictObject({
      schema: text,
      table: text,
      column: text,
      preset: z.enum(maskPresets),
      prefix: z.int().min(0).optional(),
      suffix: z.int().min(0).optional(),
      as: z.literal('text').optional(),
      match: z.enum(['none', 'equality']).optional(),
      origin,
    }),
  ),
  rowFilters: z.array(
    z.strictObject({
      schema: text,
      table: text,
      where: z.array(
        z.strictObject({
          column: text,
          operator: z.enum(rowFilterOperators),
          value: z.union([scalar, z.array(scalar)]).optional(),
          problem: z.string().max(1_000).optional(),
        }),
      ),
      origin,
    }),
  ),
  audit: z.strictObject({ parameters: z.literal(true) }).optional(),
  limits: z.strictObject({
    maxRows: z.int().min(1).optional(),
    statementTimeoutMs: milliseconds.optional(),
    idleTimeoutMs: milliseconds.optional(),
    maxSessionDurationMs: milliseconds.optional(),
    matchesPerStatement: z.int().min(0).optional(),
    matchesPerHour: z.int().min(0).optional(),
  }),
  policies: z.array(origin),
});

/** A passkey of a person, and who vouched for it: nobody for the first ones. */
const subjectPasskey = pinnedPasskeySchema.extend({
  endorsement: z.strictObject({ by: id<UserId>(), proof: passkeyProofSchema }).nullable(),
});

/** Passkeys of one person, and origins of one relying party. */
const maxPasskeys = 20;
const maxOrigins = 10;

/** Administrators of an organization. */
const maxEndorsers = 1_000;

/** Windows of access requests of one person that are open at once. */
const maxTemporary = 100;

/** Vouched functions and triggers in a database. */
const maxVouched = 1_000;

const policyBundle = z
  .strictObject({
    org: id<OrgId>(),
    database: z.strictObject({ id: id<DatabaseId>(), name: z.string().min(1).max(63) }),
    agent: id<AgentId>(),
    epoch,
    issuedAt: seconds,
    orgKeys: z
      .array(z.strictObject({ kid: z.string().min(1).max(100), x: key32 }))
      .min(1)
      .max(20),
    policies: z.array(effectivePolicy),
    subjects: z.array(
      z.strictObject({
        user: id<UserId>(),
        email: z.string().min(1).max(254),
        policy: z.int().min(0),
        temporary: z
          .array(z.strictObject({ until: seconds, policy: z.int().min(0) }))
          .min(1)
          .max(maxTemporary)
          .optional(),
        isAdmin: z.boolean().optional(),
        passkeys: z.array(subjectPasskey).max(maxPasskeys).optional(),
      }),
    ),
    revoked: z.strictObject({ devices: z.array(text), users: z.array(text) }),
    settings: z.strictObject({
      elevation: z.boolean(),
      stepUpSeconds: z.int().min(1).max(86_400).optional(),
      vouched: z
        .array(
          z.strictObject({
            kind: z.enum(['function', 'trigger']),
            oid: z.int().min(1).max(0xffff_ffff),
            sourceHash: z.string().regex(/^[0-9a-f]{64}$/),
            name: z.string().min(1).max(1_000),
          }),
        )
        .max(maxVouched)
        .optional(),
      pseudonymKey: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .optional(),
      relyingParty: z
        .strictObject({ id: z.string().min(1).max(253), origins: z.array(z.url().max(300)).max(maxOrigins) })
        .optional(),
      endorsers: z
        .array(
          z.strictObject({
            user: id<UserId>(),
            email: z.string().min(1).max(254),
            passkeys: z.array(subjectPasskey).max(maxPasskeys),
          }),
        )
        .max(maxEndorsers)
        .optional(),
    }),
  })
  .refine(
    ({ subjects, policies }) =>
      subjects.every((subject) =>
        [subject, ...(subject.temporary ?? [])].every(({ policy }) => policy < policies.length),
      ),
    { path: ['subjects'], message: 'a subject points at a policy that is not there' },
  )
  .refine((bundle) => new Set(bundle.subjects.map(({ user }) => user)).size === bundle.subjects.length, {
    path: ['subjects'],
    message: 'a user is there twice',
  });

/** The schema and the ceilings of each document: `maxBytes` of the compact text, `maxLifetime` in seconds. */
export const documentRules = {
  deviceCertificate: { schema: deviceCertificate, maxBytes: 8 * 1024, maxLifetime: 24 * 3_600 },
  databaseGrant: { schema: databaseGrant, maxBytes: 8 * 1024, maxLifetime: 3_600 },
  policyBundle: { schema: policyBundle, maxBytes: 16 * 1024 * 1024, maxLifetime: null },
} as const;

/** Parses claims; null when they do not fit, with the path of what is wrong in `reason`. */
export function parseClaims<Kind extends DocumentKind>(
  kind: Kind,
  value: unknown,
):
  | { readonly claims: DocumentClaims[Kind]; readonly reason: null }
  | { readonly claims: null; readonly reason: string } {
  const result = documentRules[kind].schema.safeParse(value);
  if (!result.success) return { claims: null, reason: z.prettifyError(result.error) };
  return { claims: result.data as DocumentClaims[Kind], reason: null };
}
