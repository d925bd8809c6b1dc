/**
 * Leaves the plain literals out of a statement, so that `… WHERE id = 7` and `… WHERE id = 8` share one
 * cached verdict. Conservative by construction: anything that is not plainly ASCII identifiers, operators,
 * decimal integers and simple quoted strings makes it give up, and the statement is parsed.
 *
 * Two texts with the same result have the same tokens except for the value of a literal, so the grammar
 * builds the same tree for them except for the value of a constant. The cache holds only verdicts that the
 * gate declared independent of every constant (`Verdict.literalIndependent`).
 */

const maxLength = 32 * 1024;

const kinds = {
  other: 0,
  space: 1,
  identifier: 2,
  digit: 3,
  quote: 4,
  refuse: 5,
  dot: 6,
  dollar: 7,
  dash: 8,
  slash: 9,
} as const;

const classOf = buildClasses();

/** A text without its literals: integers became `0`, strings `''`. */
export interface LiteralFree {
  readonly key: string;
  /** The literals as they were written, quotes included, in order. */
  readonly literals: readonly string[];
  /** Where each of them begins in the text. */
  readonly starts: readonly number[];
}

/** The key alone. */
export function literalFreeKey(sql: string): string | null {
  return literalFree(sql)?.key ?? null;
}

/** Key and literals, or null when the text holds anything that this scanner does not judge. */
export function literalFree(sql: string): LiteralFree | null {
  const length = sql.length;
  if (length > maxLength) return null;
  const literals: string[] = [];
  const starts: number[] = [];
  let key = '';
  let from = 0;
  let at = 0;
  let previous: number = kinds.space;
  while (at < length) {
    const code = sql.charCodeAt(at);
    const kind = code < 128 ? (classOf[code] as number) : kinds.refuse;
    if (kind === kinds.refuse) return null;
    if (kind === kinds.digit && previous !== kinds.identifier) {
      const end = integerEnd(sql, at, previous);
      if (end < 0) return null;
      key += `${sql.slice(from, at)}0`;
      literals.push(sql.slice(at, end));
      starts.push(at);
      at = end;
      from = end;
      previous = kinds.identifier;
      continue;
    }
    if (kind === kinds.quote) {
      // E'…', B'…', U&'…' and the like are other kinds of string.
      const isPlain = previous !== kinds.identifier && sql.charCodeAt(at - 1) !== 38;
      const end = isPlain ? stringEnd(sql, at) : -1;
      if (end < 0) return null;
      key += `${sql.slice(from, at)}''`;
      literals.push(sql.slice(at, end));
      starts.push(at);
      at = end;
      from = end;
      previous = kinds.identifier;
      continue;
    }
    if (kind === kinds.dollar) {
      // `$1` keeps its number: it is a parameter, not a literal. A dollar quote gives up.
      const next = sql.charCodeAt(at + 1);
      if (previous === kinds.identifier || !(next >= 48 && next <= 57)) return null;
      previous = kinds.identifier;
      at += 1;
      continue;
    }
    if (kind === kinds.dash && sql.charCodeAt(at + 1) === 45) return null;
    if (kind === kinds.slash && sql.charCodeAt(at + 1) === 42) return null;
    // Digits inside an identifier or a parameter belong to it.
    previous = kind === kinds.digit ? kinds.identifier : kind;
    at += 1;
  }
  return { key: key + sql.slice(from), literals, starts };
}

/** End of a run of digits that is a whole integer token; -1 when it could be any other kind of number. */
function integerEnd(sql: string, start: number, previous: number): number {
  if (previous === kinds.dot) return -1;
  let at = start;
  while (at < sql.length && sql.charCodeAt(at) >= 48 && sql.charCodeAt(at) <= 57) at += 1;
  // Ten digits can pass 2^31 and become another kind of constant.
  if (at - start > 9) return -1;
  if (at < sql.length) {
    const code = sql.charCodeAt(at);
    const kind = code < 128 ? (classOf[code] as number) : kinds.refuse;
    if (kind === kinds.identifier || kind === kinds.dot || kind === kinds.dollar || kind === kinds.quote)
      return -1;
    if (kind === kinds.refuse) return -1;
  }
  return at;
}

/** End of `'…'` without backslash or doubled quote; -1 otherwise, or when another string follows at once. */
function stringEnd(sql: string, start: number): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    const code = sql.charCodeAt(at);
    if (code === 92 || code === 0 || code > 126) return -1;
    if (code === 39) {
      const next = sql.charCodeAt(at + 1);
      return next === 39 ? -1 : at + 1;
    }
  }
  return -1;
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(128).fill(kinds.refuse);
  const put = (characters: string, kind: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] = kind;
  };
  put(' \t\n\r', kinds.space);
  put('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', kinds.identifier);
  put('0123456789', kinds.digit);
  put("'", kinds.quote);
  put('.', kinds.dot);
  put('$', kinds.dollar);
  put('-', kinds.dash);
  put('/', kinds.slash);
  put('(),;[]*+=<>%:|~!&@#^?', kinds.other);
  return table;
}
