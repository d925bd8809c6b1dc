import type { Shape } from './read-shapes.ts';

/**
 * Writes of every shape over the shop. They store nothing in masked columns, so that afterwards what the tables
 * show through the masks must be the same on both schemas.
 */
export const writeShapes: readonly Shape[] = [
  // UPDATE
  { sql: `UPDATE customers SET note = 'x' WHERE ssn > '5' RETURNING *` },
  {
    sql: `UPDATE customers SET note = 'x' WHERE ssn LIKE '***%' AND id > 3 RETURNING upper(email), ssn, salary, doc`,
  },
  { sql: `UPDATE customers c SET note = o.memo FROM orders o WHERE o.id = c.id RETURNING *` },
  {
    sql: `UPDATE customers c SET note = d.name FROM customers d WHERE d.id = c.id + 1 AND d.ssn > c.ssn RETURNING c.*, d.email`,
  },
  {
    sql: `UPDATE orders SET memo = c.name FROM customers c WHERE c.id = customer_id AND c.ssn LIKE '*%' RETURNING *`,
  },
  {
    sql: `UPDATE orders o SET memo = l.name FROM customers c JOIN LATERAL (SELECT c.name, upper(c.note) AS n) l ON true WHERE c.id = o.customer_id RETURNING o.id, l.n, c.email`,
  },
  {
    sql: `UPDATE customers SET (note, name) = (SELECT max(memo), 'n' FROM orders o WHERE o.customer_id = customers.id) RETURNING id, note, name`,
  },
  {
    sql: `UPDATE customers SET (note, name) = ROW (name, note) WHERE id IN (SELECT customer_id FROM orders) RETURNING email::text, (doc), CASE WHEN true THEN note ELSE ssn END`,
  },
  {
    sql: `UPDATE ONLY customers AS c SET note = upper(c.note) WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = c.id AND c.email > o.memo) RETURNING c.email AS e`,
  },
  {
    sql: `WITH w AS (UPDATE customers SET note = 'w' WHERE id < 4 RETURNING id, email, ssn) SELECT w.*, o.memo FROM w JOIN orders o USING (id)`,
  },
  { sql: `UPDATE customers SET note = 'same' WHERE email LIKE 'k%' AND salary IS NULL` },
  // DELETE
  { sql: 'DELETE FROM customers WHERE id = 9 RETURNING email' },
  {
    sql: 'DELETE FROM customers c USING orders o WHERE o.id = c.id AND o.total > 50 RETURNING c.*, o.memo',
  },
  {
    sql: 'DELETE FROM orders USING customers c WHERE c.id = customer_id AND c.email > memo RETURNING orders.*, c.email, c.ssn',
  },
  {
    sql: `DELETE FROM customers WHERE id IN (SELECT id FROM customers WHERE ssn LIKE '%1') RETURNING id, ssn`,
  },
  {
    sql: 'DELETE FROM customers a USING customers b WHERE a.id > b.id AND a.note = b.note AND a.ctid <> b.ctid RETURNING a.id, b.ssn',
  },
  {
    sql: 'WITH w AS (DELETE FROM customers RETURNING *), x AS (SELECT email, count(*) FROM w GROUP BY email) SELECT * FROM x',
  },
  {
    sql: 'DELETE FROM customers RETURNING (SELECT max(memo) FROM orders o WHERE o.customer_id = customers.id), (SELECT customers.ssn)',
  },
  // INSERT
  { sql: `INSERT INTO customers (id, name) VALUES (20, 'n'), (21, 'm') RETURNING *` },
  { sql: `INSERT INTO customers DEFAULT VALUES` },
  {
    sql: `INSERT INTO customers AS c (id, note) SELECT id + 30, name FROM customers WHERE ssn LIKE '*%' RETURNING c.id, c.note, c.email`,
  },
  { sql: `INSERT INTO orders (id, memo) SELECT 100 + id, name FROM customers WHERE email > '' RETURNING *` },
  {
    sql: `WITH s AS (SELECT id, name FROM customers WHERE email LIKE 'k%') INSERT INTO orders (id, memo) SELECT 200 + id, name FROM s RETURNING id`,
  },
  {
    sql: `INSERT INTO customers (id, note) VALUES (1, 'up'), (40, 'new') ON CONFLICT (id) DO UPDATE SET note = excluded.note, name = customers.note WHERE customers.ssn > '' RETURNING *`,
  },
  { sql: `INSERT INTO customers (id) VALUES (1), (41) ON CONFLICT DO NOTHING RETURNING id, email` },
  {
    sql: `INSERT INTO customers AS t (id) VALUES (2) ON CONFLICT ON CONSTRAINT customers_pkey DO UPDATE SET note = upper(t.note) RETURNING t.*`,
  },
  // MERGE
  {
    since: 15,
    sql: `MERGE INTO customers t USING orders s ON t.id = s.id AND t.ssn > '' WHEN MATCHED AND t.email LIKE 'k%' AND s.total > 40 THEN UPDATE SET note = s.memo WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (id, name) VALUES (id, memo)`,
  },
  {
    since: 15,
    sql: `MERGE INTO orders AS t USING customers AS s ON t.id = s.id AND s.email > t.memo WHEN MATCHED AND s.ssn LIKE '%1' THEN DELETE WHEN MATCHED THEN UPDATE SET memo = s.name WHEN NOT MATCHED THEN INSERT (id, memo) VALUES (s.id + 100, s.name)`,
  },
  {
    since: 15,
    sql: `MERGE INTO orders t USING (SELECT c.id, c.note FROM customers c JOIN customers d ON d.ssn = c.ssn) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.note`,
  },
  {
    since: 15,
    sql: `WITH s AS (SELECT id, name FROM customers WHERE email LIKE 'k%') MERGE INTO orders t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.name`,
  },
  {
    since: 17,
    sql: `MERGE INTO customers t USING orders s ON t.id = s.id WHEN MATCHED AND s.total < 30 THEN DELETE WHEN MATCHED THEN UPDATE SET note = 'm' WHEN NOT MATCHED BY SOURCE AND ssn > '' THEN UPDATE SET note = 'gone' RETURNING merge_action(), *`,
  },
  {
    since: 17,
    sql: `WITH m AS (MERGE INTO customers t USING customers s ON t.id = s.id + 5 WHEN MATCHED THEN UPDATE SET note = s.name RETURNING t.id, t.email, s.ssn) SELECT * FROM m`,
  },
  // OLD and NEW
  { since: 18, sql: `UPDATE customers SET note = 'n' RETURNING old.email, new.ssn, old.note, new.*, id` },
  {
    since: 18,
    sql: `UPDATE customers SET note = 'n' WHERE id < 3 RETURNING WITH (OLD AS o, NEW AS n) o.*, n.note, n.email`,
  },
  { since: 18, sql: 'DELETE FROM customers RETURNING old.id, old.email, new.id' },
  {
    since: 18,
    sql: `INSERT INTO customers (id) VALUES (1), (50) ON CONFLICT (id) DO UPDATE SET note = 'c' RETURNING old.note, old.ssn, new.ssn, customers.email`,
  },
  {
    since: 18,
    sql: `MERGE INTO customers t USING orders s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'm' RETURNING old.email, new.note, t.ssn, s.memo`,
  },
];
