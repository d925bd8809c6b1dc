import { type AuditRecord, type ChainHead, chainGenesis } from '@daam/shared/audit/chain';
import { type ChainFault, verifyChain } from '@daam/shared/audit/verify';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { activityStream } from './activity.ts';

/** What verifying one chain came to. */
export interface ChainResult {
  /** `activity`, or `agent:<id>`. */
  readonly chain: string;
  readonly records: number;
  readonly ok: boolean;
  /** Sequence number of the first record that does not verify, or that is missing. */
  readonly brokenAt: number | null;
  readonly fault: ChainFault['kind'] | null;
}

/** Records that are read at a time. */
const batchSize = 1000;

/** Verifies the activity chain and every agent's chain from the first record to the head that is kept beside. */
export async function verifyOrganization(scope: Scope): Promise<ChainResult[]> {
  const results = [await verifyActivity(scope)];
  const agents = await query<{ id: string; audit_seq: string; audit_hash: string }[]>(
    scope.em,
    "select id, audit_seq, audit_hash from agents where org_id = ? and state <> 'pending' order by created_at",
    [scope.org],
  );
  for (const { id, audit_seq, audit_hash } of agents) {
    results.push(await verifyAgent(scope, id, { seq: Number(audit_seq), hash: audit_hash }));
  }
  return results;
}

interface StoredChain {
  readonly name: string;
  readonly stream: string;
  /** The head that is kept beside the records: a chain that was cut off at its end does not reach it. */
  readonly until: ChainHead;
  /** The next records after a sequence number, in order, at most `batchSize`. */
  readonly next: (after: number) => Promise<readonly StoredLink[]>;
}

async function verifyStored({ name, stream, until, next }: StoredChain): Promise<ChainResult> {
  let head = chainGenesis;
  for (;;) {
    const records = (await next(head.seq)).map((link) => toRecord(stream, link));
    const isLast = records.length < batchSize;
    const verdict = verifyChain(records, { stream, from: head, ...(isLast ? { until } : {}) });
    if (verdict.kind !== 'ok') {
      return { chain: name, records: verdict.seq - 1, ok: false, brokenAt: verdict.seq, fault: verdict.kind };
    }
    head = verdict.head;
    if (isLast) return { chain: name, records: head.seq, ok: true, brokenAt: null, fault: null };
  }
}

function toRecord(stream: string, { seq, at, prev_hash, hash, event }: StoredLink): AuditRecord {
  return { at: new Date(at).getTime(), event, hash, prev: prev_hash, seq: Number(seq), stream };
}

async function verifyActivity(scope: Scope): Promise<ChainResult> {
  const [head] = await query<{ activity_seq: string; activity_hash: string }[]>(
    scope.em,
    'select activity_seq, activity_hash from organizations where id = ?',
    [scope.org],
  );
  return await verifyStored({
    name: 'activity',
    stream: activityStream(scope.org),
    until: { seq: Number(head?.activity_seq ?? 0), hash: head?.activity_hash ?? '' },
    next: async (after) =>
      await query<StoredLink[]>(
        scope.em,
        `select seq, at, prev_hash, hash, event from audit_activity
          where org_id = ? and seq > ? order by seq limit ?`,
        [scope.org, after, batchSize],
      ),
  });
}

async function verifyAgent(scope: Scope, agent: string, until: ChainHead): Promise<ChainResult> {
  return await verifyStored({
    name: `agent:${agent}`,
    stream: agent,
    until,
    next: async (after) =>
      await query<StoredLink[]>(
        scope.em,
        `select * from (
           select seq, at, prev_hash, hash, event from audit_connections
            where org_id = ? and agent_id = ? and seq > ?
           union all
           select seq, at, prev_hash, hash, event from audit_statements
            where org_id = ? and agent_id = ? and seq > ?) r
         order by seq limit ?`,
        [scope.org, agent, after, scope.org, agent, after, batchSize],
      ),
  });
}

interface StoredLink {
  readonly seq: string;
  readonly at: string | Date;
  readonly prev_hash: string;
  readonly hash: string;
  readonly event: AuditRecord['event'];
}
