/**
 * A text cut into its statements, by PostgreSQL's lexical rules: what stands in quotes, dollars or comments ends none,
 * nor does a semicolon inside the body of a SQL-standard function (BEGIN ATOMIC … END). The agent's real grammar has
 * the last word: a statement cut wrongly is refused there, and none is ever put together from pieces.
 */
import { scanTokens, type Token } from '@daam/shared/sql/scan';

export interface SplitStatement {
  /** Its place in the text, in UTF-16 code units; without the semicolon, comments before it and white space. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** From the comment `-- name: …` before it; null without one. */
  readonly name: string | null;
  /** Its words in lower case, without quoted names and literals: for hints only. */
  readonly words: readonly string[];
}

/** Words that are kept of a statement. */
const maxWords = 2_000;
const nameComment = /--[ \t]*name:[ \t]*([^\n\r]{1,120})/g;

export function splitStatements(sql: string): readonly SplitStatement[] {
  const bytes = Buffer.from(sql, 'utf8');
  const groups = groupTokens(bytes, scanTokens(bytes));
  const places = charactersAt(
    bytes,
    groups.flatMap(({ start, end }) => [start, end]),
  );
  let before = 0;
  return groups.map((group) => {
    const from = places.get(group.start) ?? 0;
    const to = places.get(group.end) ?? sql.length;
    const name = [...sql.slice(before, from).matchAll(nameComment)].at(-1)?.[1]?.trim() ?? null;
    before = to;
    return { from, to, text: sql.slice(from, to), name, words: group.words };
  });
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
}

/** What is left of a quote that nobody closes. */
const openQuotes = new Set(["'", '"', '$']);

function groupTokens(bytes: Buffer, tokens: readonly Token[]): Group[] {
  const groups: Group[] = [];
  let current: { start: number; end: number; words: string[] } | null = null;
  let atomic = 0;
  let parentheses = 0;
  let previous = '';
  for (const token of tokens) {
    const text = token.kind === 'string' || token.kind === 'quoted' ? '' : textOf(bytes, token);
    if (openQuotes.has(text)) {
      // All that follows may be inside of it: the server says what is wrong.
      groups.push({ start: current?.start ?? token.start, end: bytes.length, words: current?.words ?? [] });
      return groups;
    }
    if (text === ';' && atomic === 0 && parentheses === 0) {
      if (current !== null) groups.push(current);
      current = null;
      previous = '';
      continue;
    }
    current ??= { start: token.start, end: token.end, words: [] };
    current.end = token.end;
    if (text === '(') parentheses += 1;
    if (text === ')') parentheses = Math.max(0, parentheses - 1);
    // Inside of an atomic body only CASE has an END of its own.
    if (text === 'atomic' && previous === 'begin') atomic = 1;
    else if (atomic > 0 && text === 'case') atomic += 1;
    else if (atomic > 0 && text === 'end') atomic -= 1;
    if (token.kind === 'word' && current.words.length < maxWords) current.words.push(text);
    if (token.kind === 'word') previous = text;
  }
  if (current !== null) groups.push(current);
  return groups;
}

function textOf(bytes: Buffer, { start, end }: Token): string {
  return end - start > 64 ? '' : bytes.toString('utf8', start, end).toLowerCase();
}

/** For each byte offset, how many UTF-16 code units are before it. */
function charactersAt(bytes: Buffer, offsets: readonly number[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  let at = 0;
  let characters = 0;
  for (const offset of [...offsets].toSorted((a, b) => a - b)) {
    characters += bytes.toString('utf8', at, offset).length;
    at = offset;
    places.set(offset, characters);
  }
  return places;
}
