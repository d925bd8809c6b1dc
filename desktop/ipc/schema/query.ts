/**
 * Statements run from the app. Each editor tab that ran something has a query in the engine: one session through the
 * tunnel, its latest run, and the results that are kept. A screen shows `queryChanged` and `resultChanged` as they come;
 * each carries the whole new value.
 */
import { explanation, maxExplainedSql } from '@daam/shared/api/explain';
import { maskPresets } from '@daam/shared/policy/effective-policy';
import * as z from 'zod';
import { bridgeErrorSchema, count, key, name, nothing, place, sqlText, time } from './values.ts';

const short = z.string().max(512);
const milliseconds = z.number().min(0);
const oneTab = z.strictObject({ tab: key });

/** A notice or an error of the server or the agent, in PostgreSQL's fields (PostgreSQL docs 54.8). */
export const diagnosticSchema = z.strictObject({
  severity: z.string().max(32),
  /** SQLSTATE. */
  sqlstate: z.string().max(5),
  message: z.string().max(8_000),
  detail: z.string().max(8_000).nullable(),
  hint: z.string().max(8_000).nullable(),
  /** Where in the text that `runQuery` got, in UTF-16 code units from 0. */
  position: place.nullable(),
  /** `schema.table`, where the message names one: what a request for access would ask for. */
  table: short.nullable(),
  column: short.nullable(),
});

/** Why a column of a result shows what it shows: what the agent said before the result (DM001). */
export const maskSchema = z.strictObject({
  /** `schema.table` and the column behind it. */
  relation: short,
  column: short,
  preset: z.enum(maskPresets),
  policy: name,
  version: count,
  match: z.enum(['none', 'equality']),
});

/** `derived`: computed from masked columns, all of which `masks` names. `unknown`: the agent could not trace it. */
export const columnSchema = z.strictObject({
  name: z.string().max(256),
  /** As PostgreSQL writes it: `integer`, `text[]`, `numeric(10,2)`. */
  type: z.string().max(256),
  typeOid: count,
  kind: z.enum(['number', 'text', 'boolean', 'time', 'json', 'bytes', 'array', 'other']),
  /** `schema.table`, when the column is one of a table. */
  relation: short.nullable(),
  shows: z.enum(['plain', 'masked', 'derived', 'unknown']),
  masks: z.array(maskSchema).max(20),
});

/** What is there of a result. `rows` are loaded into the engine; screens read windows of them. */
export const resultSchema = z.strictObject({
  id: key,
  tab: key,
  database: name,
  run: key,
  /** Index of its statement in the run. */
  statement: count,
  /** For its tab: the comment `-- name: x` before the statement, or a table, or "Result n". */
  name: z.string().max(120),
  kind: z.enum(['rows', 'plan']),
  columns: z.array(columnSchema).max(1_664),
  rows: count,
  /** On disk. */
  bytes: count,
  /**
   * `loading`: rows come. `paused`: there are more, `loadRows` brings them. `complete`: these are all. `limited`: the
   * policy's or the engine's ceiling. `closed`: there were more, but the server gave them up (the session went on, or
   * waited too long). `cancelled`, `failed`: it ended early.
   */
  state: z.enum(['loading', 'paused', 'complete', 'limited', 'closed', 'cancelled', 'failed']),
  maskedColumns: count,
  /** Names of the policies that masked something, with the versions in force then. */
  policies: z.array(z.strictObject({ name, version: count })).max(64),
  /** The policy changed since in a way that would show less: it may be looked at, not exported. */
  isOutdated: z.boolean(),
  isPinned: z.boolean(),
  at: time,
});

export const statementStateSchema = z.strictObject({
  /** Its place in the text that `runQuery` got. */
  from: place,
  to: place,
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'skipped', 'unknown']),
  /** As the server wrote it: `UPDATE 3`. */
  tag: z.string().max(64).nullable(),
  rows: count,
  firstRowMs: milliseconds.nullable(),
  tookMs: milliseconds.nullable(),
  result: key.nullable(),
  error: diagnosticSchema.nullable(),
  notices: z.array(diagnosticSchema).max(100),
});

export const runSchema = z.strictObject({
  id: key,
  /** `lost`: the connection broke; then `unknown` statements may or may not have been applied. */
  state: z.enum(['running', 'cancelling', 'done', 'failed', 'cancelled', 'lost']),
  startedAt: time,
  tookMs: milliseconds.nullable(),
  statements: z.array(statementStateSchema).max(1_000),
});

/** `lost`: the session ended without us; the next run opens a new one. */
export const sessionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('opening') }),
  z.strictObject({
    kind: z.literal('open'),
    /** Where the transaction stands: none, open, or failed (only a rollback helps). */
    transaction: z.enum(['none', 'open', 'failed']),
    transactionSince: time.nullable(),
    since: time,
  }),
  z.strictObject({ kind: z.literal('lost'), error: bridgeErrorSchema }),
]);

export const querySchema = z.strictObject({
  tab: key,
  database: name,
  session: sessionSchema,
  run: runSchema.nullable(),
  /** Ids of the results that are kept, oldest first. */
  results: z.array(key).max(64),
  /** What changed under the open session: shown once as a banner. */
  policyChanged: z.strictObject({ at: time, message: z.string().max(500) }).nullable(),
});

/** Why a run waits for a second look; it was not sent. */
export const cautionSchema = z.strictObject({
  kind: z.enum(['no-where', 'no-join', 'ddl', 'mask-literal']),
  /** Where in the text. */
  from: place,
  to: place,
  message: z.string().max(500),
});

export const queryMethods = {
  /**
   * Runs the statements of a text, one after another, in the tab's session (opened when there is none). Answers when it
   * has begun; the rest is told by events. CONFLICT while something runs in the tab. `confirm`: nothing was sent.
   */
  runQuery: {
    params: z.strictObject({
      tab: key,
      database: name,
      sql: sqlText,
      /** `plan`: EXPLAIN; `measure`: EXPLAIN ANALYZE, which runs the statement. */
      mode: z.enum(['run', 'plan', 'measure']),
      /** `manual` opens a transaction first when none is open. */
      transaction: z.enum(['auto', 'manual']),
      stopOnError: z.boolean(),
      /** Keep the results of the run before. */
      keepResults: z.boolean(),
      /** The person has seen the cautions. */
      confirmed: z.boolean(),
    }),
    result: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('started'), run: key }),
      z.strictObject({ kind: z.literal('confirm'), cautions: z.array(cautionSchema).max(100) }),
    ]),
  },
  /** Asks the server to stop what runs; not an error when nothing does. */
  cancelQuery: { params: oneTab, result: nothing },
  /** Ends the session, whatever it does; results stay. */
  endSession: { params: oneTab, result: nothing },
  endTransaction: { params: oneTab.extend({ how: z.enum(['commit', 'rollback']) }), result: querySchema },
  /** Ends the session and removes all results: the tab is closed. */
  closeQuery: { params: oneTab, result: nothing },
  listQueries: { params: nothing, result: z.array(querySchema).max(200) },
  /** What the agent says would happen to a text; nothing is run. */
  explainStatement: {
    params: z.strictObject({ database: name, sql: z.string().min(1).max(maxExplainedSql) }),
    result: explanation,
  },
} as const;

export const queryEvents = {
  queryChanged: z.strictObject({ query: querySchema }),
  queryClosed: oneTab,
} as const;
