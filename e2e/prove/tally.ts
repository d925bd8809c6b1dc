/** Counts cases by class, how they ended, and what was found. */
import type { ClassCount, Finding, PartResult } from './part.ts';
import { ruleOf, type Seen, stateOf } from './twins.ts';

interface Counted {
  cases: number;
  failed: number;
  ok: number;
}

/** Filled while a part runs. */
export class Tally {
  readonly #classes = new Map<string, Counted>();
  readonly #states = new Map<string, number>();
  readonly #findings: Finding[] = [];
  #settled = 0;

  /** A case came to its end, well or with an error of its own. */
  seen(name: string, seen: Seen): void {
    const counted = this.#of(name);
    counted.cases += 1;
    const state = stateOf(seen.a);
    if (state === 'ok') counted.ok += 1;
    const rule = ruleOf(seen.a);
    const key = rule === null ? state : `${state} ${rule}`;
    this.#states.set(key, (this.#states.get(key) ?? 0) + 1);
  }

  /** A difference was gone once the pages of both worlds were at rest. */
  settled(): void {
    this.#settled += 1;
  }

  /** A case of the class is bad. */
  found(name: string, finding: Omit<Finding, 'name'>): void {
    this.#of(name).failed += 1;
    this.#findings.push({ name, ...finding });
  }

  /** How the cases ended: SQLSTATE and rule of refusals, the most frequent first. */
  statesText(): string {
    const sorted = [...this.#states].toSorted(([, a], [, b]) => b - a);
    return [
      ...sorted.map(([state, count]) => `${state}: ${count}`),
      `gone when settled: ${this.#settled}`,
    ].join(', ');
  }

  result(): PartResult {
    const counts = [...this.#classes].map(
      ([name, { cases, failed, ok }]): ClassCount => ({ name, cases, failed, note: `${ok} of them ran` }),
    );
    return { counts, findings: this.#findings };
  }

  #of(name: string): Counted {
    let counted = this.#classes.get(name);
    if (counted === undefined) {
      counted = { cases: 0, failed: 0, ok: 0 };
      this.#classes.set(name, counted);
    }
    return counted;
  }
}
