/** When to knock again without being asked, in milliseconds from now. Pure: what happened in, how long to wait out. */
import type { AppError } from '@daam/shared/errors/app-error';
import { isSilence } from './knocker.ts';

/** How the last knocks went: the failure of the last one, and how many have failed in a row. */
export interface KnockHistory {
  readonly failure: AppError | null;
  readonly failures: number;
}

/** Nobody there: soon, then ever later. A no: late, since somebody has to change something first. */
const silence = { firstMs: 1_000, maxMs: 30_000 } as const;
const refused = { firstMs: 30_000, maxMs: 300_000 } as const;

/** The shortest time between two knocks at one door that the person's clients or events ask for. Milliseconds. */
export const minKnockPauseMs = 2_000;

/** Null: not before something happens (new credentials, the agent is back, another network). */
export function nextKnockIn({ failure, failures }: KnockHistory): number | null {
  if (failure === null) return null;
  const { firstMs, maxMs } = isSilence(failure) ? silence : refused;
  return Math.min(firstMs * 2 ** Math.max(failures - 1, 0), maxMs);
}
