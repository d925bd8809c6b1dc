import { describe, expect, it } from 'vitest';
import { checkOf } from './lost-words.ts';

describe('the check after a lost write', () => {
  it.each([
    ['delete from t where id = 7', 'select * from t where id = 7'],
    ['UPDATE sales."Orders" SET paid = true WHERE id = 7', 'select * from sales."Orders" WHERE id = 7'],
    ["update t set a = 'x where y' where id = 7", 'select * from t limit 100'],
    ['update t set a = (select 1 where true) where id = 7', 'select * from t limit 100'],
    ['delete from t where id in (select 1)', 'select * from t limit 100'],
    ['update t set a = 1 from u where t.id = u.id', 'select * from t limit 100'],
    ['insert into s.t (a) values (1)', 'select * from s.t limit 100'],
    ['delete from t', null],
    ['commit', null],
    ['with x as (delete from t) select 1', null],
  ])('of %s', (statement, check) => {
    expect(checkOf(statement)).toBe(check);
  });
});
