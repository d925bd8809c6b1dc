import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import { isDuration } from './duration.ts';
import { maskPresets, rowFilterOperators, tableOperations } from './effective-policy.ts';
import { parsePattern } from './pattern.ts';
import { isTemplate, looksLikeTemplate } from './template.ts';

/**
 * The policy document: what an administrator writes, as YAML or JSON, and what the API speaks. Parsing
 * checks and fills in what was left out, and changes nothing else: a parsed document parses again to
 * itself, so the control plane can store it as JSON. `mergePolicies` turns it into what the agent uses.
 */

const maxPolicies = 500;
const maxRules = 5_000;
const maxSubjects = 10_000;

/** A name pattern of so many segments (pattern.ts). */
export function pattern(segments: 2 | 3) {
  return z.string().superRefine((text, context) => {
    try {
      parsePattern(text, segments);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a pattern' });
    }
  });
}

const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, 'letters, digits, space, dot, underscore and hyphen only');

const duration = z.string().refine(isDuration, 'write a duration as 30s, 30m or 8h');

const grant = z.strictObject({
  table: pattern(2),
  operations: z
    .array(z.enum(tableOperations))
    .min(1)
    .max(tableOperations.length)
    .refine((all) => new Set(all).size === all.length, 'an operation is named twice'),
});

/** A mask as a policy writes it. */
export const maskSchema = z
  .strictObject({
    column: pattern(3),
    preset: z.enum(maskPresets),
    prefix: z.int().min(0).max(64).optional(),
    suffix: z.int().min(0).max(64).optional(),
    as: z.literal('text').optional(),
    match: z.enum(['none', 'equality']).optional(),
  })
  .superRefine((value, context) => {
    const shown = value.prefix !== undefined || value.suffix !== undefined;
    if (value.preset === 'partial' && !shown) {
      context.addIssue({ code: 'custom', path: ['preset'], message: 'partial needs prefix or suffix' });
    }
    if (value.preset !== 'partial' && shown) {
      const path = [value.prefix === undefined ? 'suffix' : 'prefix'];
      context.addIssue({ code: 'custom', path, message: 'only the preset partial has it' });
    }
    if (value.preset !== 'redact' && value.as !== undefined) {
      context.addIssue({ code: 'custom', path: ['as'], message: 'only the preset redact has it' });
    }
  });

const filterText = z
  .string()
  .max(1_000)
  .refine((text) => !text.includes('\u0000'), 'a text cannot hold the character NUL')
  .refine(
    (text) => !looksLikeTemplate(text) || isTemplate(text),
    'a template is the whole value and written {{user.attributes.name}}',
  );
const filterScalar = z.union([filterText, z.number(), z.boolean()]);

const condition = z
  .strictObject({
    column: z.string().superRefine((text, context) => {
      if (text === '' || text.includes('*') || Buffer.byteLength(text, 'utf8') > 63) {
        context.addIssue({ code: 'custom', message: 'one column name, without wildcards' });
      }
    }),
    operator: z.enum(rowFilterOperators),
    value: z.union([filterScalar, z.array(filterScalar).max(1_000)]).optional(),
  })
  .superRefine(({ operator, value }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', path: ['value'], message });
    if (operator === 'is_null' || operator === 'is_not_null') {
      if (value !== undefined) issue(`${operator} takes no value`);
    } else if (value === undefined) {
      issue(`${operator} needs a value`);
    } else if (operator === 'in') {
      const isList = Array.isArray(value) || (typeof value === 'string' && isTemplate(value));
      if (!isList) issue('in needs a list or a template');
    } else if (Array.isArray(value)) {
      issue(`${operator} needs one value, not a list`);
    }
  });

const rowFilter = z.strictObject({ table: pattern(2), where: z.array(condition).min(1).max(50) });

const limits = z.strictObject({
  maxRows: z.int().min(1).optional(),
  statementTimeout: duration.optional(),
  idleTimeout: duration.optional(),
  maxSessionDuration: duration.optional(),
  matchesPerStatement: z.int().min(0).max(1_000).optional(),
  matchesPerHour: z.int().min(0).max(100_000).optional(),
});

/** What is recorded besides a statement's text: the values that are bound to its parameters, where no mask is concerned. */
const audit = z.strictObject({ parameters: z.boolean() });

const assign = z.strictObject({
  users: z.array(z.email().max(254)).max(maxSubjects).default([]),
  groups: z.array(z.string().min(1).max(100)).max(maxSubjects).default([]),
});

/** What one policy allows: everything but its name and whom it is assigned to. */
export const policyBodySchema = z.strictObject({
  grants: z.array(grant).max(maxRules).default([]),
  masks: z.array(maskSchema).max(maxRules).default([]),
  rowFilters: z.array(rowFilter).max(maxRules).default([]),
  limits: limits.default({}),
  audit: audit.optional(),
});

/** One entry of `policies`. */
export const policyEntrySchema = policyBodySchema.extend({
  name,
  assign: assign.default({ users: [], groups: [] }),
});

/** The whole document. */
export const policyDocumentSchema = z
  .strictObject({ database: name, policies: z.array(policyEntrySchema).max(maxPolicies) })
  .superRefine((document, context) => {
    const seen = new Set<string>();
    document.policies.forEach((policy, index) => {
      if (seen.has(policy.name)) {
        context.addIssue({
          code: 'custom',
          path: ['policies', index, 'name'],
          message: 'two policies have it',
        });
      }
      seen.add(policy.name);
    });
  });

export type PolicyBody = z.infer<typeof policyBodySchema>;
export type PolicyEntry = z.infer<typeof policyEntrySchema>;
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;

/**
 * Checks a document that was already read from YAML or JSON into plain values.
 * Throws INVALID_POLICY; `field` is the path of the first thing that is wrong, as `policies[0].masks[2].preset`.
 */
export function parsePolicyDocument(value: unknown): PolicyDocument {
  return parseWith(policyDocumentSchema, value);
}

/** What a policy says, without its name and whom it is assigned to. */
export function policyBodyOf(entry: PolicyEntry): PolicyBody {
  const body: Partial<PolicyEntry> = { ...entry };
  delete body.name;
  delete body.assign;
  return policyBodySchema.parse(body);
}

/** The same for one policy's body. */
export function parsePolicyBody(value: unknown): PolicyBody {
  return parseWith(policyBodySchema, value);
}

/** Parses with a schema of policies; throws INVALID_POLICY with the path of the first thing that is wrong. */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt key is the cause, the key that is then missing only its effect.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const { field, message } = issue === undefined ? { field: '', message: 'is not valid' } : describe(issue);
  throw new AppError('INVALID_POLICY', {
    field,
    message: `${field === '' ? 'The document' : field}: ${message}`,
    hint: 'Correct the policy document at this path and send it again.',
  });
}

/** The steps to a value of a document: keys and indexes. */
export type ProblemPath = readonly (string | number)[];

/** One thing that is wrong with a document. */
export interface PolicyProblem {
  readonly field: string;
  readonly message: string;
  readonly path: ProblemPath;
}

/** Everything that is wrong with a document, in the order of the schema; the document itself when nothing is. */
export function policyProblems(value: unknown): {
  readonly document: PolicyDocument | null;
  readonly problems: readonly PolicyProblem[];
} {
  const result = policyDocumentSchema.safeParse(value);
  if (result.success) return { document: result.data, problems: [] };
  return { document: null, problems: result.error.issues.map(describe) };
}

/** Path and reason of a zod issue; an unknown key belongs to the path. */
function describe(issue: z.core.$ZodIssue): PolicyProblem {
  const steps = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const path = [...steps, issue.keys[0] ?? ''];
    return { field: formatPath(path), message: 'is not a known key', path };
  }
  const field = formatPath(steps);
  if (field.endsWith('.preset') && issue.code === 'invalid_value') {
    const message = `must be one of ${maskPresets.join(', ')}; "null" is written in quotes`;
    return { field, message, path: steps };
  }
  return { field, message: issue.message, path: steps };
}

/** A path as people write it: `policies[0].masks[2].preset`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = String(part).slice(0, 100);
      return at === 0 ? text : `.${text}`;
    })
    .join('');
}
