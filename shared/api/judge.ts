import { z } from 'zod';
import { effectivePolicy } from '../identity/documents.ts';
import { errorCodes } from '../errors/codes.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import { maxExplainedSql } from './explain.ts';

/**
 * What would happen to statements under two policies: how an agent judges recorded statements for a dry run. Nothing is
 * run, and neither policy is put in force. Ceilings keep an answer within one message.
 */
export const judgeLimits = { statements: 20, masks: 20, message: 300, name: 220 } as const;

/** JSON has no member that is undefined, so what passes is an EffectivePolicy. */
const policy = effectivePolicy as unknown as z.ZodType<EffectivePolicy>;

/** The question to the agent; only to agents that said they can (`judge`). */
export const judgeQuestion = z.object({
  id: z.uuid(),
  before: policy,
  after: policy,
  statements: z.array(z.string().max(maxExplainedSql)).max(judgeLimits.statements).readonly(),
});
export type JudgeQuestion = z.infer<typeof judgeQuestion>;

const verdict = z.object({
  outcome: z.enum(['allow', 'deny']),
  /** The rule that refuses, and what the person would read. */
  rule: z.string().max(64).nullable(),
  message: z.string().max(judgeLimits.message).nullable(),
  /** What is masked in its results: `schema.table.column preset`. */
  masks: z.array(z.string().max(judgeLimits.name)).max(judgeLimits.masks),
});
export type JudgedVerdict = z.infer<typeof verdict>;

/** In the order of the question; null for a statement that could not be judged. */
export const judgeAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('judged'),
    statements: z.array(z.object({ before: verdict, after: verdict }).nullable()).max(judgeLimits.statements),
  }),
  z.object({
    kind: z.literal('failed'),
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]).catch('INTERNAL'),
  }),
]);
export type JudgeAnswer = z.infer<typeof judgeAnswer>;
