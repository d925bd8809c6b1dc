/**
 * Results that cost much to make and are asked for again, kept while they are among the last. Keys say all that a result
 * depends on, with its organization. What weighs more than `maxWeight` by itself is made each time.
 */
export class RecentResults<Value> {
  readonly #kept = new Map<string, { readonly value: Value; readonly weight: number }>();
  readonly #limits: { readonly max: number; readonly maxWeight: number };
  readonly #weigh: (value: Value) => number;
  #weight = 0;

  constructor(
    limits: { readonly max: number; readonly maxWeight: number },
    weigh: (value: Value) => number = () => 1,
  ) {
    this.#limits = limits;
    this.#weigh = weigh;
  }

  /** What is kept under this key; it counts as used now. */
  get(key: string): Value | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  /** Keeps a result; those that were used longest ago go where there is no room. */
  keep(key: string, value: Value): Value {
    this.#drop(key);
    const weight = this.#weigh(value);
    if (weight > this.#limits.maxWeight) return value;
    this.#kept.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.max && this.#weight <= this.#limits.maxWeight) break;
      this.#drop(oldest);
    }
    return value;
  }

  #drop(key: string): void {
    this.#weight -= this.#kept.get(key)?.weight ?? 0;
    this.#kept.delete(key);
  }
}
