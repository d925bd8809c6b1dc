/** The budgets of the screens, what was measured against them, and how that is printed and kept. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Sizes and counts are the same on every machine and are asserted; times depend on what else runs, and are told. */
export type BudgetKind = 'size' | 'time';

interface Budget {
  readonly what: string;
  readonly limit: number;
  readonly unit: string;
  readonly kind: BudgetKind;
}

const size = (what: string, limit: number, unit: string): Budget => ({ what, limit, unit, kind: 'size' });
const time = (what: string, limit: number, unit = 'ms'): Budget => ({ what, limit, unit, kind: 'time' });

export const budgets = {
  P1: size('first load of the shell, scripts, gzip', 290, 'KB'),
  P2: size('query editor beyond the shell, gzip', 190, 'KB'),
  P3: size('all screens of administrators beyond the shell, gzip', 120, 'KB'),
  P4: size('fonts', 90, 'KB'),
  P5: time('navigation to the list of databases', 700),
  P6: time('change of the screen, warm', 100),
  P7a: time('palette open with 10,000 objects', 50),
  P7b: time('palette, one key', 30),
  P8: time('key to paint in the editor, 5,000 lines, p95', 16),
  P9: time('completion list, 2,000 tables of 20 columns', 120),
  P10a: time('run to first row, p50', 40),
  P10b: time('run to first row, p95', 80),
  P11: time('grid of 1,000,000 × 20, mounted and painted', 100),
  P12a: time('scroll 84 px a frame, p95 of frames', 22),
  P12b: time('fling 3,000 px a frame, p95 of frames', 34),
  P13a: time('streaming 100,000 rows, longest task', 100),
  P13b: time('streaming 100,000 rows, blocking in all', 300),
  P14a: size('heap with 1,000,000 × 20', 150, 'MB'),
  P14b: size('heap left after its tab was closed', 10, 'MB'),
  P15: size('elements with a result of 1,000,000 × 20', 1_500, ''),
  P16a: time('Cancel to feedback', 100),
  P16b: time('Cancel to the engine', 200),
  P17: time('change of a policy to the banner', 1_000),
  P18: time('one key in a list of 50,000 rows', 16),
  P19: time('idle processor, connected', 1, '%'),
  P20: time('CSV of 100,000 × 20 by the engine', 3_000),
} as const satisfies Record<string, Budget>;

export type BudgetId = keyof typeof budgets;

interface Measured {
  readonly value: number;
  readonly samples: readonly number[];
}

/** The middle of the samples. NaN for none. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The sample below which this share of all lies. NaN for none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export class BudgetReport {
  readonly #measured = new Map<BudgetId, Measured>();
  readonly #notes = new Map<BudgetId, string>();

  /** Keeps the median of the samples, and returns it. */
  add(id: BudgetId, ...samples: number[]): number {
    const value = median(samples);
    this.#measured.set(id, { value, samples });
    return value;
  }

  /** Something else that tells about a budget; printed beside it. */
  note(id: BudgetId, text: string): void {
    this.#notes.set(id, text);
  }

  /** What was measured. NaN when nothing was. */
  value(id: BudgetId): number {
    return this.#measured.get(id)?.value ?? Number.NaN;
  }

  /** Which of these have no number. */
  unmeasured(...ids: BudgetId[]): BudgetId[] {
    return ids.filter((id) => !Number.isFinite(this.value(id)));
  }

  /** Which of these are over their limit, or have no number; in words. */
  exceeded(...ids: BudgetId[]): string[] {
    return ids
      .filter((id) => !(this.value(id) <= budgets[id].limit))
      .map((id) => `${id} ${budgets[id].what}: ${round(this.value(id))} ${budgets[id].unit}`);
  }

  /** One line a budget. */
  lines(): string[] {
    return [...this.#entries()].map(({ id, what, limit, unit, value, isMet }) =>
      [
        id.padEnd(5),
        what.padEnd(56),
        `${round(value)} ${unit}`.padStart(12),
        `≤ ${limit.toLocaleString('en')} ${unit}`.padStart(12),
        isMet ? 'met' : 'MISSED',
        this.#notes.get(id) ?? '',
      ]
        .join('  ')
        .trimEnd(),
    );
  }

  async write(folder: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'budgets.json');
    await writeFile(file, `${JSON.stringify([...this.#entries()], null, 2)}\n`);
    return file;
  }

  *#entries() {
    for (const id of Object.keys(budgets) as BudgetId[]) {
      const measured = this.#measured.get(id);
      if (measured === undefined) continue;
      yield { id, ...budgets[id], ...measured, isMet: measured.value <= budgets[id].limit };
    }
  }
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
