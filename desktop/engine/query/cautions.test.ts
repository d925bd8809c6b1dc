import { describe, expect, it } from 'vitest';
import { cautionsOf, isReadOnly, mayReturnRows, remarksOf } from './cautions.ts';
import { splitStatements } from './split-statements.ts';

const kinds = (sql: string, isCareful = true): string[] =>
  cautionsOf(splitStatements(sql), {
    isCareful,
    isMask: (text) => text === 'n***@e***.com' || text === "o'***",
  }).map(({ kind, from, to }) => `${kind} ${sql.slice(from, to)}`);
const one = (sql: string) => splitStatements(sql)[0] ?? expect.fail('no statement');

describe('a statement that deserves a second look', () => {
  it.each([
    ['update t set a = 1', ['no-where update t set a = 1']],
    ['with x as (select 1) delete from t', ['no-where with x as (select 1) delete from t']],
    ["delete from t where note = 'no where'", []],
    [`update "where" set a = 1`, [`no-where update "where" set a = 1`]],
    ['select 1; drop table t', ['ddl drop table t']],
    ['insert into t values (1)', []],
    ['select * from t', []],
  ])('%s', (sql, expected) => {
    expect(kinds(sql)).toEqual(expected);
  });

  it('is what the grammar says, where it can read it', () => {
    const hints = { wholeTables: [], nullComparisons: [], unjoined: ['b', 'c'], table: null };
    const asks = (sql: string) =>
      cautionsOf(splitStatements(sql), { isCareful: true, isMask: () => false, hints: [hints] });
    expect(asks('delete from a using b, c where false').map(({ kind, message }) => [kind, message])).toEqual([
      ['no-join', 'No condition joins b, c with the other tables: every row is paired with every row.'],
    ]);
    expect(asks('select * from a, b, c')).toEqual([]);
    expect(remarksOf({ ...hints, nullComparisons: [7] }).map(({ at }) => at)).toEqual([7, null]);
    expect(remarksOf(null)).toEqual([]);
  });

  it('is not asked about where the person said so, but for masks that would overwrite values', () => {
    const sql = "update t set email = 'n***@e***.com'; update t set x = 'o''***'";
    expect(kinds(sql, false)).toEqual(["mask-literal 'n***@e***.com'", "mask-literal 'o''***'"]);
  });

  it('may search for what a mask shows', () => {
    expect(kinds("select * from t where email = 'n***@e***.com'", false)).toEqual([]);
  });
});

describe('whether a statement only reads', () => {
  it.each([
    ['select 1', true],
    ['with x as (select 1) select * from x', true],
    ['with x as (delete from t returning *) select * from x', false],
    ['select 1 into t', false],
    ['explain select 1', true],
    ['explain analyze delete from t', false],
    ['call f()', false],
    ['commit', false],
  ])('%s', (sql, expected) => {
    expect(isReadOnly(one(sql))).toBe(expected);
  });

  it('expects rows of what may return some', () => {
    expect(
      ['select 1', 'update t set a = 1 returning a', '(select 1)', 'execute p'].map((sql) =>
        mayReturnRows(one(sql)),
      ),
    ).toEqual([true, true, true, true]);
    expect(mayReturnRows(one('update t set a = 1'))).toBe(false);
  });
});
