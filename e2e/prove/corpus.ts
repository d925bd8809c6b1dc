/** Conversations by hand: what people and clients say, and what a curious person would try. */
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { maskedReads } from '@daam/shared/testing/masked-reads';
import type { Act } from './wire.ts';

/** A named conversation. */
export interface Conversation {
  readonly name: string;
  readonly acts: readonly Act[];
}

const simple = (...statements: readonly string[]): Act[] =>
  statements.map((sql): Act => ({ kind: 'simple', sql }));

const inBoth = (sql: string): Act[] => [
  { kind: 'simple', sql },
  { kind: 'extended', sql, format: 0 },
  { kind: 'extended', sql, format: 1 },
];

/** Everything for one major. */
export function corpus(major: PostgresMajor): readonly Conversation[] {
  return [
    { name: 'masked reads', acts: maskedReads.flatMap(([, sql]) => inBoth(sql)) },
    { name: 'order and size', acts: orderAndSize.flatMap(inBoth) },
    { name: 'plans', acts: plans.flatMap((sql) => simple(sql)) },
    { name: 'statistics', acts: simple(...statistics) },
    ...sessions.map((acts) => ({ name: 'sessions', acts: simple(...acts) })),
    { name: 'newer grammar', acts: newer.flatMap(([since, sql]) => (major >= since ? inBoth(sql) : [])) },
  ];
}

/** The order of rows, their number and their size must not follow the real value. */
const orderAndSize: readonly string[] = [
  `SELECT id FROM customers ORDER BY email`,
  `SELECT id FROM customers ORDER BY salary DESC, ssn, doc::text`,
  `SELECT c.id, k.id FROM customers c JOIN contacts k ON c.email = k.email ORDER BY 1, 2`,
  `SELECT c.id, k.id FROM customers c FULL JOIN contacts k ON c.email = k.email ORDER BY 1, 2`,
  `SELECT c.id, k.id FROM customers c RIGHT JOIN contacts k ON c.email = k.email ORDER BY 1, 2`,
  `SELECT c.id FROM customers c WHERE c.email IN (SELECT email FROM contacts)`,
  `SELECT DISTINCT email FROM contacts`,
  `SELECT count(DISTINCT ssn), count(DISTINCT salary), count(DISTINCT card) FROM customers`,
  `SELECT email, count(*) FROM contacts GROUP BY email`,
  `SELECT ssn, count(*) FROM customers GROUP BY ssn ORDER BY 2 DESC, 1`,
  `SELECT pg_column_size(c), pg_column_size(email), pg_column_size(doc), octet_length(secret) FROM customers c`,
  `SELECT ctid, id FROM customers ORDER BY ssn LIMIT 10`,
  `SELECT min(email), max(email), min(birth_date), sum(salary), avg(salary) FROM customers`,
  `SELECT id FROM customers WHERE salary > 5e23 OR birth_date > '1970-01-01' OR doc->>'n' > '5'`,
  `SELECT id FROM customers WHERE ssn IS NULL OR email IS NULL OR secret IS NULL OR salary IS NULL`,
  `SELECT tags[1], array_length(tags, 1), photo, token, encode(photo, 'hex') FROM customers LIMIT 5`,
];

const plans: readonly string[] = [
  `EXPLAIN SELECT * FROM customers`,
  `EXPLAIN SELECT * FROM customers WHERE ssn = '123'`,
  `EXPLAIN SELECT * FROM customers WHERE email LIKE 'a%'`,
  `EXPLAIN SELECT email, count(*) FROM customers GROUP BY email`,
  `EXPLAIN SELECT DISTINCT ssn, salary FROM customers`,
  `EXPLAIN SELECT * FROM customers ORDER BY email`,
  `EXPLAIN SELECT * FROM customers c JOIN contacts k ON c.phone = k.remark`,
  `EXPLAIN SELECT * FROM customers WHERE lower(ssn) = 'x'`,
  `EXPLAIN SELECT * FROM customers WHERE region = 'north' AND secret = 'x'`,
  `EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT * FROM customers WHERE ssn > '5' ORDER BY ssn`,
  `EXPLAIN (VERBOSE) UPDATE customers SET note = 'x' WHERE id = 1 RETURNING *`,
  `EXPLAIN (FORMAT JSON) SELECT id FROM customers WHERE birth_date = '1970-01-01'`,
  `EXPLAIN SELECT * FROM events WHERE email = 'x'`,
  `EXPLAIN SELECT * FROM people WHERE email > 'x' GROUP BY people.id, people.name, people.email`,
];

const statistics: readonly string[] = [
  `SELECT relname, relpages, reltuples FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
  `SELECT attname, n_distinct, most_common_vals::text, histogram_bounds::text, correlation FROM pg_stats WHERE schemaname = 'public' ORDER BY 1`,
  `SELECT * FROM pg_stats_ext`,
  `SELECT * FROM pg_statistic`,
  `SELECT stxname, stxkeys FROM pg_statistic_ext`,
  `SELECT * FROM pg_statistic_ext_data`,
  `SELECT pg_relation_size('customers'), pg_table_size('customers'), pg_indexes_size('customers')`,
  `SELECT indexrelname, idx_scan >= 0 FROM pg_stat_user_indexes ORDER BY 1`,
  `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'customers'::regclass ORDER BY 1`,
  `SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1`,
  `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema IN ('public', 'sales') ORDER BY 1, ordinal_position`,
];

/** Each is a session: what comes later sees what came before. */
const sessions: readonly (readonly string[])[] = [
  [
    'SET enable_hashjoin = off',
    'SET enable_nestloop = off',
    'SELECT c.id, k.id FROM customers c JOIN contacts k ON c.email = k.email ORDER BY 1, 2',
    'SELECT c.id, k.id FROM customers c JOIN accounts k ON c.email = k.email ORDER BY 1, 2',
  ],
  [
    'SET enable_seqscan = off',
    'SET enable_bitmapscan = off',
    'SET enable_sort = off',
    `SELECT id FROM customers WHERE email IS NOT NULL`,
    `SELECT id FROM contacts WHERE email IS NOT NULL LIMIT 5`,
    `SELECT c.id FROM customers c WHERE c.email IN (SELECT k.email FROM contacts k)`,
    `SELECT id FROM customers WHERE lower(ssn) > ''`,
  ],
  [
    'BEGIN ISOLATION LEVEL REPEATABLE READ',
    'SELECT email, ssn FROM customers WHERE id < 4',
    'SAVEPOINT s',
    'SELECT email::int FROM customers',
    'ROLLBACK TO s',
    `UPDATE customers SET email = 'new@example.com' WHERE id = 1 RETURNING email`,
    `SELECT id FROM customers WHERE email = 'new@example.com'`,
    'ROLLBACK',
  ],
  [
    'SELECT email FROM customers WHERE id < 3',
    `DO $$ BEGIN RAISE NOTICE '%', (SELECT email FROM customers WHERE id = 1); END $$`,
    'SELECT email, ssn FROM customers WHERE id < 3',
    'SELECT * FROM customers LIMIT 1',
    'DISCARD ALL',
    'SELECT email, ssn FROM customers WHERE id < 3',
  ],
  [
    'BEGIN',
    'DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT id, email, salary FROM customers ORDER BY id',
    'FETCH 2 FROM c',
    'COMMIT',
    'FETCH BACKWARD 1 FROM c',
    `SELECT invoker_email(1)`,
    'FETCH 2 FROM c',
    'CLOSE ALL',
  ],
  [
    'BEGIN',
    `UPDATE audited SET note = 'x' WHERE id = 1`,
    'SELECT email FROM audited WHERE id < 4',
    'SELECT email FROM customers WHERE id < 4',
    'COMMIT',
    'SELECT email FROM customers WHERE id < 4',
    `UPDATE audited SET note = 'x' WHERE id < 3 RETURNING *`,
  ],
];

/** What newer majors added. */
const newer: readonly (readonly [since: number, sql: string])[] = [
  [14, `SELECT (doc)['k'] FROM customers LIMIT 3`],
  [14, `SELECT string_agg(email, ',') OVER (GROUPS CURRENT ROW) FROM customers LIMIT 3`],
  [
    15,
    `MERGE INTO customers c USING contacts k ON c.id = k.id AND k.id < 3 WHEN MATCHED THEN UPDATE SET note = c.note`,
  ],
  [15, `MERGE INTO customers c USING contacts k ON c.email = k.email WHEN MATCHED THEN DO NOTHING`],
  [16, `SELECT any_value(email), email IS JSON FROM customers GROUP BY email LIMIT 3`],
  [16, `SELECT * FROM pg_input_error_info((SELECT email FROM customers WHERE id = 1), 'integer')`],
  [
    17,
    `SELECT * FROM JSON_TABLE((SELECT to_jsonb(c) FROM customers c WHERE id = 1), '$' COLUMNS (e text PATH '$.email')) AS j`,
  ],
  [17, `SELECT JSON_VALUE(to_jsonb(c), '$.ssn'), JSON_QUERY(doc, '$.k') FROM customers c LIMIT 3`],
  [
    17,
    `MERGE INTO customers c USING contacts k ON c.id = k.id AND k.id < 3 WHEN MATCHED THEN UPDATE SET note = 'y' RETURNING c.*, k.email`,
  ],
  [18, `UPDATE customers SET note = 'z' WHERE id < 3 RETURNING old.email, new.email, old.*`],
  [18, `INSERT INTO accounts (id, email, balance) VALUES (777, 'x@y.com', 1) RETURNING old.email, new.elow`],
];
