/**
 * The words of an identifier in any naming style: `customerEmail2`, `CUSTOMER_EMAIL`, `customer-email` and
 * `tblCustomer.Email` all have the words customer and email. Lower case, digits left out.
 */
export function wordsOf(identifier: string): readonly string[] {
  return identifier
    .normalize('NFC')
    .slice(0, 500)
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

/** Which of some phrases words have. */
export type PhraseFinder = (words: readonly string[]) => ReadonlySet<string>;

/**
 * Finds phrases, written with spaces, in words: next to each other (`first name` in customer first name), as one word
 * (`firstname`), and in the plural. Made once for all phrases, so that a name costs as much as it has words.
 */
export function phraseFinder(phrases: Iterable<string>): PhraseFinder {
  const whole = new Map<string, string[]>();
  const starting = new Map<string, (readonly [phrase: string, parts: readonly string[]])[]>();
  for (const phrase of new Set(phrases)) {
    const parts = phrase.split(' ');
    add(whole, parts.join(''), phrase);
    if (parts.length > 1) add(starting, parts[0] ?? '', [phrase, parts] as const);
  }
  return (words) => {
    const found = new Set<string>();
    for (const [at, word] of words.entries()) {
      for (const form of formsOf(word)) {
        for (const phrase of whole.get(form) ?? []) found.add(phrase);
        for (const [phrase, parts] of starting.get(form) ?? []) {
          if (parts.every((part, offset) => isWord(words[at + offset] ?? '', part))) found.add(phrase);
        }
      }
    }
    return found;
  };
}

function add<Item>(index: Map<string, Item[]>, key: string, item: Item): void {
  const items = index.get(key) ?? [];
  index.set(key, items);
  items.push(item);
}

/** A word, and what it is the plural of. */
function formsOf(word: string): readonly string[] {
  if (!word.endsWith('s')) return [word];
  return word.endsWith('es') ? [word, word.slice(0, -1), word.slice(0, -2)] : [word, word.slice(0, -1)];
}

function isWord(word: string, wanted: string): boolean {
  return word === wanted || word === `${wanted}s` || word === `${wanted}es`;
}
