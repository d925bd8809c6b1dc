import { AppError } from '../errors/app-error.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const shape = /^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$/;

/** The longest duration that a policy may name: PostgreSQL keeps timeouts as 32-bit milliseconds. */
export const maxDurationMs = 2_147_483_647;

/** True for `500ms`, `30s`, `30m`, `8h`, `7d`: above zero and at most 24 days. */
export function isDuration(text: string): boolean {
  const found = shape.exec(text);
  if (found === null) return false;
  const ms = toMs(found);
  return ms > 0 && ms <= maxDurationMs;
}

/** Milliseconds of a duration as policies write it; anything else throws INVALID_POLICY. */
export function parseDuration(text: string): number {
  const found = shape.exec(text);
  if (found === null || !isDuration(text)) {
    throw new AppError('INVALID_POLICY', { message: 'A duration is written as 30s, 30m or 8h.' });
  }
  return toMs(found);
}

function toMs(found: RegExpExecArray): number {
  return Number(found[1]) * unitMs[found[2] as keyof typeof unitMs];
}
