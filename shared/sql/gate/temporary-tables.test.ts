import { describe, expect, test } from 'vitest';
import { allGates, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const tempRelations = new Set(['t', 'orders']);
const preparedElevated = new Map([['p', { tier: 'elevated' as const, taint: null, touchesMasked: true }]]);

describe.each(gates)('temporary tables on PostgreSQL $major', ({ decide, decideIn }) => {
  const outcome = (sql: string): string => outcomeOf(decideIn({ tempRelations }, sql));

  test.each([
    'ALTER TABLE t ADD COLUMN a int DEFAULT 5 CHECK (a > 0), DROP COLUMN b',
    'ALTER TABLE IF EXISTS t ALTER COLUMN a TYPE text USING upper(a::text), ALTER b SET NOT NULL',
    'ALTER TABLE t ALTER a SET DEFAULT now(), ADD PRIMARY KEY (a), DROP CONSTRAINT c',
    'ALTER TABLE pg_temp.t RENAME TO u',
    'ALTER TABLE t RENAME COLUMN a TO b',
    'ANALYZE t (a, b)',
    'VACUUM ANALYZE t, pg_temp.t',
    'TRUNCATE t',
  ])('%s passes', (sql) => {
    expect(outcome(sql)).toBe('pass/either');
  });

  test.each([
    ['another owner', 'ALTER TABLE t OWNER TO admin'],
    ['a parent', 'ALTER TABLE t INHERIT customers'],
    ['triggers', 'ALTER TABLE t DISABLE TRIGGER ALL'],
    ['row security', 'ALTER TABLE t FORCE ROW LEVEL SECURITY'],
    ['another schema', 'ALTER TABLE t SET SCHEMA public'],
    ['a foreign key', 'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES customers (id)'],
    ['a table of the database', 'ANALYZE customers'],
    ['a table of the database by its schema', 'ALTER TABLE public.customers ADD x int'],
    ['a view', 'ALTER VIEW t RENAME TO u'],
  ])('%s is refused', (_, sql) => {
    expect(outcome(sql)).toMatch(/^deny:(?:ddl|statement-kind)$/);
  });

  test('code made by users in a column keeps the session in base', () => {
    expect(decideIn({ tempRelations }, 'ALTER TABLE t ADD x checked')).toMatchObject({
      tier: 'base',
      taint: 'session',
    });
  });

  test('a table that is renamed is known by its new name', () => {
    expect(outcome('ALTER TABLE t RENAME TO u; SELECT * FROM u')).toBe('pass/either,pass/either');
  });

  test('CREATE TABLE AS EXECUTE has the tier of what was prepared', () => {
    const verdict = decideIn({ prepared: preparedElevated }, 'CREATE TEMP TABLE n AS EXECUTE p (1)');
    expect(verdict).toMatchObject({
      tier: 'elevated',
      touchesMasked: true,
      statements: [{ command: 'CREATE TABLE AS', effects: [{ kind: 'temp-relation-created', name: 'n' }] }],
    });
  });

  test('a name that a permanent table also has is written with its schema, whatever the path will be', () => {
    // a prepared statement is read again when the search path changes
    const shadowed = { tempRelations: new Set(['leads']) };
    expect(sqlOf(decideIn(shadowed, 'SELECT * FROM leads'))).toBe('SELECT * FROM "pg_temp".leads');
    expect(sqlOf(decideIn({ tempRelations }, 'SELECT * FROM orders'))).toBe('SELECT * FROM "public".orders');
    expect(sqlOf(decideIn({ tempRelations }, 'SELECT * FROM t'))).toBe('SELECT * FROM t');
    expect(sqlOf(decide('SELECT * FROM orders'))).toBe('SELECT * FROM orders');
    const touched = { tempRelations, searchPathTouched: true };
    expect(sqlOf(decideIn(touched, 'INSERT INTO t SELECT 1'))).toBe('INSERT INTO "pg_temp".t SELECT 1');
  });
});

describe.each(gates)('the search path by set_config on PostgreSQL $major', ({ decide }) => {
  test('is written anew, and followed', () => {
    expect(sqlOf(decide(`SELECT pg_catalog.set_config('search_path', '', false)`))).toBe(
      `SELECT pg_catalog.set_config('search_path', '"pg_temp"', false)`,
    );
    const sql = `SELECT set_config('SEARCH_PATH', '"sales", Public', true); SELECT phone FROM leads`;
    expect(sqlOf(decide(sql))).toMatch(
      /^SELECT set_config\('SEARCH_PATH', '"sales", "public", "pg_temp"', true\); SELECT phone FROM \(SELECT .* FROM "sales"\."leads"\)/,
    );
  });

  test.each([
    `SELECT set_config('search_path', 'evil', false)`,
    `SELECT set_config('search_path', 'pg_temp_3', false)`,
    `SELECT set_config('search_path', 'sales,', false)`,
    `SELECT set_config('search_path', note, false) FROM orders`,
    `SELECT set_config('search' || '_path', 'sales', false)`,
  ])('%s is refused', (sql) => {
    expect(decide(sql)).toMatchObject({ kind: 'deny', denial: { rule: 'set-parameter' } });
  });
});

describe.each(gates)('row security on PostgreSQL $major', ({ decide }) => {
  test.each(['off', 'false', '0', `'no'`])('SET row_security = %s leaves it on', (value) => {
    expect(sqlOf(decide(`SET row_security = ${value}`))).toBe('SET row_security = on');
  });
});
