import { query } from '../db/query.ts';
import { searched } from '../db/row-security.ts';
import type { Scope } from '../db/scope.ts';

/** Recorded statements of one person that are alike and were decided alike; told by the last of them. */
export interface RecordedStatements {
  readonly agent: string;
  readonly seq: number;
  readonly user: string | null;
  readonly decision: 'allow' | 'deny';
  readonly rule: string | null;
  readonly fingerprint: string | null;
  readonly text: string;
  /** The text was longer than a record holds. */
  readonly isCut: boolean;
  readonly tables: readonly {
    readonly schema: string;
    readonly name: string;
    readonly operation: string;
    readonly masked: boolean;
  }[];
  readonly count: number;
  readonly lastAt: string;
}

export interface RecordedAsked {
  readonly database: string;
  readonly from: Date;
  /** The newest so many statements are looked at. */
  readonly limit: number;
}

interface Row {
  readonly agent_id: string;
  readonly seq: string | number;
  readonly user_id: string | null;
  readonly decision: string;
  readonly rule: string | null;
  readonly fingerprint: string | null;
  readonly event: Readonly<Record<string, unknown>>;
  readonly count: string | number;
  readonly at: Date | string;
  readonly first_at: Date | string;
}

/** Kinds of statements that are looked at, the most frequent first. */
const maxKinds = 2_000;

/** The recorded statements of a database, alike ones together, and when the first of them was. */
export async function recordedStatements(
  scope: Scope,
  { database, from, limit }: RecordedAsked,
): Promise<{ kinds: RecordedStatements[]; since: string | null; considered: number; isTruncated: boolean }> {
  const rows = await query<Row[]>(
    scope.em,
    `with recent as (
       select agent_id, seq, received_at, at, user_id, decision, rule, fingerprint from ${searched.view}
        where org_id = ? and database_id = ? and kind = 'statement' and decision is not null and at >= ?
        order by at desc, agent_id desc, seq desc limit ?),
     alike as (
       select *, count(*) over kind as count, row_number() over (kind order by at desc, agent_id desc, seq desc) as nth,
              min(at) over () as first_at
         from recent window kind as (partition by user_id, decision, rule, fingerprint))
     select a.agent_id, a.seq, a.user_id, a.decision, a.rule, a.fingerprint, a.count, a.at, a.first_at, s.event
       from alike a
       join ${searched.view} s on s.agent_id = a.agent_id and s.seq = a.seq and s.received_at = a.received_at
      where a.nth = 1 and s.org_id = ?
      order by a.count desc, a.at desc, a.agent_id, a.seq limit ?`,
    [scope.org, database, from, limit, scope.org, maxKinds + 1],
  );
  const kinds = rows.slice(0, maxKinds).map(kindOf);
  const considered = kinds.reduce((sum, { count }) => sum + count, 0);
  const first = rows[0]?.first_at;
  return {
    kinds,
    considered,
    since: first === undefined ? null : new Date(first).toISOString(),
    isTruncated: rows.length > maxKinds || considered >= limit,
  };
}

function kindOf(row: Row): RecordedStatements {
  const { event } = row;
  return {
    agent: row.agent_id,
    seq: Number(row.seq),
    user: row.user_id,
    decision: row.decision === 'deny' ? 'deny' : 'allow',
    rule: row.rule,
    fingerprint: row.fingerprint,
    text: typeof event['text'] === 'string' ? event['text'] : '',
    isCut: event['truncated'] === true,
    tables: tablesOf(event['tables']),
    count: Number(row.count),
    lastAt: new Date(row.at).toISOString(),
  };
}

/** Records come from agents: what does not have the form is left out. */
function tablesOf(value: unknown): RecordedStatements['tables'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown) => {
    const { schema, name, operation, masked } = Object(each) as Record<string, unknown>;
    const isTable = typeof schema === 'string' && typeof name === 'string' && typeof operation === 'string';
    return isTable ? [{ schema, name, operation, masked: masked === true }] : [];
  });
}
