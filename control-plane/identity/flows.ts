import { key32 } from '@daam/shared/api/schemas';
import { publicationBody } from '@daam/shared/api/routes/publications';
import { maxDecisions } from '@daam/shared/api/max-decisions';
import { decisionBody } from '@daam/shared/api/routes/requests';
import { passkeyProofSchema, pinnedPasskeySchema } from '@daam/shared/identity/passkey-proof';
import { z } from 'zod';
import type { CodeKind } from './one-time-codes.ts';

/** Every one-time code of a sign-in or a ceremony: what is remembered between two steps, and for how long. */

const minute = 60_000;
const hour = 60 * minute;

/** The browser waits three minutes for the person; a little more for the network. */
const ceremonyMs = 5 * minute;

const uuid = z.uuid();

/** A device that wants to sign in, as it says of itself. */
const askingDevice = z.object({ name: z.string(), os: z.string(), wgKey: key32 });
export type AskingDevice = z.output<typeof askingDevice>;

/** What the assertion of a sign-in commits to (shared/identity/passkey-proof.ts). `org` may be one that is not there. */
const commitment = z.object({ nonce: key32, wgKey: key32, org: uuid, exp: z.int() });

/** What a finished sign-in proved, until the device fetches its certificate. */
const approval = z.object({
  user: uuid,
  passkeyId: uuid,
  proof: passkeyProofSchema,
  /** When the certificate ends, seconds since the Unix epoch: the assertion commits to it. */
  exp: z.int(),
  /** Milliseconds since the Unix epoch. */
  authTime: z.int(),
});
export type Approval = z.output<typeof approval>;

function kind<Schema extends z.ZodType>(name: string, lifetimeMs: number, schema: Schema): CodeKind<Schema> {
  return { name, lifetimeMs, schema };
}

/** The challenge for a device's key; the private half is sealed. */
export const keyChallenge = kind(
  'key-challenge',
  2 * minute,
  z.object({ nonce: key32, verifierKey: key32, sealed: z.string() }),
);

export const authorizeFlow = kind(
  'authorize',
  ceremonyMs,
  z.object({
    commitment,
    device: askingDevice,
    redirectUri: z.string(),
    codeChallenge: key32,
    state: z.string(),
    loginHint: z.string().nullable(),
  }),
);

export const authorizationCode = kind(
  'authorization-code',
  minute,
  z.object({
    approval,
    device: askingDevice,
    redirectUri: z.string(),
    codeChallenge: key32,
    /** The session of the browser that came of the same touch. */
    session: uuid.nullable(),
  }),
);

/** A device code; `approval` once the person said yes. */
export const deviceCode = kind(
  'device-code',
  10 * minute,
  z.object({
    device: askingDevice,
    org: z.string().nullable(),
    loginHint: z.string().nullable(),
    status: z.enum(['pending', 'approved', 'refused']),
    approval: approval.nullable(),
  }),
);

/** The person looks at a device code. */
export const deviceFlow = kind(
  'device-page',
  ceremonyMs,
  z.object({ codeHash: z.string(), commitment, loginHint: z.string().nullable() }),
);

export const signInFlow = kind('sign-in', ceremonyMs, z.object({ challenge: key32 }));

/** `by`: who made it over the API; null for the command of whoever runs the control plane. */
export const invitation = kind('invitation', 72 * hour, z.object({ user: uuid, by: uuid.nullable() }));

export const enrollFlow = kind(
  'enroll',
  ceremonyMs,
  z.object({ user: uuid, challenge: key32, invitationHash: z.string() }),
);

export const newPasskeyFlow = kind('new-passkey', ceremonyMs, z.object({ user: uuid, challenge: key32 }));

/** A passkey that is registered but not yet spoken for by an older one. */
export const endorseFlow = kind(
  'endorse',
  ceremonyMs,
  z.object({
    user: uuid,
    nonce: key32,
    name: z.string(),
    passkey: pinnedPasskeySchema.extend({
      signCount: z.int(),
      isBackupEligible: z.boolean(),
      isBackedUp: z.boolean(),
      transports: z.array(z.string()),
    }),
  }),
);

export const approvalFlow = kind(
  'approval',
  ceremonyMs,
  z.object({ admin: uuid, passkeyId: uuid, nonce: key32 }),
);

/**
 * Decisions on access requests that wait for one touch: one, or several on requests of one person for one database. `said`:
 * what the page shows, and the passkey signs.
 */
export const decisionFlow = kind(
  'decisions',
  2 * ceremonyMs,
  z.object({
    user: uuid,
    nonce: key32,
    items: z
      .array(
        z.object({
          body: decisionBody,
          said: z.object({
            org: uuid,
            user: uuid,
            request: uuid,
            decision: z.enum(['approve', 'deny']),
            terms: z
              .object({
                policy: uuid.nullable(),
                access: z.record(z.string(), z.unknown()).nullable(),
                minutes: z.int(),
                startAt: z.int().nullable(),
              })
              .nullable(),
          }),
        }),
      )
      .min(1)
      .max(maxDecisions),
  }),
);
export type WaitingDecision = z.output<typeof decisionFlow.schema>['items'][number];

/** A publication of policies that waits for its touch. `id`: its name in the list of revisions, once it is made. */
export const publicationFlow = kind(
  'publication',
  2 * ceremonyMs,
  z.object({
    id: uuid,
    user: uuid,
    nonce: key32,
    body: publicationBody,
    said: z.object({
      org: uuid,
      user: uuid,
      database: uuid,
      base: z.int(),
      document: key32,
      text: key32,
      proposal: z.object({ id: uuid, by: uuid }).nullable(),
      comment: z.string(),
    }),
  }),
);
