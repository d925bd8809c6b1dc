/** B9 to B11 as far as they are statements or messages: parser and settings, wire protocol, roles and privileges. */
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeClose } from '@daam/shared/pgwire/close';
import { encodeCopyData } from '@daam/shared/pgwire/copy-data';
import { encodeCopyDone } from '@daam/shared/pgwire/copy-done';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSync } from '@daam/shared/pgwire/sync';
import type { Act } from '../wire.ts';
import { type Attack, say } from './attack.ts';

const names = 'B9 parser, names, settings';
const wire = 'B10 wire protocol';
const roles = 'B11 roles and privileges';

const attack = (group: string, row: number, acts: readonly Act[], more: Partial<Attack> = {}): Attack => ({
  row,
  group,
  acts,
  ...more,
});

const raw = (about: string, ...parts: readonly Buffer[]): Act => ({
  kind: 'raw',
  about,
  bytes: Buffer.concat(parts),
});

const read = 'SELECT email, ssn, secret FROM customers WHERE id < 4';
const breakOut = `SELECT '\\' || '; SELECT email, ssn FROM customers; --'`;

const nameAttacks: readonly Attack[] = [
  attack(
    names,
    75,
    say(
      `SET standard_conforming_strings = off; ${breakOut}`,
      'SET standard_conforming_strings = off',
      breakOut,
    ),
  ),
  attack(names, 75, say(`SELECT set_config('standard_conforming_strings', 'off', false)`, breakOut)),
  attack(names, 75, say(`DO $$ BEGIN SET standard_conforming_strings = off; END $$`, breakOut)),
  attack(names, 76, say(breakOut), { startup: { options: '-c standard_conforming_strings=off' } }),
  attack(names, 76, say(breakOut), { startup: { standard_conforming_strings: 'off' } }),
  attack(
    names,
    77,
    say(
      `SET client_encoding = 'SJIS'`,
      `SET NAMES 'GBK'`,
      `SELECT set_config('client_encoding', 'BIG5', false)`,
      read,
    ),
  ),
  attack(names, 77, say(read), { startup: { client_encoding: 'SJIS' } }),
  attack(
    names,
    78,
    say(
      'SET backslash_quote = on',
      'SET transform_null_equals = on',
      'SELECT count(*) FROM customers WHERE ssn = NULL',
      'SET quote_all_identifiers = on',
      'SET array_nulls = off',
      read,
    ),
  ),
  attack(
    names,
    79,
    say(
      'SET search_path = evil, pg_catalog',
      `SELECT set_config('search_path', 'pg_temp, public', false)`,
      'SET search_path TO pg_temp, public',
      read,
    ),
  ),
  attack(names, 79, say(read), { startup: { options: '-c search_path=pg_temp,public' } }),
  attack(
    names,
    80,
    say(
      'CREATE TEMP VIEW orders AS SELECT id, email AS memo FROM customers',
      'SELECT memo FROM orders WHERE id < 4',
      'SELECT memo FROM pg_temp.orders',
      read,
    ),
  ),
  attack(
    names,
    80,
    say(
      'CREATE TEMP TABLE customers (id int, email text)',
      `INSERT INTO customers VALUES (1, 'mine')`,
      'SELECT * FROM customers WHERE id < 4',
    ),
  ),
  attack(
    names,
    81,
    say(
      'CREATE TABLE public.planted (id int)',
      'CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$',
      read,
    ),
  ),
  attack(
    names,
    82,
    say(
      `SELECT email AS ${'x'.repeat(80)} FROM customers LIMIT 1`,
      `SELECT * FROM "customers${'x'.repeat(80)}"`,
      'SELECT "EMAIL" FROM CUSTOMERS',
      'SELECT EMAIL FROM CUSTOMERS WHERE id < 3',
    ),
  ),
  attack(
    names,
    83,
    say(
      'SELECT 0x1F, 123abc FROM customers WHERE id = 1',
      'SELECT 1_000, 0b11, email FROM customers WHERE id = 1',
      'SELECT 1.email FROM customers WHERE id = 1',
    ),
  ),
  attack(names, 84, [
    ...say(
      `SELECT /* /* */ */ email FROM customers -- x\r WHERE id = 1`,
      `SELECT /*! email */ ssn FROM customers WHERE id = 1`,
      `SELECT $a$ ' $a$, email FROM customers WHERE id = 1`,
      `\uFEFF${read}`,
    ),
    raw('a query with NUL inside', rawQuery('SELECT 1\0SELECT email FROM customers')),
  ]),
  attack(
    names,
    85,
    say(
      `SELECT ${'('.repeat(3_000)}SELECT email FROM customers LIMIT 1${')'.repeat(3_000)}`,
      `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`,
      `SELECT id FROM customers WHERE ${'true AND '.repeat(5_000)}true`,
      read,
    ),
  ),
  attack(
    names,
    86,
    say(
      'SELECT email INTO TEMP kept FROM customers',
      'SELECT relpersistence FROM pg_class WHERE relname = $$kept$$',
      'TABLE kept',
      `SELECT first_value(email) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM customers LIMIT 3`,
    ),
  ),
  attack(
    names,
    87,
    say(
      `SELECT 1; SELECT email FROM customers; SELECT 2`,
      `BEGIN; ${read}; ROLLBACK; ${read}`,
      `SELECT 1; COMMIT; SELECT ssn FROM customers; SELECT 1/0`,
      ';;',
      '',
    ),
  ),
];

const wireAttacks: readonly Attack[] = [
  attack(wire, 88, [
    raw('FunctionCall of version()', functionCall(89)),
    raw('FunctionCall of pg_read_file', functionCall(2624)),
    ...say(read),
  ]),
  ...[0, 3, -1, 2 ** 31 - 1].map((length) =>
    attack(wire, 89, [raw(`a Query of length ${length}`, lengthOnly(0x51, length))]),
  ),
  attack(wire, 94, [
    raw(
      'Parse again under a name after Close, Bind to the old one',
      encodeParse({ name: 's', sql: 'SELECT 1', parameterTypes: [] }),
      encodeClose({ target: 'statement', name: 's' }),
      encodeParse({ name: 's', sql: read, parameterTypes: [] }),
      bindTo('s'),
      encodeDescribe({ target: 'portal', name: '' }),
      encodeExecute({ portal: '', maxRows: 1 }),
      encodeExecute({ portal: '', maxRows: 1 }),
      encodeSync(),
    ),
    raw(
      'an error, and more until Sync',
      encodeParse({ name: '', sql: 'SELECT 1/0', parameterTypes: [] }),
      bindTo(''),
      encodeExecute({ portal: '', maxRows: 0 }),
      encodeParse({ name: 't', sql: read, parameterTypes: [] }),
      bindTo('t'),
      encodeExecute({ portal: '', maxRows: 0 }),
      encodeSync(),
    ),
    raw('Bind to what was skipped', bindTo('t'), encodeExecute({ portal: '', maxRows: 0 }), encodeSync()),
    raw(
      'Describe of a portal that is not there',
      encodeDescribe({ target: 'portal', name: 'no' }),
      encodeSync(),
    ),
  ]),
  attack(wire, 94, [
    ...say('PREPARE plain AS SELECT email FROM customers'),
    raw(
      'Bind to what SQL prepared',
      bindTo('plain'),
      encodeExecute({ portal: '', maxRows: 0 }),
      encodeSync(),
    ),
    ...say('BEGIN', 'DECLARE k CURSOR FOR SELECT email FROM customers'),
    raw(
      'Execute of a cursor by its name',
      encodeDescribe({ target: 'portal', name: 'k' }),
      encodeExecute({ portal: 'k', maxRows: 2 }),
      encodeSync(),
    ),
    ...say('ROLLBACK'),
  ]),
  attack(wire, 95, [
    raw(
      'COPY data that nobody asked for',
      encodeCopyData(Buffer.from('1\n')),
      encodeCopyDone(),
      encodeQuery({ sql: read }),
    ),
    {
      kind: 'simple',
      sql: 'COPY orders (customer_id, region, status, total) FROM STDIN',
      copy: '1\tnorth\tbad\t1\n',
    },
    { kind: 'simple', sql: 'COPY customers (id, name, email) FROM STDIN', copy: '3\tx\ty\n' },
  ]),
  attack(wire, 96, [
    raw(
      'parameter types that choose an overload',
      encodeParse({
        name: '',
        sql: 'SELECT lower($1), email FROM customers WHERE ssn > $1 LIMIT 2',
        parameterTypes: [1043],
      }),
      bindTo('', ['x']),
      encodeExecute({ portal: '', maxRows: 0 }),
      encodeSync(),
    ),
  ]),
];

const roleAttacks: readonly Attack[] = [
  attack(
    roles,
    101,
    say(
      `ALTER ROLE CURRENT_USER PASSWORD 'x'`,
      `DO $$ BEGIN EXECUTE 'ALTER ROLE CURRENT_USER LOGIN'; END $$`,
      'SELECT rolcanlogin FROM pg_roles WHERE rolname = current_user',
    ),
  ),
  attack(
    roles,
    102,
    say(
      `ALTER ROLE CURRENT_USER SET search_path = pg_temp`,
      `DO $$ BEGIN EXECUTE 'ALTER ROLE CURRENT_USER SET row_security = off'; END $$`,
    ),
  ),
  attack(
    roles,
    103,
    say(
      'SET ROLE daam_agent',
      'SET SESSION AUTHORIZATION daam_agent',
      `SELECT set_config('role', 'daam_agent', false)`,
      'RESET ROLE',
      read,
    ),
  ),
  attack(
    roles,
    103,
    say(
      'SELECT email FROM customers LIMIT 1',
      `DO $$ DECLARE g text; BEGIN SELECT rolname INTO g FROM pg_roles WHERE rolname LIKE 'daam_x_%' LIMIT 1; EXECUTE 'SET ROLE ' || quote_ident(g); RAISE NOTICE '%', (SELECT min(email) FROM customers); END $$`,
      'RESET ROLE',
      read,
    ),
  ),
  attack(
    roles,
    103,
    say(
      'BEGIN',
      'SELECT email FROM customers LIMIT 1',
      `DO $$ DECLARE g text; BEGIN SELECT rolname INTO g FROM pg_roles WHERE rolname LIKE 'daam_x_%' LIMIT 1; PERFORM set_config('role', g, false); END $$`,
      'SELECT invoker_email(1)',
      'COMMIT',
    ),
  ),
  attack(roles, 104, say('DISCARD ALL', 'RESET ALL', `SHOW search_path`, read)),
  attack(
    roles,
    105,
    say(
      `SELECT has_table_privilege('customers', 'SELECT'), has_column_privilege('customers', 'id', 'SELECT')`,
      'SELECT iban FROM payments',
      'CREATE SCHEMA mine',
    ),
  ),
  attack(
    roles,
    106,
    say(
      'CREATE TRIGGER t BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION tell_old()',
      'TRUNCATE customers CASCADE',
      'CREATE TEMP TABLE fk (e text REFERENCES customers (email))',
      'REFRESH MATERIALIZED VIEW customers_m',
      'ANALYZE customers',
      'VACUUM customers',
      'CLUSTER customers',
    ),
  ),
  attack(
    roles,
    107,
    say(
      'GRANT SELECT ON customers TO PUBLIC',
      'DO $$ BEGIN GRANT SELECT ON customers TO PUBLIC; END $$',
      'DROP ROLE daam_agent',
      'CREATE ROLE mine LOGIN',
      'REASSIGN OWNED BY CURRENT_USER TO daam_agent',
      read,
    ),
  ),
  attack(
    roles,
    115,
    say(
      'SET row_security = off',
      'SELECT * FROM sales.leads',
      'SELECT count(*), max(value) FROM sales.leads',
    ),
  ),
  attack(
    roles,
    115,
    say(
      'BEGIN',
      'UPDATE sales.leads SET value = value RETURNING *',
      `DELETE FROM sales.leads WHERE company > 'b' RETURNING company`,
      'ROLLBACK',
    ),
  ),
  attack(
    roles,
    115,
    say(
      `SELECT 1 / (value::int - 5) FROM sales.leads`,
      `SELECT company::int FROM sales.leads`,
      `EXPLAIN ANALYZE SELECT 1 FROM sales.leads WHERE company < '5'`,
    ),
  ),
  attack(
    roles,
    116,
    say(
      'SET session_replication_role = replica',
      'SET log_statement = $$all$$',
      'SET session_preload_libraries = x',
      read,
    ),
  ),
  attack(
    roles,
    118,
    say(
      'BEGIN',
      'LOCK TABLE customers IN SHARE MODE',
      'SELECT email FROM customers WHERE id = 1 FOR UPDATE',
      'ROLLBACK',
    ),
  ),
];

function rawQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`, 'latin1');
  const head = Buffer.alloc(5);
  head[0] = 0x51;
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A whole FunctionCall without arguments. */
function functionCall(oid: number): Buffer {
  const bytes = Buffer.alloc(15);
  bytes[0] = 0x46;
  bytes.writeInt32BE(14, 1);
  bytes.writeUInt32BE(oid, 5);
  return bytes;
}

function lengthOnly(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = type;
  bytes.writeInt32BE(length, 1);
  return bytes;
}

function bindTo(statement: string, values: readonly string[] = []): Buffer {
  return encodeBind({
    portal: '',
    statement,
    parameterFormats: [],
    parameters: values.map((value) => Buffer.from(value)),
    resultFormats: [],
  });
}

export const protocolAttacks: readonly Attack[] = [...nameAttacks, ...wireAttacks, ...roleAttacks];
