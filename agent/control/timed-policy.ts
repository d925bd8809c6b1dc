import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';

/** A person's policy, and what holds instead of it while windows of access requests are open (policy/bundle.ts). */
export interface TimedPolicy {
  readonly standing: EffectivePolicy;
  /** In order of their ends; milliseconds since the Unix epoch. */
  readonly windows: readonly { readonly untilMs: number; readonly policy: EffectivePolicy }[];
}

/** What holds at a time: a window's end is no part of it. */
export function currentPolicy({ standing, windows }: TimedPolicy, now: number): EffectivePolicy {
  return windows.find(({ untilMs }) => untilMs > now)?.policy ?? standing;
}

/** The next end of any window; null when none is open. */
export function nextEnd(all: Iterable<TimedPolicy>, now: number): number | null {
  let next: number | null = null;
  for (const { windows } of all) {
    const end = windows.find(({ untilMs }) => untilMs > now)?.untilMs;
    if (end !== undefined && (next === null || end < next)) next = end;
  }
  return next;
}
