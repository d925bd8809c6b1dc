import type { TestRandom } from './random.ts';

/**
 * A shop whose rows are filtered by region, in two forms that differ only in the hidden rows, and statements that
 * try to tell them apart. Visible are the regions EU and UK.
 */

/** SQL that makes the tables. In `dangerous` the hidden rows make operators fail; there are more of them, too. */
export function filteredWorld(name: 'dangerous' | 'harmless'): string {
  const hidden =
    name === 'dangerous'
      ? `SELECT 100000 + i, 'US', 'boss', 1000, 'zz\\', 'closed', 1e300::numeric, '4711-01-01', 'hidden' || i || '@example.com', 'kanarie'
         FROM generate_series(1, 900) i
         UNION ALL SELECT -5000000000, 'US', 'boss', -7, '(', 'closed', 0, '2024-01-01', 'neg@example.com', '{'`
      : `SELECT 100000 + i, 'US', 'owner', 5, 'plain', 'open', 10, '2024-01-01', 'hidden' || i || '@example.net', 'x'
         FROM generate_series(1, 20) i`;
  const event = name === 'dangerous' ? `'US', 0, 'zz\\'` : `'US', 5, 'plain'`;
  return `
    CREATE TYPE status AS ENUM ('open', 'closed');
    CREATE TABLE orders (id int8 PRIMARY KEY, region text NOT NULL, owner varchar(20), amount int, note text,
      status status, price numeric, created timestamptz DEFAULT '2024-01-01', email text UNIQUE, code text,
      doubled int GENERATED ALWAYS AS (amount * 2) STORED);
    CREATE INDEX ON orders (note);
    CREATE INDEX ON orders (amount);
    CREATE TABLE lines (id int PRIMARY KEY, order_id int8, qty int, region text);
    CREATE TABLE events (id int NOT NULL, region text NOT NULL, amount int, note text) PARTITION BY LIST (region);
    CREATE TABLE events_eu PARTITION OF events FOR VALUES IN ('EU', 'UK');
    CREATE TABLE events_us PARTITION OF events FOR VALUES IN ('US');
    CREATE VIEW v AS SELECT id, region, amount, 1000 / (amount - 1000) AS ratio FROM orders;
    INSERT INTO orders SELECT i, CASE i % 2 WHEN 0 THEN 'EU' ELSE 'UK' END, 'owner' || i % 5, i % 50, 'note ' || i % 10,
      CASE i % 3 WHEN 0 THEN 'open' ELSE 'closed' END::status, i * 1.5, timestamptz '2024-01-01' + i * interval '1 day',
      'jane' || i || '@example.com', 'c' || i FROM generate_series(1, 300) i;
    INSERT INTO orders SELECT id, region, owner, amount, note, status::status, price, created::timestamptz, email, code
      FROM (${hidden}) h(id, region, owner, amount, note, status, price, created, email, code);
    INSERT INTO lines SELECT i, i, i % 7, 'EU' FROM generate_series(1, 100) i;
    INSERT INTO lines SELECT 1000 + i, 100000 + i, 1, 'US' FROM generate_series(1, 5) i;
    INSERT INTO events SELECT i, CASE i % 2 WHEN 0 THEN 'EU' ELSE 'UK' END, i, 'event ' || i FROM generate_series(1, 50) i;
    INSERT INTO events SELECT 1000 + i, ${event} FROM generate_series(1, 60) i;
    ANALYZE;`;
}

/** Statements as the planner would take them with the filter alone: each tells the two worlds apart. */
export const unpushed: readonly string[] = [
  `SELECT count(*) FROM (SELECT * FROM orders WHERE region IN ('EU', 'UK')) o WHERE note LIKE '_z\\'`,
  `SELECT count(*) FROM (SELECT * FROM orders WHERE region IN ('EU', 'UK') OFFSET 0) o WHERE note LIKE '_z\\'`,
];

/** Conditions that could tell of a hidden row: by an error, a side effect, or a statistic. */
const leaky: readonly string[] = [
  '1 / (amount - 1000) >= 0',
  'amount / (amount + 7) < 5',
  `note LIKE '_z\\'`,
  `note NOT LIKE 'z%\\'`,
  `note ~ 'x' AND 'x' ~ note`,
  `note::int > 0`,
  `code::jsonb IS NOT NULL`,
  `price::float8 > 0`,
  `price::int4 > 0`,
  'sqrt(amount) > 2',
  'ln(amount + 1) > 2',
  `id::oid > 5::oid`,
  `id = 5::oid`,
  `id > 5::oid`,
  `substr(note, 1, amount) = 'n'`,
  `repeat('x', amount) = 'xx'`,
  `created + interval '290000 years' > now()`,
  `to_char(created, 'YYYY') = '2024'`,
  `pg_advisory_xact_lock(id) IS NOT NULL`,
  `random() < 2`,
  `length(note) > 3`,
  `lower(owner) = 'owner1'`,
  `email LIKE 'j%'`,
  `email = 'jane7@example.com'`,
  `email IN ('jane7@example.com', 'hidden7@example.com') AND 1 / (amount - 1000) >= 0`,
  `doubled = 1 / (amount - 1000)`,
  `CASE WHEN amount = 1000 THEN 1 / 0 ELSE 1 END = 1`,
  `(amount, note) = (1000, 'zz\\')`,
  `amount = ANY (SELECT 1000 / qty FROM lines WHERE qty > 0)`,
  `EXISTS (SELECT FROM lines l WHERE l.order_id = id AND 1 / (amount - 1000) >= 0)`,
  `region::text || 'x' = 'USx'`,
  `generate_series(1, 2) IS NULL`,
];

/** Conditions that can tell nothing. */
const quiet: readonly string[] = [
  'id = 7',
  'id IN (7, 8, 100001)',
  'id = ANY (ARRAY[7, 100001])',
  `id = ANY ('{7,100001}'::int8[])`,
  'id BETWEEN 5 AND 100005',
  'id NOT BETWEEN 5 AND 100005',
  `region = 'US'`,
  `region <> 'EU' AND amount = 1000`,
  `note = 'zz\\'`,
  `owner = 'boss' OR owner IS NULL`,
  'amount IS NOT NULL AND NOT amount < 3',
  `status = 'closed'`,
  `status = 'closed'::status`,
  `created > now() - interval '7 days'`,
  `created < CURRENT_TIMESTAMP`,
  `created >= '2024-01-05' AND created < timestamptz '2024-02-05'`,
  'price > 1e200',
  'price = 10',
  `code IN ('kanarie', 'c7')`,
  'amount IS DISTINCT FROM 1000',
  'id = 5::numeric',
];

const parts = (major: number): readonly string[] => [
  'SELECT * FROM orders ORDER BY id LIMIT 3',
  'TABLE orders',
  'SELECT count(*), sum(amount), max(note), min(price) FROM orders',
  'SELECT o FROM orders o ORDER BY id LIMIT 2',
  'SELECT region, count(*) FROM orders GROUP BY region HAVING count(*) > 1 ORDER BY 1',
  'SELECT o.*, count(l.id) FROM orders o LEFT JOIN lines l ON l.order_id = o.id GROUP BY o.id ORDER BY o.id LIMIT 3',
  'SELECT amount FROM orders GROUP BY amount HAVING 1 / (amount - 1000) >= 0 ORDER BY 1',
  'SELECT l.id, o.note FROM lines l JOIN orders o ON o.id = l.order_id',
  'SELECT l.id, o.note FROM lines l LEFT JOIN orders o ON o.id = l.order_id',
  'SELECT l.id, o.note FROM orders o FULL JOIN lines l ON o.id = l.order_id',
  'SELECT l.id, o.note FROM lines l LEFT JOIN orders o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0',
  'SELECT l.id, o.note FROM lines l JOIN orders o USING (region) WHERE l.id < 3',
  'SELECT count(*) FROM lines l NATURAL JOIN orders o',
  'SELECT l.id FROM lines l WHERE l.order_id IN (SELECT id FROM orders)',
  'SELECT l.id FROM lines l WHERE l.order_id NOT IN (SELECT id FROM orders)',
  `SELECT l.id FROM lines l WHERE EXISTS (SELECT FROM orders o WHERE o.id = l.order_id AND o.region = 'US')`,
  'SELECT l.id FROM lines l WHERE l.qty = ANY (SELECT 1 / (amount - 1000) FROM orders)',
  'SELECT id, (SELECT note FROM orders o WHERE o.id = l.order_id) FROM lines l',
  'SELECT id, ARRAY(SELECT 1 / (amount - 1000) FROM orders o WHERE o.id = l.order_id) FROM lines l',
  'SELECT x FROM (SELECT 1 / (amount - 1000) AS x FROM orders) s WHERE x >= 0',
  'SELECT id FROM (SELECT id, amount - 1000 AS amount FROM orders) s WHERE 1 / amount < 5',
  'SELECT a FROM orders AS o(a, b, c, d) WHERE 1 / (d - 1000) >= 0',
  'WITH s AS (SELECT id, 1 / (amount - 1000) AS x FROM orders) SELECT id FROM s WHERE x >= 0',
  'WITH s AS MATERIALIZED (SELECT * FROM orders) SELECT id FROM s WHERE 1 / (amount - 1000) >= 0',
  `WITH orders AS (SELECT 1 AS id) SELECT * FROM orders`,
  'WITH RECURSIVE r AS (SELECT 1::int8 AS id UNION SELECT o.id FROM orders o JOIN r ON o.id = r.id + 1 WHERE o.id < 10) SELECT * FROM r',
  'SELECT id FROM orders WHERE id < 5 UNION SELECT 1 / (amount - 1000) FROM orders',
  'SELECT amount FROM orders EXCEPT SELECT qty FROM lines',
  'SELECT id, rank() OVER (PARTITION BY region ORDER BY 1 / (amount - 1000), id) FROM orders ORDER BY id LIMIT 5',
  'SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY amount ORDER BY id) AS n FROM orders) s WHERE n = 1 AND 1 / (id + 5000000000) >= 0',
  'SELECT l.id, s.x FROM lines l, LATERAL (SELECT 1 / (o.amount - 1000) AS x FROM orders o WHERE o.id = l.order_id) s',
  `SELECT g FROM orders o, generate_series(1, o.amount) g WHERE o.id = 7`,
  'SELECT DISTINCT ON (region) region, note FROM orders ORDER BY region, 1 / (amount - 1000), id',
  'SELECT 1 / (amount - 1000), note FROM orders ORDER BY id',
  'SELECT count(*) FROM orders TABLESAMPLE BERNOULLI (100)',
  'SELECT count(*) FROM orders AS o TABLESAMPLE SYSTEM (100) REPEATABLE (1) WHERE 1 / (o.amount - 1000) >= 0',
  'SELECT count(*) FROM ONLY orders',
  'SELECT count(*) FROM events',
  'SELECT count(*) FROM events WHERE 1 / amount >= 0',
  'SELECT count(*) FROM events_us',
  'SELECT count(*) FROM events_eu',
  'SELECT id, ratio FROM v WHERE ratio < 0 ORDER BY id',
  'SELECT count(*) FROM v',
  'SELECT count(*) FROM v WHERE amount = 1000',
  `COPY orders TO STDOUT`,
  `COPY orders (id, note) TO STDOUT`,
  `COPY (SELECT note FROM orders WHERE note LIKE '_z\\') TO STDOUT`,
  'SELECT id FROM orders WHERE id = 7 FOR UPDATE',
  `SELECT id FROM orders WHERE status = 'open' ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED`,
  'SELECT id FROM orders WHERE 1 / (amount - 1000) >= 0 FOR UPDATE',
  'DECLARE c CURSOR FOR SELECT id FROM orders WHERE 1 / (amount - 1000) >= 0 ORDER BY id;;FETCH 3 FROM c',
  `PREPARE q(int) AS SELECT id FROM orders WHERE amount = $1`,
  `SELECT id FROM orders WHERE id = $1`,
  `SELECT id FROM orders WHERE id = $1 AND note LIKE '_z\\'`,
  `SELECT id FROM orders WHERE id = $1 OR amount = $1`,
  'SELECT count(*) FROM orders WHERE pg_try_advisory_lock(amount);;SELECT pg_advisory_unlock(1000)',
  `UPDATE orders SET note = 'x' WHERE pg_try_advisory_lock(amount);;SELECT pg_advisory_unlock(1000)`,
  `SELECT count(*) FROM pg_locks WHERE mode = 'SIReadLock'`,
  'UPDATE orders SET amount = 3 WHERE id = 7',
  `UPDATE events SET amount = amount + 1 WHERE id = 7`,
  'PREPARE q(oid) AS SELECT id FROM orders WHERE id = $1',
  'CREATE TEMP TABLE copied AS SELECT * FROM orders WHERE 1 / (amount - 1000) >= 0',
  'EXPLAIN SELECT * FROM orders',
  'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM orders',
  `SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'orders'`,
  `SELECT pg_stat_get_live_tuples('orders'::regclass)`,
  `SELECT pg_stat_get_xact_tuples_fetched('orders'::regclass)`,
  'SELECT tup_fetched FROM pg_stat_database WHERE false',
  `SELECT count(*) FROM pg_stats WHERE tablename = 'orders'`,
  'LOCK TABLE orders IN ROW SHARE MODE',
  `UPDATE orders SET note = 'x'`,
  `UPDATE orders SET note = 'x' RETURNING id`,
  `UPDATE ONLY orders AS o SET note = upper(note) WHERE (o.id = 7) RETURNING *`,
  `UPDATE orders SET amount = 1 / (amount - 1000)`,
  `UPDATE orders SET region = 'US' WHERE id = 7`,
  `UPDATE orders SET region = 'UK' WHERE id = 8 RETURNING region`,
  `UPDATE orders SET region = region, owner = 'x' WHERE id = 8`,
  `UPDATE orders o SET region = o.region WHERE id = 8`,
  `UPDATE orders SET region = upper(region) WHERE id = 7`,
  `UPDATE orders SET region = DEFAULT WHERE id = 7`,
  `UPDATE orders SET (note, region) = ('x', 'EU') WHERE id = 7`,
  `UPDATE orders SET (note, region) = (SELECT 'x', 'US') WHERE id = 7`,
  'UPDATE orders o SET note = l.region FROM lines l WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0',
  'UPDATE orders o SET note = l.region FROM lines l WHERE l.order_id = o.id AND l.id = 1004',
  'UPDATE lines l SET qty = 0 FROM orders o WHERE l.order_id = o.id',
  'UPDATE lines l SET qty = 0 FROM orders o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0',
  'UPDATE lines SET qty = 9 WHERE order_id IN (SELECT id FROM orders)',
  `UPDATE events SET note = 'x' WHERE id > 1000`,
  `UPDATE events SET note = 'x' WHERE 1 / amount >= 0`,
  `UPDATE events_us SET note = 'x'`,
  `UPDATE v SET amount = 3 WHERE ratio < 0 AND id = 7`,
  'DELETE FROM orders',
  'DELETE FROM orders WHERE id = 100001',
  'DELETE FROM orders WHERE id = 7 RETURNING *',
  'DELETE FROM orders o USING lines l WHERE l.order_id = o.id',
  'DELETE FROM lines l USING orders o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0',
  'WITH gone AS (DELETE FROM orders WHERE id < 200000 RETURNING id) SELECT count(*) FROM gone',
  `WITH w AS (UPDATE orders SET note = 'x' WHERE note = 'zz\\' RETURNING 1) SELECT count(*) FROM w`,
  `DELETE FROM events WHERE note LIKE '_z\\'`,
  `INSERT INTO orders (id, region, note) VALUES (500, 'EU', 'x') RETURNING id, note`,
  `INSERT INTO orders (id, region, note) VALUES (7, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note`,
  `INSERT INTO orders (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note`,
  `INSERT INTO orders AS o (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = 'y' WHERE 1 / (o.amount - 1000) >= 0 RETURNING id`,
  `INSERT INTO orders (id, region) VALUES (7, 'US') ON CONFLICT (id) DO UPDATE SET region = excluded.region`,
  `INSERT INTO orders (id, region) VALUES (7, 'UK') ON CONFLICT (id) DO UPDATE SET region = excluded.region RETURNING region`,
  `INSERT INTO orders (id, region) VALUES (100001, 'EU') ON CONFLICT DO NOTHING`,
  'INSERT INTO lines SELECT 5000 + id, id, 1 FROM orders',
  'INSERT INTO lines SELECT 5000 + id, id, 1 FROM orders WHERE 1 / (amount - 1000) >= 0',
  ...(major < 15 ? [] : merges(major)),
  ...(major < 17
    ? []
    : [
        `MERGE INTO orders o USING lines l ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING o.id`,
      ]),
  ...(major < 18 ? [] : [`UPDATE orders SET note = 'x' WHERE id = 7 RETURNING old.note, new.note`]),
];

const merges = (major: number): readonly string[] => [
  `MERGE INTO orders o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET note = 'x'`,
  `MERGE INTO orders o USING lines l ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN DELETE`,
  `MERGE INTO orders o USING (SELECT order_id FROM lines) AS l ON CASE WHEN o.id = l.order_id THEN true END WHEN MATCHED AND o.amount > 3 THEN UPDATE SET note = 'x' WHEN MATCHED THEN DO NOTHING`,
  `MERGE INTO orders o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET region = 'US'`,
  `MERGE INTO orders o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET region = o.region`,
  'MERGE INTO lines l USING orders o ON o.id = l.order_id WHEN MATCHED THEN DELETE',
  'MERGE INTO lines l USING orders o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (9000 + o.id, o.id, 1)',
  ...(major < 17
    ? []
    : [
        'MERGE INTO orders o USING lines l ON o.id = l.order_id WHEN NOT MATCHED BY SOURCE THEN DELETE',
        `MERGE INTO orders o USING lines l ON o.id = l.order_id WHEN NOT MATCHED BY SOURCE AND 1 / (o.amount - 1000) >= 0 THEN UPDATE SET note = 'x' WHEN MATCHED THEN UPDATE SET note = 'y'`,
      ]),
];

/** Everything, with the conditions in each place where one can stand. */
export function filteredCorpus(major: number): readonly string[] {
  const conditions = [...leaky, ...quiet];
  return [
    ...parts(major),
    ...conditions.flatMap((condition) => [
      `SELECT id, note FROM orders WHERE ${condition}`,
      `SELECT count(*) FROM orders WHERE id = 8 AND (${condition})`,
      `SELECT o.id FROM lines JOIN orders o ON o.id = lines.order_id AND (${condition.replaceAll(/\bid\b/g, 'o.id').replaceAll(/\bregion\b/g, 'o.region')})`,
      `UPDATE orders SET note = 'x' WHERE ${condition} RETURNING id`,
      `DELETE FROM orders WHERE id > 5 AND ${condition}`,
    ]),
  ];
}

/** A statement out of a small grammar: conditions of both kinds under AND, OR and NOT, in any place. */
export function randomFiltered(random: TestRandom): string {
  const columnsOf = (alias: string, text: string): string =>
    text.replaceAll(
      /\b(?<!\.)(id|region|amount|note|owner|status|price|created|email|code|doubled)\b(?!')/g,
      `${alias}.$1`,
    );
  // one that fails on a visible row fails or not as the plan has it, and the plan is made of statistics of all rows
  const isApart = /[( ]l\.|generate_series|'x' ~|::status|US'|::jsonb|note::int/;
  const simple = [...leaky, ...quiet].filter((text) => !isApart.test(text));
  const condition = (alias: string, depth: number): string => {
    if (depth === 0 || random.chance(0.3)) return `(${columnsOf(alias, random.pick(simple))})`;
    const left = condition(alias, depth - 1);
    const right = condition(alias, depth - 1);
    return random.pick([`(${left} AND ${right})`, `(${left} OR ${right})`, `(NOT ${left})`]);
  };
  const where = (): string => condition('o', 2);
  return random.pick([
    () => `SELECT o.id, o.note FROM orders o WHERE ${where()} ORDER BY o.id`,
    () => `SELECT count(*) FROM lines l JOIN orders o ON o.id = l.order_id AND ${where()} WHERE ${where()}`,
    () => `SELECT count(*) FROM lines l LEFT JOIN orders o ON o.id = l.order_id AND ${where()}`,
    () => `SELECT count(*) FROM (SELECT * FROM orders WHERE id < 200000) o WHERE ${where()}`,
    () => `WITH o AS (SELECT * FROM orders) SELECT count(*) FROM o WHERE ${where()}`,
    () =>
      `SELECT count(*) FROM lines l WHERE EXISTS (SELECT FROM orders o WHERE o.id = l.order_id AND ${where()})`,
    () => `SELECT count(*) FROM lines l WHERE l.order_id IN (SELECT o.id FROM orders o WHERE ${where()})`,
    () => `SELECT o.region, count(*) FROM orders o WHERE ${where()} GROUP BY o.region ORDER BY 1`,
    () =>
      `SELECT count(*) FROM orders o JOIN orders p ON o.id = p.id WHERE ${where()} AND ${condition('p', 1)}`,
    () => `UPDATE orders o SET note = 'x' WHERE ${where()} RETURNING o.id`,
    () => `UPDATE orders o SET note = l.region FROM lines l WHERE l.order_id = o.id AND ${where()}`,
    () => `UPDATE lines l SET qty = 0 FROM orders o WHERE l.order_id = o.id AND ${where()}`,
    () => `DELETE FROM orders o WHERE ${where()}`,
    () => `DELETE FROM lines l USING orders o WHERE l.order_id = o.id AND ${where()} RETURNING l.id`,
  ])();
}
