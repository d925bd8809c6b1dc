import { type AuditRecord, auditRecordSchema, type ChainHead } from '@daam/shared/audit/chain';
import { verifyChain } from '@daam/shared/audit/verify';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { Em } from '../db/store.ts';
import type { AgentCaller, Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { ensurePartitions } from './partitions.ts';
import { columnsFor, insertSql, recordTables, tableOf } from './record-columns.ts';

/**
 * Takes in what agents recorded. A batch is consecutive records of the agent's chain. Records that are
 * here already are acknowledged again, provided that they are the same; new ones must continue the chain
 * exactly. All or nothing: a batch that does not verify changes nothing and is refused with
 * AUDIT_CHAIN_BROKEN, which an operator is told of.
 */
export function ingestHandlers({ store, events }: Services): Handlers<'appendAudit'> {
  const append = async (caller: AgentCaller, records: readonly AuditRecord[]): Promise<number> => {
    let stored = 0;
    const head = await scopeTo(store.em(), caller.org).em.transactional(async (em) => {
      const head = await lockHead(em, caller);
      const known = records.filter(({ seq }) => seq <= head.seq);
      await refuseDifferent(em, caller, known);
      const fresh = records.filter(({ seq }) => seq > head.seq);
      const next = verifyChain(fresh, { stream: caller.id, from: head });
      if (next.kind !== 'ok') {
        events.chainRefused(caller.id, { seq: next.seq, fault: next.kind });
        throw broken(fresh);
      }
      await insertRecords(em, caller, fresh);
      await moveHead(em, caller, next.head);
      stored = fresh.length;
      return next.head.seq;
    });
    events.recordsStored(stored);
    return head;
  };
  return {
    appendAudit: async ({ caller, body }) => {
      const records = parseRecords(body.records);
      refuseGaps(records);
      try {
        return { acknowledgedSeq: await append(caller, records) };
      } catch (error) {
        if (!isMonthMissing(error)) throw error;
        await ensurePartitions(store);
        return { acknowledgedSeq: await append(caller, records) };
      }
    },
  };
}

/** The last millisecond that PostgreSQL and ISO 8601 write with four digits for the year. */
const recordSchema = auditRecordSchema.refine(({ at }) => at <= 253_402_300_799_999, { path: ['at'] });

function parseRecords(records: readonly unknown[]): readonly AuditRecord[] {
  return records.map((record, at) => {
    const result = recordSchema.safeParse(record);
    if (result.success) return result.data;
    const path = result.error.issues[0]?.path.map(String).join('.') ?? '';
    throw new AppError('INVALID_INPUT', {
      field: `body.records[${at}]${path === '' ? '' : `.${path}`}`,
      message: 'An audit record does not have its form.',
    });
  });
}

function refuseGaps(records: readonly AuditRecord[]): void {
  for (const [at, { seq }] of records.entries()) {
    if (at > 0 && seq !== (records[at - 1]?.seq ?? 0) + 1) {
      throw new AppError('AUDIT_CHAIN_BROKEN', {
        field: `body.records[${at}].seq`,
        message: 'The records of a batch are not consecutive.',
      });
    }
  }
}

/** One batch of an agent at a time. */
async function lockHead(em: Em, { org, id }: AgentCaller): Promise<ChainHead> {
  const [row] = await query<{ audit_seq: string; audit_hash: string }[]>(
    em,
    'select audit_seq, audit_hash from agents where org_id = ? and id = ? for update',
    [org, id],
  );
  if (row === undefined) throw new AppError('UNAUTHENTICATED');
  return { seq: Number(row.audit_seq), hash: row.audit_hash };
}

async function moveHead(em: Em, { org, id }: AgentCaller, { seq, hash }: ChainHead): Promise<void> {
  const sql = 'update agents set audit_seq = ?, audit_hash = ? where org_id = ? and id = ?';
  await query(em, sql, [seq, hash, org, id]);
}

/** The maintenance makes months ahead; if it has not run for that long, the first batch of a month does. */
function isMonthMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === '23514' && error.message.includes('partition')
  );
}

/** A record under a known number with another hash is a fork of the chain, not a repetition. */
async function refuseDifferent(
  em: Em,
  { org, id }: AgentCaller,
  records: readonly AuditRecord[],
): Promise<void> {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) return;
  const place = [org, id, first.seq, last.seq];
  const parts = recordTables.map(
    (table) => `select seq, hash from ${table} where org_id = ? and agent_id = ? and seq between ? and ?`,
  );
  const stored = await query<{ seq: string; hash: string }[]>(
    em,
    parts.join(' union all '),
    recordTables.flatMap(() => place),
  );
  const hashes = new Map(stored.map(({ seq, hash }) => [Number(seq), hash]));
  if (records.some(({ seq, hash }) => (hashes.get(seq) ?? hash) !== hash)) throw broken(records);
  const missing = records.filter(({ seq }) => !hashes.has(seq)).map(({ seq }) => seq);
  if (missing.length > 0 && !(await arePurged(em, { org, id }, missing))) throw broken(records);
}

/** An agent that forgot what it had delivered may send again what retention has removed since. */
async function arePurged(
  em: Em,
  { org, id }: Pick<AgentCaller, 'org' | 'id'>,
  seqs: readonly number[],
): Promise<boolean> {
  const [row] = await query<{ all: boolean }[]>(
    em,
    'select bool_and(audit_is_purged(?, ?, seq)) as all from unnest(?::bigint[]) seq',
    [org, id, seqs],
  );
  return row?.all === true;
}

/** One statement for each table, whatever the number of records. */
async function insertRecords(em: Em, caller: AgentCaller, records: readonly AuditRecord[]): Promise<void> {
  const byTable = Map.groupBy(records, ({ event }) => tableOf(event.kind));
  for (const [table, rows] of byTable) {
    const owner = [caller.id, caller.org, caller.database];
    await query(em, insertSql(table), [...owner, ...columnsFor(table, rows)]);
  }
}

function broken(records: readonly AuditRecord[]): AppError {
  return new AppError('AUDIT_CHAIN_BROKEN', {
    field: 'body.records',
    message: `The records from ${records[0]?.seq ?? 0} on do not continue the agent's chain.`,
  });
}
