import { loadParser } from '@daam/shared/sql/parser';
import { describe, expect, it } from 'vitest';
import { literalFreeKey } from './literal-free.ts';

/** The tree without positions and without the values of constants. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (/location$|^stmt_len$|_start$|_end$/.test(key)) return [];
    if (key === 'A_Const') return [[key, Object.keys(inner as object).filter((name) => name !== 'location')]];
    return [[key, shape(inner)]];
  });
  return Object.fromEntries(entries);
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const odd = [
  'E',
  'U&',
  'N',
  'x',
  '.',
  '$',
  '--',
  '/*',
  '*/',
  '"q"',
  '\\',
  "''",
  '||',
  '\n',
  '-',
  '+',
  '::int',
  '[1]',
];
const operators = ['=', '<', '-', '+', '||', '<>', '@>', '~', '#', '%'];

/** Statements that mostly parse, with literals everywhere, and now and then something odd in any place. */
function template(random: () => number): string {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] as string;
  const oddly = (): string => (random() < 0.06 ? pick(odd) : '');
  const atom = (): string =>
    oddly() +
    pick(['#', '#', "'#'", 'a1', 't.a', '$1', 'f(#)', "f('#', #)", '(#)', 'NULL', "interval '#'"]) +
    oddly();
  const expression = (): string =>
    random() < 0.4
      ? `${atom()} ${pick(operators)} ${oddly()}${atom()}`
      : `${atom()}${random() < 0.3 ? '::text' : ''}`;
  const limit = random() < 0.3 ? ' LIMIT #' : '';
  const order = random() < 0.2 ? ' ORDER BY #' : '';
  return `SELECT ${expression()}, ${expression()} FROM t1 AS t WHERE ${expression()} IN (${atom()}, ${atom()})${order}${limit}`;
}

describe('literalFreeKey against the grammar', () => {
  it.each([13, 15, 18] as const)(
    'statements with one key have one tree on PostgreSQL %i, constants apart',
    async (major) => {
      const parser = await loadParser(major);
      const random = mulberry(major);
      let compared = 0;
      for (let round = 0; round < 1_500; round += 1) {
        const text = template(random);
        const fill = (): string => text.replaceAll('#', () => String(Math.floor(random() * 1e6)));
        const [left, right] = [fill(), fill()];
        const key = literalFreeKey(left);
        if (key === null || key !== literalFreeKey(right)) continue;
        const [one, other] = [parser.parse(left), parser.parse(right)];
        expect({ left, kind: one.kind }).toEqual({ left, kind: other.kind });
        if (one.kind !== 'parsed' || other.kind !== 'parsed') continue;
        compared += 1;
        const trees = [one, other].map(({ statements }) => shape(statements.map(({ node }) => node)));
        expect({ left, tree: trees[0] }).toEqual({ left, tree: trees[1] });
      }
      expect(compared).toBeGreaterThan(300);
    },
  );
});
