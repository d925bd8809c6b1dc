import { type AuditRecord, type ChainHead, chainGenesis } from '@daam/shared/audit/chain';
import { overRange } from '@daam/shared/audit/purge';
import { type ChainFault, verifyChain } from '@daam/shared/audit/verify';
import type { Scope } from '../db/scope.ts';
import { walkChain } from './chain-reader.ts';
import { type Chain, chainsOf } from './checkpoints.ts';

/** What verifying one chain came to. */
export interface ChainResult {
  /** `activity`, or `agent:<id>`. */
  readonly chain: string;
  readonly records: number;
  /** Records that retention has removed. */
  readonly purged: number;
  readonly ok: boolean;
  /** Sequence number of the first record that does not verify, or that is missing. */
  readonly brokenAt: number | null;
  readonly fault: ChainFault['kind'] | null;
}

/** Verifies the activity chain and every agent's chain from the first record to the head that is kept beside. */
export async function verifyOrganization(scope: Scope): Promise<ChainResult[]> {
  const results: ChainResult[] = [];
  for (const chain of await chainsOf(scope)) results.push(await verifyStored(scope, chain));
  return results;
}

/** Records that are verified together. */
const together = 1_000;

interface Walk {
  head: ChainHead;
  records: number;
  purged: number;
  waiting: AuditRecord[];
}

async function verifyStored(scope: Scope, chain: Chain): Promise<ChainResult> {
  const name = chain.agent === null ? 'activity' : `agent:${chain.agent}`;
  const walk: Walk = { head: chainGenesis, records: 0, purged: 0, waiting: [] };
  const broken = ({ kind, seq }: ChainFault): ChainResult => {
    return { chain: name, records: walk.records, purged: walk.purged, ok: false, brokenAt: seq, fault: kind };
  };
  for await (const step of walkChain(scope, chain)) {
    if (step.kind === 'record') walk.waiting.push(step.record);
    if (step.kind === 'record' && walk.waiting.length < together) continue;
    const fault = verifyWaiting(walk, chain) ?? (step.kind === 'purged' ? stepOver(walk, step.range) : null);
    if (fault !== null) return broken(fault);
  }
  const fault = verifyWaiting(walk, chain, chain.head);
  if (fault !== null) return broken(fault);
  return { chain: name, records: walk.records, purged: walk.purged, ok: true, brokenAt: null, fault: null };
}

function verifyWaiting(walk: Walk, { stream }: Chain, until?: ChainHead): ChainFault | null {
  const bounds = { stream, from: walk.head, ...(until === undefined ? {} : { until }) };
  const verdict = verifyChain(walk.waiting, bounds);
  if (verdict.kind !== 'ok') {
    walk.records += Math.max(0, verdict.seq - walk.head.seq - 1);
    return verdict;
  }
  walk.records += walk.waiting.length;
  walk.waiting = [];
  walk.head = verdict.head;
  return null;
}

function stepOver(walk: Walk, range: Parameters<typeof overRange>[1]): ChainFault | null {
  const next = overRange(walk.head, range);
  if (next === null) {
    const isGap = range.first > walk.head.seq + 1;
    return { kind: isGap ? 'removed' : 'changed', seq: isGap ? walk.head.seq + 1 : range.first };
  }
  walk.purged += range.last - range.first + 1;
  walk.head = next;
  return null;
}
