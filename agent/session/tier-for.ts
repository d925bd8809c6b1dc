import type { Tier } from '@daam/shared/sql/verdict';
import type { Latch } from './latch.ts';
import type { AllowedVerdict } from './prepared.ts';

/**
 * The tier that a statement runs in, here and now. The gate says what it needs; that a masked table is written in
 * base unless the write itself needs raw values, and that the COMMIT after it runs in base too, guards against a
 * trigger that came after the agent last read the catalogue (enforcement.md 4).
 */
export function tierFor(verdict: AllowedVerdict, latch: Latch): Tier {
  if (verdict.tier !== 'either') return verdict.tier;
  if (writesMasked(verdict)) return 'base';
  return latch.commitsInBase && commits(verdict) ? 'base' : 'either';
}

/** Whether it writes a masked table without raw values. */
export function writesMasked({ tier, statements }: AllowedVerdict): boolean {
  return (
    tier !== 'elevated' &&
    statements.some(({ tables }) => tables.some(({ masked, operation }) => masked && operation !== 'select'))
  );
}

function commits({ statements }: AllowedVerdict): boolean {
  return statements.some(({ effects }) => effects.some(({ kind }) => kind === 'commit'));
}
