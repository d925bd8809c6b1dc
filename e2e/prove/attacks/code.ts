/** B6 to B8: code and functions, errors and statistics, inference. */
import { type Attack, type Guesses, say, sayInAll } from './attack.ts';

const code = 'B6 code and functions';
const errors = 'B7 errors, notices, statistics, plans';
const inference = 'B8 inference';
const passesFloor = { passesFloor: true };

const attack = (group: string, row: number, acts: Attack['acts'], more: Partial<Attack> = {}): Attack => ({
  row,
  group,
  acts,
  ...more,
});

/** Everything; `guesses` are values that exist in one world only. */
export function codeAttacks(guesses: Guesses): readonly Attack[] {
  return [...codeAlone, ...errorAttacks(guesses), ...inferenceAttacks(guesses)];
}

const hex = Buffer.from('SELECT string_agg(email, $$,$$) FROM customers').toString('hex');

const codeAlone: readonly Attack[] = [
  attack(code, 46, say(`DO $$ BEGIN RAISE NOTICE '%', (SELECT email FROM customers WHERE id = 1); END $$`)),
  attack(code, 46, say(`DO $$ BEGIN RAISE EXCEPTION '%', (SELECT min(ssn) FROM customers); END $$`)),
  attack(
    code,
    46,
    say(
      `DO $$ DECLARE v text; BEGIN EXECUTE 'SELECT em' || 'ail FROM customers LIMIT 1' INTO v; RAISE NOTICE '%', v; PERFORM set_config('app.v', v, false); END $$`,
      `SHOW app.v`,
    ),
  ),
  attack(
    code,
    46,
    say(
      'SELECT email FROM customers LIMIT 1',
      `DO $$ BEGIN RAISE NOTICE '%', (SELECT email FROM customers WHERE id = 1); END $$`,
      'SELECT email FROM customers LIMIT 1',
    ),
  ),
  attack(
    code,
    46,
    say(
      'BEGIN',
      'SELECT email FROM customers LIMIT 1',
      `DO $$ BEGIN CREATE TEMP TABLE g AS SELECT email FROM customers; END $$`,
      'TABLE g',
      'ROLLBACK',
    ),
  ),
  attack(
    code,
    46,
    say(
      'BEGIN',
      'SELECT ssn FROM customers LIMIT 1',
      `DO $$ BEGIN SET LOCAL ROLE daam_agent; RAISE NOTICE '%', (SELECT email FROM customers WHERE id = 1); END $$`,
      'ROLLBACK',
    ),
  ),
  attack(
    code,
    47,
    say(
      'SELECT invoker_email(1)',
      'SELECT email, invoker_email(id) FROM customers',
      'SELECT email FROM customers LIMIT 2',
      'SELECT invoker_email(2)',
    ),
  ),
  attack(code, 48, say('SELECT definer_email(1)'), passesFloor),
  attack(code, 48, say(`DO $$ BEGIN RAISE NOTICE '%', definer_email(1); END $$`), {
    ...passesFloor,
    isByDesign: true,
  }),
  attack(
    code,
    49,
    say(
      `CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE plpgsql AS $$ DECLARE v text; BEGIN EXECUTE convert_from('\\x${hex}', 'UTF8') INTO v; RETURN v; END $$`,
      'SELECT pg_temp.f()',
      'SELECT email FROM customers LIMIT 1',
      'SELECT pg_temp.f()',
    ),
  ),
  attack(
    code,
    50,
    say(
      `SELECT query_to_xml('SELECT email FROM customers', true, true, '')`,
      `SELECT table_to_xml('customers', true, true, '')`,
      `SELECT * FROM ts_stat('SELECT to_tsvector(email) FROM customers')`,
      `SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, to_tsquery(secret) FROM customers')`,
    ),
  ),
  attack(
    code,
    50,
    say(
      'BEGIN',
      'DECLARE kx CURSOR FOR SELECT email FROM customers',
      `SELECT cursor_to_xml('kx', 5, true, true, '')`,
      'ROLLBACK',
    ),
  ),
  attack(
    code,
    51,
    say(`SELECT schema_to_xml('public', true, true, '')`, `SELECT database_to_xml(true, true, '')`),
    passesFloor,
  ),
  attack(
    code,
    52,
    say(
      `SELECT * FROM crosstab('SELECT id::text, kind, email FROM contacts') AS t (a text, b text, c text, d text)`,
      `SELECT * FROM connectby('customers', 'email', 'ssn', 'x', 0) AS t (k text, p text, l int)`,
    ),
  ),
  attack(
    code,
    53,
    say(
      'CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)',
      `SELECT id FROM customers WHERE email = 'x'`,
    ),
  ),
  attack(
    code,
    54,
    say(
      `CREATE FUNCTION pg_temp.lower(varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'got %', $1; RETURN $1; END $$`,
      'SELECT lower(card) FROM customers LIMIT 1',
      'SELECT lower(card::varchar) FROM customers LIMIT 1',
    ),
  ),
  attack(
    code,
    55,
    say(
      `CREATE FUNCTION pg_temp.chk(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'seen %', $1; RETURN true; END $$`,
      'CREATE DOMAIN pg_temp.d AS text CHECK (pg_temp.chk(VALUE))',
      'SELECT email::pg_temp.d FROM customers LIMIT 1',
    ),
  ),
  attack(
    code,
    55,
    say(
      'CREATE TEMP TABLE planted (e text)',
      `CREATE FUNCTION pg_temp.trg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'new %', (SELECT min(email) FROM customers); RETURN NEW; END $$`,
      'CREATE TRIGGER t BEFORE INSERT ON planted FOR EACH ROW EXECUTE FUNCTION pg_temp.trg()',
      'SELECT email FROM customers LIMIT 1',
      'INSERT INTO planted SELECT email FROM customers LIMIT 1',
    ),
  ),
  attack(
    code,
    55,
    say(
      'CREATE TEMP TABLE dt (e text)',
      `CREATE FUNCTION pg_temp.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'late %', (SELECT min(email) FROM customers); RETURN NULL; END $$`,
      'CREATE CONSTRAINT TRIGGER l AFTER INSERT ON dt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.late()',
      'BEGIN',
      `INSERT INTO dt VALUES ('x')`,
      'SELECT email FROM customers LIMIT 1',
      'COMMIT',
    ),
  ),
  attack(
    code,
    55,
    say(
      'CREATE TEMP TABLE rls (id int)',
      `CREATE FUNCTION pg_temp.pol() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'pol %', (SELECT min(email) FROM customers); RETURN true; END $$`,
      'ALTER TABLE rls ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE rls FORCE ROW LEVEL SECURITY',
      'CREATE POLICY p ON rls USING (pg_temp.pol())',
      'SELECT email FROM customers LIMIT 1',
      'SELECT * FROM rls, customers',
    ),
  ),
  attack(code, 56, say('BEGIN', `UPDATE audited SET note = 'x' WHERE id < 4`, 'ROLLBACK'), passesFloor),
  attack(
    code,
    56,
    say(
      'BEGIN',
      `UPDATE audited SET note = 'x' WHERE id < 4 RETURNING email`,
      'SET LOCAL client_min_messages = debug5',
      `UPDATE audited SET note = 'y' WHERE id < 4`,
      'ROLLBACK',
    ),
    passesFloor,
  ),
  attack(
    code,
    57,
    say(
      'CREATE EXTENSION pageinspect',
      `CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x'`,
      'CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION x()',
      `LOAD 'plpgsql'`,
    ),
  ),
];

function errorAttacks({ email }: Guesses): readonly Attack[] {
  return [
    attack(errors, 58, sayInAll('SELECT email::int FROM customers')),
    attack(errors, 58, sayInAll(`SELECT 1 FROM customers WHERE secret::date > '2020-01-01'`)),
    attack(
      errors,
      58,
      sayInAll('SELECT doc::text::int, salary::text::uuid, photo::text::json FROM customers'),
    ),
    attack(
      errors,
      58,
      sayInAll('SELECT id FROM orders ORDER BY (SELECT ssn::numeric FROM customers WHERE id = 1)'),
    ),
    attack(errors, 59, say('BEGIN', `UPDATE customers SET ssn = 'forbidden' WHERE id = 3`, 'ROLLBACK')),
    attack(errors, 59, say('BEGIN', 'UPDATE customers SET name = NULL WHERE id = 3', 'ROLLBACK')),
    attack(errors, 59, say('BEGIN', 'UPDATE contacts SET kind = NULL WHERE id = 3', 'ROLLBACK')),
    attack(
      errors,
      60,
      say(
        'BEGIN',
        `INSERT INTO customers (id, name, region, score, created_at) VALUES (3, 'x', 'x', 1, now())`,
        'ROLLBACK',
      ),
    ),
    attack(
      errors,
      60,
      say('BEGIN', `UPDATE customers SET email = (SELECT '${email}') WHERE id = 5`, 'ROLLBACK'),
      {
        passesFloor: true,
        isByDesign: true,
      },
    ),
    attack(errors, 60, say('BEGIN', 'DELETE FROM customers WHERE id = 3', 'ROLLBACK')),
    attack(
      errors,
      62,
      say(
        `SELECT attname, most_common_vals, histogram_bounds FROM pg_stats WHERE tablename IN ('customers', 'contacts') ORDER BY tablename, attname`,
        `SELECT * FROM pg_stats WHERE schemaname = 'public' ORDER BY tablename, attname, inherited`,
      ),
    ),
    attack(
      errors,
      63,
      say(
        'SELECT * FROM pg_stats_ext',
        'SELECT * FROM pg_statistic_ext_data',
        'SELECT m.* FROM pg_statistic_ext_data, pg_mcv_list_items(stxdmcv) m',
      ),
    ),
    attack(errors, 63, say('SELECT * FROM pg_stats_ext_exprs'), { since: 14 }),
    attack(
      errors,
      65,
      say(
        'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT email FROM customers WHERE ssn > $$5$$',
      ),
    ),
    attack(
      errors,
      65,
      say(
        `EXPLAIN SELECT * FROM customers WHERE email = '${email}'`,
        `EXPLAIN SELECT * FROM customers WHERE ssn > '5'`,
        `EXPLAIN SELECT * FROM customers WHERE salary > 5e23`,
      ),
    ),
    attack(
      errors,
      65,
      say(
        `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT * FROM contacts WHERE email < 'm'`,
        `EXPLAIN SELECT DISTINCT ssn FROM customers`,
        'EXPLAIN SELECT * FROM customers c JOIN contacts k ON c.ssn = k.email',
      ),
    ),
    attack(
      errors,
      66,
      say(
        'SELECT current_query(), email FROM customers LIMIT 1',
        `SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
        'PREPARE z AS SELECT email FROM customers',
        'SELECT statement FROM pg_prepared_statements',
        'EXPLAIN (VERBOSE) EXECUTE z',
      ),
    ),
    attack(
      errors,
      67,
      say(
        'SET client_min_messages = debug5',
        'SELECT email FROM customers LIMIT 1',
        'SET log_statement_stats = on',
        'SET debug_print_plan = on',
        'SELECT ssn FROM customers LIMIT 1',
      ),
    ),
  ];
}

function inferenceAttacks({ email, salary }: Guesses): readonly Attack[] {
  return [
    attack(
      inference,
      68,
      sayInAll(`SELECT id FROM customers WHERE email LIKE '${email.slice(0, 6)}%' OR salary > 5e23`),
    ),
    attack(
      inference,
      68,
      sayInAll(`SELECT id FROM customers WHERE birth_date BETWEEN '1955-01-01' AND '1965-01-01'`),
    ),
    attack(
      inference,
      68,
      sayInAll(`SELECT count(*) FROM contacts WHERE email < 'm' OR email ~ '^[a-f][0-7]'`),
    ),
    attack(
      inference,
      69,
      sayInAll(`SELECT id FROM customers WHERE ssn = '123-45-6789' OR salary = ${salary}`),
    ),
    attack(
      inference,
      69,
      sayInAll(`SELECT id FROM customers WHERE secret IN ('a', 'b') AND phone = ANY (ARRAY['1'])`),
    ),
    attack(inference, 69, sayInAll(`SELECT id FROM customers WHERE email = '${email}'`), {
      isByDesign: true,
    }),
    attack(
      inference,
      69,
      sayInAll(`SELECT c.id FROM customers c JOIN (VALUES ('${email}'), ('x')) v (e) ON v.e = c.email`),
      { isByDesign: true },
    ),
    attack(
      inference,
      70,
      sayInAll('SELECT id FROM customers ORDER BY salary, ssn, email, secret, birth_date'),
    ),
    attack(
      inference,
      70,
      sayInAll('SELECT rank() OVER (ORDER BY salary), ntile(4) OVER (ORDER BY ssn), id FROM customers'),
    ),
    attack(inference, 70, sayInAll('SELECT count(*) FROM customers GROUP BY ssn, salary, birth_date')),
    attack(inference, 70, sayInAll('SELECT DISTINCT ON (secret) id FROM customers ORDER BY secret, ssn')),
    attack(inference, 71, sayInAll(`SELECT id, CASE WHEN ssn LIKE '5%' THEN 1 END FROM customers`)),
    attack(inference, 71, sayInAll(`SELECT 1 / (CASE WHEN min(ssn) > '3' THEN 0 ELSE 1 END) FROM customers`)),
    attack(
      inference,
      71,
      sayInAll(`SELECT (CASE WHEN secret LIKE 'S1%' THEN 3000000000 ELSE 1 END)::int FROM customers`),
    ),
    attack(
      inference,
      72,
      sayInAll(
        `SELECT count(*) FROM generate_series(1, (SELECT ascii(substr(secret, 2, 1)) FROM customers WHERE id = 1))`,
      ),
    ),
    attack(
      inference,
      74,
      sayInAll(
        'SELECT code, length(code), length(email), length(full_name), length(ssn), length(secret) FROM customers',
      ),
    ),
  ];
}
