const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `84 KB`: a whole number below ten of the next unit, else one with a decimal. Units of 1,000. */
export function byteWords(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 1_000 && unit < units.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  const text = unit === 0 || amount >= 10 ? String(Math.floor(amount)) : amount.toFixed(1);
  return `${text} ${units[unit]}`;
}
