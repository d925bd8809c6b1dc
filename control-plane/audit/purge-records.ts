import { randomUUID } from 'node:crypto';
import { type PurgedRange, PurgeDigest, purgedRanges } from '@daam/shared/audit/purge';
import type { PurgeClaims, Signed } from '@daam/shared/audit/signature';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { AuditSigner } from '../identity/org-signer.ts';
import { recordActivity } from './activity.ts';
import { type Chain, chainsOf } from './checkpoints.ts';
import { tablesOfClass } from './record-columns.ts';
import { readRetention, retentionClasses, type RetentionClass } from './retention.ts';

/** Records that one purge removes, at most: a transaction of a second or two. */
const sliceSize = 20_000;

export interface PurgeDeps {
  readonly scope: Scope;
  readonly sign: AuditSigner;
  readonly now: number;
}

/**
 * Purges one slice of what is older than its class is kept, under a signed proof, and answers how many records
 * went; 0 when nothing is due. The transaction holds the organization's lock: the proof is activity too.
 * Activity is purged as everything else, so the newest purge always tells of the ones before.
 */
export async function purgeSlice(deps: PurgeDeps): Promise<number> {
  const retention = await readRetention(deps.scope);
  for (const name of retentionClasses) {
    const days = retention[name];
    if (days === null) continue;
    for (const chain of await chainsOf(deps.scope)) {
      if ((chain.agent === null) !== (name === 'activity')) continue;
      const purged = await purgeChain(deps, { chain, name, days });
      if (purged > 0) return purged;
    }
  }
  return 0;
}

interface Due {
  readonly chain: Chain;
  readonly name: RetentionClass;
  readonly days: number;
}

async function purgeChain(deps: PurgeDeps, due: Due): Promise<number> {
  const { scope, now, sign } = deps;
  const { before, links } = await dueRecords(scope, due);
  if (links.length === 0) return 0;
  const ranges = purgedRanges(links);
  const claims = claimsOf(scope, due, { before, ranges, now });
  const signed = sign('purge', claims);
  await keepPurge(scope, signed, ranges);
  await query(scope.em, 'select audit_purge(?::uuid)', [claims.id]);
  await recordActivity(scope, now, {
    action: 'audit.purged',
    actor: { kind: 'system', id: null, label: 'retention' },
    target: { kind: 'audit', id: claims.id, label: due.chain.label },
    detail: {
      class: due.name,
      days: due.days,
      digest: claims.digest,
      first: claims.first,
      last: claims.last,
      records: claims.records,
      stream: claims.stream,
    },
  });
  return claims.records;
}

interface Link {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** The oldest records that are due, by the database's clock; of one moment, so that the proof can name it. */
async function dueRecords(
  scope: Scope,
  { chain, name, days }: Due,
): Promise<{ before: number; links: Link[] }> {
  const [cutoff] = await query<{ ms: string }[]>(
    scope.em,
    'select floor(extract(epoch from now() - make_interval(days => ?::integer)) * 1000)::bigint as ms',
    [days],
  );
  const before = Number(cutoff?.ms ?? 0);
  const tables = name === 'activity' ? [] : tablesOfClass[name];
  const selects =
    chain.agent === null
      ? [`select seq, prev_hash, hash from audit_activity where org_id = ? and at < ?::timestamptz`]
      : tables.map(
          (table) =>
            `select seq, prev_hash, hash from ${table} where org_id = ? and received_at < ?::timestamptz and agent_id = ?`,
        );
  const values = [scope.org, new Date(before).toISOString(), ...(chain.agent === null ? [] : [chain.agent])];
  const rows = await query<{ seq: string; prev_hash: string; hash: string }[]>(
    scope.em,
    `select * from (${selects.join(' union all ')}) r order by seq limit ${sliceSize}`,
    selects.flatMap(() => values),
  );
  return {
    before,
    links: rows.map(({ seq, prev_hash, hash }) => ({ seq: Number(seq), prev: prev_hash, hash })),
  };
}

function claimsOf(
  { org }: Scope,
  { chain, name }: Due,
  {
    before,
    ranges,
    now,
  }: { readonly before: number; readonly ranges: readonly PurgedRange[]; readonly now: number },
): PurgeClaims {
  const digest = new PurgeDigest();
  for (const range of ranges) digest.add(range);
  return {
    at: now,
    before,
    class: name,
    first: ranges[0]?.first ?? 0,
    id: randomUUID(),
    last: digest.last,
    org,
    records: digest.records,
    stream: chain.stream,
    digest: digest.digest(),
  };
}

async function keepPurge(
  { em, org }: Scope,
  { claims, kid, signature }: Signed<PurgeClaims>,
  ranges: readonly PurgedRange[],
): Promise<void> {
  const { id, stream, first, last, records, before, at } = claims;
  await query(
    em,
    `insert into audit_purges
       (id, org_id, stream, class, first_seq, last_seq, records, received_before, at, claims, kid, signature)
     values (?, ?, ?, ?, ?, ?, ?, ?::timestamptz, ?::timestamptz, ?::json, ?, ?)`,
    [
      id,
      org,
      stream,
      claims.class,
      first,
      last,
      records,
      new Date(before).toISOString(),
      new Date(at).toISOString(),
      JSON.stringify(claims),
      kid,
      signature,
    ],
  );
  await query(
    em,
    `insert into audit_purged_ranges (org_id, stream, purge_id, first_seq, last_seq, prev_hash, hash)
     select ?::uuid, ?, ?::uuid, r.* from unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[]) r`,
    [
      org,
      stream,
      id,
      ranges.map((range) => range.first),
      ranges.map((range) => range.last),
      ranges.map(({ prev }) => prev),
      ranges.map(({ hash }) => hash),
    ],
  );
}
