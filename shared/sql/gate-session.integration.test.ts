import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supportedMajors } from '../domain/postgres-version.ts';
import { MaskedShop, secrets } from '../testing/masked-shop.ts';

/** Statements that others follow: cursors, prepared statements, temporary tables, several in one text. */
const sessions: readonly (readonly [string, readonly string[]])[] = [
  [
    'a cursor that scrolls and is held',
    [
      'DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT id, email, ssn FROM customers ORDER BY id',
      'FETCH 2 FROM c',
      'MOVE FORWARD 1 IN c',
      'FETCH PRIOR FROM c',
      'FETCH ABSOLUTE -1 FROM c',
      'MOVE ABSOLUTE 2 IN c',
      'FETCH ALL FROM c',
      'CLOSE c',
    ],
  ],
  [
    'a cursor whose row is written, locked',
    [
      `DECLARE c CURSOR FOR SELECT id, email FROM customers WHERE ssn > '' AND id IN (2, 5) FOR UPDATE`,
      'FETCH 1 FROM c',
      `UPDATE customers SET note = 'current' WHERE CURRENT OF c RETURNING id, email, note`,
      'FETCH 1 FROM c',
      'DELETE FROM customers WHERE CURRENT OF c RETURNING *',
      'SELECT * FROM customers ORDER BY id',
    ],
  ],
  [
    'a cursor whose row is written, not locked',
    [
      `DECLARE c NO SCROLL CURSOR FOR SELECT * FROM customers c WHERE id = 3`,
      'FETCH NEXT FROM c',
      `UPDATE customers SET note = 'current' WHERE CURRENT OF c RETURNING *`,
    ],
  ],
  [
    'prepared statements',
    [
      'PREPARE p (int, text) AS SELECT id, email, $2 FROM customers WHERE id = $1 OR ssn > $2',
      `EXECUTE p (3, 'z')`,
      `PREPARE w AS UPDATE customers SET note = 'p' WHERE id = 1 RETURNING *`,
      'EXECUTE w',
      `CREATE TEMP TABLE t (i, e) AS EXECUTE p (2, 'z')`,
      'SELECT * FROM t',
      'DEALLOCATE p',
      `EXECUTE w`,
      'DEALLOCATE ALL',
    ],
  ],
  [
    'temporary tables',
    [
      'CREATE TEMP TABLE t AS SELECT id, email, ssn FROM customers WITH DATA',
      'SELECT id, note INTO TEMP TABLE u FROM customers WHERE ssn > $$*$$',
      'CREATE TEMP TABLE v (LIKE customers)',
      `ALTER TABLE t ADD COLUMN extra int DEFAULT 7, ALTER COLUMN email TYPE varchar(9) USING left(email, 9)`,
      'ALTER TABLE u RENAME COLUMN note TO n',
      'ALTER TABLE u RENAME TO x',
      'CREATE INDEX ON t (email)',
      'ANALYZE t',
      'INSERT INTO v (id, name) SELECT id, name FROM customers RETURNING *',
      'UPDATE t SET extra = c.id FROM customers c WHERE c.id = t.id AND c.email > $$$$ RETURNING t.*, c.ssn',
      'SELECT t.*, x.n, c.salary FROM t JOIN x USING (id) JOIN customers c USING (id) ORDER BY 1',
      'TRUNCATE t',
      'DROP TABLE t, x',
      'CREATE TEMP TABLE customers AS SELECT 1 AS one',
      'SELECT * FROM pg_temp.customers',
      'SELECT count(email) FROM customers',
    ],
  ],
  [
    'several statements in one text',
    [
      `SAVEPOINT s; UPDATE customers SET note = 'm' WHERE ssn > '5'; SELECT id, note, email FROM customers`,
      'ROLLBACK TO s; SELECT note FROM customers',
      `CREATE TEMP TABLE t AS SELECT email FROM customers; INSERT INTO t VALUES ('x'); SELECT * FROM t`,
      `/* nothing */ ; ; SELECT email FROM customers -- here\n; `,
    ],
  ],
];

describe.each(supportedMajors)('sessions through the gate in front of PostgreSQL %i', (major) => {
  let shop: MaskedShop;

  beforeAll(async () => {
    shop = await MaskedShop.start(major);
  });

  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
  });

  test.each(sessions)('%s give what they give on the masks', async (_, statements) => {
    const actual = await shop.sessionThroughGate(statements);
    expect(actual.map(({ error }) => error)).toEqual(statements.map(() => null));
    expect(actual).toEqual(await shop.sessionOnMasks(statements));
    const shown = JSON.stringify(actual);
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  test('EXPLAIN shows the plan of what runs, and no value', async () => {
    const statements = [
      'EXPLAIN (VERBOSE, COSTS off) SELECT email FROM customers',
      `EXPLAIN ANALYZE UPDATE customers SET note = 'x' WHERE ssn > '5' RETURNING email`,
      'PREPARE p (int) AS SELECT email FROM customers WHERE id = $1',
      'EXPLAIN (ANALYZE, VERBOSE, FORMAT json) EXECUTE p (1)',
      'EXPLAIN CREATE TEMP TABLE t AS SELECT ssn FROM customers',
      'EXPLAIN CREATE TEMP TABLE t AS EXECUTE p (1)',
      'EXPLAIN DECLARE c CURSOR FOR SELECT email FROM customers',
      'EXPLAIN SELECT id, note FROM customers GROUP BY id',
    ];
    const actual = await shop.sessionThroughGate(statements);
    expect(actual.map(({ error }) => error)).toEqual(statements.map(() => null));
    const shown = JSON.stringify(actual);
    expect(shown).toContain('***');
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });
});
