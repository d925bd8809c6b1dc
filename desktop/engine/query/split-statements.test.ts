import { describe, expect, it } from 'vitest';
import { splitStatements } from './split-statements.ts';

const texts = (sql: string): string[] => splitStatements(sql).map(({ text }) => text);

describe('a text of several statements', () => {
  it.each([
    ['select 1; select 2;', ['select 1', 'select 2']],
    [';;  ;', []],
    ['  -- only a comment\n /* ; */', []],
    [
      `select ';', "a;b", E'\\';', $$;$$, $x$ ; $$ ; $x$; select 2`,
      [`select ';', "a;b", E'\\';', $$;$$, $x$ ; $$ ; $x$`, 'select 2'],
    ],
    ['select 1 /* ; /* ; */ ; */ ; select 2 -- ;', ['select 1', 'select 2']],
    [
      'create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
      [
        'create function f() returns int begin atomic select case when true then 1 end; select 2; end',
        'select 3',
      ],
    ],
    [
      'create rule r as on insert to t do also (select 1; select 2); select 3',
      ['create rule r as on insert to t do also (select 1; select 2)', 'select 3'],
    ],
    ["select 'never closed; select 2", ["select 'never closed; select 2"]],
    ['select 1; select $a$ open', ['select 1', 'select $a$ open']],
    ['begin; update t set a = 1; end; select 2', ['begin', 'update t set a = 1', 'end', 'select 2']],
  ])('%s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('says where each is, in the units that an editor counts', () => {
    const sql = "select '👩 é';\n  select 2 ;";
    for (const { from, to, text } of splitStatements(sql)) expect(sql.slice(from, to)).toBe(text);
    expect(splitStatements(sql).map(({ from }) => from)).toEqual([0, sql.indexOf('select 2')]);
  });

  it('takes the name from the comment right before a statement', () => {
    const sql = '-- name: refunds by country\nselect 1;\nselect 2;\n-- name: x\n-- more\nselect 3';
    expect(splitStatements(sql).map(({ name }) => name)).toEqual(['refunds by country', null, 'x']);
  });

  it('knows the words without what is quoted', () => {
    expect(splitStatements(`UPDATE "where" SET a = 'where'`)[0]?.words).toEqual(['update', 'set', 'a']);
  });

  it('never throws, and loses nothing but white space, comments and semicolons', () => {
    const pieces = [
      "'",
      '"',
      '$$',
      ';',
      '--',
      '/*',
      '*/',
      '\n',
      'select',
      'begin',
      'atomic',
      'end',
      '(',
      ')',
      'E',
      '\\',
      'é',
      '👩',
      '$1',
      ' ',
    ];
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 3_000; round += 1) {
      const sql = Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join('');
      const found = splitStatements(sql);
      let end = 0;
      for (const { from, to, text } of found) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(sql.slice(from, to)).toBe(text);
        end = to;
      }
    }
  });
});
