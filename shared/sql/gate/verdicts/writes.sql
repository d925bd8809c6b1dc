--- writes of every shape read and return masked columns through their masks

UPDATE customers SET note = 'x' WHERE ssn > '5' RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE (ssn_of("customers"."ssn")) > '5' RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

UPDATE customers SET note = 'x' WHERE ssn LIKE '***%' AND id > 3 RETURNING upper(email), ssn, salary, doc
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE (ssn_of("customers"."ssn")) LIKE '***%' AND id > 3 RETURNING upper((email_of("customers"."email"))), (ssn_of("customers"."ssn")) AS "ssn", (null_of("customers"."salary")) AS "salary", (redact_of("customers"."doc")) AS "doc"

UPDATE customers c SET note = o.memo FROM orders o WHERE o.id = c.id RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers c SET note = o.memo FROM "public".orders o WHERE o.id = c.id RETURNING "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc", "o".*

UPDATE customers c SET note = d.name FROM customers d WHERE d.id = c.id + 1 AND d.ssn > c.ssn RETURNING c.*, d.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.customers:select masked
--> sends UPDATE "public".customers c SET note = d.name FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") d WHERE d.id = c.id + 1 AND d.ssn > (ssn_of("c"."ssn")) RETURNING "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc", d.email AS "email"

UPDATE orders SET memo = c.name FROM customers c WHERE c.id = customer_id AND c.ssn LIKE '*%' RETURNING *
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = c.name FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE c.id = customer_id AND c.ssn LIKE '*%' RETURNING *

UPDATE orders o SET memo = l.name FROM customers c JOIN LATERAL (SELECT c.name, upper(c.note) AS n) l ON true WHERE c.id = o.customer_id RETURNING o.id, l.n, c.email
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders o SET memo = l.name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN LATERAL (SELECT c.name, upper(c.note) AS n) l ON true WHERE c.id = o.customer_id RETURNING o.id, l.n, c.email

UPDATE customers SET (note, name) = (SELECT max(memo), 'n' FROM orders o WHERE o.customer_id = customers.id) RETURNING id, note, name
--> rewrite either UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE customers SET (note, name) = (SELECT max(memo), 'n' FROM orders o WHERE o.customer_id = customers.id) RETURNING id AS "id", note AS "note", name AS "name"

UPDATE customers SET (note, name) = ROW (name, note) WHERE id IN (SELECT customer_id FROM orders) RETURNING email::text, (doc), CASE WHEN true THEN note ELSE ssn END
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET (note, name) = ROW (name, note) WHERE id IN (SELECT customer_id FROM "public".orders) RETURNING (email_of("customers"."email"))::text AS "email", ((redact_of("customers"."doc"))) AS "doc", CASE WHEN true THEN note ELSE (ssn_of("customers"."ssn")) END AS "ssn"

UPDATE ONLY customers AS c SET note = upper(c.note) WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = c.id AND c.email > o.memo) RETURNING c.email AS e
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE ONLY "public".customers AS c SET note = upper(c.note) WHERE EXISTS (SELECT 1 FROM "public".orders o WHERE o.id = c.id AND (email_of("c"."email")) > o.memo) RETURNING (email_of("c"."email")) AS e

WITH w AS (UPDATE customers SET note = 'w' WHERE id < 4 RETURNING id, email, ssn) SELECT w.*, o.memo FROM w JOIN orders o USING (id)
--> rewrite elevated SELECT: touches masks, public.customers:update masked, public.orders:select
--> sends WITH w AS (UPDATE "public".customers SET note = 'w' WHERE id < 4 RETURNING id AS "id", (email_of("customers"."email")) AS "email", (ssn_of("customers"."ssn")) AS "ssn") SELECT w.*, o.memo FROM w JOIN "public".orders o USING (id)

UPDATE customers SET note = 'same' WHERE email LIKE 'k%' AND salary IS NULL
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'same' WHERE (email_of("customers"."email")) LIKE 'k%' AND (null_of("customers"."salary")) IS NULL

DELETE FROM customers WHERE id = 9 RETURNING email
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers WHERE id = 9 RETURNING (email_of("customers"."email")) AS "email"

DELETE FROM customers c USING orders o WHERE o.id = c.id AND o.total > 50 RETURNING c.*, o.memo
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.orders:select
--> sends DELETE FROM "public".customers c USING "public".orders o WHERE o.id = c.id AND o.total > 50 RETURNING "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc", o.memo AS "memo"

DELETE FROM orders USING customers c WHERE c.id = customer_id AND c.email > memo RETURNING orders.*, c.email, c.ssn
--> rewrite elevated DELETE: touches masks, public.orders:delete, public.customers:select masked
--> sends DELETE FROM "public".orders USING (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE c.id = customer_id AND c.email > memo RETURNING orders.*, c.email, c.ssn

DELETE FROM customers WHERE id IN (SELECT id FROM customers WHERE ssn LIKE '%1') RETURNING id, ssn
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.customers:select masked
--> sends DELETE FROM "public".customers WHERE id IN (SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn LIKE '%1') RETURNING id AS "id", (ssn_of("customers"."ssn")) AS "ssn"

DELETE FROM customers a USING customers b WHERE a.id > b.id AND a.note = b.note AND a.ctid <> b.ctid RETURNING a.id, b.ssn
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.customers:select masked
--> sends DELETE FROM "public".customers a USING (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc", ctid FROM "public"."customers") b WHERE a.id > b.id AND a.note = b.note AND a.ctid <> b.ctid RETURNING a.id AS "id", b.ssn AS "ssn"

WITH w AS (DELETE FROM customers RETURNING *), x AS (SELECT email, count(*) FROM w GROUP BY email) SELECT * FROM x
--> rewrite elevated SELECT: touches masks, public.customers:delete masked
--> sends WITH w AS (DELETE FROM "public".customers RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"), x AS (SELECT email, pg_catalog.count(*) FROM w GROUP BY email) SELECT * FROM x

DELETE FROM customers RETURNING (SELECT max(memo) FROM orders o WHERE o.customer_id = customers.id), (SELECT customers.ssn)
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.orders:select
--> sends DELETE FROM "public".customers RETURNING (SELECT pg_catalog.max(memo) FROM "public".orders o WHERE o.customer_id = customers.id), (SELECT (ssn_of("customers"."ssn"))) AS "ssn"

INSERT INTO customers (id, name) VALUES (20, 'n'), (21, 'm') RETURNING *
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id, name) VALUES (20, 'n'), (21, 'm') RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

INSERT INTO customers DEFAULT VALUES
--> pass either INSERT: touches masks, public.customers:insert masked

INSERT INTO customers AS c (id, note) SELECT id + 30, name FROM customers WHERE ssn LIKE '*%' RETURNING c.id, c.note, c.email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:select masked
--> sends INSERT INTO "public".customers AS c (id, note) SELECT id + 30, name FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn LIKE '*%' RETURNING c.id AS "id", c.note AS "note", (email_of("c"."email")) AS "email"

INSERT INTO orders (id, memo) SELECT 100 + id, name FROM customers WHERE email > '' RETURNING *
--> rewrite elevated INSERT: touches masks, public.orders:insert, public.customers:select masked
--> sends INSERT INTO "public".orders (id, memo) SELECT 100 + id, name FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email > '' RETURNING *

WITH s AS (SELECT id, name FROM customers WHERE email LIKE 'k%') INSERT INTO orders (id, memo) SELECT 200 + id, name FROM s RETURNING id
--> rewrite elevated INSERT: touches masks, public.customers:select masked, public.orders:insert
--> sends WITH s AS (SELECT id, name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'k%') INSERT INTO "public".orders (id, memo) SELECT 200 + id, name FROM s RETURNING id

INSERT INTO customers (id, note) VALUES (1, 'up'), (40, 'new') ON CONFLICT (id) DO UPDATE SET note = excluded.note, name = customers.note WHERE customers.ssn > '' RETURNING *
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id, note) VALUES (1, 'up'), (40, 'new') ON CONFLICT (id) DO UPDATE SET note = excluded.note, name = customers.note WHERE (ssn_of("customers"."ssn")) > '' RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

INSERT INTO customers (id) VALUES (1), (41) ON CONFLICT DO NOTHING RETURNING id, email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id) VALUES (1), (41) ON CONFLICT DO NOTHING RETURNING id AS "id", (email_of("customers"."email")) AS "email"

INSERT INTO customers AS t (id) VALUES (2) ON CONFLICT ON CONSTRAINT customers_pkey DO UPDATE SET note = upper(t.note) RETURNING t.*
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers AS t (id) VALUES (2) ON CONFLICT ON CONSTRAINT customers_pkey DO UPDATE SET note = upper(t.note) RETURNING "t"."id", "t"."name", email_of("t"."email") AS "email", ssn_of("t"."ssn") AS "ssn", null_of("t"."salary") AS "salary", "t"."note", redact_of("t"."doc") AS "doc"

--- MERGE reads masked columns through their masks
-- with from 15

MERGE INTO customers t USING orders s ON t.id = s.id AND t.ssn > '' WHEN MATCHED AND t.email LIKE 'k%' AND s.total > 40 THEN UPDATE SET note = s.memo WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (id, name) VALUES (id, memo)
--> rewrite elevated MERGE: touches masks, public.customers:update masked, public.customers:insert masked, public.orders:select
--> sends MERGE INTO "public".customers t USING "public".orders s ON t.id = s.id AND (ssn_of("t"."ssn")) > '' WHEN MATCHED AND (email_of("t"."email")) LIKE 'k%' AND s.total > 40 THEN UPDATE SET note = s.memo WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (id, name) VALUES (id, memo)

MERGE INTO orders AS t USING customers AS s ON t.id = s.id AND s.email > t.memo WHEN MATCHED AND s.ssn LIKE '%1' THEN DELETE WHEN MATCHED THEN UPDATE SET memo = s.name WHEN NOT MATCHED THEN INSERT (id, memo) VALUES (s.id + 100, s.name)
--> rewrite elevated MERGE: touches masks, public.orders:delete, public.orders:update, public.orders:insert, public.customers:select masked
--> sends MERGE INTO "public".orders AS t USING (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS s ON t.id = s.id AND s.email > t.memo WHEN MATCHED AND s.ssn LIKE '%1' THEN DELETE WHEN MATCHED THEN UPDATE SET memo = s.name WHEN NOT MATCHED THEN INSERT (id, memo) VALUES (s.id + 100, s.name)

MERGE INTO orders t USING (SELECT c.id, c.note FROM customers c JOIN customers d ON d.ssn = c.ssn) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.note
--> rewrite elevated MERGE: touches masks, public.orders:update, public.customers:select masked
--> sends MERGE INTO "public".orders t USING (SELECT c.id, c.note FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") d ON d.ssn = c.ssn) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.note

WITH s AS (SELECT id, name FROM customers WHERE email LIKE 'k%') MERGE INTO orders t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.name
--> rewrite elevated MERGE: touches masks, public.customers:select masked, public.orders:update
--> sends WITH s AS (SELECT id, name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'k%') MERGE INTO "public".orders t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET memo = s.name

--- RETURNING of MERGE goes through the masks
-- with from 17

MERGE INTO customers t USING orders s ON t.id = s.id WHEN MATCHED AND s.total < 30 THEN DELETE WHEN MATCHED THEN UPDATE SET note = 'm' WHEN NOT MATCHED BY SOURCE AND ssn > '' THEN UPDATE SET note = 'gone' RETURNING merge_action(), *
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.customers:update masked, public.orders:select
--> sends MERGE INTO "public".customers t USING "public".orders s ON t.id = s.id WHEN MATCHED AND s.total < 30 THEN DELETE WHEN MATCHED THEN UPDATE SET note = 'm' WHEN NOT MATCHED BY SOURCE AND (ssn_of("t"."ssn")) > '' THEN UPDATE SET note = 'gone' RETURNING merge_action(), "s".*, "t"."id", "t"."name", email_of("t"."email") AS "email", ssn_of("t"."ssn") AS "ssn", null_of("t"."salary") AS "salary", "t"."note", redact_of("t"."doc") AS "doc"

WITH m AS (MERGE INTO customers t USING customers s ON t.id = s.id + 5 WHEN MATCHED THEN UPDATE SET note = s.name RETURNING t.id, t.email, s.ssn) SELECT * FROM m
--> rewrite elevated SELECT: touches masks, public.customers:update masked, public.customers:select masked
--> sends WITH m AS (MERGE INTO "public".customers t USING (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") s ON t.id = s.id + 5 WHEN MATCHED THEN UPDATE SET note = s.name RETURNING t.id AS "id", (email_of("t"."email")) AS "email", s.ssn AS "ssn") SELECT * FROM m

--- old and new rows go through the masks
-- with from 18

UPDATE customers SET note = 'n' RETURNING old.email, new.ssn, old.note, new.*, id
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'n' RETURNING (email_of("old"."email")) AS "email", (ssn_of("new"."ssn")) AS "ssn", old.note AS "note", "new"."id", "new"."name", email_of("new"."email") AS "email", ssn_of("new"."ssn") AS "ssn", null_of("new"."salary") AS "salary", "new"."note", redact_of("new"."doc") AS "doc", id AS "id"

UPDATE customers SET note = 'n' WHERE id < 3 RETURNING WITH (OLD AS o, NEW AS n) o.*, n.note, n.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'n' WHERE id < 3 RETURNING WITH (OLD AS o, NEW AS n) "o"."id", "o"."name", email_of("o"."email") AS "email", ssn_of("o"."ssn") AS "ssn", null_of("o"."salary") AS "salary", "o"."note", redact_of("o"."doc") AS "doc", n.note AS "note", (email_of("n"."email")) AS "email"

DELETE FROM customers RETURNING old.id, old.email, new.id
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers RETURNING old.id AS "id", (email_of("old"."email")) AS "email", new.id AS "id"

INSERT INTO customers (id) VALUES (1), (50) ON CONFLICT (id) DO UPDATE SET note = 'c' RETURNING old.note, old.ssn, new.ssn, customers.email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id) VALUES (1), (50) ON CONFLICT (id) DO UPDATE SET note = 'c' RETURNING old.note AS "note", (ssn_of("old"."ssn")) AS "ssn", (ssn_of("new"."ssn")) AS "ssn", (email_of("customers"."email")) AS "email"

MERGE INTO customers t USING orders s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'm' RETURNING old.email, new.note, t.ssn, s.memo
--> rewrite elevated MERGE: touches masks, public.customers:update masked, public.orders:select
--> sends MERGE INTO "public".customers t USING "public".orders s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'm' RETURNING (email_of("old"."email")) AS "email", new.note AS "note", (ssn_of("t"."ssn")) AS "ssn", s.memo AS "memo"
