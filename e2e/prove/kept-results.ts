/** Results of parts as they come, kept in a file so that a run of an hour can be made in pieces. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Outcome } from './report.ts';

export class KeptResults {
  readonly #file: string | null;
  #outcomes: readonly Outcome[];

  private constructor(file: string | null, outcomes: readonly Outcome[]) {
    this.#file = file;
    this.#outcomes = outcomes;
  }

  /** With the results that the file holds already; null keeps them in memory alone. */
  static async open(file: string | null): Promise<KeptResults> {
    if (file === null) return new KeptResults(null, []);
    try {
      return new KeptResults(file, JSON.parse(await readFile(file, 'utf8')) as Outcome[]);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return new KeptResults(file, []);
      throw thrown;
    }
  }

  /** In the order of parts and majors in which they first came. */
  get outcomes(): readonly Outcome[] {
    return this.#outcomes.toSorted((a, b) => a.major - b.major);
  }

  /** Takes the place of an earlier result of the same part on the same major. */
  async add(outcome: Outcome): Promise<void> {
    const others = this.#outcomes.filter(
      ({ major, part }) => major !== outcome.major || part !== outcome.part,
    );
    this.#outcomes = [...others, outcome];
    if (this.#file !== null) await writeFile(this.#file, JSON.stringify(this.#outcomes));
  }
}
