import { type AuditRecord, auditRecordSchema, type ChainHead } from '@daam/shared/audit/chain';
import { type AuditEventKind, auditClassOf } from '@daam/shared/audit/events';
import { verifyChain } from '@daam/shared/audit/verify';
import { isUuid } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { scopeTo } from '../db/scope.ts';
import type { Em } from '../db/store.ts';
import type { AgentCaller, Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';

/**
 * Takes in what agents recorded. A batch is consecutive records of the agent's chain. Records that are
 * here already are acknowledged again, provided that they are the same; new ones must continue the chain
 * exactly. All or nothing: a batch that does not verify changes nothing and is refused with
 * AUDIT_CHAIN_BROKEN, which an operator is told of.
 */
export function ingestHandlers({ store, events }: Services): Handlers<'appendAudit'> {
  return {
    appendAudit: async ({ caller, body }) => {
      const records = parseRecords(body.records);
      refuseGaps(records);
      const acknowledgedSeq = await scopeTo(store.em(), caller.org).em.transactional(async (em) => {
        const head = await lockHead(em, caller);
        await refuseDifferent(
          em,
          caller,
          records.filter(({ seq }) => seq <= head.seq),
        );
        const fresh = records.filter(({ seq }) => seq > head.seq);
        const next = verifyChain(fresh, { stream: caller.id, from: head });
        if (next.kind !== 'ok') {
          events.chainRefused(caller.id, { seq: next.seq, fault: next.kind });
          throw broken(fresh);
        }
        await insertRecords(em, caller, fresh);
        await query(em, 'update agents set audit_seq = ?, audit_hash = ? where org_id = ? and id = ?', [
          next.head.seq,
          next.head.hash,
          caller.org,
          caller.id,
        ]);
        return next.head.seq;
      });
      return { acknowledgedSeq };
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

/** A record under a known number with another hash is a fork of the chain, not a repetition. */
async function refuseDifferent(
  em: Em,
  { org, id }: AgentCaller,
  records: readonly AuditRecord[],
): Promise<void> {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) return;
  const stored = await query<{ seq: string; hash: string }[]>(
    em,
    `select seq, hash from audit_connections where org_id = ? and agent_id = ? and seq between ? and ?
      union all
     select seq, hash from audit_statements where org_id = ? and agent_id = ? and seq between ? and ?`,
    [org, id, first.seq, last.seq, org, id, first.seq, last.seq],
  );
  const hashes = new Map(stored.map(({ seq, hash }) => [Number(seq), hash]));
  if (records.some(({ seq, hash }) => hashes.get(seq) !== hash)) throw broken(records);
}

/** One statement for each table, whatever the number of records. */
async function insertRecords(em: Em, caller: AgentCaller, records: readonly AuditRecord[]): Promise<void> {
  const statements = records.filter(({ event }) => isStatement(event.kind));
  const connections = records.filter(({ event }) => !isStatement(event.kind));
  for (const [table, rows] of [
    ['audit_connections', connections],
    ['audit_statements', statements],
  ] as const) {
    if (rows.length === 0) continue;
    const columns = columnsOf(rows);
    await query(
      em,
      `insert into ${table}
         (agent_id, org_id, database_id, seq, at, kind, user_id, session_id, prev_hash, hash, event)
       select ?::uuid, ?::uuid, ?::uuid, r.*
         from unnest(?::bigint[], ?::timestamptz[], ?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::json[]) r`,
      [caller.id, caller.org, caller.database, ...columns],
    );
  }
}

/** Kinds of a newer agent are listed with the statements: nothing is dropped. */
function isStatement(kind: string): boolean {
  return auditClassOf(kind as AuditEventKind) !== 'connections';
}

/** One array for each column: a statement has few parameters, however many records it inserts. */
function columnsOf(records: readonly AuditRecord[]): unknown[][] {
  return [
    records.map(({ seq }) => seq),
    records.map(({ at }) => new Date(at).toISOString()),
    records.map(({ event }) => storable(event.kind)),
    records.map(({ event: { user } }) => (typeof user === 'string' && isUuid(user) ? user : null)),
    records.map(({ event: { session } }) =>
      typeof session === 'string' ? storable(session.slice(0, 100)) : null,
    ),
    records.map(({ prev }) => prev),
    records.map(({ hash }) => hash),
    records.map(({ event }) => JSON.stringify(event)),
  ];
}

/** What is listed by; the event itself stays as it came. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}

function broken(records: readonly AuditRecord[]): AppError {
  return new AppError('AUDIT_CHAIN_BROKEN', {
    field: 'body.records',
    message: `The records from ${records[0]?.seq ?? 0} on do not continue the agent's chain.`,
  });
}
