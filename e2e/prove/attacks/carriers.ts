/** B3 to B5: objects that carry the data elsewhere, writes and RETURNING, laundering and bulk exits. */
import type { Act } from '../wire.ts';
import { type Attack, type Guesses, say, sayInAll } from './attack.ts';

const objects = 'B3 objects that carry the data';
const writes = 'B4 writes and RETURNING';
const exits = 'B5 laundering and bulk exits';

const inTransaction = (...statements: readonly string[]): readonly Act[] =>
  say('BEGIN', ...statements, 'ROLLBACK');

const attack = (group: string, row: number, acts: readonly Act[], more: Partial<Attack> = {}): Attack => ({
  row,
  group,
  acts,
  ...more,
});

const passesFloor = { passesFloor: true };

/** Everything; `guesses` are values that exist in one world only. */
export function carrierAttacks(guesses: Guesses): readonly Attack[] {
  return [...objectAttacks, ...writeAttacks(guesses), ...exitAttacks];
}

const objectAttacks: readonly Attack[] = [
  attack(objects, 19, sayInAll('SELECT contact, loud FROM customers_v'), passesFloor),
  attack(objects, 19, sayInAll('SELECT contact FROM customers_vv'), passesFloor),
  attack(objects, 20, sayInAll('SELECT email, salary FROM customers_m'), passesFloor),
  attack(objects, 21, sayInAll('SELECT email FROM events_1')),
  attack(objects, 21, sayInAll('SELECT email FROM events_2')),
  attack(objects, 21, sayInAll('SELECT email, level FROM people_vip')),
  attack(objects, 21, sayInAll('SELECT email FROM people')),
  attack(objects, 22, say('SELECT email FROM far_customers')),
  attack(
    objects,
    22,
    say(`SELECT * FROM dblink('dbname=shop', 'select email from customers') AS t (e text)`),
  ),
  attack(
    objects,
    23,
    inTransaction(`INSERT INTO inbox VALUES (900, 'x') RETURNING *`, 'SELECT msg FROM outbox'),
    passesFloor,
  ),
  attack(objects, 23, inTransaction(`UPDATE secrets_v SET note = 'x' WHERE id = 1`), passesFloor),
  attack(
    objects,
    24,
    say(
      `SELECT * FROM pg_statistic`,
      `SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers_lower_ssn'`,
    ),
  ),
  attack(
    objects,
    24,
    say(
      `SELECT format('pg_toast.pg_toast_%s', 'customers'::regclass::oid)`,
      `SELECT * FROM pg_toast.pg_toast_1255`,
    ),
  ),
];

function writeAttacks({ email, otherEmail, salary }: Guesses): readonly Attack[] {
  return [
    attack(writes, 26, inTransaction(`UPDATE customers SET note = note WHERE id < 9 RETURNING email`)),
    attack(
      writes,
      26,
      inTransaction(`UPDATE customers SET note = note WHERE id < 9 RETURNING email || '', ssn, customers.*`),
    ),
    attack(
      writes,
      26,
      inTransaction(
        `UPDATE customers c SET note = o.memo FROM orders o WHERE o.id = c.id RETURNING c, o.memo`,
      ),
    ),
    attack(writes, 27, inTransaction(`DELETE FROM contacts WHERE id < 9 RETURNING *`)),
    attack(
      writes,
      27,
      inTransaction(
        `WITH d AS (DELETE FROM contacts WHERE id < 9 RETURNING email) SELECT upper(email) FROM d`,
      ),
    ),
    attack(
      writes,
      27,
      inTransaction(
        `MERGE INTO contacts t USING orders o ON o.id = t.id AND o.id < 9 WHEN MATCHED THEN UPDATE SET remark = 'x' RETURNING t.email, t.*`,
      ),
      { since: 17 },
    ),
    attack(
      writes,
      27,
      inTransaction(`UPDATE customers SET note = 'x' WHERE id < 9 RETURNING old.email, new.ssn, old`),
      { since: 18 },
    ),
    attack(
      writes,
      28,
      inTransaction(
        `INSERT INTO customers (id, name, region, score, created_at) VALUES (3, 'x', 'north', 1, now()) ON CONFLICT (id) DO UPDATE SET name = customers.email RETURNING name`,
      ),
    ),
    attack(
      writes,
      28,
      inTransaction(
        `INSERT INTO contacts (id, customer_id, kind) VALUES (3, 1, 'x') ON CONFLICT (id) DO UPDATE SET remark = contacts.email WHERE contacts.email > 'd' RETURNING remark`,
      ),
    ),
    attack(
      writes,
      29,
      inTransaction(
        `UPDATE customers SET note = email WHERE id < 9`,
        'SELECT note FROM customers WHERE id < 9',
      ),
    ),
    attack(
      writes,
      29,
      inTransaction(
        `UPDATE customers SET note = (SELECT k.email FROM contacts k WHERE k.id = customers.id)`,
        'SELECT note FROM customers',
      ),
    ),
    attack(
      writes,
      29,
      inTransaction(`UPDATE customers SET (note, name) = (email, ssn) WHERE id < 9 RETURNING note, name`),
    ),
    attack(
      writes,
      30,
      inTransaction(
        `MERGE INTO customers t USING orders o ON o.id = t.id WHEN MATCHED THEN UPDATE SET note = t.email`,
        'SELECT note FROM customers WHERE id < 9',
      ),
      { since: 15 },
    ),
    attack(
      writes,
      31,
      inTransaction(
        `INSERT INTO orders (customer_id, region, status, total, memo) SELECT id, 'north', 'new', 1, email FROM customers`,
        `SELECT memo FROM orders`,
      ),
    ),
    attack(
      writes,
      31,
      inTransaction(
        `UPDATE orders o SET memo = c.ssn FROM customers c WHERE c.id = o.id`,
        `SELECT memo FROM orders`,
      ),
    ),
    attack(writes, 32, inTransaction(`UPDATE customers SET note = 'h' WHERE id = 3 AND salary = ${salary}`)),
    attack(writes, 32, inTransaction(`DELETE FROM customers WHERE id = 3 AND ssn > '5'`)),
    attack(
      writes,
      32,
      inTransaction(
        `UPDATE customers SET note = CASE WHEN salary > 5e23 THEN 'a' ELSE 'b' END`,
        'SELECT note FROM customers',
      ),
    ),
    attack(writes, 33, inTransaction(`UPDATE customers SET email = '${email}' WHERE id = 4`), {
      ...passesFloor,
      isByDesign: true,
    }),
    attack(
      writes,
      33,
      inTransaction(
        `INSERT INTO customers (id, name, email, region, score, created_at) VALUES (903, 'x', '${otherEmail}', 'north', 1, timestamptz '2026-01-01Z') ON CONFLICT DO NOTHING`,
      ),
      { ...passesFloor, isByDesign: true },
    ),
  ];
}

const exitAttacks: readonly Attack[] = [
  attack(exits, 35, say('CREATE TEMP TABLE t AS SELECT email, ssn FROM customers', 'SELECT * FROM t')),
  attack(exits, 35, say('SELECT email, secret INTO TEMP t2 FROM customers', 'TABLE t2')),
  attack(
    exits,
    35,
    say(
      'CREATE TEMP TABLE t3 (LIKE customers)',
      'INSERT INTO t3 SELECT * FROM customers',
      'SELECT email FROM t3',
    ),
  ),
  attack(exits, 36, say('CREATE TEMP VIEW v AS SELECT email FROM customers', 'SELECT * FROM v')),
  attack(
    exits,
    36,
    say(
      'SELECT email FROM customers LIMIT 1',
      'CREATE TEMP VIEW v AS SELECT * FROM customers',
      'SELECT email, ssn FROM v',
      'SELECT email FROM customers LIMIT 2',
    ),
  ),
  attack(
    exits,
    37,
    say(
      'COPY customers TO STDOUT',
      'COPY customers (email, ssn) TO STDOUT WITH (FORMAT csv)',
      'COPY customers TO STDOUT WITH (FORMAT binary)',
    ),
  ),
  attack(
    exits,
    38,
    say(
      'COPY (SELECT email, secret FROM customers) TO STDOUT',
      'COPY (TABLE customers) TO STDOUT CSV HEADER',
      'COPY (SELECT c FROM customers c) TO STDOUT BINARY',
    ),
  ),
  attack(
    exits,
    38,
    inTransaction(`COPY (UPDATE customers SET note = 'x' WHERE id < 4 RETURNING email) TO STDOUT`),
  ),
  attack(
    exits,
    39,
    inTransaction(
      'DECLARE k SCROLL CURSOR FOR SELECT email, ssn FROM customers',
      'FETCH 3 FROM k',
      'MOVE 2 IN k',
      'FETCH BACKWARD 1 FROM k',
    ),
  ),
  attack(
    exits,
    39,
    say(
      'BEGIN',
      'DECLARE h CURSOR WITH HOLD FOR SELECT email FROM customers',
      'COMMIT',
      'FETCH 3 FROM h',
      'SELECT invoker_email(1)',
      'FETCH ALL FROM h',
    ),
  ),
  attack(
    exits,
    40,
    say(
      'PREPARE p AS SELECT email, ssn FROM customers',
      'EXECUTE p',
      'CREATE TEMP TABLE pt AS EXECUTE p',
      'TABLE pt',
    ),
  ),
  attack(
    exits,
    40,
    say(
      'PREPARE q (text) AS SELECT id FROM customers WHERE ssn > $1',
      `EXECUTE q('5')`,
      'EXPLAIN EXECUTE q($$5$$)',
    ),
  ),
  attack(
    exits,
    41,
    say(`SELECT lo_from_bytea(777001, email::bytea) FROM customers WHERE id = 1`, 'SELECT lo_get(777001)'),
  ),
  attack(exits, 42, say('LISTEN ch', `SELECT pg_notify('ch', email) FROM customers WHERE id = 1`)),
  attack(
    exits,
    42,
    say(
      `SELECT set_config('app.x', email, false) FROM customers WHERE id = 1`,
      `SELECT current_setting('app.x', true)`,
    ),
  ),
  attack(
    exits,
    42,
    say(
      `SELECT set_config('application_name', ssn, false) FROM customers WHERE id = 1`,
      `SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
    ),
  ),
  attack(
    exits,
    43,
    say(
      `SELECT setval('orders_id_seq', (salary / 1e22)::bigint) FROM customers WHERE id = 1`,
      `SELECT last_value FROM orders_id_seq`,
    ),
  ),
  attack(
    exits,
    43,
    say(
      `SELECT pg_advisory_lock((salary / 1e22)::bigint) FROM customers WHERE id = 1`,
      `SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
    ),
  ),
  attack(
    exits,
    43,
    say(
      `SELECT count(*) FROM generate_series(1, (SELECT (salary / 1e22)::int FROM customers WHERE id = 1))`,
      `SELECT id FROM orders LIMIT (SELECT ascii(secret) % 7 FROM customers WHERE id = 2)`,
      `SELECT repeat('x', ascii(substr(ssn, 2, 1))) FROM customers WHERE id < 9`,
    ),
  ),
  attack(
    exits,
    44,
    say(
      `COPY customers TO PROGRAM 'cat'`,
      `COPY (SELECT email FROM customers) TO '/tmp/never'`,
      `SELECT pg_read_file('postgresql.conf')`,
      `SELECT lo_export(1, '/tmp/never')`,
    ),
  ),
];
