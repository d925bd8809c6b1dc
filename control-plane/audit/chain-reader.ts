import type { AuditRecord } from '@daam/shared/audit/chain';
import type { PurgedRange } from '@daam/shared/audit/purge';
import type { PurgeClaims, Signed } from '@daam/shared/audit/signature';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Chain } from './checkpoints.ts';
import { type RecordTable, recordTables } from './record-columns.ts';
import type { Condition } from './record-query.ts';

/** Records that are read at a time. */
export const batchSize = 1_000;

/** The purged ranges of a chain, with the purge that made each. */
export type StoredRange = PurgedRange & { readonly purge: string };

/** Which part of a chain is read: only some tables, only records that meet conditions. */
export interface ChainPart {
  readonly tables?: readonly RecordTable[];
  /** Of the table \`name\`; null leaves the table out. */
  readonly conditions?: (table: RecordTable | 'audit_activity') => readonly Condition[] | null;
}

/** The next records of a chain after a sequence number, in order, at most `batchSize`. */
export async function nextRecords(
  scope: Scope,
  chain: Chain,
  after: number,
  part: ChainPart = {},
): Promise<AuditRecord[]> {
  const rows =
    chain.agent === null
      ? await activityAfter(scope, after, part)
      : await recordsAfter(scope, chain.agent, after, part);
  return rows.map(({ seq, at, prev_hash, hash, event }) => ({
    at: new Date(at).getTime(),
    event,
    hash,
    prev: prev_hash,
    seq: Number(seq),
    stream: chain.stream,
  }));
}

/** The next purged ranges of a chain after a sequence number, in order, at most `batchSize`. */
export async function nextRanges(scope: Scope, { stream }: Chain, after: number): Promise<StoredRange[]> {
  const rows = await query<
    { first_seq: string; last_seq: string; prev_hash: string; hash: string; purge_id: string }[]
  >(
    scope.em,
    `select first_seq, last_seq, prev_hash, hash, purge_id from audit_purged_ranges
      where org_id = ? and stream = ? and first_seq > ? order by first_seq limit ?`,
    [scope.org, stream, after, batchSize],
  );
  return rows.map((row) => ({
    first: Number(row.first_seq),
    last: Number(row.last_seq),
    prev: row.prev_hash,
    hash: row.hash,
    purge: row.purge_id,
  }));
}

/** The purges of a chain, as they were signed; not verified. */
export async function purgesOf(scope: Scope, { stream }: Chain): Promise<Signed<PurgeClaims>[]> {
  return await query<Signed<PurgeClaims>[]>(
    scope.em,
    'select claims, kid, signature from audit_purges where org_id = ? and stream = ? order by first_seq, at, id',
    [scope.org, stream],
  );
}

/** Records and purged ranges of a chain, merged in order. */
export async function* walkChain(
  scope: Scope,
  chain: Chain,
): AsyncGenerator<
  | { readonly kind: 'record'; readonly record: AuditRecord }
  | { readonly kind: 'purged'; readonly range: StoredRange }
> {
  let ranges = await nextRanges(scope, chain, 0);
  let after = 0;
  for (;;) {
    const records = await nextRecords(scope, chain, after);
    for (const record of records) {
      for (let range = ranges[0]; range !== undefined && range.first < record.seq; range = ranges[0]) {
        yield { kind: 'purged', range };
        ranges.shift();
        if (ranges.length === 0) ranges = await nextRanges(scope, chain, range.first);
      }
      yield { kind: 'record', record };
      after = record.seq;
    }
    if (records.length < batchSize) break;
  }
  while (ranges.length > 0) {
    for (const range of ranges) yield { kind: 'purged', range };
    ranges = await nextRanges(scope, chain, ranges.at(-1)?.first ?? 0);
  }
}

interface StoredLink {
  readonly seq: string;
  readonly at: string | Date;
  readonly prev_hash: string;
  readonly hash: string;
  readonly event: AuditRecord['event'];
}

const columns = 'seq, at, prev_hash, hash, event';

async function activityAfter(scope: Scope, after: number, { conditions }: ChainPart): Promise<StoredLink[]> {
  const further = conditions?.('audit_activity') ?? [];
  return await query<StoredLink[]>(
    scope.em,
    `select ${columns} from audit_activity
      where org_id = ? and seq > ? ${further.map(({ sql }) => `and ${sql}`).join(' ')} order by seq limit ?`,
    [scope.org, after, ...further.flatMap(({ values }) => values), batchSize],
  );
}

/** Each table gives its next ones in order, and the first of all of them count. */
async function recordsAfter(
  scope: Scope,
  agent: string,
  after: number,
  { tables = recordTables, conditions = () => [] }: ChainPart,
): Promise<StoredLink[]> {
  const parts = tables.flatMap((table) => {
    const further = conditions(table);
    return further === null ? [] : [{ table, further }];
  });
  if (parts.length === 0) return [];
  const selects = parts.map(
    ({ table, further }) => `(select ${columns} from ${table} where org_id = ? and agent_id = ? and seq > ?
      ${further.map(({ sql }) => `and ${sql}`).join(' ')} order by seq limit ?)`,
  );
  return await query<StoredLink[]>(
    scope.em,
    `select * from (${selects.join(' union all ')}) r order by seq limit ?`,
    [
      ...parts.flatMap(({ further }) => [
        scope.org,
        agent,
        after,
        ...further.flatMap(({ values }) => values),
        batchSize,
      ]),
      batchSize,
    ],
  );
}
