/**
 * A small seeded generator (mulberry32) for property tests: the same seed gives the same run, so that a
 * failure can be seen again. Not for anything that must be unguessable.
 */
export interface TestRandom {
  /** At least 0, below `bound`. */
  int(bound: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** A random order. */
  shuffle<Item>(items: readonly Item[]): Item[];
  chance(probability: number): boolean;
}

/** A generator that starts from `seed`. */
export function testRandom(seed: number): TestRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (bound: number): number => Math.floor(next() * bound);
  return {
    int,
    pick: (items) => {
      const item = items[int(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffle: (items) => {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
    chance: (probability) => next() < probability,
  };
}
