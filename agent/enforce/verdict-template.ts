import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '@daam/shared/sql/verdict';
import { type LiteralFree, literalFree } from './literal-free.ts';

type Allowed = Extract<Verdict, { kind: 'allow' }>;

/** A statement that was judged, with its literals: what a template is made from when its like comes along. */
export interface JudgedText {
  readonly sql: string;
  readonly free: LiteralFree;
  readonly verdict: Allowed;
}

/**
 * A verdict for every text that differs only in literals. Wherever the gate carried a literal along (the rewritten
 * text, the values of a match) the template has a gap (adr/0002).
 */
export interface VerdictTemplate {
  readonly verdict: Allowed;
  /** Null: nothing but `sql`, which is the text itself, depends on a literal. */
  readonly fill: Filler | null;
}

type Filler = (literals: readonly string[]) => unknown;

/** True when a template could be made of it: nothing in it was decided by a literal's value. */
export function isAlike(verdict: Verdict): verdict is Allowed {
  return verdict.kind === 'allow' && verdict.literalIndependent;
}

/** The same text with literals that stand nowhere else, to be judged in its place; null when there is none. */
export function markText({ sql, free }: JudgedText): MarkedText | null {
  const base = randomInt(400_000_000, 900_000_000);
  // Nine digits, or a string of a random word: nothing that a statement or a mask holds by chance.
  const markers = free.literals.map((literal, at) =>
    literal.startsWith("'") ? `'${word(base)}n${at}z'` : String(base + at),
  );
  const marked = withLiterals(sql, free, markers);
  return literalFree(marked)?.key === free.key ? { sql: marked, base, count: markers.length } : null;
}

/** A text that was made by `markText`. */
export interface MarkedText {
  readonly sql: string;
  readonly base: number;
  readonly count: number;
}

/**
 * Makes the template from the verdict on the marked text; null where the verdict depends on a literal. Filling in the
 * literals of the first text must give its verdict, to the last field and byte.
 */
export function makeTemplate(
  first: JudgedText,
  marked: MarkedText,
  verdict: Verdict,
): VerdictTemplate | null {
  if (!isAlike(verdict)) return null;
  // a text that is not rewritten is told by whoever asks
  const filled = verdict.rewritten ? verdict : { ...verdict, sql: '' };
  const template = { verdict, fill: gapsIn(filled, marked) };
  return isDeepStrictEqual(fillTemplate(template, first.sql, first.free), first.verdict) ? template : null;
}

/** The verdict for a text with these literals. */
export function fillTemplate({ verdict, fill }: VerdictTemplate, sql: string, free: LiteralFree): Allowed {
  if (fill === null) return verdict.rewritten ? verdict : { ...verdict, sql };
  const filled = fill(free.literals) as Allowed;
  return verdict.rewritten ? filled : { ...filled, sql };
}

function word(base: number): string {
  return `daamliteral${base}`;
}

/** The text with each literal replaced. */
function withLiterals(
  sql: string,
  { literals, starts }: LiteralFree,
  replacements: readonly string[],
): string {
  let result = '';
  let from = 0;
  for (const [index, start] of starts.entries()) {
    result += sql.slice(from, start) + (replacements[index] as string);
    from = start + (literals[index] as string).length;
  }
  return result + sql.slice(from);
}

/** What fills the gaps in a value; null when it has none, and can be used as it is. */
function gapsIn(value: unknown, marked: MarkedText): Filler | null {
  if (typeof value === 'string') return gapsInText(value, marked);
  if (typeof value !== 'object' || value === null) return null;
  const gaps: [string, Filler][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const filler = gapsIn(inner, marked);
    if (filler !== null) gaps.push([key, filler]);
  }
  if (gaps.length === 0) return null;
  return (literals) => {
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    for (const [key, filler] of gaps) copy[key] = filler(literals);
    return copy;
  };
}

interface Gap {
  /** Number of the literal. */
  readonly slot: number;
  /** A string that stands there without its quotes: its value, not its text. */
  readonly bare: boolean;
}

function gapsInText(text: string, { base, count }: MarkedText): Filler | null {
  const pieces: string[] = [];
  const gaps: Gap[] = [];
  let from = 0;
  for (const found of text.matchAll(
    new RegExp(`'${word(base)}n(\\d+)z'|${word(base)}n(\\d+)z|\\d{9,}`, 'g'),
  )) {
    const [whole, quoted, bare] = found;
    const slot = quoted === undefined && bare === undefined ? Number(whole) - base : Number(quoted ?? bare);
    if (!(slot >= 0 && slot < count)) continue;
    pieces.push(text.slice(from, found.index));
    gaps.push({ slot, bare: bare !== undefined });
    from = found.index + whole.length;
  }
  if (gaps.length === 0) return null;
  const first = pieces[0] ?? '';
  const behind = [...pieces.slice(1), text.slice(from)];
  return (literals) => {
    let filled = first;
    for (let at = 0; at < gaps.length; at += 1) {
      const { slot, bare } = gaps[at] as Gap;
      const literal = literals[slot] as string;
      filled += (bare ? literal.slice(1, -1) : literal) + (behind[at] as string);
    }
    return filled;
  };
}
