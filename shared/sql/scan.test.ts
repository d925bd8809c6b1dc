import { scanSync, loadModule } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { testRandom } from '../testing/random.ts';
import { scanTokens } from './scan.ts';

beforeAll(async () => loadModule());

interface ServerToken {
  readonly start: number;
  readonly end: number;
  readonly tokenName: string;
}

function serverTokens(sql: string): readonly (readonly [number, number])[] {
  const { tokens } = scanSync(sql) as { readonly tokens: readonly ServerToken[] };
  return tokens
    .filter((token) => !token.tokenName.endsWith('COMMENT'))
    .map((token) => [token.start, token.end]);
}

const ours = (sql: string): readonly (readonly [number, number])[] =>
  scanTokens(Buffer.from(sql)).map((token) => [token.start, token.end]);

const samples = [
  `SELECT a, "b""c", U&"d\\0061t" FROM t`,
  `'it''s' 'a' E'\\'x\\\\' B'01' X'ff' u&'\\0041'`,
  `'one'\n  'two' 'three'`,
  `'one' -- comment\n 'two'`,
  `E'one\\''\n'two\\''`,
  `$$ ' " $$ $tag$ $$ x $tag$ $1 $23`,
  `/* a /* nested */ b */ 1 -- end\n 2 /* unfinished comments end a text */`,
  `1 1.5 .5 1e10 1.5e-3 0x1F 0b11 0o17 1_000 1..2`,
  `a->>'b' @> c <@ d || e !~~* f <> g != h >= i <= j => k := l`,
  `a+-b a- -b a*-1 @-1 a<-1 5*/**/2 a--x`,
  `é_ü ñ1 "漢字" 'emoji 🙂' 🙂`,
  `a[1:2].b::int4[] (x).y ; z`,
  `x$y $z$ $ $z$`,
  ` \t\r\n\f`,
];

describe('the scanner', () => {
  test.each(samples)('finds the same tokens as the server in %s', (sql) => {
    expect(ours(sql)).toEqual(serverTokens(sql));
  });

  test('finds the same tokens as the server in random mixtures', () => {
    const random = testRandom(7);
    const pieces = [
      ...samples.flatMap((sample) => sample.split(' ')),
      ' ',
      '\n',
      '(',
      ')',
      ',',
      '--\n',
      '/**/',
    ];
    let compared = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const sql = Array.from({ length: 8 }, () => random.pick(pieces)).join(' ');
      let expected: readonly (readonly [number, number])[];
      try {
        expected = serverTokens(sql);
      } catch {
        continue;
      }
      compared += 1;
      expect([sql, ours(sql)]).toEqual([sql, expected]);
    }
    expect(compared).toBeGreaterThan(500);
  });

  test('gives byte offsets, not characters', () => {
    expect(ours(`'é' x`)).toEqual([
      [0, 4],
      [5, 6],
    ]);
  });
});
