import { z } from 'zod';
import { statementClasses } from '../../audit/statement-class.ts';
import { route } from '../route.ts';
import { id, pageOf, pageQuery, timestamp } from '../schemas.ts';

/**
 * What the audit has of the caller: their own sessions and statements, and nobody else's. The same records as auditors
 * read (routes/audit.ts), without what only speaks of the organization.
 */

const tag = 'my-activity';
const database = z.object({ id, name: z.string() });
const count = z.number().int().nullable();
const span = { from: timestamp.optional(), until: timestamp.optional(), database: id.optional() };

/** A session of mine; `end` null: it is open, or that is not known yet. Counts are missing of older agents. */
const mySession = z.object({
  session: z.string(),
  database,
  openedAt: timestamp,
  program: z.string().nullable(),
  path: z.string().nullable(),
  policies: z.array(z.object({ policy: z.string(), version: z.number().int() })),
  end: z
    .object({
      at: timestamp,
      durationMs: z.number(),
      reason: z.string(),
      statements: count,
      rows: count,
      masked: count,
      refused: count,
    })
    .nullable(),
});
export type MySession = z.output<typeof mySession>;

/** A statement of mine, as it was decided; `end` null: refused, running, or not known yet. */
const myStatement = z.object({
  agent: id,
  seq: z.number().int(),
  at: timestamp,
  session: z.string().nullable(),
  database,
  /** As it is recorded: where the organization keeps no literals, without them. */
  text: z.string(),
  isTruncated: z.boolean(),
  class: z.string(),
  decision: z.enum(['allow', 'deny']),
  /** What refused it. */
  rule: z.string().nullable(),
  sqlstate: z.string().nullable(),
  tables: z.array(
    z.object({ schema: z.string(), name: z.string(), operation: z.string(), masked: z.boolean() }),
  ),
  end: z
    .object({
      at: timestamp,
      durationMs: z.number(),
      rows: z.number().int(),
      sqlstate: z.string().nullable(),
    })
    .nullable(),
});
export type MyStatement = z.output<typeof myStatement>;

export const myActivityRoutes = {
  listMySessions: route({
    method: 'GET',
    path: '/api/v1/my-activity/sessions',
    summary: 'My sessions as the audit has them, newest first.',
    tag,
    query: pageQuery.extend(span),
    status: 200,
    response: pageOf(mySession),
  }),
  listMyStatements: route({
    method: 'GET',
    path: '/api/v1/my-activity/statements',
    summary: 'My statements as the audit has them, with their decisions and ends, newest first.',
    tag,
    query: pageQuery.extend({
      ...span,
      session: z.string().min(1).max(100).optional(),
      decision: z.enum(['allow', 'deny']).optional(),
      class: z.enum(statementClasses).optional(),
      /** Words that the text must have; `word*` for its beginning, `-word` for none of it. */
      text: z.string().min(1).max(500).optional(),
    }),
    status: 200,
    response: pageOf(myStatement),
  }),
} as const;
