import { createHash } from 'node:crypto';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import { z } from 'zod';

/** The head of an agent's chain before its first record. */
export const agentChainGenesis = { seq: 0, hash: '0'.repeat(64) } as const;

export const chainRecord = z.strictObject({
  seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  prevHash: z.string().max(100),
  hash: z.string().max(100),
  event: z.looseObject({ kind: z.string().max(64), at: z.string().max(40) }),
});
export type ChainRecord = z.infer<typeof chainRecord>;

export function hashRecord(agent: string, { seq, prevHash, event }: Omit<ChainRecord, 'hash'>): string {
  return createHash('sha256').update(canonicalJson({ agent, seq, prevHash, event })).digest('hex');
}
