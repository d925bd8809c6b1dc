/** Far more than the statements of any application, at a size that many policies together can afford. */
const defaultMaxCharacters = 8 * 1024 * 1024;

/**
 * What was decided, by text. Bounded by entries and by characters: two generations of a map, of which the old one is
 * dropped when the young one is half of what is allowed.
 */
export class VerdictCache<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #youngCharacters = 0;
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  readonly #sizeOf: (value: Value) => number;

  constructor(options: {
    readonly maxEntries: number;
    /** Of keys and values together. */
    readonly maxCharacters?: number;
    /** Characters that a value holds besides its key. */
    readonly sizeOf?: (value: Value) => number;
  }) {
    this.#maxEntries = options.maxEntries;
    this.#maxCharacters = options.maxCharacters ?? defaultMaxCharacters;
    this.#sizeOf = options.sizeOf ?? (() => 0);
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#maxEntries / 2 || this.#youngCharacters >= this.#maxCharacters / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    this.#young.set(key, value);
    this.#youngCharacters += key.length + this.#sizeOf(value);
  }
}
