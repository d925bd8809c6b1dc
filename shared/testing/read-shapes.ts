import type { PostgresMajor } from '../domain/postgres-version.ts';

/**
 * Queries of every shape over the shop, with the first major whose grammar has them. What they compute must not
 * depend on the order of rows.
 */
export interface Shape {
  readonly sql: string;
  readonly since?: PostgresMajor;
}

const everywhere = [
  // plain reads, aliases, stars
  'SELECT * FROM customers',
  'TABLE customers',
  'SELECT c.*, c.id AS again FROM customers AS c',
  'SELECT a, b, x FROM customers AS c (a, b, x) WHERE a > 2',
  'SELECT * FROM ONLY customers',
  'SELECT * FROM customers * WHERE id < 3',
  'SELECT public.customers.email, customers.* FROM public.customers',
  'SELECT (c).email, (c.*).note FROM customers c',
  'SELECT c FROM customers c',
  'SELECT DISTINCT ON (note) note, min(id) OVER (PARTITION BY note) FROM customers ORDER BY note',
  // predicates on masked values
  `SELECT id FROM customers WHERE email LIKE 'k***%' AND ssn LIKE '***%'`,
  `SELECT id FROM customers WHERE ssn BETWEEN '0' AND '9' OR salary IS NULL`,
  `SELECT id FROM customers WHERE upper(email) ~ '^K' AND NOT ssn > 'z' ORDER BY email, id LIMIT 3`,
  `SELECT id FROM customers WHERE (email, ssn) > ('a', 'b')`,
  // grouping
  'SELECT id, name, email FROM customers GROUP BY id',
  'SELECT c.*, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id',
  'SELECT c.id, c.name, upper(c.email), sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id HAVING sum(o.total) > 10 ORDER BY c.note, c.id',
  'SELECT to_jsonb(c), count(*) FROM customers c GROUP BY id',
  'SELECT id AS x, note FROM customers GROUP BY x',
  'SELECT name, count(*) FROM customers GROUP BY 1, id',
  'SELECT id, (SELECT max(o.total) FROM orders o WHERE o.customer_id = c.id AND c.note IS NOT NULL) FROM customers c GROUP BY id',
  'SELECT o.id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY o.id, c.id',
  'SELECT email, count(*) FROM customers GROUP BY email',
  'SELECT note, ssn, count(*), GROUPING(note, ssn) FROM customers GROUP BY GROUPING SETS ((note), (ssn), ())',
  'SELECT note, email, count(*) FROM customers GROUP BY ROLLUP (note, email)',
  'SELECT note, ssn, count(*) FROM customers GROUP BY CUBE (note, ssn)',
  'SELECT id, note FROM customers GROUP BY GROUPING SETS ((id), (id, name))',
  // windows and aggregates
  'SELECT id, rank() OVER w, first_value(email) OVER w FROM customers WINDOW w AS (PARTITION BY note ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)',
  'SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM customers',
  'SELECT id, count(*) OVER (ORDER BY email GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM customers',
  `SELECT string_agg(email, ',' ORDER BY id), count(DISTINCT ssn) FILTER (WHERE id > 3) FROM customers`,
  'SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY email) FROM customers',
  'SELECT array_agg(c ORDER BY c.id)::text FROM customers c',
  // joins
  'SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total > 30',
  'SELECT * FROM customers NATURAL JOIN orders',
  'SELECT id, email, memo FROM customers FULL JOIN orders USING (id)',
  'SELECT j.* FROM (customers c JOIN orders o ON o.customer_id = c.id) AS j (a, b, x)',
  'SELECT a.id, b.id FROM customers a, customers b WHERE a.ssn = b.ssn',
  'SELECT c.id, l.* FROM customers c, LATERAL (SELECT o.id, c.email FROM orders o WHERE o.customer_id = c.id) l',
  'SELECT v.x FROM customers c CROSS JOIN LATERAL (VALUES (c.email), (c.ssn)) v (x)',
  'SELECT u.* FROM customers c, unnest(ARRAY[c.email, c.note]) WITH ORDINALITY u (e, n)',
  'SELECT * FROM customers c, ROWS FROM (generate_series(1, c.id), unnest(ARRAY[c.ssn])) r (a, b)',
  `SELECT c.id, x.* FROM customers c, jsonb_to_record(coalesce(c.doc, '{"k":1}')) AS x (k text)`,
  // subqueries in every place
  'SELECT (SELECT email FROM customers WHERE id = 1), ARRAY(SELECT ssn FROM customers ORDER BY id)',
  'SELECT id FROM orders ORDER BY (SELECT email FROM customers WHERE id = 1), id',
  'SELECT id FROM orders ORDER BY id LIMIT (SELECT count(*) FROM customers WHERE salary IS NULL) OFFSET (SELECT 1)',
  'VALUES ((SELECT email FROM customers WHERE id = 2)), (NULL)',
  'SELECT 1 FROM orders o WHERE o.memo NOT IN (SELECT email FROM customers) AND EXISTS (SELECT FROM customers c WHERE c.id = o.customer_id AND c.email > o.memo)',
  'SELECT id FROM orders o JOIN (SELECT customer_id AS c, max(total) m FROM orders GROUP BY 1) x ON x.m = o.total AND o.memo <> ALL (SELECT email FROM customers)',
  'SELECT count(*) FROM orders HAVING (SELECT max(email) FROM customers) IS NOT NULL',
  'SELECT CASE (SELECT ssn FROM customers WHERE id = 1) WHEN memo THEN 1 ELSE 2 END FROM orders',
  'SELECT row((SELECT email FROM customers WHERE id = 3), 2)::text',
  // set operations
  'SELECT name FROM customers UNION SELECT email FROM customers',
  '(SELECT email FROM customers) EXCEPT ALL (SELECT memo FROM orders) INTERSECT SELECT ssn FROM customers',
  'TABLE customers UNION ALL TABLE customers ORDER BY 1 LIMIT 4',
  // WITH
  'WITH c AS (SELECT * FROM customers), d AS MATERIALIZED (SELECT email FROM c) SELECT * FROM d, c WHERE c.id = 1',
  'WITH RECURSIVE w (i, e) AS (SELECT 1, min(email) FROM customers UNION ALL SELECT i + 1, e FROM w WHERE i < 4) SELECT * FROM w',
  'WITH customers AS (SELECT 1 AS one) SELECT * FROM customers',
  'WITH customers AS (SELECT email FROM customers WHERE id = 1) SELECT * FROM customers',
  // expressions
  `SELECT coalesce(email, ssn), nullif(email, 'x'), greatest(email, note), email || '!' FROM customers`,
  `SELECT email::varchar(3), email COLLATE "C" < 'l', substring(email FROM 1 FOR 2), position('@' IN email) FROM customers`,
  `SELECT xmlelement(name e, xmlattributes(email AS a), ssn), xmlforest(email, note) FROM customers`,
  `SELECT x.* FROM customers c, XMLTABLE('/r' PASSING xmlelement(name r, c.email) COLUMNS v text PATH '.') x`,
  `SELECT doc ->> 'k', to_jsonb(c) - 'id', row_to_json(c) ->> 'email' FROM customers c`,
  'SELECT email IS NULL, salary IS DISTINCT FROM 1, ssn IS NOT DISTINCT FROM note FROM customers',
  'SELECT count(c), count(c.*), count(c.email) FROM customers c',
  // system columns and locks
  'SELECT ctid IS NULL, * FROM customers',
  `SELECT c.id, c.xmin IS NULL FROM customers c JOIN customers d ON c.ctid = d.ctid`,
  'SELECT * FROM customers WHERE id < 4 FOR UPDATE',
  'SELECT c.email, o.id FROM customers c JOIN orders o ON o.customer_id = c.id FOR NO KEY UPDATE OF c SKIP LOCKED',
  'SELECT * FROM customers FOR SHARE NOWAIT',
  'SELECT id FROM (SELECT * FROM customers FOR KEY SHARE) s',
  // samples
  'SELECT * FROM customers TABLESAMPLE bernoulli (100)',
  'SELECT c.email FROM customers AS c (i) TABLESAMPLE system (100) REPEATABLE (3) WHERE i > 2',
  'SELECT count(*) FROM customers TABLESAMPLE bernoulli (least(100, 200))',
  'SELECT count(*) FROM ONLY customers TABLESAMPLE bernoulli ((SELECT 100))',
];

const later: readonly Shape[] = [
  {
    since: 14,
    sql: 'WITH RECURSIVE t (id, e) AS (SELECT id, email FROM customers WHERE id = 1 UNION ALL SELECT c.id, c.email FROM customers c, t WHERE c.id = t.id + 1) SEARCH DEPTH FIRST BY id, e SET o SELECT * FROM t',
  },
  {
    since: 14,
    sql: `WITH RECURSIVE t (id, e) AS (SELECT id, email FROM customers WHERE id < 3 UNION ALL SELECT 3 - t.id, c.email FROM customers c, t WHERE c.id = t.id) CYCLE id SET looped TO true DEFAULT false USING path SELECT id, e, looped FROM t`,
  },
  {
    since: 14,
    sql: 'SELECT note, ssn, count(*) FROM customers GROUP BY DISTINCT ROLLUP (note), ROLLUP (ssn)',
  },
  { since: 14, sql: 'SELECT merged.id, email FROM customers JOIN orders USING (id) AS merged' },
  { since: 16, sql: `SELECT JSON_OBJECT('e': email, 's' VALUE ssn ABSENT ON NULL) FROM customers` },
  { since: 16, sql: 'SELECT JSON_ARRAY(email, salary NULL ON NULL) FROM customers' },
  { since: 16, sql: 'SELECT JSON_ARRAYAGG(email ORDER BY id RETURNING jsonb) FROM customers' },
  { since: 16, sql: 'SELECT JSON_OBJECTAGG(id: ssn) FILTER (WHERE id < 3) FROM customers WHERE id < 3' },
  { since: 16, sql: 'SELECT JSON_ARRAY(SELECT email FROM customers ORDER BY id)' },
  { since: 16, sql: 'SELECT email IS JSON, doc IS JSON OBJECT FROM customers' },
  { since: 16, sql: 'SELECT any_value(salary) FROM customers' },
  { since: 16, sql: `SELECT pg_input_is_valid(email, 'int4') FROM customers` },
  { since: 16, sql: 'SELECT count(*) FROM (SELECT email FROM customers)' },
  { since: 17, sql: `SELECT JSON_VALUE(to_jsonb(c), '$.email'), JSON_EXISTS(doc, '$.k') FROM customers c` },
  {
    since: 17,
    sql: `SELECT JSON_QUERY(to_jsonb(c), '$.*' WITH WRAPPER) FROM customers c`,
  },
  {
    since: 17,
    sql: `SELECT JSON_VALUE(doc, '$.none' RETURNING text DEFAULT 'none' ON EMPTY), email FROM customers`,
  },
  {
    since: 17,
    sql: `SELECT j.* FROM customers c, JSON_TABLE(to_jsonb(c), '$' COLUMNS (n FOR ORDINALITY, e text PATH '$.email', NESTED PATH '$.note' COLUMNS (o text PATH '$'))) j`,
  },
  {
    since: 17,
    sql: `SELECT JSON_SCALAR(email), JSON_SERIALIZE(to_json(ssn)), JSON('{"a":1}') FROM customers`,
  },
  { since: 18, sql: 'SELECT casefold(email), reverse(ssn::bytea) FROM customers' },
];

/** All of them. */
export const readShapes: readonly Shape[] = [...everywhere.map((sql): Shape => ({ sql })), ...later];
