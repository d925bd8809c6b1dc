import { describe, expect, test } from 'vitest';
import { accessOf, accessTo, catalogOf, columns, mask, relation } from '../../testing/catalog.ts';
import { allGates, outcomeOf, sqlOf, type TestGate } from '../../testing/gate.ts';
import type { Verdict } from '../verdict.ts';

const gates = await allGates();

const people = relation(1, 'public.people', { columns: columns('id:int4', 'email', 'ssn', 'note') });
const leads = relation(2, 'public.leads', { columns: columns('id:int4', 'email', 'ssn', 'number:int8') });
const plain = accessOf([
  accessTo(people, ['select', 'update'], [mask(2, 'email', 'email', true), mask(3, 'ssn', 'ssn')]),
  accessTo(
    leads,
    ['select'],
    [mask(2, 'email', 'email', true), mask(3, 'ssn', 'ssn'), mask(4, 'number', 'phone', true)],
  ),
]);
const access = { ...plain, keyed: true };

function decider({ major, decide }: TestGate): (sql: string) => Verdict {
  const catalog = catalogOf(major, [people, leads]);
  return (sql) => decide(sql, { catalog, access });
}

function columnsMatched(verdict: Verdict): readonly string[] {
  if (verdict.kind === 'deny') throw new TypeError(verdict.denial.message);
  return verdict.statements.flatMap(({ matches }) => matches.map(({ oid, column }) => `${oid}.${column}`));
}

const hidden = /daam_hidden_[0-9a-f]{32}/g;

describe.each(gates)('joins within one data domain on PostgreSQL $major', (gate) => {
  const decide = decider(gate);

  test.each([
    'SELECT p.id FROM people p JOIN leads l ON p.email = l.email',
    'SELECT p.id FROM people p LEFT JOIN leads l ON l.email = p.email AND l.id > 1',
    'SELECT p.id FROM people p, leads l WHERE p.email = l.email AND p.id = 1',
    'SELECT p.*, l.* FROM people p JOIN leads l ON p.email = l.email',
    'SELECT * FROM people p JOIN leads l ON p.email = l.email ORDER BY 1',
    'SELECT a.id FROM people a JOIN people b ON a.email = b.email WHERE a.id < b.id',
    'SELECT s.id FROM (SELECT p.* FROM people p JOIN leads l ON p.email = l.email) s',
    'SELECT count(*) FROM people p JOIN leads AS l (a, b) ON p.email = b',
  ])('%s compares real values under names that it does not write', (sql) => {
    const verdict = decide(sql);
    expect(outcomeOf(verdict)).toBe('rewrite/elevated');
    expect(columnsMatched(verdict)).toHaveLength(2);
    const names = sqlOf(verdict).match(hidden) ?? [];
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(2);
  });

  test.each([
    ['another preset', 'SELECT 1 FROM people p JOIN leads l ON p.email = l.ssn'],
    ['no matching', 'SELECT 1 FROM people p JOIN leads l ON p.ssn = l.ssn'],
    ['another operator', 'SELECT 1 FROM people p JOIN leads l ON p.email < l.email'],
    ['an expression', 'SELECT 1 FROM people p JOIN leads l ON lower(p.email) = lower(l.email)'],
    ['OR', 'SELECT 1 FROM people p JOIN leads l ON p.email = l.email OR p.id = 1'],
    ['one relation', 'SELECT 1 FROM people p WHERE p.email = p.email'],
    ['a whole row', 'SELECT p FROM people p JOIN leads l ON p.email = l.email'],
    ['a whole row in a function', 'SELECT to_jsonb(l.*) FROM people p JOIN leads l ON p.email = l.email'],
    ['a row of the outer query', 'SELECT (SELECT l) FROM people p JOIN leads l ON p.email = l.email'],
    ['NATURAL', 'SELECT * FROM people p NATURAL JOIN leads l WHERE p.email = l.email'],
    ['USING', 'SELECT * FROM people JOIN leads USING (id) WHERE people.email = leads.email'],
    ['the select list', 'SELECT p.email = l.email FROM people p CROSS JOIN leads l'],
    ['an outer level', 'SELECT 1 FROM people p WHERE EXISTS (SELECT 1 FROM leads l WHERE l.email = p.email)'],
  ])('%s: computed on masks', (_, sql) => {
    const verdict = decide(sql);
    expect(columnsMatched(verdict)).toEqual([]);
    expect(sqlOf(verdict)).not.toMatch(hidden);
  });

  test('the star of the query holds no hidden column', () => {
    const sql = sqlOf(decide('SELECT * FROM people p JOIN leads l ON p.email = l.email'));
    expect(sql).toMatch(/^SELECT "p"\."id", "p"\."email", "p"\."ssn", "p"\."note", "l"\."id", /);
  });

  test('the name changes with the statement, so that one that was seen is of no use', () => {
    const sql = 'SELECT p.id FROM people p JOIN leads l ON p.email = l.email';
    const [seen = ''] = sqlOf(decide(sql)).match(hidden) ?? [];
    expect(sqlOf(decide(sql))).toContain(seen);
    expect(sqlOf(decide(sql.replace('p.id', 'p.note')))).not.toContain(seen);
    expect(outcomeOf(decide(sql.replace('p.id', `p.${seen}`)))).toBe('deny:reserved-name');
  });

  test('what is joined is a keyed token, so that no plan gives rows in the order of real values', () => {
    const verdict = decide('SELECT p.id FROM people p JOIN leads l ON p.email = l.email');
    if (verdict.kind === 'deny') throw new TypeError(verdict.denial.message);
    expect(verdict.parameters.map(({ number }) => number)).toEqual([1, 2]);
    expect(verdict.sql).not.toMatch(/"email" AS "daam_hidden_/);
  });

  test('is refused where no key can be bound, and computed on masks where there is none', () => {
    const sql = 'SELECT p.id FROM people p JOIN leads l ON p.email = l.email';
    expect(outcomeOf(decide(`COPY (${sql}) TO STDOUT`))).toBe('deny:match-join-key');
    const catalog = catalogOf(gate.major, [people, leads]);
    expect(columnsMatched(gate.decide(sql, { catalog, access: plain }))).toEqual([]);
  });

  test('is refused in EXPLAIN, and where real values may not be read', () => {
    const sql = 'SELECT 1 FROM people p JOIN leads l ON p.email = l.email';
    expect(outcomeOf(decide(`EXPLAIN ${sql}`))).toBe('deny:explain-match');
    const catalog = catalogOf(gate.major, [people, leads], { userOperators: new Set(['=']) });
    expect(columnsMatched(gate.decide(sql, { catalog, access }))).toEqual([]);
  });
});
