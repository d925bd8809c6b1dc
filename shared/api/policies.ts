import { z } from 'zod';
import { maskPresets, tableOperations } from '../policy/effective-policy.ts';
import { id, timestamp } from './schemas.ts';

/**
 * What the control plane says about policies: revisions of a database's document, drafts, differences, dry runs, and
 * what a person may do with the reason for every right. The document itself is in shared/policy/document.ts.
 */

/** Longest document as text, in characters. */
export const maxPolicyText = 1_048_576;

/** The policy document as it travels; shared/policy/document.ts checks it and names the path of what is wrong. */
export const policyDocument = z.record(z.string(), z.unknown()).meta({
  description:
    'Policy document: { database, policies: [{ name, grants, masks, rowFilters, limits, assign }] }',
});

/** The document as somebody wrote it: YAML or JSON. Where it is kept, its comments are kept. */
export const policyText = z.string().min(1).max(maxPolicyText);

/** Why something was changed: words for people, one or more lines. */
export const policyComment = z
  .string()
  .trim()
  .max(500)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters');

const person = z.object({ id, email: z.string() });
const count = z.number().int().min(0);

/** Revisions of a database's document count from 1; 0 stands for the empty one before the first. */
export const revisionNumber = z.number().int().min(0);

/** A revision to compare: its number, `current` (in force), or `draft` (the caller's own). */
export const revisionRef = z.union([
  z.enum(['current', 'draft']),
  z.string().regex(/^(0|[1-9][0-9]{0,8})$/, 'a number, current or draft'),
]);

/** A document that was in force, with who put it there. */
export const policyRevision = z.object({
  revision: revisionNumber,
  /** `kept`: it was in force before revisions were. */
  kind: z.enum(['published', 'restored', 'assigned', 'kept']),
  /** Epoch of the database that it came with. */
  epoch: count,
  comment: z.string(),
  author: person.nullable(),
  createdAt: timestamp,
  restoredFrom: revisionNumber.nullable(),
  /** Each policy in the version that it had then. */
  policies: z.array(z.object({ name: z.string(), version: count })),
  /** Names of policies that this revision added, changed (body, assignment or place) and removed. */
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  /** Of the publication that made it, if it was prepared (`beginPublication`). */
  publication: id.nullable(),
  /** Whether its author's passkey signed it. */
  isSigned: z.boolean(),
  /** Whose proposal it was. */
  proposedBy: person.nullable(),
});
export type PolicyRevision = z.infer<typeof policyRevision>;

/** One revision with what it says. `text` is what its author wrote, or the document as YAML. */
export const policyRevisionDetail = policyRevision.extend({ document: policyDocument, text: z.string() });

const operations = z.array(z.enum(tableOperations));

/** A mask as it is compared. Numbers are characters shown. */
export const comparedMask = z.object({
  preset: z.enum(maskPresets),
  prefix: count.optional(),
  suffix: count.optional(),
  as: z.literal('text').optional(),
  match: z.enum(['none', 'equality']).optional(),
});

/** What differs in one policy. Patterns are as the document writes them. */
export const policyDifference = z.object({
  name: z.string(),
  status: z.enum(['added', 'removed', 'changed']),
  /** It stands at another place of the document; that alone changes nobody's rights. */
  isMoved: z.boolean(),
  grants: z.array(z.object({ table: z.string(), added: operations, removed: operations })),
  masks: z.array(
    z.object({
      column: z.string(),
      before: z.array(comparedMask),
      after: z.array(comparedMask),
      /** What the change of these lines alone does; other policies may hold a stronger mask. */
      effect: z.enum(['stricter', 'weaker', 'other']),
    }),
  ),
  /** Each filter in words; all of a table apply. */
  rowFilters: z.array(
    z.object({ table: z.string(), before: z.array(z.string()), after: z.array(z.string()) }),
  ),
  limits: z.array(
    z.object({
      limit: z.string(),
      before: z.union([z.string(), z.number(), z.boolean()]).nullable(),
      after: z.union([z.string(), z.number(), z.boolean()]).nullable(),
    }),
  ),
  users: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
  groups: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
});

/** What one document says that another does not, in rights and not in lines. */
export const documentDifference = z.object({
  isSame: z.boolean(),
  policies: z.array(policyDifference),
});

/** Two documents compared: in rights, and as text in unified form (empty when the texts are equal). */
export const policyComparison = z.object({
  from: z.object({ revision: revisionNumber.nullable(), text: z.string() }),
  to: z.object({ revision: revisionNumber.nullable(), text: z.string() }),
  difference: documentDifference,
  unified: z.string(),
});
export type PolicyComparison = z.infer<typeof policyComparison>;

/** What is wrong with a text, and where; line and column count from 1. */
export const policyProblem = z.object({
  field: z.string(),
  message: z.string(),
  line: count.nullable(),
  column: count.nullable(),
});
export type PolicyProblem = z.infer<typeof policyProblem>;

/** Somebody's draft: one for each author and database. */
export const policyDraft = z.object({
  author: person,
  /** The revision that it started from, and the one in force; it can be published while they are equal. */
  base: revisionNumber,
  current: revisionNumber,
  isStale: z.boolean(),
  /** Grows with each save; a save or a publication names the one it saw. */
  edition: count,
  text: z.string(),
  /** Null while the text is not a valid document. */
  document: policyDocument.nullable(),
  problems: z.array(policyProblem),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type PolicyDraftView = z.infer<typeof policyDraft>;

/** A list entry of drafts: without the text. */
export const policyDraftSummary = policyDraft.omit({ text: true, document: true });

/** The parts of a policy that are merged for themselves. `policy`: whether it is there at all. */
export const mergedPart = z.enum(['policy', 'grants', 'masks', 'rowFilters', 'limits', 'users', 'groups']);

/** Where a draft and the document in force changed the same thing in different ways. Values are for people to compare. */
export const mergeConflict = z.object({
  policy: z.string(),
  part: mergedPart,
  /** The table, column, limit, user or group; empty for the whole policy. */
  key: z.string(),
  base: z.unknown(),
  mine: z.unknown(),
  theirs: z.unknown(),
});
export type MergeConflict = z.infer<typeof mergeConflict>;

/** How a conflict is decided. */
export const mergeDecision = z.strictObject({
  policy: z.string().max(63),
  part: mergedPart,
  key: z.string().max(600),
  take: z.enum(['mine', 'theirs']),
});

/** A draft whose base is no longer in force: what the draft changes, what came meanwhile, and where both meet. */
export const threeWay = z.object({
  base: revisionNumber,
  current: revisionNumber,
  mine: documentDifference,
  theirs: documentDifference,
  conflicts: z.array(mergeConflict),
});
export type ThreeWay = z.infer<typeof threeWay>;

/** Why somebody has a policy. */
export const assignedBy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user') }),
  z.object({ kind: z.literal('group'), group: z.string() }),
  /** An access request whose window is open. */
  z.object({ kind: z.literal('request'), request: id, until: timestamp }),
]);
export type AssignedBy = z.infer<typeof assignedBy>;

/** The line of a policy that something comes from. */
export const ruleSource = z.object({
  policy: z.string(),
  version: count,
  /** As the policy writes it: `sales.*`. */
  pattern: z.string(),
  /** Where in the document: `policies[0].masks[2]`, and the line of its text; null for access requests. */
  path: z.string().nullable(),
  line: count.nullable(),
});
export type RuleSource = z.infer<typeof ruleSource>;

/** How a column reads: as it is, as a mask, as NULL, or not at all. */
export const columnState = z.enum(['clear', 'masked', 'hidden', 'none']);
export type ColumnState = z.infer<typeof columnState>;

/** The mask that holds on a column, after every policy was taken together. */
export const heldMask = z.object({
  preset: z.enum(maskPresets),
  prefix: count,
  suffix: count,
  as: z.literal('text').nullable(),
  match: z.enum(['none', 'equality']),
});

export const columnAccess = z.object({
  column: z.string(),
  /** As PostgreSQL writes it; null when the agent has not reported the schema. */
  type: z.string().nullable(),
  state: columnState,
  mask: heldMask.nullable(),
  /** The mask came with the value from another table: through a view, a partition, a foreign key or a generated column. */
  isInherited: z.boolean(),
  /** The lines that make it so: grants for `clear`, masks else. Empty for `none`. */
  sources: z.array(ruleSource),
});

export const tableAccess = z.object({
  schema: z.string(),
  table: z.string(),
  /** False: a policy or a statement names it, and the schema that the agent reported does not have it (or none came). */
  isReported: z.boolean(),
  /** Why it is refused although a policy grants it (a view that looks at masked columns, a foreign table); else null. */
  refusal: z.string().nullable(),
  operations: z.array(z.object({ operation: z.enum(tableOperations), sources: z.array(ruleSource) })),
  /** In words; all apply. */
  rowFilters: z.array(z.object({ text: z.string(), source: ruleSource })),
  columns: z.array(columnAccess),
});
export type TableAccess = z.infer<typeof tableAccess>;

const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id, email: z.string() }),
  z.object({ kind: z.literal('group'), id, name: z.string() }),
]);

/**
 * What somebody may do in a database, from every policy and open window, with where each right comes from. Where the
 * agent reported the schema, it is resolved as the agent does it, with what views, partitions and keys inherit.
 */
export const effectiveAccess = z.object({
  database: z.object({ id, name: z.string() }),
  subject,
  epoch: count,
  policies: z.array(z.object({ name: z.string(), version: count, assignedBy: z.array(assignedBy) })),
  /** When the agent reported the tables; null: not yet, and tables are those that policies name. */
  schemaAt: timestamp.nullable(),
  limits: z.array(z.object({ limit: z.string(), value: z.number(), text: z.string(), policy: z.string() })),
  tables: z.array(tableAccess),
  /** Cursor of the next tables; null on the last page. */
  next: z.string().nullable(),
});
export type EffectiveAccess = z.infer<typeof effectiveAccess>;

/** The answer to "why can or can't I see this column?". */
export const columnExplanation = z.object({
  database: z.object({ id, name: z.string() }),
  subject,
  schema: z.string(),
  table: z.string(),
  column: z.string(),
  operation: z.enum(tableOperations),
  /** Null when the agent has not reported the schema. */
  isReported: z.boolean().nullable(),
  state: columnState,
  mask: heldMask.nullable(),
  /** One sentence. */
  answer: z.string(),
  /** Every rule that played a part, grants first; `decisive`: without it the answer would be another. */
  rules: z.array(
    z.object({
      kind: z.enum(['grant', 'mask', 'unmask', 'row-filter', 'default-deny']),
      text: z.string(),
      decisive: z.boolean(),
      source: ruleSource.nullable(),
      assignedBy: z.array(assignedBy),
    }),
  ),
  /** What to do about it. */
  nextStep: z.string().nullable(),
});
export type ColumnExplanation = z.infer<typeof columnExplanation>;

/** What changes on one table for some people. Columns with the same change are together. */
export const tableChange = z.object({
  schema: z.string(),
  table: z.string(),
  gained: operations,
  lost: operations,
  columns: z.array(
    z.object({
      columns: z.array(z.string()),
      before: columnState,
      after: columnState,
      beforeMask: heldMask.nullable(),
      afterMask: heldMask.nullable(),
      effect: z.enum(['gain', 'loss', 'other']),
    }),
  ),
  rowFilters: z.object({ before: z.array(z.string()), after: z.array(z.string()) }).nullable(),
});
export type TableChange = z.infer<typeof tableChange>;

/** Who would lose or gain what. People with the same change are together. */
export const peopleImpact = z.object({
  /** `schema`: of every table that the agent reported; `names`: of the tables and columns that policies name. */
  basis: z.enum(['schema', 'names']),
  /** People with access before or after. */
  considered: count,
  affected: count,
  groups: z.array(
    z.object({
      /** At most 50 by name. */
      people: z.array(person),
      count,
      tables: z.array(tableChange),
      limits: z.array(
        z.object({ limit: z.string(), before: z.number().nullable(), after: z.number().nullable() }),
      ),
    }),
  ),
  /** Sentences, most people first: "14 people lose phone of public.customers". */
  summary: z.array(z.string()),
  /** There was more than fits. */
  truncated: z.boolean(),
});
export type PeopleImpact = z.infer<typeof peopleImpact>;

/** What would have happened to recorded statements. Alike ones of one person are together. */
export const statementImpact = z.object({
  days: count,
  /** The first one that was looked at; later than `days` ago when there were too many. */
  since: timestamp.nullable(),
  considered: count,
  /** Statements by what happens to them; `unknown`: neither the agent nor their tables could tell. */
  counts: z.object({
    same: count,
    refused: count,
    allowed: count,
    masked: count,
    unmasked: count,
    unknown: count,
  }),
  /** How many were judged by the agent from their text, how many by the tables and operations that the audit has. */
  judgedBy: z.object({ agent: count, tables: count }),
  /** Why the agent did not judge (all of) them; null when it did. */
  withoutAgent: z.string().nullable(),
  items: z.array(
    z.object({
      effect: z.enum(['refused', 'allowed', 'masked', 'unmasked']),
      judgedBy: z.enum(['agent', 'tables']),
      user: z.object({ id: id.nullable(), email: z.string().nullable() }),
      fingerprint: z.string().nullable(),
      /** The last one of its kind, cut when it is long. */
      text: z.string(),
      count,
      lastAt: timestamp,
      /** The audit record of the last one. */
      record: z.object({ agent: id, seq: count }),
      /** Why, or which columns: in words. */
      reason: z.string(),
    }),
  ),
  truncated: z.boolean(),
});
export type StatementImpact = z.infer<typeof statementImpact>;

/** A document looked at without putting it in force. */
export const dryRun = z.object({
  /** The revision that it was compared with. */
  current: revisionNumber,
  difference: documentDifference,
  unified: z.string(),
  /** Rules that name nothing of the schema that the agent reported; none while there is no report. */
  warnings: z.array(policyProblem),
  people: peopleImpact,
  /** Null when it was not asked for. */
  statements: statementImpact.nullable(),
});
export type DryRun = z.infer<typeof dryRun>;

/** One assignment of a policy. */
export const policyAssignment = z.object({
  database: z.object({ id, name: z.string() }),
  policy: z.object({ id, name: z.string(), version: count }),
  user: person.nullable(),
  group: z.object({ id, name: z.string() }).nullable(),
  since: timestamp,
});
