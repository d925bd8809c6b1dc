import { z } from 'zod';
import { tableOperations } from '../../policy/effective-policy.ts';
import {
  columnExplanation,
  dryRun,
  effectiveAccess,
  mergeDecision,
  policyAssignment,
  policyComment,
  policyComparison,
  policyDocument,
  policyDraft,
  policyDraftSummary,
  policyProblem,
  policyRevision,
  policyRevisionDetail,
  policyText,
  revisionNumber,
  revisionRef,
  threeWay,
} from '../policies.ts';
import { route } from '../route.ts';
import { databaseRef, email, id, nothing, pageOf, pageQuery, timestamp } from '../schemas.ts';

/**
 * Policies as one document for each database (shared/policy/document.ts). Every document that was in force is a
 * revision; within it each policy has versions of its own. Drafts are their author's until they are published.
 */

const tag = 'policies';

const params = z.strictObject({ database: databaseRef });
const policyName = z.string().min(1).max(63);
const userRef = z.union([id, email]);
const groupRef = z.union([id, z.string().min(1).max(100)]);
const path = '/api/v1/databases/:database/policies';
const revisionText = z.coerce.number().int().min(1).max(999_999_999);

/** One of the two; neither: the caller's own draft. */
const source = { text: policyText.optional(), document: policyDocument.optional() };
const isOneSource = ({ text, document }: { text?: unknown; document?: unknown }) =>
  text === undefined || document === undefined;
const oneSource = 'either text or document';

export const policyState = z.object({
  database: z.object({ id, name: z.string() }),
  epoch: z.number().int(),
  /** 0 before the first. */
  revision: revisionNumber,
  policies: z.array(z.object({ id, name: z.string(), version: z.number().int() })),
  document: policyDocument,
  /** The document as it was written, with its comments; else as YAML. */
  text: z.string(),
});

export const policyRoutes = {
  getPolicies: route({
    method: 'GET',
    path,
    summary: 'The policy document in force.',
    tag,
    params,
    status: 200,
    response: policyState,
  }),
  putPolicies: route({
    method: 'PUT',
    path,
    summary: 'Replace the whole policy document. Each policy that changed gets a new version.',
    tag,
    params,
    query: z.strictObject({
      /** Refuse with CONFLICT unless the database is still at this epoch. */
      expectEpoch: z.coerce.number().int().min(0).optional(),
    }),
    body: policyDocument,
    status: 200,
    response: policyState,
  }),
  publishPolicies: route({
    method: 'POST',
    path: `${path}/publish`,
    summary:
      'Put a document in force, as text (its comments are kept) or as an object: what “daam policy apply” calls.',
    tag,
    params,
    body: z
      .strictObject({
        ...source,
        comment: policyComment.default(''),
        /** Refuse with CONFLICT unless this revision is in force. */
        expectRevision: revisionNumber.optional(),
      })
      .refine(isOneSource, oneSource)
      .refine(({ text, document }) => text !== undefined || document !== undefined, 'text or document'),
    status: 200,
    response: policyState,
  }),
  checkPolicies: route({
    method: 'POST',
    path: `${path}/check`,
    summary: 'What is wrong with a document’s text, and where. Nothing is stored.',
    tag,
    params,
    body: z.strictObject({ text: policyText }),
    status: 200,
    response: z.object({ document: policyDocument.nullable(), problems: z.array(policyProblem) }),
  }),
  dryRunPolicies: route({
    method: 'POST',
    path: `${path}/dry-run`,
    summary:
      'What a document, or the caller’s draft, would change: in rights, for whom, and for recorded statements.',
    tag,
    params,
    body: z
      .strictObject({
        ...source,
        /** Recorded statements of the last days; absent: they are not looked at. */
        statements: z
          .strictObject({
            days: z.number().int().min(1).max(92).default(7),
            /** The newest so many. */
            limit: z.number().int().min(1).max(20_000).default(5_000),
            /** False: by tables and operations alone, without asking the agent. */
            askAgent: z.boolean().default(true),
          })
          .optional(),
      })
      .refine(isOneSource, oneSource),
    status: 200,
    response: dryRun,
  }),
  previewAccess: route({
    method: 'POST',
    path: `${path}/preview`,
    summary: 'What somebody could do under a document or the caller’s draft: the same as effective access.',
    tag,
    params,
    body: z
      .strictObject({
        ...source,
        user: userRef.optional(),
        group: groupRef.optional(),
        table: z.string().max(400).optional(),
        limit: z.number().int().min(1).max(500).default(100),
        after: z.string().max(400).optional(),
      })
      .refine(isOneSource, oneSource)
      .refine(({ user, group }) => (user === undefined) !== (group === undefined), 'either user or group'),
    status: 200,
    response: effectiveAccess,
  }),
  listPolicyVersions: route({
    method: 'GET',
    path: `${path}/versions`,
    summary: 'Every version of every policy of the database, newest first.',
    tag,
    params,
    query: pageQuery.extend({ policy: policyName.optional() }),
    status: 200,
    response: pageOf(
      z.object({
        policy: z.object({ id, name: z.string() }),
        version: z.number().int(),
        document: policyDocument,
        author: z.object({ id, email: z.string() }).nullable(),
        /** Of the revision that brought it; empty when there is none. */
        comment: z.string(),
        createdAt: timestamp,
      }),
    ),
  }),
  listPolicyRevisions: route({
    method: 'GET',
    path: `${path}/revisions`,
    summary: 'Every document that was in force, newest first, with author and comment.',
    tag,
    params,
    query: pageQuery,
    status: 200,
    response: pageOf(policyRevision),
  }),
  getPolicyRevision: route({
    method: 'GET',
    path: `${path}/revisions/:revision`,
    summary: 'One revision with its document and its text.',
    tag,
    params: params.extend({ revision: revisionText }),
    status: 200,
    response: policyRevisionDetail,
  }),
  restorePolicyRevision: route({
    method: 'POST',
    path: `${path}/revisions/:revision/restore`,
    summary: 'Put an earlier revision in force again, whole or one policy of it. That is a new revision.',
    tag,
    params: params.extend({ revision: revisionText }),
    body: z.strictObject({
      /** Only this policy; the others stay as they are. */
      policy: policyName.optional(),
      comment: policyComment.default(''),
      expectRevision: revisionNumber.optional(),
    }),
    status: 200,
    response: policyState,
  }),
  comparePolicies: route({
    method: 'GET',
    path: `${path}/compare`,
    summary: 'The difference between two revisions, the document in force and the caller’s draft.',
    tag,
    params,
    query: z.strictObject({ from: revisionRef, to: revisionRef.default('current') }),
    status: 200,
    response: policyComparison,
  }),
  listPolicyDrafts: route({
    method: 'GET',
    path: `${path}/drafts`,
    summary: 'Who has a draft, from which revision.',
    tag,
    params,
    status: 200,
    response: z.object({ items: z.array(policyDraftSummary) }),
  }),
  getPolicyDraft: route({
    method: 'GET',
    path: `${path}/draft`,
    summary: 'The caller’s own draft; NOT_FOUND when there is none.',
    tag,
    params,
    status: 200,
    response: policyDraft,
  }),
  putPolicyDraft: route({
    method: 'PUT',
    path: `${path}/draft`,
    summary:
      'Save the caller’s draft. A document is written into the draft’s text, whose comments stay; a text may be unfinished.',
    tag,
    params,
    body: z
      .strictObject({
        ...source,
        /** The edition that was seen; 0: there was no draft. CONFLICT when another one is there. */
        edition: z.number().int().min(0),
      })
      .refine(isOneSource, oneSource),
    status: 200,
    response: policyDraft,
  }),
  deletePolicyDraft: route({
    method: 'DELETE',
    path: `${path}/draft`,
    summary: 'Discard the caller’s draft.',
    tag,
    params,
    status: 204,
    response: nothing,
  }),
  publishPolicyDraft: route({
    method: 'POST',
    path: `${path}/draft/publish`,
    summary: 'Put the caller’s draft in force. CONFLICT when something else was published since its base.',
    tag,
    params,
    body: z.strictObject({
      edition: z.number().int().min(1),
      comment: policyComment.min(1),
    }),
    status: 200,
    response: policyState,
  }),
  compareDraftWithOthers: route({
    method: 'GET',
    path: `${path}/draft/three-way`,
    summary: 'What the draft changes, what was published since its base, and where both changed the same.',
    tag,
    params,
    status: 200,
    response: threeWay,
  }),
  rebasePolicyDraft: route({
    method: 'POST',
    path: `${path}/draft/rebase`,
    summary:
      'Bring the draft onto the document in force. CONFLICT names the first conflict that no decision was given for.',
    tag,
    params,
    body: z.strictObject({
      edition: z.number().int().min(1),
      decisions: z.array(mergeDecision).max(1_000).default([]),
    }),
    status: 200,
    response: policyDraft,
  }),
  assignPolicyToUser: route({
    method: 'PUT',
    path: `${path}/assignments/:policy/users/:user`,
    summary: 'Assign a policy to a user. That is a new revision of the document.',
    tag,
    params: params.extend({ policy: policyName, user: userRef }),
    status: 200,
    response: policyState,
  }),
  unassignPolicyFromUser: route({
    method: 'DELETE',
    path: `${path}/assignments/:policy/users/:user`,
    summary: 'Take a policy from a user. That is a new revision of the document.',
    tag,
    params: params.extend({ policy: policyName, user: userRef }),
    status: 200,
    response: policyState,
  }),
  assignPolicyToGroup: route({
    method: 'PUT',
    path: `${path}/assignments/:policy/groups/:group`,
    summary: 'Assign a policy to a group. That is a new revision of the document.',
    tag,
    params: params.extend({ policy: policyName, group: groupRef }),
    status: 200,
    response: policyState,
  }),
  unassignPolicyFromGroup: route({
    method: 'DELETE',
    path: `${path}/assignments/:policy/groups/:group`,
    summary: 'Take a policy from a group. That is a new revision of the document.',
    tag,
    params: params.extend({ policy: policyName, group: groupRef }),
    status: 200,
    response: policyState,
  }),
  listPolicyAssignments: route({
    method: 'GET',
    path: '/api/v1/policy-assignments',
    summary: 'Which policies are assigned to whom, in all databases.',
    tag,
    query: pageQuery.extend({
      database: databaseRef.optional(),
      user: userRef.optional(),
      group: groupRef.optional(),
    }),
    status: 200,
    response: pageOf(policyAssignment),
  }),
  getEffectiveAccess: route({
    method: 'GET',
    path: '/api/v1/databases/:database/effective-access',
    summary: 'What a person may do in a database, and where every right comes from. Members: themselves.',
    tag,
    params,
    query: z.strictObject({
      user: userRef.optional(),
      /** Tables whose name (`schema.table`) matches this pattern. */
      table: z.string().max(400).optional(),
      /** Tables on a page. */
      limit: z.coerce.number().int().min(1).max(500).default(100),
      after: z.string().max(400).optional(),
    }),
    status: 200,
    response: effectiveAccess,
  }),
  explainColumn: route({
    method: 'GET',
    path: '/api/v1/databases/:database/effective-access/column',
    summary: 'Why a person can or cannot see a column, rule by rule. Members: themselves.',
    tag,
    params,
    query: z.strictObject({
      /** `schema.table.column`, quoted as in SQL where needed. */
      column: z.string().min(5).max(400),
      operation: z.enum(tableOperations).default('select'),
      user: userRef.optional(),
    }),
    status: 200,
    response: columnExplanation,
  }),
} as const;
