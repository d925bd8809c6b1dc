import { z } from 'zod';
import { statementClasses } from '../../audit/statement-class.ts';
import { route } from '../route.ts';
import { id, pageOf, pageQuery, timestamp } from '../schemas.ts';

/** Reading, exporting and verifying the audit store. Lists are newest first. */

const tag = 'audit';
const name = z.string().min(1).max(200);

/** What every list of records is narrowed by. `from` is included, `until` is not. */
const span = { from: timestamp.optional(), until: timestamp.optional() };
/** Which end of the span a list begins at. */
const order = z.enum(['newest', 'oldest']).optional();
const whose = {
  database: id.optional(),
  user: id.optional(),
  session: z.string().min(1).max(100).optional(),
};

/** `schema.table`, as the records name it. */
export const tableName = z
  .string()
  .min(3)
  .max(130)
  .regex(/^[^.]+\.[^.]+$/, 'a table with its schema, for example public.customers');

/** What was done with a table; `denied` is a refused attempt. */
export const tableOperation = z.enum(['select', 'insert', 'update', 'delete', 'truncate', 'denied']);

const connectionFilter = {
  ...span,
  ...whose,
  device: name.optional(),
  path: z.enum(['loopback', 'tls', 'direct', 'relay']).optional(),
  kind: name.optional(),
  /** Of sessions: whether their end is known. */
  state: z.enum(['open', 'ended']).optional(),
  order,
};

const statementFilter = {
  ...span,
  ...whose,
  kind: z.enum(['statement', 'alarm']).optional(),
  class: z.enum(statementClasses).optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  rule: name.optional(),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  table: tableName.optional(),
  operation: tableOperation.optional(),
  /** Words that the text must have; `word*` for its beginning, `-word` for none of it. */
  text: z.string().min(1).max(500).optional(),
  order,
};

/** One record of an agent as stored: its place in the chain, and the event. */
const recordView = z.object({
  agent: id,
  seq: z.number().int(),
  at: timestamp,
  receivedAt: timestamp,
  kind: z.string(),
  database: id,
  user: id.nullable(),
  session: z.string().nullable(),
  hash: z.string(),
  event: z.record(z.string(), z.unknown()),
});

/** How a session ended; null while it is open, or when that is not known yet. */
const connectionEnd = z.object({
  at: timestamp,
  durationMs: z.number(),
  reason: z.string(),
  statements: z.number().int().nullable(),
  rows: z.number().int().nullable(),
  bytesIn: z.number().int().nullable(),
  bytesOut: z.number().int().nullable(),
  /** Statements that were refused, and those that used a masked table; null from older agents. */
  refused: z.number().int().nullable().optional(),
  masked: z.number().int().nullable().optional(),
});

/** A record of connections; `end` and `unreachableSince` belong to `session.opened`. */
export const connectionView = recordView.extend({
  end: connectionEnd.nullable(),
  /**
   * Of a session without an end: its agent is away, and was heard of last then. Whether it still runs is known to that agent
   * alone. Absent from an older control plane.
   */
  unreachableSince: timestamp.nullable().optional(),
});
export type ConnectionView = z.output<typeof connectionView>;

/** How a statement ended; null when it was refused, runs, or that is not known yet. */
const statementEnd = z.object({
  at: timestamp,
  durationMs: z.number(),
  rows: z.number().int(),
  tag: z.string().nullable(),
  /** SQLSTATE of its failure. */
  sqlstate: z.string().nullable(),
});

/** A statement or an alarm, what is known of it at a glance, and how it ended. */
export const statementView = recordView.extend({
  class: z.string(),
  /** The same for statements that differ in literals only. */
  fingerprint: z.string().nullable(),
  end: statementEnd.nullable(),
});
export type StatementView = z.output<typeof statementView>;

const changed = z.record(z.string(), z.unknown()).nullable();

export const activityView = z.object({
  seq: z.number().int(),
  at: timestamp,
  action: z.string(),
  actor: z.object({ kind: z.enum(['user', 'agent', 'system']), id: id.nullable(), label: z.string() }),
  target: z.object({ kind: z.string(), id: z.string().nullable(), label: z.string() }),
  detail: z.record(z.string(), z.unknown()),
  /** What was changed, as it was and as it is; null where nothing was changed. */
  before: changed,
  after: changed,
  hash: z.string(),
});

const chainResult = z.object({
  chain: z.string(),
  records: z.number().int(),
  /** Records that retention has removed. */
  purged: z.number().int(),
  ok: z.boolean(),
  /** Sequence number of the first record that does not verify. */
  brokenAt: z.number().int().nullable(),
  /** What is wrong there; `untrusted`: a purge or a checkpoint that the organization did not sign. */
  fault: z.enum(['changed', 'removed', 'reordered', 'added', 'untrusted']).nullable(),
});

/** Somebody who used a table, and how often. */
export const tableReader = z.object({
  user: id.nullable(),
  email: z.string().nullable(),
  statements: z.number().int(),
  first: timestamp,
  last: timestamp,
});

const signed = { kid: z.string(), signature: z.string() };

/** A signed checkpoint: keep it elsewhere, and nobody can rewrite what was before it unnoticed. */
export const checkpointView = z.object({
  claims: z.object({
    at: z.number().int(),
    hash: z.string(),
    org: id,
    seq: z.number().int(),
    stream: z.string(),
  }),
  ...signed,
});

/** Days that a class is kept; null for ever. */
const days = z.number().int().min(7).max(36_500).nullable();
export const retention = z.strictObject({ connections: days, statements: days, activity: days });
export type Retention = z.output<typeof retention>;

/** What an export holds. Without any filter it has every chain whole. */
export const exportQuery = z.strictObject({
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
  class: z.enum(['all', 'connections', 'statements', 'activity']).default('all'),
  ...span,
  ...whose,
  table: tableName.optional(),
  operation: tableOperation.optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  text: z.string().min(1).max(500).optional(),
});
export type ExportQuery = z.output<typeof exportQuery>;

/** A question to the audit that somebody keeps, as the console's line of filters and words has it. */
const auditView = z.strictObject({
  name: z.string().trim().min(1).max(80),
  class: z.enum(['statements', 'connections', 'activity']),
  question: z.string().max(500),
});
export type AuditView = z.output<typeof auditView>;

/** All that one person keeps, in the order in which they want them. */
export const auditViews = z.strictObject({
  views: z
    .array(auditView)
    .max(50)
    .refine(
      (views) => new Set(views.map(({ name: one }) => one)).size === views.length,
      'a name stands twice',
    ),
});

export const auditRoutes = {
  listConnections: route({
    method: 'GET',
    path: '/api/v1/audit/connections',
    summary: 'Sessions opened, closed and refused; an opened one tells how it ended.',
    tag,
    query: pageQuery.extend(connectionFilter),
    status: 200,
    response: pageOf(connectionView),
  }),
  listStatements: route({
    method: 'GET',
    path: '/api/v1/audit/statements',
    summary: 'Statements with their decisions and ends, and alarms: by text, table, person, decision.',
    tag,
    query: pageQuery.extend(statementFilter),
    status: 200,
    response: pageOf(statementView),
  }),
  listTableReaders: route({
    method: 'GET',
    path: '/api/v1/audit/tables/:table/readers',
    summary:
      'Who used a table in a time, and how often: by reading it, unless another operation is asked for.',
    tag,
    params: z.object({ table: tableName }),
    query: z.strictObject({
      ...span,
      database: id.optional(),
      operation: tableOperation.default('select'),
    }),
    status: 200,
    response: z.object({ items: z.array(tableReader) }),
  }),
  listActivity: route({
    method: 'GET',
    path: '/api/v1/audit/activity',
    summary: 'What administrators, developers and agents did in the control plane.',
    tag,
    query: pageQuery.extend({
      ...span,
      actor: id.optional(),
      action: name.optional(),
      target: name.optional(),
      order,
    }),
    status: 200,
    response: pageOf(activityView),
  }),
  verifyAudit: route({
    method: 'GET',
    path: '/api/v1/audit/verify',
    summary: 'Verify every chain of the organization from its first record.',
    tag,
    status: 200,
    response: z.object({ ok: z.boolean(), chains: z.array(chainResult) }),
  }),
  exportAudit: route({
    method: 'GET',
    path: '/api/v1/audit/export',
    summary:
      'The log as a stream, to be kept and verified elsewhere (daam audit verify), or as CSV to be read.',
    tag,
    query: exportQuery,
    status: 200,
    response: z.string(),
    mediaType: 'application/x-ndjson',
    streams: true,
  }),
  listCheckpoints: route({
    method: 'GET',
    path: '/api/v1/audit/checkpoints',
    summary: 'Signed checkpoints of every chain, newest first.',
    tag,
    query: pageQuery.extend({ stream: z.string().min(1).max(100).optional() }),
    status: 200,
    response: pageOf(checkpointView),
  }),
  getAuditRetention: route({
    method: 'GET',
    path: '/api/v1/audit/retention',
    summary: 'How long which class of records is kept.',
    tag,
    status: 200,
    response: retention,
  }),
  getAuditViews: route({
    method: 'GET',
    path: '/api/v1/me/audit-views',
    summary: 'The questions to the audit that I keep.',
    tag: 'audit-views',
    status: 200,
    response: auditViews,
  }),
  putAuditViews: route({
    method: 'PUT',
    path: '/api/v1/me/audit-views',
    summary: 'Change them.',
    tag: 'audit-views',
    body: auditViews,
    status: 200,
    response: auditViews,
  }),
  putAuditRetention: route({
    method: 'PUT',
    path: '/api/v1/audit/retention',
    summary: 'Set how long which class of records is kept; what is older is purged under a signed proof.',
    tag,
    body: retention,
    status: 200,
    response: retention,
  }),
} as const;
