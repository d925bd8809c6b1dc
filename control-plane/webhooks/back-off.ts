const firstMs = 10_000;
const longestMs = 6 * 3_600_000;

/** Attempts of one delivery, the first included; they take about a day. */
export const maxAttempts = 15;

/**
 * Milliseconds until the next attempt after the `attempts`-th failed; null: there is none. Doubles from ten seconds to
 * six hours, and by `random` (0 to 1) is between half of that and half as much again, so that deliveries that failed
 * together do not come back together.
 */
export function delayAfter(attempts: number, random: number): number | null {
  if (attempts >= maxAttempts) return null;
  return Math.round(Math.min(longestMs, firstMs * 2 ** (attempts - 1)) * (0.5 + random));
}
