/**
 * How long to wait before attempt number `failures` + 1: doubles from 250 ms up to `maxMs`, and a random
 * half of it is taken off, so that agents do not all come back at the same moment. Milliseconds.
 */
export function nextDelay(failures: number, maxMs: number, random: () => number = Math.random): number {
  const full = Math.min(maxMs, 250 * 2 ** Math.min(Math.max(failures - 1, 0), 20));
  return full / 2 + (random() * full) / 2;
}
