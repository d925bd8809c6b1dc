--- queries of every shape read masked columns through their masks

SELECT * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

TABLE customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT c.*, c.id AS again FROM customers AS c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c.*, c.id AS again FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS c

SELECT a, b, x FROM customers AS c (a, b, x) WHERE a > 2
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT a, b, x FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS c (a, b, x) WHERE a > 2

SELECT * FROM ONLY customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers"

SELECT * FROM customers * WHERE id < 3
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id < 3

SELECT public.customers.email, customers.* FROM public.customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT customers.email, customers.* FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT (c).email, (c.*).note FROM customers c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT (c).email, (c.*).note FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

SELECT c FROM customers c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

SELECT DISTINCT ON (note) note, min(id) OVER (PARTITION BY note) FROM customers ORDER BY note
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT DISTINCT ON (note) note, min(id) OVER (PARTITION BY note) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY note

SELECT id FROM customers WHERE email LIKE 'k***%' AND ssn LIKE '***%'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'k***%' AND ssn LIKE '***%'

SELECT id FROM customers WHERE ssn BETWEEN '0' AND '9' OR salary IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn BETWEEN '0' AND '9' OR salary IS NULL

SELECT id FROM customers WHERE upper(email) ~ '^K' AND NOT ssn > 'z' ORDER BY email, id LIMIT 3
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE upper(email) ~ '^K' AND NOT ssn > 'z' ORDER BY email, id LIMIT 3

SELECT id FROM customers WHERE (email, ssn) > ('a', 'b')
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE (email, ssn) > ('a', 'b')

SELECT id, name, email FROM customers GROUP BY id
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id, name, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY id, "customers"."name", "customers"."email"

SELECT c.*, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT c.*, pg_catalog.count(o.id) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c LEFT JOIN "public".orders o ON o.customer_id = c.id GROUP BY c.id, "c"."name", "c"."email", "c"."ssn", "c"."salary", "c"."note", "c"."doc"

SELECT c.id, c.name, upper(c.email), sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id HAVING sum(o.total) > 10 ORDER BY c.note, c.id
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT c.id, c.name, upper(c.email), pg_catalog.sum(o.total) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON o.customer_id = c.id GROUP BY c.id, "c"."name", "c"."email", "c"."note" HAVING pg_catalog.sum(o.total) > 10 ORDER BY c.note, c.id

SELECT to_jsonb(c), count(*) FROM customers c GROUP BY id
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.to_jsonb(c), pg_catalog.count(*) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c GROUP BY id, "c".*

SELECT id AS x, note FROM customers GROUP BY x
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id AS x, note FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY x, "customers"."note"

SELECT name, count(*) FROM customers GROUP BY 1, id
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT name, count(*) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY 1, id

SELECT id, (SELECT max(o.total) FROM orders o WHERE o.customer_id = c.id AND c.note IS NOT NULL) FROM customers c GROUP BY id
--> rewrite either SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT id, (SELECT max(o.total) FROM orders o WHERE o.customer_id = c.id AND c.note IS NOT NULL) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c GROUP BY id, "c"."note"

SELECT o.id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY o.id, c.id
--> rewrite either SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT o.id, c.name FROM orders o LEFT JOIN (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON c.id = o.customer_id GROUP BY o.id, "c"."name", c.id

SELECT email, count(*) FROM customers GROUP BY email
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email, pg_catalog.count(*) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY email

SELECT note, ssn, count(*), GROUPING(note, ssn) FROM customers GROUP BY GROUPING SETS ((note), (ssn), ())
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT note, ssn, pg_catalog.count(*), GROUPING(note, ssn) FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY GROUPING SETS ((note), (ssn), ())

SELECT note, email, count(*) FROM customers GROUP BY ROLLUP (note, email)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT note, email, pg_catalog.count(*) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY ROLLUP (note, email)

SELECT note, ssn, count(*) FROM customers GROUP BY CUBE (note, ssn)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT note, ssn, pg_catalog.count(*) FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY CUBE (note, ssn)

SELECT id, note FROM customers GROUP BY GROUPING SETS ((id), (id, name))
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id, note FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY GROUPING SETS ((id), (id, name)), "customers"."note"

SELECT id, rank() OVER w, first_value(email) OVER w FROM customers WINDOW w AS (PARTITION BY note ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id, pg_catalog.rank() OVER w, pg_catalog.first_value(email) OVER w FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WINDOW w AS (PARTITION BY note ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)

SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM customers
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id, count(*) OVER (ORDER BY email GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id, pg_catalog.count(*) OVER (ORDER BY email GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT string_agg(email, ',' ORDER BY id), count(DISTINCT ssn) FILTER (WHERE id > 3) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.string_agg(email, ',' ORDER BY id), pg_catalog.count(DISTINCT ssn) FILTER (WHERE id > 3) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT array_agg(c ORDER BY c.id)::text FROM customers c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.array_agg(c ORDER BY c.id)::text FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total > 30
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON o.customer_id = c.id WHERE o.total > 30

SELECT * FROM customers NATURAL JOIN orders
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" NATURAL JOIN "public".orders

SELECT id, email, memo FROM customers FULL JOIN orders USING (id)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT id, email, memo FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" FULL JOIN "public".orders USING (id)

SELECT j.* FROM (customers c JOIN orders o ON o.customer_id = c.id) AS j (a, b, x)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT j.* FROM ((SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON o.customer_id = c.id) AS j (a, b, x)

SELECT a.id, b.id FROM customers a, customers b WHERE a.ssn = b.ssn
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT a.id, b.id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a, (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") b WHERE a.ssn = b.ssn

SELECT c.id, l.* FROM customers c, LATERAL (SELECT o.id, c.email FROM orders o WHERE o.customer_id = c.id) l
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT c.id, l.* FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, LATERAL (SELECT o.id, c.email FROM "public".orders o WHERE o.customer_id = c.id) l

SELECT v.x FROM customers c CROSS JOIN LATERAL (VALUES (c.email), (c.ssn)) v (x)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT v.x FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c CROSS JOIN LATERAL (VALUES (c.email), (c.ssn)) v (x)

SELECT u.* FROM customers c, unnest(ARRAY[c.email, c.note]) WITH ORDINALITY u (e, n)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT u.* FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, pg_catalog.unnest(ARRAY[c.email, c.note]) WITH ORDINALITY u (e, n)

SELECT * FROM customers c, ROWS FROM (generate_series(1, c.id), unnest(ARRAY[c.ssn])) r (a, b)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, ROWS FROM (pg_catalog.generate_series(1, c.id), pg_catalog.unnest(ARRAY[c.ssn])) r (a, b)

SELECT c.id, x.* FROM customers c, jsonb_to_record(coalesce(c.doc, '{"k":1}')) AS x (k text)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c.id, x.* FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, pg_catalog.jsonb_to_record(coalesce(c.doc, '{"k":1}')) AS x (k text)

SELECT (SELECT email FROM customers WHERE id = 1), ARRAY(SELECT ssn FROM customers ORDER BY id)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 1), ARRAY(SELECT ssn FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY id)

SELECT id FROM orders ORDER BY (SELECT email FROM customers WHERE id = 1), id
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT id FROM "public".orders ORDER BY (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 1), id

SELECT id FROM orders ORDER BY id LIMIT (SELECT count(*) FROM customers WHERE salary IS NULL) OFFSET (SELECT 1)
--> rewrite either SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT id FROM orders ORDER BY id LIMIT (SELECT count(*) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE salary IS NULL) OFFSET (SELECT 1)

VALUES ((SELECT email FROM customers WHERE id = 2)), (NULL)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends VALUES ((SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 2)), (NULL)

SELECT 1 FROM orders o WHERE o.memo NOT IN (SELECT email FROM customers) AND EXISTS (SELECT FROM customers c WHERE c.id = o.customer_id AND c.email > o.memo)
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT 1 FROM "public".orders o WHERE o.memo NOT IN (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") AND EXISTS (SELECT FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE c.id = o.customer_id AND c.email > o.memo)

SELECT id FROM orders o JOIN (SELECT customer_id AS c, max(total) m FROM orders GROUP BY 1) x ON x.m = o.total AND o.memo <> ALL (SELECT email FROM customers)
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT id FROM "public".orders o JOIN (SELECT customer_id AS c, pg_catalog.max(total) m FROM "public".orders GROUP BY 1) x ON x.m = o.total AND o.memo <> ALL (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers")

SELECT count(*) FROM orders HAVING (SELECT max(email) FROM customers) IS NOT NULL
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT pg_catalog.count(*) FROM "public".orders HAVING (SELECT pg_catalog.max(email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") IS NOT NULL

SELECT CASE (SELECT ssn FROM customers WHERE id = 1) WHEN memo THEN 1 ELSE 2 END FROM orders
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT CASE (SELECT ssn FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 1) WHEN memo THEN 1 ELSE 2 END FROM "public".orders

SELECT row((SELECT email FROM customers WHERE id = 3), 2)::text
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT row((SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 3), 2)::text

SELECT name FROM customers UNION SELECT email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" UNION SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

(SELECT email FROM customers) EXCEPT ALL (SELECT memo FROM orders) INTERSECT SELECT ssn FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") EXCEPT ALL (SELECT memo FROM "public".orders) INTERSECT SELECT ssn FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

TABLE customers UNION ALL TABLE customers ORDER BY 1 LIMIT 4
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" UNION ALL SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY 1 LIMIT 4

WITH c AS (SELECT * FROM customers), d AS MATERIALIZED (SELECT email FROM c) SELECT * FROM d, c WHERE c.id = 1
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends WITH c AS (SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"), d AS MATERIALIZED (SELECT email FROM c) SELECT * FROM d, c WHERE c.id = 1

WITH RECURSIVE w (i, e) AS (SELECT 1, min(email) FROM customers UNION ALL SELECT i + 1, e FROM w WHERE i < 4) SELECT * FROM w
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends WITH RECURSIVE w (i, e) AS (SELECT 1, pg_catalog.min(email) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" UNION ALL SELECT i + 1, e FROM w WHERE i < 4) SELECT * FROM w

WITH customers AS (SELECT 1 AS one) SELECT * FROM customers
--> pass either SELECT

WITH customers AS (SELECT email FROM customers WHERE id = 1) SELECT * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends WITH customers AS (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id = 1) SELECT * FROM customers

SELECT coalesce(email, ssn), nullif(email, 'x'), greatest(email, note), email || '!' FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT coalesce(email, ssn), nullif(email, 'x'), greatest(email, note), email || '!' FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT email::varchar(3), email COLLATE "C" < 'l', substring(email FROM 1 FOR 2), position('@' IN email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email::varchar(3), email COLLATE "C" < 'l', substring(email FROM 1 FOR 2), position('@' IN email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT xmlelement(name e, xmlattributes(email AS a), ssn), xmlforest(email, note) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT xmlelement(name e, xmlattributes(email AS a), ssn), xmlforest(email, note) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT x.* FROM customers c, XMLTABLE('/r' PASSING xmlelement(name r, c.email) COLUMNS v text PATH '.') x
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT x.* FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, XMLTABLE('/r' PASSING xmlelement(name r, c.email) COLUMNS v text PATH '.') x

SELECT doc ->> 'k', to_jsonb(c) - 'id', row_to_json(c) ->> 'email' FROM customers c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT doc ->> 'k', pg_catalog.to_jsonb(c) - 'id', pg_catalog.row_to_json(c) ->> 'email' FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

SELECT email IS NULL, salary IS DISTINCT FROM 1, ssn IS NOT DISTINCT FROM note FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email IS NULL, salary IS DISTINCT FROM 1, ssn IS NOT DISTINCT FROM note FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT count(c), count(c.*), count(c.email) FROM customers c
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.count(c), pg_catalog.count(c.*), pg_catalog.count(c.email) FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

SELECT ctid IS NULL, * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT ctid IS NULL, "customers"."id", "customers"."name", "customers"."email", "customers"."ssn", "customers"."salary", "customers"."note", "customers"."doc" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc", ctid FROM "public"."customers") AS "customers"

SELECT c.id, c.xmin IS NULL FROM customers c JOIN customers d ON c.ctid = d.ctid
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT c.id, c.xmin IS NULL FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc", ctid, xmin FROM "public"."customers") c JOIN (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc", ctid FROM "public"."customers") d ON c.ctid = d.ctid

SELECT * FROM customers WHERE id < 4 FOR UPDATE
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE id < 4 FOR UPDATE

SELECT c.email, o.id FROM customers c JOIN orders o ON o.customer_id = c.id FOR NO KEY UPDATE OF c SKIP LOCKED
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT c.email, o.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON o.customer_id = c.id FOR NO KEY UPDATE OF c SKIP LOCKED

SELECT * FROM customers FOR SHARE NOWAIT
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" FOR SHARE NOWAIT

SELECT id FROM (SELECT * FROM customers FOR KEY SHARE) s
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" FOR KEY SHARE) s

SELECT * FROM customers TABLESAMPLE bernoulli (100)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE bernoulli (100)) AS "customers"

SELECT c.email FROM customers AS c (i) TABLESAMPLE system (100) REPEATABLE (3) WHERE i > 2
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c.email FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE system (100) REPEATABLE (3)) AS "c"("i") WHERE i > 2

SELECT count(*) FROM customers TABLESAMPLE bernoulli (least(100, 200))
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT count(*) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE bernoulli (least(100, 200))) AS "customers"

SELECT count(*) FROM ONLY customers TABLESAMPLE bernoulli ((SELECT 100))
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT count(*) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers" TABLESAMPLE bernoulli ((SELECT 100))) AS "customers"

--- a sample is taken within the masks, where nothing of the query is named in it

SELECT email FROM customers TABLESAMPLE bernoulli (10)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE bernoulli (10)) AS "customers"

SELECT x.b FROM public.customers AS x (a, b) TABLESAMPLE system (10 + 1) REPEATABLE (2)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT x.b FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE system (10 + 1) REPEATABLE (2)) AS "x"("a", "b")

SELECT email FROM ONLY (customers) c TABLESAMPLE bernoulli ((SELECT 10))
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers" TABLESAMPLE bernoulli ((SELECT 10))) AS "c"

SELECT c.email FROM orders o, customers c TABLESAMPLE bernoulli (o.id)
--> deny unsupported-on-masked 0A000 at 31, in SELECT

SELECT c.email FROM orders o, customers c TABLESAMPLE bernoulli ((SELECT o.id))
--> deny unsupported-on-masked 0A000 at 31, in SELECT

SELECT c.email FROM orders o, customers c TABLESAMPLE bernoulli (1) REPEATABLE (o.id)
--> deny unsupported-on-masked 0A000 at 31, in SELECT
