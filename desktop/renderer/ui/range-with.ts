export interface VirtualRange {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly overscan: number;
  readonly count: number;
}

/** The rows near the window, and the one in the tab order wherever it is: the focus is not lost by scrolling. */
export function rangeWith(
  current: number,
  { startIndex, endIndex, overscan, count }: VirtualRange,
): number[] {
  const from = Math.max(0, startIndex - overscan);
  const to = Math.min(count - 1, endIndex + overscan);
  const shown = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  if (count === 0 || (current >= from && current <= to)) return shown;
  return current < from ? [current, ...shown] : [...shown, current];
}
