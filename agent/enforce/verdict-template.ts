import { randomInt } from 'node:crypto';
import type { Verdict } from '@daam/shared/sql/verdict';
import { type LiteralFree, literalFree } from './literal-free.ts';

type Allowed = Extract<Verdict, { kind: 'allow' }>;

/**
 * A verdict for every text that differs only in literals. Where the gate rewrites, the new text is kept in pieces
 * with the places of the literals between them (adr/0002).
 */
export interface VerdictTemplate {
  readonly verdict: Allowed;
  /** Null: nothing is rewritten. Else pieces of SQL, and after each but the last the number of a literal. */
  readonly rewrite: { readonly pieces: readonly string[]; readonly slots: readonly number[] } | null;
}

/**
 * Makes the template, or null where the verdict depends on a literal. The places of the literals are found by
 * asking the gate about the same text with literals that stand nowhere else; filling in the original literals
 * must then give the original rewrite, byte for byte.
 */
export function makeTemplate({
  sql,
  free,
  verdict,
  gate,
}: {
  readonly sql: string;
  readonly free: LiteralFree;
  readonly verdict: Verdict;
  readonly gate: (sql: string) => Verdict;
}): VerdictTemplate | null {
  if (verdict.kind !== 'allow' || !verdict.literalIndependent) return null;
  if (!verdict.rewritten) return { verdict, rewrite: null };
  const markers = makeMarkers(free.literals);
  const marked = withLiterals(sql, free, markers);
  if (literalFree(marked)?.key !== free.key) return null;
  const answer = gate(marked);
  if (answer.kind !== 'allow' || !answer.rewritten || !answer.literalIndependent) return null;
  const rewrite = splitAtMarkers(answer.sql, markers);
  const template = { verdict, rewrite };
  return fillTemplate(template, sql, free).sql === verdict.sql ? template : null;
}

/** The verdict for a text with these literals. */
export function fillTemplate(template: VerdictTemplate, sql: string, { literals }: LiteralFree): Allowed {
  const { verdict, rewrite } = template;
  if (rewrite === null) return { ...verdict, sql };
  let text = rewrite.pieces[0] ?? '';
  for (let at = 0; at < rewrite.slots.length; at += 1) {
    text += `${literals[rewrite.slots[at] as number] as string}${rewrite.pieces[at + 1] as string}`;
  }
  return { ...verdict, sql: text };
}

/** Nine digits, or a string of a random word: nothing that a statement or a mask holds by chance. */
function makeMarkers(literals: readonly string[]): readonly string[] {
  const base = randomInt(400_000_000, 900_000_000);
  return literals.map((literal, at) =>
    literal.startsWith("'") ? `'daamliteral${base}n${at}z'` : String(base + at),
  );
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

function splitAtMarkers(
  sql: string,
  markers: readonly string[],
): { readonly pieces: readonly string[]; readonly slots: readonly number[] } {
  const pieces: string[] = [];
  const slots: number[] = [];
  let rest = sql;
  for (;;) {
    const found = markers
      .map((marker, slot) => ({ slot, at: rest.indexOf(marker), length: marker.length }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at)[0];
    if (found === undefined) return { pieces: [...pieces, rest], slots };
    pieces.push(rest.slice(0, found.at));
    slots.push(found.slot);
    rest = rest.slice(found.at + found.length);
  }
}
