import { loadParser } from '@daam/shared/sql/parser';
import { type TestRandom, testRandom } from '@daam/shared/testing/random';
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
function template(random: TestRandom): string {
  const pick = (from: readonly string[]): string => random.pick(from);
  const chance = (probability: number): boolean => random.chance(probability);
  const oddly = (): string => (chance(0.06) ? pick(odd) : '');
  const atom = (): string =>
    oddly() +
    pick(['#', '#', "'#'", 'a1', 't.a', '$1', 'f(#)', "f('#', #)", '(#)', 'NULL', "interval '#'"]) +
    oddly();
  const expression = (): string =>
    chance(0.4)
      ? `${atom()} ${pick(operators)} ${oddly()}${atom()}`
      : `${atom()}${chance(0.3) ? '::text' : ''}`;
  const limit = chance(0.3) ? ' LIMIT #' : '';
  const order = chance(0.2) ? ' ORDER BY #' : '';
  return `SELECT ${expression()}, ${expression()} FROM t1 AS t WHERE ${expression()} IN (${atom()}, ${atom()})${order}${limit}`;
}

describe('literalFreeKey against the grammar', () => {
  it.each([13, 15, 18] as const)(
    'statements with one key have one tree on PostgreSQL %i, constants apart',
    async (major) => {
      const parser = await loadParser(major);
      const random = testRandom(major);
      let compared = 0;
      for (let round = 0; round < 1_500; round += 1) {
        const text = template(random);
        const fill = (): string => text.replaceAll('#', () => String(random.int(1e6)));
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
