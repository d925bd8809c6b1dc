import { type ChainProblem, ExportChain } from '@daam/shared/audit/export-chain';
import { type AuditKeys, type Checkpoint, signedSchema } from '@daam/shared/audit/signature';
import type { Scope } from '../db/scope.ts';
import { purgesOf, walkChain } from './chain-reader.ts';
import { type Chain, chainsOf, lastCheckpoints } from './checkpoints.ts';

/** What verifying one chain came to. */
export interface ChainResult {
  /** `activity`, or `agent:<id>`. */
  readonly chain: string;
  readonly records: number;
  /** Records that retention has removed. */
  readonly purged: number;
  readonly ok: boolean;
  /** Sequence number of the first record that does not verify, or that is missing; null where none is to blame. */
  readonly brokenAt: number | null;
  readonly fault: ChainProblem['kind'] | null;
}

/**
 * Verifies the activity chain and every agent's chain from the first record to the head that is kept beside, by what
 * verifies an export: gaps need their signed purge, and the chain passes through its signed checkpoints. `keys` are
 * those that the store cannot change.
 */
export async function verifyOrganization(scope: Scope, keys: AuditKeys): Promise<ChainResult[]> {
  const results: ChainResult[] = [];
  for (const chain of await chainsOf(scope)) results.push(await verifyStored(scope, keys, chain));
  return results;
}

async function verifyStored(scope: Scope, keys: AuditKeys, chain: Chain): Promise<ChainResult> {
  const { checkpoints, problem: unsigned } = await trustedCheckpoints(scope, keys, chain);
  const { stream, label, head } = chain;
  const begin = { line: 1, type: 'stream', complete: true, label, stream, until: { ...head } } as const;
  const walk = new ExportChain(begin, { org: scope.org, keys, checkpoints });
  const problem = unsigned ?? (await firstProblem(scope, chain, walk));
  return {
    chain: chain.agent === null ? 'activity' : `agent:${chain.agent}`,
    records: walk.result.records,
    purged: walk.result.purged,
    ok: problem === null,
    brokenAt: problem?.seq ?? null,
    fault: problem?.kind ?? null,
  };
}

async function firstProblem(scope: Scope, chain: Chain, walk: ExportChain): Promise<ChainProblem | null> {
  // Lines are an export's: here their order alone counts.
  let line = 1;
  for (const stored of await purgesOf(scope, chain)) {
    const signed = signedSchema('purge').safeParse(stored);
    if (!signed.success) return notSigned(null);
    line += 1;
    const problem = walk.purge({ line, type: 'purge', ...signed.data });
    if (problem !== null) return { ...problem, seq: problem.seq ?? signed.data.claims.first };
  }
  for await (const step of walkChain(scope, chain)) {
    line += 1;
    const problem =
      step.kind === 'record'
        ? walk.record({ line, type: 'record', record: step.record })
        : walk.purged({ line, type: 'purged', ...step.range });
    if (problem !== null) return problem;
  }
  return walk.close(chain.head) ?? walk.end();
}

/** The newest checkpoints; one that nobody signed is a fault itself. */
async function trustedCheckpoints(
  scope: Scope,
  keys: AuditKeys,
  { stream }: Chain,
): Promise<{ readonly checkpoints: readonly Checkpoint[]; readonly problem: ChainProblem | null }> {
  const kept = await lastCheckpoints(scope, stream);
  const forged = kept.find((signed) => !isSigned(keys, signed));
  return {
    checkpoints: kept.map(({ claims }) => claims),
    problem: forged === undefined ? null : notSigned(forged.claims.seq),
  };
}

function isSigned(keys: AuditKeys, stored: unknown): boolean {
  const signed = signedSchema('checkpoint').safeParse(stored);
  return signed.success && keys.verify('checkpoint', signed.data);
}

function notSigned(seq: number | null): ChainProblem {
  return { kind: 'untrusted', seq, reason: 'the organization did not sign what is stored' };
}
