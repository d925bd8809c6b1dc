import { loadParser } from '@daam/shared/sql/parser';
import { describe, expect, it } from 'vitest';
import { literalFreeKey } from './literal-free.ts';

/** The tree without positions and without the values of constants. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key === 'location' || key === 'stmt_location' || key === 'stmt_len') return [];
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

const pieces = [
  'SELECT ',
  'a',
  ' FROM ',
  't',
  ' WHERE ',
  '=',
  '<',
  '-',
  '+',
  '||',
  '::int',
  '::text',
  ' AND ',
  ' ',
  '\n',
  ',',
  '(',
  ')',
  'LIMIT ',
  'ORDER BY ',
  'interval ',
  'E',
  'U&',
  'N',
  'x',
  '.',
  '$1',
  '$',
  '*',
  '/',
  '--',
  '/*',
  '*/',
  '"q"',
  'IN ',
  'as ',
  '[',
  ']',
  ':',
  ';',
];

describe('literalFreeKey against the grammar', () => {
  it.each([13, 15, 18] as const)(
    'statements with one key have one tree on PostgreSQL %i, constants apart',
    async (major) => {
      const parser = await loadParser(major);
      const random = mulberry(major);
      let compared = 0;
      for (let round = 0; round < 20_000; round += 1) {
        const template = Array.from({ length: 3 + Math.floor(random() * 8) }, () => {
          const roll = random();
          if (roll < 0.2) return '#';
          if (roll < 0.3) return "'#'";
          return pieces[Math.floor(random() * pieces.length)] as string;
        });
        if (random() < 0.7) template.unshift('SELECT ');
        const fill = (): string =>
          template.map((piece) => piece.replace('#', String(Math.floor(random() * 1e6)))).join('');
        const [left, right] = [fill(), fill()];
        const key = literalFreeKey(left);
        if (key === null || key !== literalFreeKey(right)) continue;
        const [one, other] = [parser.parse(left), parser.parse(right)];
        expect(one.kind, left).toBe(other.kind);
        if (one.kind !== 'parsed' || other.kind !== 'parsed') continue;
        compared += 1;
        expect(shape(one.statements.map((statement) => statement.node)), left).toEqual(
          shape(other.statements.map((statement) => statement.node)),
        );
      }
      expect(compared).toBeGreaterThan(300);
    },
  );
});
