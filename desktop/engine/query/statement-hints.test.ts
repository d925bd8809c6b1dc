import { loadParser, type SqlParser } from '@daam/shared/sql/parser';
import { beforeAll, describe, expect, it } from 'vitest';
import { readHints, type StatementHints } from './statement-hints.ts';

let parser: SqlParser;

function hints(sql: string): StatementHints {
  const found = readHints(parser, sql);
  if (found === null) throw new Error(`not read: ${sql}`);
  return found;
}

describe('what the grammar tells of a statement', () => {
  beforeAll(async () => {
    parser = await loadParser(18);
  });

  it.each([
    ['update t set a = (select 1 where true)', 'UPDATE', 't'],
    ['delete from only s.t', 'DELETE', 's.t'],
    ['with gone as (delete from t returning *) select * from gone where true', 'DELETE', 't'],
    ['explain analyze update t set a = 1', 'UPDATE', 't'],
    ['delete from t where true', 'DELETE', 't'],
    ["update t set a = 'where'", 'UPDATE', 't'],
  ])('every row is meant by %s', (sql, verb, table) => {
    expect(hints(sql).wholeTables).toEqual([{ verb, table }]);
  });

  it.each([
    'update t set a = 1 where id = 2',
    'delete from t using u where t.id = u.id',
    'update t set a = 1 where current of c',
    'delete from t where false',
    'insert into t select * from u',
    'select * from t for update',
  ])('some rows are meant by %s', (sql) => {
    expect(hints(sql).wholeTables).toEqual([]);
  });

  it('comparisons with NULL are found where they stand, also behind letters of many bytes', () => {
    const sql = "select 'größe 😀' from t where a = null and b <> NULL and c is null";
    expect(hints(sql).nullComparisons).toEqual([sql.indexOf('= null'), sql.indexOf('<>')]);
    expect(hints('update t set a = null where b is not distinct from null').nullComparisons).toEqual([]);
  });

  it.each([
    ['select * from a, b', ['b']],
    ['select * from a, b x, c where a.id = x.id', ['c']],
    ['select * from a, b where a.id = 1 and b.id = 2', ['b']],
    ['update a set n = b.n from b where a.id = 1', ['b']],
    ['delete from a using b where b.id = 1', ['b']],
  ])('nothing joins the tables of %s', (sql, names) => {
    expect(hints(sql).unjoined).toEqual(names);
  });

  it.each([
    'select * from a, b where a.id = b.id',
    'select * from a, b, c where a.id = b.id and b.id = c.id',
    'select * from a, b where id = a_id',
    'select * from a cross join b',
    'select * from a, generate_series(1, 3)',
    'select * from a, lateral (select 1) x',
    'with one as (select max(id) as m from a) select * from a, one',
    'update a set n = b.n from b where a.id = b.id',
    'select * from a, b where exists (select 1 from c where c.a = a.id and c.b = b.id)',
  ])('nothing is said of %s', (sql) => {
    expect(hints(sql).unjoined).toEqual([]);
  });

  it.each([
    ['select extract(year from created_at) from sales.orders', 'sales.orders'],
    ['with x as (select 1 from a) select * from x join b on true', 'b'],
    ['select * from (select * from deep) d', 'deep'],
    ['select 1 union select 2 from t', null],
    ['insert into t values (1) returning id', 't'],
    ['select 1', null],
  ])('a result of %s is named %s', (sql, table) => {
    expect(hints(sql).table).toBe(table);
  });

  it.each(['selec 1', 'select 1; select 2', '', `select ${'('.repeat(2_000)}`, 'select 1 '.padEnd(70_000)])(
    'what it cannot read is left to words (%#)',
    (sql) => {
      expect(readHints(parser, sql)).toBeNull();
    },
  );
});
