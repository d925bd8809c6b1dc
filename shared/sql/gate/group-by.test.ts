import { describe, expect, test } from 'vitest';
import { allGates, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();

/** GROUP BY as it was rewritten. */
const groupsOf = (sql: string): string => /GROUP BY (.*?)(?: HAVING| ORDER|$)/.exec(sql)?.[1] ?? '';

describe.each(gates)('GROUP BY a primary key on PostgreSQL $major', ({ decide }) => {
  test.each([
    [
      'id',
      'SELECT id, name, upper(email) FROM customers GROUP BY id',
      'id, "customers"."name", "customers"."email"',
    ],
    [
      'a qualified key',
      'SELECT c.name, count(o.id) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id',
      'c.id, "c"."name"',
    ],
    ['its number', 'SELECT id, note FROM customers GROUP BY 1', '1, "customers"."note"'],
    ['its output name', 'SELECT c.id AS x, note FROM customers c GROUP BY x', 'x, "c"."note"'],
    ['brackets', 'SELECT name FROM customers c GROUP BY ((id))', '((id)), "c"."name"'],
    ['a row', 'SELECT name FROM customers c GROUP BY (note, id)', '(note, id), "c"."name"'],
    [
      'grouping sets that all hold it',
      'SELECT name FROM customers c GROUP BY GROUPING SETS ((id), (id, note))',
      'GROUPING SETS ((id), (id, note)), "c"."name"',
    ],
    ['renamed columns', 'SELECT k, n FROM customers c (k, n) GROUP BY k', 'k, "c"."n"'],
    ['ORDER BY', 'SELECT id FROM customers GROUP BY id ORDER BY note', 'id, "customers"."note"'],
    [
      'HAVING',
      `SELECT id FROM customers GROUP BY id HAVING max(note) > name`,
      'id, "customers"."name", "customers"."note"',
    ],
    ['a subquery', 'SELECT id, (SELECT c.name) FROM customers c GROUP BY id', 'id, "c"."name"'],
    ['the whole row', 'SELECT to_jsonb(c) FROM customers c GROUP BY id', 'id, "c".*'],
  ])('adds the columns that are used: %s', (_, sql, groups) => {
    expect(groupsOf(sqlOf(decide(sql)))).toBe(groups);
  });

  test('a star adds every column', () => {
    const sql = sqlOf(decide('SELECT c.*, count(*) FROM customers c JOIN orders o ON true GROUP BY c.id'));
    expect(groupsOf(sql)).toBe(
      'c.id, "c"."name", "c"."email", "c"."ssn", "c"."salary", "c"."note", "c"."doc"',
    );
  });

  test.each([
    ['another column', 'SELECT name, note FROM customers GROUP BY name'],
    ['an expression', 'SELECT id + 1 FROM customers GROUP BY id + 1'],
    ['ROLLUP', 'SELECT id, name FROM customers GROUP BY ROLLUP (id)'],
    ['sets that do not all hold it', 'SELECT id, name FROM customers GROUP BY GROUPING SETS ((id), (name))'],
    ['a number behind a star', 'SELECT *, id FROM customers GROUP BY 8'],
    ['the key of another table', 'SELECT c.name FROM customers c JOIN orders o ON true GROUP BY o.id'],
    ['no other column', 'SELECT id, count(*) FROM customers GROUP BY id'],
  ])('adds nothing for %s', (_, sql) => {
    const groups = groupsOf(sql);
    expect(groupsOf(sqlOf(decide(sql)))).toBe(groups);
  });
});
