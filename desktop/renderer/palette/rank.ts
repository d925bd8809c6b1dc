/** What a person types in the palette against what there is. */
export interface Rankable {
  readonly title: string;
  readonly group: string;
}

/**
 * How well a title answers what is typed; 0: not at all. The beginning beats the beginning of a word, that beats the
 * middle, and that beats letters in order. All words that are typed must be found.
 */
export function scoreOf(item: Rankable, typed: readonly string[]): number {
  const title = item.title.toLowerCase();
  let total = 0;
  for (const word of typed) {
    const score = scoreWord(title, word) || (item.group.toLowerCase().includes(word) ? 5 : 0);
    if (score === 0) return 0;
    total += score;
  }
  return total - Math.min(title.length, 60) / 100;
}

function scoreWord(title: string, word: string): number {
  const at = title.indexOf(word);
  if (at === 0) return 100;
  if (at > 0) return /[\s._/-]/.test(title[at - 1] ?? '') ? 60 : 30;
  return hasInOrder(title, word) ? 10 : 0;
}

function hasInOrder(title: string, word: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = title.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** The best, best first; with nothing typed, the first ones as they stand. */
export function rank<Item extends Rankable>(items: readonly Item[], text: string, limit: number): Item[] {
  const typed = text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (typed.length === 0) return items.slice(0, limit);
  return items
    .map((item) => ({ item, score: scoreOf(item, typed) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, limit)
    .map(({ item }) => item);
}
