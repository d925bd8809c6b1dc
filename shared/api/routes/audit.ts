import { z } from 'zod';
import { route } from '../route.ts';
import { id, pageOf, pageQuery, timestamp } from '../schemas.ts';

/** Reading and verifying the audit store. Lists are newest first. */

const tag = 'audit';

const filter = pageQuery.extend({
  database: id.optional(),
  user: id.optional(),
  session: id.optional(),
});

/** One record of an agent as stored: its place in the chain, and the event. */
export const auditRecordView = z.object({
  agent: id,
  seq: z.number().int(),
  at: timestamp,
  kind: z.string(),
  database: id,
  user: id.nullable(),
  session: z.string().nullable(),
  hash: z.string(),
  event: z.record(z.string(), z.unknown()),
});

export const activityView = z.object({
  seq: z.number().int(),
  at: timestamp,
  action: z.string(),
  actor: z.object({ kind: z.enum(['user', 'agent', 'system']), id: id.nullable(), label: z.string() }),
  target: z.object({ kind: z.string(), id: z.string().nullable(), label: z.string() }),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
});

const chainResult = z.object({
  chain: z.string(),
  records: z.number().int(),
  ok: z.boolean(),
  /** Sequence number of the first record that does not verify. */
  brokenAt: z.number().int().nullable(),
  /** What is wrong there. */
  fault: z.enum(['changed', 'removed', 'reordered', 'added']).nullable(),
});

export const auditRoutes = {
  listConnections: route({
    method: 'GET',
    path: '/api/v1/audit/connections',
    summary: 'Sessions opened, closed and refused.',
    tag,
    query: filter,
    status: 200,
    response: pageOf(auditRecordView),
  }),
  listStatements: route({
    method: 'GET',
    path: '/api/v1/audit/statements',
    summary: 'Statements with their decisions, completions and alarms.',
    tag,
    query: filter,
    status: 200,
    response: pageOf(auditRecordView),
  }),
  listActivity: route({
    method: 'GET',
    path: '/api/v1/audit/activity',
    summary: 'What administrators, developers and agents did in the control plane.',
    tag,
    query: pageQuery,
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
} as const;
