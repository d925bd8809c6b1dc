/** `25 min`, `3 h`, `2 d`: rounded up, since somebody waits for it. */
export function minuteWords(minutes: number): string {
  if (minutes <= 90) return `${Math.max(1, Math.ceil(minutes))} min`;
  if (minutes <= 36 * 60) return `${Math.ceil(minutes / 60)} h`;
  return `${Math.ceil(minutes / (24 * 60))} d`;
}
