import { createHash, randomBytes } from 'node:crypto';

/** Values that are remembered; the oldest go first. */
const most = 50_000;

/**
 * What was copied from masked cells in this run of the app, as keyed hashes: a statement that would write one of them
 * back is held up (cautions.ts).
 */
export class MaskMemory {
  readonly #key = randomBytes(32);
  readonly #known = new Set<string>();

  add(values: Iterable<string>): void {
    for (const value of values) this.#known.add(this.#hash(value));
    for (const oldest of this.#known) {
      if (this.#known.size <= most) return;
      this.#known.delete(oldest);
    }
  }

  has(value: string): boolean {
    return this.#known.size > 0 && this.#known.has(this.#hash(value));
  }

  clear(): void {
    this.#known.clear();
  }

  #hash(value: string): string {
    return createHash('sha256').update(this.#key).update(value).digest('base64');
  }
}
