/**
 * Words of a statement, as the full-text search keeps and looks for them: letters, digits, `_` and `$`, in
 * lower case. `public.customers` is two words, `created_at` is one. Both sides use this file, so what was
 * kept is what is looked for.
 */

/** Longest word, in UTF-16 code units; what is longer is cut on both sides. */
export const maxTermLength = 64;
/** Distinct words of one statement that are kept. */
export const maxTerms = 500;
/** Words of one search. */
export const maxSearchTerms = 16;

const word = /[\p{L}\p{N}_$]+/gu;

/** The distinct words of a text, in the order of their first place. */
export function termsOf(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [match] of text.toLowerCase().matchAll(word)) {
    found.add(cut(match));
    if (found.size >= maxTerms) break;
  }
  return [...found];
}

/**
 * A search as a `tsquery` text (PostgreSQL docs, 8.11.2): every word must occur, `word*` is the beginning
 * of one, `-word` must not occur. Null when nothing is looked for: no word, or only words that must not be.
 */
export function searchQuery(search: string): string | null {
  const parts: string[] = [];
  let isPositive = false;
  for (const [match] of search.toLowerCase().matchAll(/-?[\p{L}\p{N}_$]+\*?/gu)) {
    const isNot = match.startsWith('-') && isAtStart(search, match);
    const isPrefix = match.endsWith('*');
    const term = cut(match.replace(/^-/, '').replace(/\*$/, ''));
    parts.push(`${isNot ? '!' : ''}'${term}'${isPrefix ? ':*' : ''}`);
    isPositive ||= !isNot;
    if (parts.length >= maxSearchTerms) break;
  }
  return isPositive ? parts.join(' & ') : null;
}

/** `-` excludes only where a word begins: `a-b` are two words. */
function isAtStart(search: string, match: string): boolean {
  const lower = search.toLowerCase();
  return lower.startsWith(match) || /\s/.test(lower[lower.indexOf(match) - 1] ?? ' ');
}

function cut(term: string): string {
  return term.slice(0, maxTermLength).toWellFormed();
}
