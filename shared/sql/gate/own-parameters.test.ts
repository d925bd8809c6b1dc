import { describe, expect, test } from 'vitest';
import { accessOf, accessTo, catalogOf, columns, mask, relation } from '../../testing/catalog.ts';
import { allGates, outcomeOf, sqlOf, type TestGate } from '../../testing/gate.ts';
import type { Verdict } from '../verdict.ts';

const gates = await allGates();

const people = relation(1, 'public.people', { columns: columns('id:int4', 'name', 'email') });
const access = {
  ...accessOf([
    accessTo(
      people,
      ['select', 'insert', 'update'],
      [mask(2, 'name', 'pseudonym'), mask(3, 'email', 'email')],
    ),
  ]),
  keyed: true,
};

function decider({ major, decide }: TestGate, keyed = true): (sql: string) => Verdict {
  const catalog = catalogOf(major, [people]);
  return (sql) => decide(sql, { catalog, access: { ...access, keyed } });
}

function allowed(verdict: Verdict): Extract<Verdict, { kind: 'allow' }> {
  if (verdict.kind === 'deny') throw new TypeError(verdict.denial.message);
  return verdict;
}

/** The numbers of the agent's parameters, and how often each stands in the text. */
function own(verdict: Verdict): readonly (readonly [number, number])[] {
  const { parameters, sql } = allowed(verdict);
  return parameters.map(({ number }) => [number, sql.split(`$${number}::pg_catalog.bytea`).length - 1]);
}

describe.each(gates)('pseudonyms on PostgreSQL $major', (gate) => {
  const decide = decider(gate);

  test.each([
    ['SELECT name FROM people', [1, 2]],
    ['SELECT name FROM people WHERE id = $1', [2, 3]],
    ['SELECT name FROM people WHERE id = $7 OR id IN (SELECT $3)', [8, 9]],
    ['WITH w AS (SELECT * FROM people LIMIT $2) SELECT 1 FROM w', [3, 4]],
    ['UPDATE people SET email = $1 WHERE id = $2 RETURNING name', [3, 4]],
    ['DECLARE c CURSOR FOR SELECT name FROM people', [1, 2]],
    ['CREATE TEMP TABLE t AS SELECT name FROM people', [1, 2]],
  ])('%s takes its key behind the client’s parameters', (sql, numbers) => {
    const verdict = decide(sql);
    expect(own(verdict).map(([number]) => number)).toEqual(numbers);
    for (const [, count] of own(verdict)) expect(count).toBeGreaterThan(0);
    expect(allowed(verdict)).toMatchObject({ tier: 'elevated', degraded: false });
    expect(allowed(verdict).pieces).toHaveLength(1);
  });

  test.each(['SELECT id, email FROM people', 'SELECT count(*) FROM people', 'UPDATE people SET name = $1'])(
    '%s needs no key',
    (sql) => {
      expect(allowed(decide(sql))).toMatchObject({ parameters: [], pieces: null, degraded: false });
    },
  );

  test.each([
    'COPY people TO STDOUT',
    'COPY (SELECT name FROM people) TO STDOUT',
    'PREPARE p AS SELECT name FROM people',
  ])('%s can take no parameter, and shows stars', (sql) => {
    expect(allowed(decide(sql))).toMatchObject({ parameters: [], pieces: null, degraded: true });
  });

  test('EXPLAIN is refused only where a key would be inside', () => {
    expect(outcomeOf(decide('EXPLAIN (VERBOSE) SELECT name FROM people'))).toBe('deny:explain-key');
    expect(outcomeOf(decide('EXPLAIN SELECT id FROM people'))).not.toMatch(/^deny/);
  });

  test('a text of several statements comes in pieces, each with its own numbers', () => {
    const { pieces } = allowed(decide('BEGIN; SELECT name FROM people; SELECT id FROM people; COMMIT'));
    expect(pieces?.map(({ parameters }) => parameters.map(({ number }) => number))).toEqual([
      [],
      [1, 2],
      [],
      [],
    ]);
    expect(pieces?.map(({ sql }) => sql.trim().split(' ')[0])).toEqual([
      'BEGIN',
      'SELECT',
      'SELECT',
      'COMMIT',
    ]);
    expect(outcomeOf(decide('SELECT name FROM people; COPY people FROM STDIN'))).toBe('deny:pseudonym-copy');
  });

  test('without a key it shows stars, in the base tier', () => {
    const verdict = decider(gate, false)('SELECT name FROM people');
    expect(allowed(verdict)).toMatchObject({ parameters: [], tier: 'either', degraded: true });
    expect(sqlOf(verdict)).toContain(`'***'::pg_catalog.text AS "name"`);
  });

  test('a write to it is compared under the key', () => {
    const catalog = catalogOf(gate.major, [people]);
    const token = `p_${'0'.repeat(32)}`;
    const verdict = gate.decide(`UPDATE people SET name = '${token}' WHERE id = $1`, { catalog, access });
    expect(own(verdict).map(([number]) => number)).toEqual([2, 3]);
    expect(sqlOf(verdict)).toContain(`THEN "people"."name" ELSE ('${token}')::pg_catalog.text END`);
  });
});
