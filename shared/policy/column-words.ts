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

/**
 * Whether words have a phrase, written with spaces: next to each other (`first name` in customer first name), as one
 * word (`firstname`), and in the plural.
 */
export function hasPhrase(words: readonly string[], phrase: string): boolean {
  const parts = phrase.split(' ');
  const joined = parts.join('');
  return words.some(
    (word, at) =>
      isWord(word, joined) ||
      (parts.length > 1 && parts.every((part, offset) => isWord(words[at + offset] ?? '', part))),
  );
}

function isWord(word: string, wanted: string): boolean {
  return word === wanted || word === `${wanted}s` || word === `${wanted}es`;
}
