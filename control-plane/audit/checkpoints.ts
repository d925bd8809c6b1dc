import { type ChainHead } from '@daam/shared/audit/chain';
import type { Checkpoint, Signed } from '@daam/shared/audit/signature';
import { decodeCursor, pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { AuditSigner } from '../identity/org-signer.ts';
import { activityStream } from './activity.ts';
import { type Condition, type RecordPage, utcText, when } from './record-query.ts';

/** One chain of an organization and where it stands. */
export interface Chain {
  readonly stream: string;
  /** Null for activity. */
  readonly agent: string | null;
  readonly database: string | null;
  /** The database's name; `activity`. */
  readonly label: string;
  readonly head: ChainHead;
}

/** Every chain of the organization: its activity first, then its agents' from the oldest on. */
export async function chainsOf({ em, org }: Scope): Promise<Chain[]> {
  const [own] = await query<{ activity_seq: string; activity_hash: string }[]>(
    em,
    'select activity_seq, activity_hash from organizations where id = ?',
    [org],
  );
  const agents = await query<
    { id: string; database_id: string; name: string; audit_seq: string; audit_hash: string }[]
  >(
    em,
    `select a.id, a.database_id, d.name, a.audit_seq, a.audit_hash from agents a
       join databases d on d.org_id = a.org_id and d.id = a.database_id
      where a.org_id = ? and a.state <> 'pending' order by a.created_at, a.id`,
    [org],
  );
  const head = { seq: Number(own?.activity_seq ?? 0), hash: own?.activity_hash ?? '' };
  return [
    { stream: activityStream(org), agent: null, database: null, label: 'activity', head },
    ...agents.map((row) => ({
      stream: row.id,
      agent: row.id,
      database: row.database_id,
      label: row.name,
      head: { seq: Number(row.audit_seq), hash: row.audit_hash },
    })),
  ];
}

/** A chain's checkpoints are at least this far apart, in milliseconds. */
const checkpointEveryMs = 600_000;

/**
 * Signs where every chain stands, if it has moved since its last checkpoint, and keeps that. Answers the new
 * ones. The caller holds the lock that no two replicas hold (maintenance.ts).
 */
export async function signCheckpoints(
  scope: Scope,
  sign: AuditSigner,
  now: number,
): Promise<Signed<Checkpoint>[]> {
  const last = await query<{ stream: string; seq: string; at: string | Date }[]>(
    scope.em,
    'select stream, max(seq) as seq, max(at) as at from audit_checkpoints where org_id = ? group by stream',
    [scope.org],
  );
  const known = new Map(
    last.map(({ stream, seq, at }) => [stream, { seq: Number(seq), at: new Date(at).getTime() }]),
  );
  const moved = (await chainsOf(scope)).filter(({ stream, head }) => {
    const before = known.get(stream) ?? { seq: 0, at: 0 };
    return head.seq > before.seq && now - before.at >= checkpointEveryMs;
  });
  const signed = moved.map(({ stream, head }) =>
    sign('checkpoint', { at: now, hash: head.hash, org: scope.org, seq: head.seq, stream }),
  );
  if (signed.length > 0) await keep(scope, signed);
  return signed;
}

async function keep({ em, org }: Scope, signed: readonly Signed<Checkpoint>[]): Promise<void> {
  await query(
    em,
    `insert into audit_checkpoints (org_id, stream, seq, hash, at, kid, signature)
     select ?::uuid, c.* from unnest(?::text[], ?::bigint[], ?::text[], ?::timestamptz[], ?::text[], ?::text[]) c`,
    [
      org,
      signed.map(({ claims }) => claims.stream),
      signed.map(({ claims }) => claims.seq),
      signed.map(({ claims }) => claims.hash),
      signed.map(({ claims }) => new Date(claims.at).toISOString()),
      signed.map(({ kid }) => kid),
      signed.map(({ signature }) => signature),
    ],
  );
}

interface CheckpointRow {
  readonly stream: string;
  readonly seq: string;
  readonly hash: string;
  readonly at: string | Date;
  readonly at_text: string;
  readonly kid: string;
  readonly signature: string;
}

/** The kept checkpoints, newest first. */
export async function listCheckpoints(
  scope: Scope,
  page: RecordPage & { readonly stream?: string | undefined },
) {
  const before = decodeCursor(page.after, 3);
  const conditions: Condition[] = [
    { sql: 'org_id = ?', values: [scope.org] },
    ...when(page.stream, 'stream = ?'),
    ...(before === null
      ? []
      : [{ sql: '(at, stream, seq) < (?::timestamptz, ?, ?::bigint)', values: before }]),
  ];
  const rows = await query<CheckpointRow[]>(
    scope.em,
    `select stream, seq, hash, at, ${utcText('at')}, kid, signature from audit_checkpoints
      where ${conditions.map(({ sql }) => sql).join(' and ')} order by at desc, stream desc, seq desc limit ?`,
    [...conditions.flatMap(({ values }) => values), page.limit + 1],
  );
  return pageFrom(rows, page.limit, {
    show: (row) => signedOf(scope, row),
    cursorOf: ({ at_text, stream, seq }) => [at_text, stream, seq],
  });
}

/** Checkpoints that a chain in the store is held against: each of them stands for all that was before it. */
const lastOnes = 1_000;

/** The newest checkpoints of one chain, as they are stored; not verified. */
export async function lastCheckpoints(scope: Scope, stream: string): Promise<Signed<Checkpoint>[]> {
  const rows = await query<Omit<CheckpointRow, 'at_text'>[]>(
    scope.em,
    `select stream, seq, hash, at, kid, signature from audit_checkpoints
      where org_id = ? and stream = ? order by seq desc limit ?`,
    [scope.org, stream, lastOnes],
  );
  return rows.map((row) => signedOf(scope, row));
}

function signedOf(
  { org }: Scope,
  { stream, seq, hash, at, kid, signature }: Omit<CheckpointRow, 'at_text'>,
): Signed<Checkpoint> {
  return { claims: { at: new Date(at).getTime(), hash, org, seq: Number(seq), stream }, kid, signature };
}
