import { z } from 'zod';
import { auditParameter, maxParameters } from './parameters.ts';

/**
 * What an agent writes to its audit log. An event says who did what and how it was decided; it holds the
 * statement's text, the values of its parameters where a policy says so, never rows or secrets. Members are given in alphabetical order where that
 * is easy: such an event is written to disk the fast way (canonical.ts).
 */

/** Ceiling of a statement's text in a record, in UTF-16 code units; what is longer is cut and marked. */
export const maxStatementText = 64 * 1024;

const text = z.string().max(1_000);
const count = z.int().min(0);
const milliseconds = z.number().min(0);
const session = z.string().min(1).max(100);
const user = z.string().min(1).max(100);
/** How the connection came: over TLS, through the tunnel by either path, or, in tests, within the machine. */
const path = z.enum(['loopback', 'tls', 'direct', 'relay']);

/** A client came in; the role was made, nothing ran yet. */
const sessionOpened = z.strictObject({
  kind: z.literal('session.opened'),
  application: text.nullable(),
  certificate: text,
  database: text,
  device: text,
  email: text,
  epoch: count,
  path,
  policies: z.array(z.strictObject({ policy: text, version: count })).max(1_000),
  session,
  user,
});

/** Counts are missing in records of older agents. */
const sessionClosed = z.strictObject({
  kind: z.literal('session.closed'),
  /** From the client, and to it. */
  bytesIn: count.optional(),
  bytesOut: count.optional(),
  durationMs: milliseconds,
  /** Statements in which a masked table was used. */
  masked: count.optional(),
  /** An error code, or `client` when the client went by itself. */
  reason: text,
  /** Statements that were refused. */
  refused: count.optional(),
  /** Returned or changed by all statements together. */
  rows: count.optional(),
  session,
  /** Decided, refused ones included. */
  statements: count.optional(),
  user,
});

/**
 * The agent's process began. It holds no session then: one that was opened in the chain before and not closed ended with the
 * process before, however that went.
 */
const agentStarted = z.strictObject({
  kind: z.literal('agent.started'),
  version: text,
});

/** Somebody was turned away before a session was open; what is not known is null. */
const sessionRefused = z.strictObject({
  kind: z.literal('session.refused'),
  code: text,
  device: text.nullable(),
  email: text.nullable(),
  path,
  session: session.nullable(),
  user: user.nullable(),
});

/** Somebody knocked at the tunnel and was not let in; what no verified certificate says is null. */
const knockRefused = z.strictObject({
  kind: z.literal('knock.refused'),
  code: text,
  /** Why, in the agent's own words. */
  detail: text.nullable(),
  device: text.nullable(),
  email: text.nullable(),
  /** Refusals of this key in the current minute, this one included; only the first ones are recorded. */
  failures: count,
  /** The device's public key, as the relay proved it. */
  key: text,
  user: user.nullable(),
});

/** The agent trusts a passkey from now on. */
const passkeyPinned = z.strictObject({
  kind: z.literal('passkey.pinned'),
  /** `first`: the person had none before. `endorsed`: by a pinned passkey. `operator`: on the agent's machine. */
  by: z.enum(['first', 'endorsed', 'operator']),
  email: text,
  /** Whose passkey endorsed it. */
  endorser: user.nullable(),
  fingerprint: text,
  /** The person may endorse other people's passkeys. */
  isAdmin: z.boolean(),
  user,
});

/** A passkey is not trusted until somebody who is says so. */
const passkeyWaiting = z.strictObject({
  kind: z.literal('passkey.waiting'),
  email: text,
  fingerprint: text,
  user,
});

/** A statement and how it was decided: written before it is forwarded, or when it is refused. */
const statement = z.strictObject({
  kind: z.literal('statement'),
  /** Null when the text could not be understood. */
  command: text.nullable(),
  decision: z.enum(['allow', 'deny']),
  /** Value presets were shown as redact. */
  degraded: z.boolean(),
  epoch: count,
  /** Raw values that were compared (enforcement.md 1). */
  matches: z.array(z.strictObject({ column: text, literals: count, oid: count })).max(1_000),
  /** Values that were bound to $1 and so on, where a policy has them recorded (parameters.ts). Absent: it does not. */
  parameters: z.array(auditParameter).max(maxParameters).optional(),
  /** Parameters after those. */
  parametersOmitted: count.optional(),
  protocol: z.enum(['simple', 'extended']),
  rewritten: z.boolean(),
  /** The rule that refused. */
  rule: text.nullable(),
  session,
  sqlstate: text.nullable(),
  tables: z
    .array(z.strictObject({ masked: z.boolean(), name: text, operation: text, schema: text }))
    .max(10_000),
  text: z.string().max(maxStatementText),
  tier: z.enum(['either', 'elevated', 'base']).nullable(),
  truncated: z.boolean(),
  user,
});

const statementCompleted = z.strictObject({
  kind: z.literal('statement.completed'),
  durationMs: milliseconds,
  rows: count,
  session,
  sqlstate: text.nullable(),
  /** Sequence number of the statement's own record. */
  statement: count,
  tag: text.nullable(),
  user,
});

/** A check that must never fail has failed. */
const alarm = z.strictObject({
  kind: z.literal('alarm'),
  detail: text,
  rule: text,
  session: session.nullable(),
  user: user.nullable(),
});

/** A new epoch is in force in every open session. */
const policyApplied = z.strictObject({
  kind: z.literal('policy.applied'),
  epoch: count,
  sessions: count,
  tookMs: milliseconds,
});

export const auditEventSchema = z.discriminatedUnion('kind', [
  agentStarted,
  sessionOpened,
  sessionClosed,
  sessionRefused,
  knockRefused,
  passkeyPinned,
  passkeyWaiting,
  statement,
  statementCompleted,
  alarm,
  policyApplied,
]);
export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditEventKind = AuditEvent['kind'];

/** Where a record is listed: people look for connections and for statements, not for one long list. */
export type AuditClass = 'connections' | 'statements';

const classes: Readonly<Record<AuditEventKind, AuditClass>> = {
  'agent.started': 'connections',
  'session.opened': 'connections',
  'session.closed': 'connections',
  'session.refused': 'connections',
  'knock.refused': 'connections',
  'passkey.pinned': 'connections',
  'passkey.waiting': 'connections',
  'policy.applied': 'connections',
  statement: 'statements',
  'statement.completed': 'statements',
  alarm: 'statements',
};

/** The class of an event. */
export function auditClassOf(kind: AuditEventKind): AuditClass {
  return classes[kind];
}

/** A statement's text as a record holds it: within the ceiling, cut between characters, well-formed. */
export function boundStatementText(sql: string): { readonly text: string; readonly truncated: boolean } {
  const truncated = sql.length > maxStatementText;
  const kept = truncated ? sql.slice(0, maxStatementText) : sql;
  if (kept.isWellFormed()) return { text: kept, truncated };
  const whole = truncated ? kept.replace(/[\ud800-\udbff]$/, '') : kept;
  return { text: whole.toWellFormed(), truncated };
}
