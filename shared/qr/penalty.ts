/** How hard a QR code is to read, by the standard's own count (ISO/IEC 18004, 7.8.3): the mask with the least of it is taken. */
import type { Modules } from './modules.ts';

/** Like a finder: one, one, three, one, one, with four light modules before or behind. */
const likeFinder = /(?=1011101(?:0000))|(?=(?:0000)1011101)/g;

export function penaltyOf(modules: Modules): number {
  const rows = modules.map(wordOf);
  const columns = modules.map((_, x) => wordOf(modules.map((row) => row[x] === true)));
  const lines = [...rows, ...columns];
  return (
    lines.reduce((sum, line) => sum + runs(line) + 40 * [...line.matchAll(likeFinder)].length, 0) +
    3 * blocks(modules) +
    10 * imbalance(rows)
  );
}

function wordOf(line: readonly boolean[]): string {
  return line.map((isDark) => (isDark ? '1' : '0')).join('');
}

/** Five of a colour in a row cost three, each one more another. */
function runs(line: string): number {
  return [...line.matchAll(/0{5,}|1{5,}/g)].reduce((sum, [run]) => sum + run.length - 2, 0);
}

/** Squares of two by two in one colour. */
function blocks(modules: Modules): number {
  let found = 0;
  for (const [y, row] of modules.entries()) {
    const next = modules[y + 1];
    if (next === undefined) break;
    for (let x = 0; x + 1 < row.length; x += 1) {
      if (row[x] === row[x + 1] && row[x] === next[x] && row[x] === next[x + 1]) found += 1;
    }
  }
  return found;
}

/** Steps of 5 % that the share of dark modules is away from a half. */
function imbalance(rows: readonly string[]): number {
  const all = rows.join('');
  const dark = all.replaceAll('0', '').length;
  return Math.floor(Math.abs((dark * 20) / all.length - 10));
}
