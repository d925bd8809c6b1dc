import { z } from 'zod';
import { maskPresets, rowFilterOperators, tableOperations } from '../policy/effective-policy.ts';
import { errorCodes } from '../errors/codes.ts';

/**
 * What would happen to a statement, as it travels: from the agent, which alone understands SQL, over its feed to the
 * control plane, and from there to whoever asked. Every list and text has a ceiling; `truncated` tells that one was met.
 */

/** Longest text that is explained, in characters. */
export const maxExplainedSql = 32_768;

/** Ceilings of the answer: an agent never sends more. */
export const explainLimits = {
  statements: 50,
  tables: 100,
  columns: 200,
  masksOfColumn: 20,
  conditions: 50,
  values: 20,
  shortText: 500,
  rewritten: 65_536,
} as const;

const shortText = z.string().max(explainLimits.shortText);
const origin = z.object({ policy: shortText, version: z.number().int() });
const origins = z.array(origin).max(explainLimits.conditions);
const tier = z.enum(['either', 'elevated', 'base']);
const taint = z.enum(['transaction', 'session']);

const denial = z.object({
  /** Stable name of the rule that refuses. */
  rule: z.string().max(64),
  sqlstate: z.string().length(5),
  message: shortText,
  detail: shortText.nullable(),
  hint: shortText.nullable(),
  /** 1-based character position in the text. */
  position: z.number().int().nullable(),
});

const rowFilter = z.object({
  conditions: z
    .array(
      z.object({
        column: shortText,
        operator: z.enum(rowFilterOperators),
        /** SQL constants; for administrators only. */
        values: z.array(shortText).max(explainLimits.values).optional(),
      }),
    )
    .max(explainLimits.conditions),
  policies: origins,
});

const table = z.object({
  schema: shortText,
  name: shortText,
  operation: z.enum(tableOperations),
  masked: z.boolean(),
  /** Policies that grant this operation on this table. */
  policies: origins,
  rowFilter: rowFilter.nullable(),
});

const mask = z.object({
  schema: shortText,
  table: shortText,
  column: shortText,
  preset: z.enum(maskPresets),
  match: z.enum(['none', 'equality']),
  policy: origin,
});

const column = z.object({
  /** Null when the server makes it up. */
  name: shortText.nullable(),
  /** `masked`: the mask of a column. `derived`: computed from masks. `unknown`: not traced. */
  kind: z.enum(['plain', 'masked', 'derived', 'unknown']),
  masks: z.array(mask).max(explainLimits.masksOfColumn),
});

const statement = z.object({
  /** As it was written, cut when it is long. */
  text: shortText,
  class: z.enum(['pass', 'rewrite', 'opaque', 'deny']),
  command: shortText.nullable(),
  tier: tier.nullable(),
  taint: taint.nullable(),
  /** Why it runs without access to real values. */
  reason: shortText.nullable(),
  tables: z.array(table).max(explainLimits.tables),
  /** Null: no result, or one whose columns are not known. */
  columns: z.array(column).max(explainLimits.columns).nullable(),
  /** Comparisons that see real values. */
  matches: z
    .array(z.object({ schema: shortText, table: shortText, column: shortText, literals: z.number().int() }))
    .max(explainLimits.conditions),
  degraded: z.boolean(),
  denial: denial.nullable(),
});

export const explanation = z.object({
  outcome: z.enum(['allow', 'deny']),
  denial: denial.nullable(),
  tier: tier.nullable(),
  taint: taint.nullable(),
  statements: z.array(statement).max(explainLimits.statements),
  /** What goes to the server in the text's place; null when it is the text itself. Absent: the caller may not see it. */
  rewritten: z.string().max(explainLimits.rewritten).nullable().optional(),
  /** Policy epoch that the agent has in force. */
  epoch: z.number().int(),
  /** Something was longer than the ceilings and was left out. */
  truncated: z.boolean(),
});
export type Explanation = z.infer<typeof explanation>;

/** The question to the agent. `full`: with what only administrators see. */
export const explainQuestion = z.object({
  id: z.uuid(),
  user: z.uuid(),
  sql: z.string().max(maxExplainedSql),
  full: z.boolean(),
});
export type ExplainQuestion = z.infer<typeof explainQuestion>;

/** The agent's answer. A failure is one of the table of codes, with the next step. */
export const explainAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('explained'), explanation }),
  z.object({
    kind: z.literal('failed'),
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]).catch('INTERNAL'),
    message: shortText.optional(),
    hint: shortText.optional(),
  }),
]);
export type ExplainAnswer = z.infer<typeof explainAnswer>;
