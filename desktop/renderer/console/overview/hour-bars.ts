/** Counting what happened in the last 24 hours, hour by hour. */

export const hours = 24;
const hourMs = 3_600_000;

/** One number an hour, the oldest first; what is not within the last 24 hours is left out. */
export function hourBars(times: readonly string[], now: number): readonly number[] {
  const bars = Array.from({ length: hours }, () => 0);
  for (const time of times) {
    const back = Math.floor((now - Date.parse(time)) / hourMs);
    const at = hours - 1 - back;
    if (at >= 0 && at < hours) bars[at] = (bars[at] ?? 0) + 1;
  }
  return bars;
}
