import { z } from 'zod';
import { tableOperations } from '../../policy/effective-policy.ts';
import { policyComment, policyComparison, policyDocument, policyText, revisionNumber } from '../policies.ts';
import { route } from '../route.ts';
import { databaseRef, id, pageOf, pageQuery, timestamp } from '../schemas.ts';
import { policyState } from './policies.ts';

/**
 * How policies come into force: by the touch of a passkey that signs just that document, and, where the organization
 * wants two people, from a proposal of another administrator.
 */

const tag = 'policies';
const params = z.strictObject({ database: databaseRef });
const proposalParams = params.extend({ proposal: id });
const path = '/api/v1/databases/:database/policies';

/** What an organization asks of whoever puts policies in force. */
export const policySettings = z.strictObject({
  /**
   * A touch of the passkey over each publication: `auto` asks it of people at a screen (a browser, a signed-in device)
   * who have a passkey; `always` of everybody, so that programs and API tokens publish nothing; `never`.
   */
  touch: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Nothing is published but what another administrator proposed. */
  secondApprover: z.boolean().default(false),
});
export type PolicySettings = z.infer<typeof policySettings>;

const isOneSource = ({ text, document }: { text?: unknown; document?: unknown }) =>
  (text === undefined) !== (document === undefined);

/** What is to be put in force. */
export const publicationBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('draft'),
    edition: z.number().int().min(1),
    comment: policyComment.min(1),
  }),
  z
    .strictObject({
      kind: z.literal('document'),
      text: policyText.optional(),
      document: policyDocument.optional(),
      comment: policyComment.default(''),
      expectRevision: revisionNumber.optional(),
    })
    .refine(isOneSource, 'either text or document'),
  z.strictObject({
    kind: z.literal('restore'),
    revision: z.number().int().min(1).max(999_999_999),
    /** Only this policy; the others stay as they are. */
    policy: z.string().min(1).max(63).optional(),
    comment: policyComment.default(''),
    expectRevision: revisionNumber.optional(),
  }),
  z.strictObject({ kind: z.literal('proposal'), proposal: id }),
]);
export type PublicationBody = z.output<typeof publicationBody>;

/** A document that somebody proposed. `stale`: something else was published since its base. */
export const policyProposal = z.object({
  id,
  state: z.enum(['open', 'published', 'withdrawn', 'declined', 'stale']),
  author: z.object({ id, email: z.string() }).nullable(),
  base: revisionNumber,
  comment: z.string(),
  createdAt: timestamp,
  /** Who published, withdrew or declined it. */
  closedBy: z.object({ id, email: z.string() }).nullable(),
  closedAt: timestamp.nullable(),
  note: z.string().nullable(),
});
export type PolicyProposal = z.infer<typeof policyProposal>;

/**
 * A publication that waits for its touch. `url` goes to the system's browser, whole: what is behind its `#` is a secret
 * of the caller, and no part of what a server sees. `id` is the publication's in the list of revisions, once it is made.
 */
const begunPublication = z.object({ id, url: z.url({ protocol: /^https?$/ }), expiresAt: timestamp });

/** Operations that policies in force grant and that nobody who has them used, as recorded statements tell. */
const unusedAnswer = z.object({
  days: z.number().int(),
  /** Statements that were looked at, and when the first of them was. */
  considered: z.number().int(),
  since: timestamp.nullable(),
  /** There is more than is looked at: the time is shorter than was asked for, or some lines are told nothing about. */
  isTruncated: z.boolean(),
  items: z.array(
    z.object({
      policy: z.string(),
      /** As the document writes it. */
      table: z.string(),
      operations: z.array(z.enum(tableOperations)),
      /** The line grants nothing else. */
      isWholeLine: z.boolean(),
    }),
  ),
});
export type UnusedGrants = z.infer<typeof unusedAnswer>;

export const publicationRoutes = {
  listUnusedGrants: route({
    method: 'GET',
    path: `${path}/unused`,
    summary: 'Which grants nobody used in the last days, from recorded statements.',
    // Whoever asks learns from the audit.
    tag: 'audit',
    params,
    query: z.strictObject({ days: z.coerce.number().int().min(7).max(366).default(90) }),
    status: 200,
    response: unusedAnswer,
  }),
  getPolicySettings: route({
    method: 'GET',
    path: '/api/v1/organization/policy-settings',
    summary: 'What the organization asks of whoever puts policies in force.',
    tag,
    status: 200,
    response: policySettings,
  }),
  putPolicySettings: route({
    method: 'PUT',
    path: '/api/v1/organization/policy-settings',
    summary: 'Set what is asked of whoever puts policies in force. Needs a recent sign-in.',
    tag,
    body: policySettings,
    status: 200,
    response: policySettings,
  }),
  beginPublication: route({
    method: 'POST',
    path: `${path}/publication`,
    summary:
      'Prepare a publication that the caller’s passkey signs: the answer’s page shows it and asks for the touch, which publishes.',
    tag,
    params,
    body: publicationBody,
    status: 200,
    response: begunPublication,
  }),
  proposePolicies: route({
    method: 'POST',
    path: `${path}/proposals`,
    summary: 'Propose the caller’s draft for another administrator to publish. It stays as it was proposed.',
    tag,
    params,
    body: z.strictObject({ edition: z.number().int().min(1), comment: policyComment.min(1) }),
    status: 201,
    response: policyProposal,
  }),
  listPolicyProposals: route({
    method: 'GET',
    path: `${path}/proposals`,
    summary: 'Documents that were proposed, newest first.',
    tag,
    params,
    query: pageQuery,
    status: 200,
    response: pageOf(policyProposal),
  }),
  getPolicyProposal: route({
    method: 'GET',
    path: `${path}/proposals/:proposal`,
    summary: 'A proposed document, and what it changes in what is in force.',
    tag,
    params: proposalParams,
    status: 200,
    response: policyProposal.extend({
      text: z.string(),
      difference: policyComparison.shape.difference,
      unified: z.string(),
    }),
  }),
  publishPolicyProposal: route({
    method: 'POST',
    path: `${path}/proposals/:proposal/publish`,
    summary: 'Put somebody else’s proposal in force. TOUCH_REQUIRED where the passkey has to sign it.',
    tag,
    params: proposalParams,
    status: 200,
    response: policyState,
  }),
  closePolicyProposal: route({
    method: 'POST',
    path: `${path}/proposals/:proposal/close`,
    summary: 'Withdraw one’s own proposal, or decline somebody else’s.',
    tag,
    params: proposalParams,
    body: z.strictObject({ note: z.string().trim().max(500).default('') }),
    status: 200,
    response: policyProposal,
  }),
} as const;
