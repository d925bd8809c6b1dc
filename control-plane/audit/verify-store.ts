import type { Scope } from '../db/scope.ts';
import { activityGenesis, hashActivity } from './activity.ts';
import { agentChainGenesis, hashRecord } from './agent-chain.ts';

/** What verifying one chain came to. */
export interface ChainResult {
  /** `activity`, or `agent:<id>`. */
  readonly chain: string;
  readonly records: number;
  readonly ok: boolean;
  /** Sequence number of the first record that does not verify, or that is missing. */
  readonly brokenAt: number | null;
}

/** Records that are read at a time. */
const batchSize = 1000;

/** Verifies the activity chain and every agent's chain from the first record to the head that is kept beside. */
export async function verifyOrganization(scope: Scope): Promise<ChainResult[]> {
  const results = [await verifyActivity(scope)];
  const agents = await scope.em.execute<{ id: string; audit_seq: string; audit_hash: string }[]>(
    "select id, audit_seq, audit_hash from agents where org_id = ? and state <> 'pending' order by created_at",
    [scope.org],
  );
  for (const { id, audit_seq, audit_hash } of agents) {
    results.push(await verifyAgent(scope, id, { seq: Number(audit_seq), hash: audit_hash }));
  }
  return results;
}

interface Link {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  /** The hash as it must be. */
  readonly expected: string;
}

interface Chain {
  readonly name: string;
  readonly genesis: { readonly seq: number; readonly hash: string };
  readonly head: { readonly seq: number; readonly hash: string };
  /** The next records after a sequence number, in order. */
  readonly next: (after: number) => Promise<readonly Link[]>;
}

async function verifyChain({ name, genesis, head, next }: Chain): Promise<ChainResult> {
  let last: { readonly seq: number; readonly hash: string } = genesis;
  for (;;) {
    const links = await next(last.seq);
    for (const link of links) {
      const isNext = link.seq === last.seq + 1 && link.prevHash === last.hash && link.hash === link.expected;
      if (!isNext) return { chain: name, records: last.seq - genesis.seq, ok: false, brokenAt: last.seq + 1 };
      last = link;
    }
    if (links.length < batchSize) break;
  }
  const ok = last.seq === head.seq && last.hash === head.hash;
  return { chain: name, records: last.seq - genesis.seq, ok, brokenAt: ok ? null : last.seq + 1 };
}

async function verifyActivity(scope: Scope): Promise<ChainResult> {
  const [head] = await scope.em.execute<{ activity_seq: string; activity_hash: string }[]>(
    'select activity_seq, activity_hash from organizations where id = ?',
    [scope.org],
  );
  return await verifyChain({
    name: 'activity',
    genesis: { seq: 0, hash: activityGenesis },
    head: { seq: Number(head?.activity_seq ?? 0), hash: head?.activity_hash ?? '' },
    next: async (after) => {
      const rows = await scope.em.execute<StoredLink[]>(
        `select seq, at, prev_hash, hash, event from audit_activity
          where org_id = ? and seq > ? order by seq limit ?`,
        [scope.org, after, batchSize],
      );
      return rows.map(({ seq, at, prev_hash, hash, event }) => {
        const record = { seq: Number(seq), at: new Date(at).toISOString(), prevHash: prev_hash, event };
        return { ...record, hash, expected: hashActivity({ org: scope.org, ...record }) };
      });
    },
  });
}

async function verifyAgent(scope: Scope, agent: string, head: Chain['head']): Promise<ChainResult> {
  return await verifyChain({
    name: `agent:${agent}`,
    genesis: agentChainGenesis,
    head,
    next: async (after) => {
      const rows = await scope.em.execute<StoredLink[]>(
        `select * from (
           select seq, at, prev_hash, hash, event from audit_connections
            where org_id = ? and agent_id = ? and seq > ?
           union all
           select seq, at, prev_hash, hash, event from audit_statements
            where org_id = ? and agent_id = ? and seq > ?) r
         order by seq limit ?`,
        [scope.org, agent, after, scope.org, agent, after, batchSize],
      );
      return rows.map(({ seq, prev_hash, hash, event }) => {
        const record = {
          seq: Number(seq),
          prevHash: prev_hash,
          event: event as { kind: string; at: string },
        };
        return { ...record, hash, expected: hashRecord(agent, record) };
      });
    },
  });
}

interface StoredLink {
  readonly seq: string;
  readonly at: string | Date;
  readonly prev_hash: string;
  readonly hash: string;
  readonly event: Readonly<Record<string, unknown>>;
}
