/**
 * PostgreSQL's lexical rules (src/backend/parser/scan.l), as far as splicing needs them: where each token
 * starts and ends. Which words are keywords does not matter here. Comments and white space are left out.
 */

export type TokenKind =
  /** An unquoted word, keyword or not. */
  | 'word'
  /** "…" or U&"…". */
  | 'quoted'
  /** Any literal in quotes or dollars, prefixes and continuation lines included. */
  | 'string'
  | 'param'
  | 'number'
  | 'operator'
  /** One of , ( ) [ ] ; : . and the pairs :: .. := =>. */
  | 'punctuation';

/** Offsets are bytes. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

const whitespace = /[ \t\n\r\f\v]*/y;
const word = /[A-Za-z_\x80-\xff][A-Za-z_0-9$\x80-\xff]*/y;
const dollarTag = /\$(?:[A-Za-z_\x80-\xff][A-Za-z_0-9\x80-\xff]*)?\$/y;
const param = /\$[0-9]+/y;
const numeral =
  /0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*(?:\.(?!\.)(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?/y;
const operatorRun = /[~!@#^&|`?+\-*/%<>=]+/y;
/** White space with a newline in it, then the quote that goes on with the same literal. */
const continuation = /[ \t\f\v]*[\n\r][ \t\n\r\f\v]*'/y;
const plainQuoted = /'(?:[^']|'')*'/y;
const escapeQuoted = /'(?:[^'\\]|\\[\s\S]|'')*'/y;
const identifierQuoted = /"(?:[^"]|"")*"/y;
const plainRest = /(?:[^']|'')*'/y;
const escapeRest = /(?:[^'\\]|\\[\s\S]|'')*'/y;

function endOf(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(source) ? pattern.lastIndex : -1;
}

/**
 * All tokens of a text that the grammar accepted. A text that the grammar refuses may give fewer tokens
 * than it has; callers always verify what they built by parsing it.
 */
export function scanTokens(bytes: Buffer): readonly Token[] {
  // latin1 keeps one character a byte, so that every index is a byte offset
  const source = bytes.toString('latin1');
  const tokens: Token[] = [];
  let at = skipBlank(source, 0);
  while (at < source.length) {
    const token = nextToken(source, at);
    if (token === null) break;
    tokens.push(token);
    at = skipBlank(source, token.end);
  }
  return tokens;
}

function skipBlank(source: string, from: number): number {
  let at = from;
  for (;;) {
    at = Math.max(at, endOf(whitespace, source, at));
    if (source.startsWith('--', at)) {
      const newline = source.slice(at).search(/[\n\r]/);
      at = newline < 0 ? source.length : at + newline + 1;
    } else if (source.startsWith('/*', at)) at = endOfBlockComment(source, at);
    else return at;
  }
}

function endOfBlockComment(source: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < source.length) {
    if (source.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (source.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return source.length;
}

function nextToken(source: string, start: number): Token | null {
  return (
    scanPrefixed(source, start) ??
    scanDollar(source, start) ??
    scanSimple(source, start) ??
    scanPunctuation(source, start)
  );
}

function scanPrefixed(source: string, start: number): Token | null {
  const two = source.slice(start, start + 3);
  if (/^[uU]&"/.test(two)) return made('quoted', start, endOf(identifierQuoted, source, start + 2));
  if (/^[uU]&'/.test(two)) return scanString(source, start, { quote: start + 2, escapes: false });
  if (/^[bBxX]'/.test(two)) return scanString(source, start, { quote: start + 1, escapes: false });
  if (/^[eE]'/.test(two)) return scanString(source, start, { quote: start + 1, escapes: true });
  if (two.startsWith("'")) return scanString(source, start, { quote: start, escapes: false });
  if (two.startsWith('"')) return made('quoted', start, endOf(identifierQuoted, source, start));
  return null;
}

function scanString(
  source: string,
  start: number,
  { quote, escapes }: { readonly quote: number; readonly escapes: boolean },
): Token | null {
  let end = endOf(escapes ? escapeQuoted : plainQuoted, source, quote);
  while (end > 0) {
    const again = endOf(continuation, source, end);
    if (again < 0) return made('string', start, end);
    end = endOf(escapes ? escapeRest : plainRest, source, again);
  }
  return null;
}

function scanDollar(source: string, start: number): Token | null {
  if (source[start] !== '$') return null;
  const numbered = endOf(param, source, start);
  if (numbered > 0) return made('param', start, numbered);
  const opened = endOf(dollarTag, source, start);
  if (opened < 0) return null;
  const closing = source.indexOf(source.slice(start, opened), opened);
  return closing < 0 ? null : made('string', start, closing + opened - start);
}

function scanSimple(source: string, start: number): Token | null {
  const named = endOf(word, source, start);
  if (named > 0) return made('word', start, named);
  const counted = endOf(numeral, source, start);
  if (counted > 0) return made('number', start, counted);
  return null;
}

function scanPunctuation(source: string, start: number): Token | null {
  const pair = source.slice(start, start + 2);
  if (pair === '::' || pair === '..' || pair === ':=') return made('punctuation', start, start + 2);
  if (',()[];:.'.includes(source[start] ?? ' ')) return made('punctuation', start, start + 1);
  const run = endOf(operatorRun, source, start);
  // the grammar refuses any other character, the scanner does not
  if (run < 0) return made('punctuation', start, start + 1);
  const length = operatorLength(source.slice(start, run));
  const kind = length === 2 && source.startsWith('=>', start) ? 'punctuation' : 'operator';
  return made(kind, start, start + length);
}

/** An operator ends before a comment, and a longer one may end in + or - only if it holds one of ~!@#%^&|`?. */
function operatorLength(run: string): number {
  const comment = run.search(/\/\*|--/);
  let operator = comment < 0 ? run : run.slice(0, comment);
  if (!/[~!@#%^&|`?]/.test(operator)) {
    while (operator.length > 1 && /[+-]$/.test(operator)) operator = operator.slice(0, -1);
  }
  return operator.length;
}

function made(kind: TokenKind, start: number, end: number): Token | null {
  return end < 0 ? null : { kind, start, end };
}
