import { describe, expect, test } from 'vitest';
import { allGates, gateFor, outcomeOf, sqlOf } from '../../testing/gate.ts';

const gates = await allGates();
const newest = await gateFor(18);
const { decide, decideIn } = newest;

describe.each(gates)('statements about the session on PostgreSQL $major', ({ decide }) => {
  test.each([
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'START TRANSACTION',
    'COMMIT AND CHAIN',
    'ROLLBACK',
    'SAVEPOINT a',
    'RELEASE a',
    'ROLLBACK TO a',
    'SHOW ALL',
    'SHOW search_path',
    `SET application_name = 'x'`,
    `SET LOCAL statement_timeout TO '5s'`,
    `SET DateStyle = ISO, MDY`,
    `SET TIME ZONE 'Europe/Berlin'`,
    'SET TIME ZONE LOCAL',
    `SET TIME ZONE INTERVAL '1' HOUR TO MINUTE`,
    `SET NAMES 'utf8'`,
    'SET extra_float_digits = 3',
    'RESET enable_seqscan',
    'SET standard_conforming_strings = on',
    'SET row_security TO on',
    'SET TRANSACTION READ ONLY',
    'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'RESET application_name',
    'RESET ALL',
    'DISCARD ALL',
    'DISCARD TEMP',
    'LISTEN a',
    'UNLISTEN *',
    `NOTIFY a, 'b'`,
    'FETCH 10 FROM c',
    'MOVE ALL IN c',
    'CLOSE ALL',
    'DEALLOCATE ALL',
    'DEALLOCATE p',
    'SET CONSTRAINTS ALL DEFERRED',
    'LOCK TABLE orders IN SHARE MODE',
    `SELECT set_config('application_name', 'x', false)`,
    `SELECT pg_catalog.set_config('TimeZone', $1, true)`,
    `SELECT nextval('customers_id_seq'), currval('public.customers_id_seq'::regclass), nextval('"customers_id_seq"')`,
  ])('%s passes', (sql) => {
    expect(outcomeOf(decide(sql))).toBe('pass/either');
  });

  test.each([
    ['75 quoting', 'SET standard_conforming_strings = off', 'set-parameter'],
    [
      '75 quoting by function',
      `SELECT set_config('standard_conforming_strings', 'off', false)`,
      'set-parameter',
    ],
    [
      '75 quoting by a computed name',
      `SELECT set_config('standard_' || 'conforming_strings', 'off', false)`,
      'set-parameter',
    ],
    [
      '75 quoting by named arguments',
      `SELECT set_config(new_value => 'application_name', setting_name => 'search_path', is_local => false)`,
      'set-parameter',
    ],
    ['77 encoding', `SET client_encoding = 'SJIS'`, 'set-parameter'],
    ['77 encoding by NAMES', `SET NAMES 'BIG5'`, 'set-parameter'],
    ['77 encoding by parameter', `SELECT set_config('client_encoding', $1, false)`, 'set-parameter'],
    ['78 quoting of backslashes', 'SET backslash_quote = on', 'set-parameter'],
    ['78 transform_null_equals', 'SET transform_null_equals = on', 'set-parameter'],
    ['78 session_replication_role', 'SET session_replication_role = replica', 'set-parameter'],
    ['row_security', 'SET row_security = maybe', 'set-parameter'],
    ['plans, where something is masked', 'SET enable_seqscan = off', 'set-parameter'],
    ['plans by function', `SELECT set_config('enable_sort', 'off', false)`, 'set-parameter'],
    ['how much of a cursor is wanted', 'SET cursor_tuple_fraction = 0.0001', 'set-parameter'],
    ['memory', `SET work_mem = '1GB'`, 'set-parameter'],
    ['messages', `SET lc_messages = 'C'`, 'set-parameter'],
    ['79 search path by function', `SELECT set_config('search_path', 'evil', false)`, 'set-parameter'],
    ['79 search path that does not exist', 'SET search_path = evil, public', 'set-parameter'],
    ['79 search path into a temporary schema', 'SET search_path = pg_temp_3', 'set-parameter'],
    ['role', 'SET ROLE postgres', 'set-parameter'],
    ['session authorization', 'SET SESSION AUTHORIZATION postgres', 'set-parameter'],
    ['role by RESET', 'RESET ROLE', 'set-parameter'],
    ['snapshot', `SET TRANSACTION SNAPSHOT 'x'`, 'set-parameter'],
    ['two-phase commit', `PREPARE TRANSACTION 'x'`, 'two-phase'],
    ['two-phase commit, second phase', `COMMIT PREPARED 'x'`, 'two-phase'],
    ['sequence without a grant', `SELECT nextval('payments_id_seq')`, 'sequence'],
    ['sequence by a computed name', `SELECT setval(('pay' || 'ments_id_seq')::regclass, 1)`, 'sequence'],
    ['lock without a grant', 'LOCK payments', 'default-deny'],
    ['44 COPY TO PROGRAM', `COPY orders TO PROGRAM 'cat'`, 'copy-file'],
    ['44 COPY FROM a file', `COPY orders FROM '/etc/passwd'`, 'copy-file'],
    ['44 COPY of a query to a file', `COPY (SELECT 1) TO '/tmp/x'`, 'copy-file'],
    ['40 EXECUTE of the unknown into a table', 'CREATE TEMP TABLE t AS EXECUTE p', 'unknown-prepared'],
    ['40 EXECUTE into a permanent table', 'CREATE TABLE t AS EXECUTE p', 'ddl'],
    ['EXECUTE of the unknown', 'EXECUTE p(1)', 'unknown-prepared'],
    ['ALTER SYSTEM', 'ALTER SYSTEM SET fsync = off', 'statement-kind'],
    ['roles', 'CREATE ROLE x', 'statement-kind'],
    ['own role', `ALTER ROLE CURRENT_USER PASSWORD 'x'`, 'statement-kind'],
    ['79 own role’s settings', 'ALTER ROLE CURRENT_USER SET search_path = evil', 'statement-kind'],
    ['grants', 'GRANT SELECT ON customers TO PUBLIC', 'statement-kind'],
    ['57 extensions', 'CREATE EXTENSION dblink', 'statement-kind'],
    [
      '57 event triggers',
      'CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION y()',
      'statement-kind',
    ],
    ['LOAD', `LOAD 'x'`, 'statement-kind'],
    ['22 servers', 'CREATE SERVER s FOREIGN DATA WRAPPER w', 'statement-kind'],
    ['subscriptions', `CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p`, 'statement-kind'],
    ['55 policies', 'CREATE POLICY p ON t', 'statement-kind'],
    [
      '53 operators',
      'CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = f)',
      'statement-kind',
    ],
    ['55 casts', 'CREATE CAST (a AS b) WITHOUT FUNCTION', 'statement-kind'],
    ['55 domains', 'CREATE DOMAIN d AS int CHECK (f(VALUE))', 'statement-kind'],
    ['VACUUM', 'VACUUM customers', 'ddl'],
    ['VACUUM of everything', 'VACUUM', 'ddl'],
    ['ALTER TABLE', 'ALTER TABLE customers ADD x int', 'ddl'],
    ['RENAME', 'ALTER TABLE customers RENAME TO x', 'ddl'],
    ['81 tables', 'CREATE TABLE t (a int)', 'ddl'],
    ['81 tables by query', 'CREATE TABLE t AS SELECT 1', 'ddl'],
    ['81 SELECT INTO', 'SELECT 1 INTO t', 'ddl'],
    ['81 views', 'CREATE VIEW v AS SELECT 1', 'ddl'],
    ['81 functions', `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'`, 'ddl'],
    ['materialized views', 'CREATE MATERIALIZED VIEW v AS SELECT 1', 'ddl'],
    ['DROP', 'DROP TABLE customers', 'ddl'],
    ['DROP of a function', 'DROP FUNCTION f(int)', 'ddl'],
    ['TRUNCATE', 'TRUNCATE orders', 'ddl'],
    ['indexes', 'CREATE INDEX ON orders (memo)', 'ddl'],
    ['inheritance', 'CREATE TEMP TABLE t () INHERITS (customers)', 'ddl'],
  ])('%s is refused', (_, sql, rule) => {
    expect(outcomeOf(decide(sql))).toBe(`deny:${rule}`);
  });
});

describe('the search path', () => {
  test('is written anew: schemas that exist, then pg_temp, with pg_catalog first by being left out', () => {
    const verdict = decide(`SET search_path TO "$user", sales, pg_catalog, pg_temp, 'public'`);
    expect(sqlOf(verdict)).toBe(`SET search_path TO "sales", "public", "pg_temp"`);
    expect(verdict).toMatchObject({
      statements: [{ effects: [{ kind: 'set-search-path', path: ['sales', 'public'] }] }],
    });
  });

  test('counts for the statements after it', () => {
    const verdict = decide('SET search_path = sales; SELECT * FROM leads; SELECT * FROM public.orders');
    expect(outcomeOf(verdict)).toBe('rewrite/either,rewrite/either,pass/either');
    expect(outcomeOf(decide('SET search_path = sales; SELECT * FROM orders'))).toBe('deny:unknown-relation');
  });

  test('makes user functions of any schema count', () => {
    expect(outcomeOf(decide('SELECT elsewhere(1)'))).toBe('deny:unknown-function');
    expect(outcomeOf(decide('RESET search_path; SELECT elsewhere(1)'))).toBe('pass/either,opaque/base');
  });
});

describe('temporary tables', () => {
  test('can be made, indexed, filled, read, emptied and dropped', () => {
    const verdict = decide(`CREATE TEMP TABLE t (id int PRIMARY KEY, at timestamptz DEFAULT now());
      CREATE INDEX ON t (id); INSERT INTO t VALUES (1); SELECT * FROM t; TRUNCATE t; DROP TABLE t; SELECT 1`);
    expect(verdict).toMatchObject({ kind: 'allow', tier: 'either' });
    expect(outcomeOf(decide('CREATE TEMP TABLE t (a int); DROP TABLE t; SELECT * FROM t'))).toBe(
      'deny:unknown-relation',
    );
  });

  test('do not shadow permanent ones', () => {
    expect(outcomeOf(decide('CREATE TEMP TABLE payments AS SELECT 1; SELECT * FROM payments'))).toBe(
      'deny:default-deny',
    );
    expect(outcomeOf(decide('CREATE TEMP TABLE payments AS SELECT 1; DROP TABLE payments'))).toBe('deny:ddl');
    expect(outcomeOf(decide('CREATE TEMP TABLE payments AS SELECT 1; SELECT * FROM pg_temp.payments'))).toBe(
      'pass/either,pass/either',
    );
  });

  test.each([
    'CREATE TEMP TABLE t (a int DEFAULT invoker(1))',
    'CREATE TEMP TABLE t (a checked)',
    'CREATE TEMP TABLE t (LIKE orders INCLUDING ALL)',
    'CREATE TEMP VIEW v AS SELECT id FROM orders',
    'CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS $$ select 1 $$',
    'DO $$ BEGIN END $$',
    'SELECT pg_temp.f()',
  ])('%s brings code: base tier for the rest of the session', (sql) => {
    expect(decide(sql)).toMatchObject({
      kind: 'allow',
      tier: 'base',
      taint: 'session',
      statements: [{ class: 'opaque' }],
    });
  });

  test.each(['CALL invoker(1)', 'SELECT invoker(1)'])(
    '%s runs code that was there before: base tier for the transaction',
    (sql) => {
      expect(decide(sql)).toMatchObject({ tier: 'base', taint: 'transaction' });
    },
  );

  test('a view may not read what the session may not', () => {
    expect(outcomeOf(decide('CREATE TEMP VIEW v AS SELECT * FROM payments'))).toBe('deny:default-deny');
    expect(outcomeOf(decide('CREATE TEMP VIEW v AS SELECT definer(1)'))).toBe(
      'deny:security-definer-function',
    );
    expect(sqlOf(decide('CREATE TEMP VIEW v AS SELECT email FROM customers'))).toBe(
      'CREATE TEMP VIEW v AS SELECT email FROM customers',
    );
  });
});

describe('prepared statements', () => {
  test('EXECUTE runs in the tier of the body', () => {
    expect(outcomeOf(decide('PREPARE p AS SELECT email FROM customers; EXECUTE p'))).toBe(
      'rewrite/elevated,pass/elevated',
    );
    expect(outcomeOf(decide('PREPARE p AS SELECT invoker(1); EXECUTE p'))).toBe('opaque/base,opaque/base');
    expect(outcomeOf(decide('PREPARE p AS SELECT 1; DEALLOCATE p; EXECUTE p'))).toBe('deny:unknown-prepared');
  });

  test('one that needs real values fails once they may not be read', () => {
    const prepared = new Map([['p', { tier: 'elevated' as const, taint: null, touchesMasked: true }]]);
    expect(outcomeOf(decideIn({ prepared }, 'EXECUTE p'))).toBe('pass/elevated');
    expect(outcomeOf(decideIn({ prepared, elevationAvailable: false }, 'EXECUTE p'))).toBe(
      'deny:stale-prepared',
    );
  });
});

describe('functions (B6)', () => {
  test.each([
    ['50 SQL text', `SELECT query_to_xml('select 1', true, true, '')`, 'function-allow-list'],
    [
      '50 by its full name',
      `SELECT pg_catalog.table_to_xml('customers', true, true, '')`,
      'function-allow-list',
    ],
    ['41 large objects', 'SELECT lo_get(1)', 'function-allow-list'],
    ['42 notifications', `SELECT pg_notify('a', name) FROM customers`, 'function-allow-list'],
    ['44 files', `SELECT pg_read_file('x')`, 'function-allow-list'],
    [
      '45 replication slots',
      `SELECT * FROM pg_logical_slot_get_changes('x', NULL, NULL)`,
      'function-allow-list',
    ],
    ['48 security definer', 'SELECT * FROM definer(1)', 'security-definer-function'],
    ['48 by its full name', 'SELECT public.definer(1)', 'security-definer-function'],
    ['unknown', 'SELECT mystery(1)', 'unknown-function'],
    ['in a default', 'CREATE TEMP TABLE t (a text DEFAULT lo_get(1))', 'function-allow-list'],
    ['in an argument of EXECUTE', 'PREPARE p AS SELECT $1; EXECUTE p(lo_get(1))', 'function-allow-list'],
    [
      'in ORDER BY of an aggregate',
      'SELECT count(*) FILTER (WHERE lo_get(1) IS NULL) FROM orders',
      'function-allow-list',
    ],
  ])('%s is refused', (_, sql, rule) => {
    expect(outcomeOf(decide(sql))).toBe(`deny:${rule}`);
  });

  test('54 an overload outside pg_catalog is user code', () => {
    expect(outcomeOf(decide('SELECT lower(name) FROM orders o, LATERAL (SELECT memo AS name) x'))).toBe(
      'opaque/base',
    );
    expect(outcomeOf(decide('SELECT pg_catalog.lower(memo) FROM orders'))).toBe('pass/either');
  });

  test('53 an operator outside pg_catalog is user code', () => {
    expect(outcomeOf(decide(`SELECT 'a' OPERATOR(evil.=) 'b'`))).toBe('opaque/base');
    expect(outcomeOf(decide(`SELECT 'a' <=> 'b'`))).toBe('opaque/base');
    expect(outcomeOf(decide(`SELECT 'a' OPERATOR(pg_catalog.=) 'b'`))).toBe('pass/either');
  });
});
