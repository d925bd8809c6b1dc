--- statements of every shape over rows that are filtered show and change the visible ones alone

SELECT * FROM typed ORDER BY id LIMIT 3
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT * FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" ORDER BY id LIMIT 3

TABLE typed
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT * FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

SELECT count(*), sum(amount), max(note), min(price) FROM typed
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT pg_catalog.count(*), pg_catalog.sum(amount), pg_catalog.max(note), pg_catalog.min(price) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

SELECT o FROM typed o ORDER BY id LIMIT 2
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT o FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o ORDER BY id LIMIT 2

SELECT region, count(*) FROM typed GROUP BY region HAVING count(*) > 1 ORDER BY 1
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT region, pg_catalog.count(*) FROM (SELECT "id", COALESCE("region", "region") AS "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" GROUP BY region HAVING pg_catalog.count(*) > 1 ORDER BY 1

SELECT o.*, count(l.id) FROM typed o LEFT JOIN lines l ON l.order_id = o.id GROUP BY o.id ORDER BY o.id LIMIT 3
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, public.lines:select
--> sends SELECT o.*, pg_catalog.count(l.id) FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o LEFT JOIN "public".lines l ON l.order_id = o.id GROUP BY o.id, "o"."region", "o"."note", "o"."status", "o"."nick", "o"."mail", "o"."amount", "o"."twice", "o"."owner", "o"."price", "o"."created", "o"."email", "o"."code" ORDER BY o.id LIMIT 3

SELECT amount FROM typed GROUP BY amount HAVING 1 / (amount - 1000) >= 0 ORDER BY 1
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT amount FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" GROUP BY amount HAVING 1 / (amount - 1000) >= 0 ORDER BY 1

SELECT l.id, o.note FROM lines l JOIN typed o ON o.id = l.order_id
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id, o.note FROM "public".lines l JOIN (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o ON o.id = l.order_id

SELECT l.id, o.note FROM lines l LEFT JOIN typed o ON o.id = l.order_id
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id, o.note FROM "public".lines l LEFT JOIN (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o ON o.id = l.order_id

SELECT l.id, o.note FROM typed o FULL JOIN lines l ON o.id = l.order_id
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, public.lines:select
--> sends SELECT l.id, o.note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o FULL JOIN "public".lines l ON o.id = l.order_id

SELECT l.id, o.note FROM lines l LEFT JOIN typed o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id, o.note FROM "public".lines l LEFT JOIN (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0

SELECT l.id, o.note FROM lines l JOIN typed o USING (region) WHERE l.id < 3
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id, o.note FROM "public".lines l JOIN (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o USING (region) WHERE l.id < 3

SELECT count(*) FROM lines l NATURAL JOIN typed o
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT pg_catalog.count(*) FROM "public".lines l NATURAL JOIN (SELECT COALESCE("id", "id") AS "id", COALESCE("region", "region") AS "region", COALESCE("note", "note") AS "note", COALESCE("status", "status") AS "status", email_of("nick") AS "nick", email_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", COALESCE("twice", "twice") AS "twice", COALESCE("owner", "owner") AS "owner", COALESCE("price", "price") AS "price", COALESCE("created", "created") AS "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o

SELECT l.id FROM lines l WHERE l.order_id IN (SELECT id FROM typed)
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id FROM "public".lines l WHERE l.order_id IN (SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed")

SELECT l.id FROM lines l WHERE l.order_id NOT IN (SELECT id FROM typed)
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id FROM "public".lines l WHERE l.order_id NOT IN (SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed")

SELECT l.id FROM lines l WHERE EXISTS (SELECT FROM typed o WHERE o.id = l.order_id AND o.region = 'US')
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id FROM "public".lines l WHERE EXISTS (SELECT FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o WHERE o.id = l.order_id AND o.region = 'US')

SELECT l.id FROM lines l WHERE l.qty = ANY (SELECT 1 / (amount - 1000) FROM typed)
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id FROM "public".lines l WHERE l.qty = ANY (SELECT 1 / (amount - 1000) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed")

SELECT id, (SELECT note FROM typed o WHERE o.id = l.order_id) FROM lines l
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT id, (SELECT note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o WHERE o.id = l.order_id) FROM "public".lines l

SELECT id, ARRAY(SELECT 1 / (amount - 1000) FROM typed o WHERE o.id = l.order_id) FROM lines l
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT id, ARRAY(SELECT 1 / (amount - 1000) FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o WHERE o.id = l.order_id) FROM "public".lines l

SELECT x FROM (SELECT 1 / (amount - 1000) AS x FROM typed) s WHERE x >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT x FROM (SELECT 1 / (amount - 1000) AS x FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed") s WHERE x >= 0

SELECT id FROM (SELECT id, amount - 1000 AS amount FROM typed) s WHERE 1 / amount < 5
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT id, amount - 1000 AS amount FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed") s WHERE 1 / amount < 5

SELECT a FROM typed AS o(a, b, c, d) WHERE 1 / (d - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT a FROM (SELECT COALESCE("id", "id") AS "id", COALESCE("region", "region") AS "region", COALESCE("note", "note") AS "note", COALESCE("status", "status") AS "status", email_of("nick") AS "nick", email_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", COALESCE("twice", "twice") AS "twice", COALESCE("owner", "owner") AS "owner", COALESCE("price", "price") AS "price", COALESCE("created", "created") AS "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS o(a, b, c, d) WHERE 1 / (d - 1000) >= 0

WITH s AS (SELECT id, 1 / (amount - 1000) AS x FROM typed) SELECT id FROM s WHERE x >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends WITH s AS (SELECT id, 1 / (amount - 1000) AS x FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed") SELECT id FROM s WHERE x >= 0

WITH s AS MATERIALIZED (SELECT * FROM typed) SELECT id FROM s WHERE 1 / (amount - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends WITH s AS MATERIALIZED (SELECT * FROM (SELECT COALESCE("id", "id") AS "id", COALESCE("region", "region") AS "region", COALESCE("note", "note") AS "note", COALESCE("status", "status") AS "status", email_of("nick") AS "nick", email_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", COALESCE("twice", "twice") AS "twice", COALESCE("owner", "owner") AS "owner", COALESCE("price", "price") AS "price", COALESCE("created", "created") AS "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed") SELECT id FROM s WHERE 1 / (amount - 1000) >= 0

WITH typed AS (SELECT 1 AS id) SELECT * FROM typed
--> pass either SELECT

WITH RECURSIVE r AS (SELECT 1::int8 AS id UNION SELECT o.id FROM typed o JOIN r ON o.id = r.id + 1 WHERE o.id < 10) SELECT * FROM r
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends WITH RECURSIVE r AS (SELECT 1::int8 AS id UNION SELECT o.id FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("id" OPERATOR(pg_catalog.<) 10) OFFSET 0) o JOIN r ON o.id = r.id + 1 WHERE o.id < 10) SELECT * FROM r

SELECT id FROM typed WHERE id < 5 UNION SELECT 1 / (amount - 1000) FROM typed
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id < 5 UNION SELECT 1 / (amount - 1000) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

SELECT amount FROM typed EXCEPT SELECT qty FROM lines
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, public.lines:select
--> sends SELECT amount FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" EXCEPT SELECT qty FROM "public".lines

SELECT id, rank() OVER (PARTITION BY region ORDER BY 1 / (amount - 1000), id) FROM typed ORDER BY id LIMIT 5
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, pg_catalog.rank() OVER (PARTITION BY region ORDER BY 1 / (amount - 1000), id) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" ORDER BY id LIMIT 5

SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY amount ORDER BY id) AS n FROM typed) s WHERE n = 1 AND 1 / (id + 5000000000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT * FROM (SELECT id, pg_catalog.row_number() OVER (PARTITION BY amount ORDER BY id) AS n FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed") s WHERE n = 1 AND 1 / (id + 5000000000) >= 0

SELECT l.id, s.x FROM lines l, LATERAL (SELECT 1 / (o.amount - 1000) AS x FROM typed o WHERE o.id = l.order_id) s
--> rewrite elevated SELECT: touches masks, filters rows, public.lines:select, public.typed:select masked
--> sends SELECT l.id, s.x FROM "public".lines l, LATERAL (SELECT 1 / (o.amount - 1000) AS x FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o WHERE o.id = l.order_id) s

SELECT g FROM typed o, generate_series(1, o.amount) g WHERE o.id = 7
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT g FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("id" OPERATOR(pg_catalog.=) 7) OFFSET 0) o, pg_catalog.generate_series(1, o.amount) g WHERE o.id = 7

SELECT DISTINCT ON (region) region, note FROM typed ORDER BY region, 1 / (amount - 1000), id
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT DISTINCT ON (region) region, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" ORDER BY region, 1 / (amount - 1000), id

SELECT 1 / (amount - 1000), note FROM typed ORDER BY id
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT 1 / (amount - 1000), note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" ORDER BY id

SELECT count(*) FROM typed TABLESAMPLE BERNOULLI (100)
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" TABLESAMPLE BERNOULLI (100) WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

SELECT count(*) FROM typed AS o TABLESAMPLE SYSTEM (100) REPEATABLE (1) WHERE 1 / (o.amount - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" TABLESAMPLE SYSTEM (100) REPEATABLE (1) WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "o" WHERE 1 / (o.amount - 1000) >= 0

SELECT count(*) FROM ONLY typed
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM ONLY "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

SELECT count(*) FROM events
--> rewrite either SELECT: touches masks, public.events:select masked
--> sends SELECT count(*) FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."events") AS "events"

SELECT count(*) FROM events WHERE 1 / amount >= 0
--> rewrite either SELECT: touches masks, public.events:select masked
--> sends SELECT count(*) FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."events") AS "events" WHERE 1 / amount >= 0

SELECT count(*) FROM sales
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:select masked
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region", "note", "total", redact_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "sales"

SELECT count(*) FROM sales
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:select masked
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region", "note", "total", redact_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "sales"

SELECT id, ratio FROM report WHERE ratio < 0 ORDER BY id
--> rewrite elevated SELECT: touches masks, filters rows, public.report:select
--> sends SELECT id, ratio FROM (SELECT COALESCE("id", "id") AS "id", "region" FROM "public"."report" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "report" WHERE ratio < 0 ORDER BY id

SELECT count(*) FROM report
--> rewrite elevated SELECT: touches masks, filters rows, public.report:select
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region" FROM "public"."report" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "report"

SELECT count(*) FROM report WHERE amount = 1000
--> rewrite elevated SELECT: touches masks, filters rows, public.report:select
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", "region" FROM "public"."report" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "report" WHERE amount = 1000

COPY typed TO STDOUT
--> rewrite elevated COPY: touches masks, filters rows, public.typed:select masked
--> sends COPY (SELECT "id", "region", "note", "status", "nick", "mail", "amount", "owner", "price", "created", "email", "code" FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM ONLY "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed") TO STDOUT

COPY typed (id, note) TO STDOUT
--> rewrite elevated COPY: touches masks, filters rows, public.typed:select masked
--> sends COPY (SELECT "id", "note" FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM ONLY "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed") TO STDOUT

COPY (SELECT note FROM typed WHERE note LIKE '_z\') TO STDOUT
--> rewrite elevated COPY: touches masks, filters rows, public.typed:select masked
--> sends COPY (SELECT note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE note LIKE '_z\') TO STDOUT

SELECT id FROM typed WHERE id = 7 FOR UPDATE
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = 7 FOR UPDATE

SELECT id FROM typed WHERE status = 'open' ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE status = 'open' ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED

SELECT id FROM typed WHERE 1 / (amount - 1000) >= 0 FOR UPDATE
--> deny row-filter-lock 42501 public.typed with detail hint in words, in SELECT

PREPARE q(int) AS SELECT id FROM typed WHERE amount = $1
--> rewrite elevated PREPARE: touches masks, filters rows, public.typed:select masked, prepared q elevated null true
--> literals count
--> sends PREPARE q(int) AS SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE amount = $1

SELECT id FROM typed WHERE id = $1
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = $1

SELECT id FROM typed WHERE id = $1 AND note LIKE '_z\'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT COALESCE("id", "id") AS "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("id" OPERATOR(pg_catalog.=) $1) OFFSET 0) AS "typed" WHERE id = $1 AND note LIKE '_z\'

SELECT id FROM typed WHERE id = $1 OR amount = $1
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = $1 OR amount = $1

SELECT count(*) FROM pg_locks WHERE mode = 'SIReadLock'
--> deny row-filter-counters 42501 at 22 with detail, in SELECT

UPDATE typed SET amount = 3 WHERE id = 7
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET amount = 3 WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 7)

UPDATE events SET amount = amount + 1 WHERE id = 7
--> pass either UPDATE: touches masks, public.events:update masked

PREPARE q(oid) AS SELECT id FROM typed WHERE id = $1
--> deny row-filter-parameter 42501 public.typed with detail hint Declare it as bigint, or leave its type out., in PREPARE

CREATE TEMP TABLE copied AS SELECT * FROM typed WHERE 1 / (amount - 1000) >= 0
--> rewrite elevated CREATE TABLE AS: touches masks, filters rows, public.typed:select masked, temp-relation-created copied
--> literals count
--> sends CREATE TEMP TABLE copied AS SELECT * FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", email_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE 1 / (amount - 1000) >= 0

EXPLAIN SELECT * FROM typed
--> deny explain-row-filter 42501 at 23 public.typed with detail, in EXPLAIN

EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM typed
--> deny explain-row-filter 42501 at 69 public.typed with detail, in EXPLAIN

SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'typed'
--> deny row-filter-counters 42501 at 24 with detail, in SELECT

SELECT pg_stat_get_live_tuples('typed'::regclass)
--> deny row-filter-counters 42501 at 8 with detail, in SELECT

SELECT pg_stat_get_xact_tuples_fetched('typed'::regclass)
--> deny row-filter-counters 42501 at 8 with detail, in SELECT

SELECT tup_fetched FROM pg_stat_database WHERE false
--> deny unknown-relation 42P01 at 25, in SELECT

SELECT count(*) FROM pg_stats WHERE tablename = 'typed'
--> opaque base SELECT: taints transaction, touches masks, with reason

LOCK TABLE typed IN ROW SHARE MODE
--> rewrite elevated LOCK TABLE: touches masks, filters rows, public.typed:select masked
--> sends LOCK TABLE "public".typed IN ROW SHARE MODE

UPDATE typed SET note = 'x'
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

UPDATE typed SET note = 'x' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) RETURNING id AS "id"

UPDATE ONLY typed AS o SET note = upper(note) WHERE (o.id = 7) RETURNING *
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE ONLY "public".typed AS o SET note = upper(note) WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( (o.id = 7)) RETURNING "o"."id", "o"."region", "o"."note", "o"."status", email_of("o"."nick") AS "nick", email_of("o"."mail") AS "mail", "o"."amount", "o"."twice", "o"."owner", "o"."price", "o"."created", email_of("o"."email") AS "email", redact_of("o"."code") AS "code"

UPDATE typed SET amount = 1 / (amount - 1000)
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET amount = 1 / (amount - 1000) WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

UPDATE typed SET region = 'US' WHERE id = 7
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET region = 'US' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND (('US')::pg_catalog.text) OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 7)

UPDATE typed SET region = 'UK' WHERE id = 8 RETURNING region
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET region = 'UK' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND (('UK')::pg_catalog.text) OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 8) RETURNING region AS "region"

UPDATE typed SET region = region, owner = 'x' WHERE id = 8
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET region = region, owner = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 8)

UPDATE typed o SET region = o.region WHERE id = 8
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed o SET region = o.region WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 8)

UPDATE typed SET region = upper(region) WHERE id = 7
--> deny row-filter-column 42501 at 18 public.typed with detail, in UPDATE

UPDATE typed SET region = DEFAULT WHERE id = 7
--> deny row-filter-column 42501 at 18 public.typed with detail, in UPDATE

UPDATE typed SET (note, region) = ('x', 'EU') WHERE id = 7
--> deny row-filter-column 42501 at 25 public.typed with detail, in UPDATE

UPDATE typed SET (note, region) = (SELECT 'x', 'US') WHERE id = 7
--> deny row-filter-column 42501 at 25 public.typed with detail, in UPDATE

UPDATE typed o SET note = l.region FROM lines l WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends UPDATE "public".typed o SET note = l.region FROM "public".lines l WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( l.order_id = o.id AND 1 / (o.amount - 1000) >= 0) ELSE FALSE END

UPDATE typed o SET note = l.region FROM lines l WHERE l.order_id = o.id AND l.id = 1004
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends UPDATE "public".typed o SET note = l.region FROM "public".lines l WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( l.order_id = o.id AND l.id = 1004)

UPDATE lines l SET qty = 0 FROM typed o WHERE l.order_id = o.id
--> rewrite elevated UPDATE: touches masks, filters rows, public.lines:update, public.typed:select masked
--> sends UPDATE "public".lines l SET qty = 0 FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o WHERE l.order_id = o.id

UPDATE lines l SET qty = 0 FROM typed o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0
--> rewrite elevated UPDATE: touches masks, filters rows, public.lines:update, public.typed:select masked
--> sends UPDATE "public".lines l SET qty = 0 FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0

UPDATE lines SET qty = 9 WHERE order_id IN (SELECT id FROM typed)
--> rewrite elevated UPDATE: touches masks, filters rows, public.lines:update, public.typed:select masked
--> sends UPDATE "public".lines SET qty = 9 WHERE order_id IN (SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed")

UPDATE events SET note = 'x' WHERE id > 1000
--> pass either UPDATE: touches masks, public.events:update masked

UPDATE events SET note = 'x' WHERE 1 / amount >= 0
--> pass either UPDATE: touches masks, public.events:update masked

UPDATE sales SET note = 'x'
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked
--> sends UPDATE "public".sales SET note = 'x' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

UPDATE report SET amount = 3 WHERE ratio < 0 AND id = 7
--> deny row-filter 42501 at 8 public.report with detail hint in words, in UPDATE

DELETE FROM typed
--> rewrite elevated DELETE: touches masks, filters rows, public.typed:delete masked
--> sends DELETE FROM "public".typed WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

DELETE FROM typed WHERE id = 100001
--> rewrite elevated DELETE: touches masks, filters rows, public.typed:delete masked
--> sends DELETE FROM "public".typed WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 100001)

DELETE FROM typed WHERE id = 7 RETURNING *
--> rewrite elevated DELETE: touches masks, filters rows, public.typed:delete masked
--> sends DELETE FROM "public".typed WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 7) RETURNING "typed"."id", "typed"."region", "typed"."note", "typed"."status", email_of("typed"."nick") AS "nick", email_of("typed"."mail") AS "mail", "typed"."amount", "typed"."twice", "typed"."owner", "typed"."price", "typed"."created", email_of("typed"."email") AS "email", redact_of("typed"."code") AS "code"

DELETE FROM typed o USING lines l WHERE l.order_id = o.id
--> rewrite elevated DELETE: touches masks, filters rows, public.typed:delete masked, public.lines:select
--> sends DELETE FROM "public".typed o USING "public".lines l WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( l.order_id = o.id)

DELETE FROM lines l USING typed o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0
--> rewrite elevated DELETE: touches masks, filters rows, public.lines:delete, public.typed:select masked
--> sends DELETE FROM "public".lines l USING (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o WHERE l.order_id = o.id AND 1 / (o.amount - 1000) >= 0

WITH gone AS (DELETE FROM typed WHERE id < 200000 RETURNING id) SELECT count(*) FROM gone
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:delete masked
--> sends WITH gone AS (DELETE FROM "public".typed WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("typed"."id" OPERATOR(pg_catalog.<) 200000) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( id < 200000) ELSE FALSE END RETURNING id AS "id") SELECT pg_catalog.count(*) FROM gone

WITH w AS (UPDATE typed SET note = 'x' WHERE note = 'zz\' RETURNING 1) SELECT count(*) FROM w
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:update masked
--> sends WITH w AS (UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("typed"."note" OPERATOR(pg_catalog.=) 'zz\') AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( note = 'zz\') ELSE FALSE END RETURNING 1) SELECT pg_catalog.count(*) FROM w

DELETE FROM events WHERE note LIKE '_z\'
--> pass either DELETE: touches masks, public.events:delete masked

INSERT INTO typed (id, region, note) VALUES (500, 'EU', 'x') RETURNING id, note
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked
--> sends INSERT INTO "public".typed (id, region, note) VALUES (500, 'EU', 'x') RETURNING id AS "id", note AS "note"

INSERT INTO typed (id, region, note) VALUES (7, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed (id, region, note) VALUES (7, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO typed (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO typed AS o (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = 'y' WHERE 1 / (o.amount - 1000) >= 0 RETURNING id
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed AS o (id, region, note) VALUES (100001, 'EU', 'x') ON CONFLICT (id) DO UPDATE SET note = 'y' WHERE "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( 1 / (o.amount - 1000) >= 0) ELSE FALSE END RETURNING id AS "id"

INSERT INTO typed (id, region) VALUES (7, 'US') ON CONFLICT (id) DO UPDATE SET region = excluded.region
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed (id, region) VALUES (7, 'US') ON CONFLICT (id) DO UPDATE SET region = excluded.region WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "excluded"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO typed (id, region) VALUES (7, 'UK') ON CONFLICT (id) DO UPDATE SET region = excluded.region RETURNING region
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed (id, region) VALUES (7, 'UK') ON CONFLICT (id) DO UPDATE SET region = excluded.region WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "excluded"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) RETURNING region AS "region"

INSERT INTO typed (id, region) VALUES (100001, 'EU') ON CONFLICT DO NOTHING
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked
--> sends INSERT INTO "public".typed (id, region) VALUES (100001, 'EU') ON CONFLICT DO NOTHING

INSERT INTO lines SELECT 5000 + id, id, 1 FROM typed
--> rewrite elevated INSERT: touches masks, filters rows, public.lines:insert, public.typed:select masked
--> sends INSERT INTO "public".lines SELECT 5000 + id, id, 1 FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed"

INSERT INTO lines SELECT 5000 + id, id, 1 FROM typed WHERE 1 / (amount - 1000) >= 0
--> rewrite elevated INSERT: touches masks, filters rows, public.lines:insert, public.typed:select masked
--> sends INSERT INTO "public".lines SELECT 5000 + id, id, 1 FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE 1 / (amount - 1000) >= 0

--- MERGE finds the visible rows alone
-- with from 15

MERGE INTO typed o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET note = 'x'
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( o.id = l.order_id) WHEN MATCHED THEN UPDATE SET note = 'x'

MERGE INTO typed o USING lines l ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:delete masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( o.id = l.order_id AND 1 / (o.amount - 1000) >= 0) ELSE FALSE END WHEN MATCHED THEN DELETE

MERGE INTO typed o USING (SELECT order_id FROM lines) AS l ON CASE WHEN o.id = l.order_id THEN true END WHEN MATCHED AND o.amount > 3 THEN UPDATE SET note = 'x' WHEN MATCHED THEN DO NOTHING
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends MERGE INTO "public".typed o USING (SELECT order_id FROM "public".lines) AS l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( CASE WHEN o.id = l.order_id THEN true END) ELSE FALSE END WHEN MATCHED AND o.amount > 3 THEN UPDATE SET note = 'x' WHEN MATCHED THEN DO NOTHING

MERGE INTO typed o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET region = 'US'
--> deny row-filter-column 42501 at 84 public.typed with detail, in MERGE

MERGE INTO typed o USING lines l ON o.id = l.order_id WHEN MATCHED THEN UPDATE SET region = o.region
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( o.id = l.order_id) WHEN MATCHED THEN UPDATE SET region = o.region

MERGE INTO lines l USING typed o ON o.id = l.order_id WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.lines:delete, public.typed:select masked
--> sends MERGE INTO "public".lines l USING (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) o ON o.id = l.order_id WHEN MATCHED THEN DELETE

MERGE INTO lines l USING typed o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (9000 + o.id, o.id, 1)
--> rewrite elevated MERGE: touches masks, filters rows, public.lines:delete, public.lines:insert, public.typed:select masked
--> sends MERGE INTO "public".lines l USING (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) o ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (9000 + o.id, o.id, 1)

--- MERGE finds the visible rows alone, also by source
-- with from 17

MERGE INTO typed o USING lines l ON o.id = l.order_id WHEN NOT MATCHED BY SOURCE THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:delete masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( o.id = l.order_id) WHEN NOT MATCHED BY SOURCE AND "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN DELETE

MERGE INTO typed o USING lines l ON o.id = l.order_id WHEN NOT MATCHED BY SOURCE AND 1 / (o.amount - 1000) >= 0 THEN UPDATE SET note = 'x' WHEN MATCHED THEN UPDATE SET note = 'y'
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( o.id = l.order_id) WHEN NOT MATCHED BY SOURCE AND "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( 1 / (o.amount - 1000) >= 0) ELSE FALSE END THEN UPDATE SET note = 'x' WHEN MATCHED THEN UPDATE SET note = 'y'

MERGE INTO typed o USING lines l ON o.id = l.order_id AND 1 / (o.amount - 1000) >= 0 WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING o.id
--> rewrite elevated MERGE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends MERGE INTO "public".typed o USING "public".lines l ON "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "o"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( o.id = l.order_id AND 1 / (o.amount - 1000) >= 0) ELSE FALSE END WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING o.id AS "id"

--- MERGE finds its own clauses among words that look like them
-- with from 15; temp t

MERGE INTO sales t USING lines s ON t.id = CASE WHEN s.id = 1 THEN 2 END WHEN MATCHED AND CASE WHEN s.id = 1 THEN true END THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.id = CASE WHEN s.id = 1 THEN 2 END) ELSE FALSE END WHEN MATCHED AND CASE WHEN s.id = 1 THEN true END THEN DELETE

MERGE INTO sales AS t USING (SELECT id AS "when", CASE WHEN id = 1 THEN 2 END AS "end" FROM lines) AS s ON t.id = s."end" WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales AS t USING (SELECT id AS "when", CASE WHEN id = 1 THEN 2 END AS "end" FROM "public".lines) AS s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.id = s."end") ELSE FALSE END WHEN MATCHED THEN DELETE

MERGE INTO sales t USING (SELECT l.id AS when FROM lines l) s ON t.id = s.when WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales t USING (SELECT l.id AS when FROM "public".lines l) s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.id = s.when) ELSE FALSE END WHEN MATCHED THEN DELETE

WITH m AS (SELECT 1) MERGE INTO sales t USING lines s ON (t.id = s.id) WHEN MATCHED THEN DELETE; SELECT CASE WHEN true THEN 1 END
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> pass either SELECT
--> all elevated no taint
--> sends WITH m AS (SELECT 1) MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( (t.id = s.id)) WHEN MATCHED THEN DELETE; SELECT CASE WHEN true THEN 1 END

MERGE INTO t USING lines s ON t.a = s.id WHEN MATCHED THEN DELETE
--> pass either MERGE: public.lines:select

MERGE INTO lines t USING lines s ON t.id = s.id WHEN MATCHED THEN DELETE
--> pass either MERGE: public.lines:delete, public.lines:select

--- MERGE finds its own conditions among words that look like them, also by source
-- with from 17

MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND (CASE WHEN t.id = 1 THEN true END) AND CASE WHEN t.id = 1 THEN true ELSE false END THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN NOT MATCHED BY SOURCE AND "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (CASE WHEN t.id = 1 THEN true END) AND CASE WHEN t.id = 1 THEN true ELSE false END) ELSE FALSE END THEN DELETE

MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND CASE WHEN t.id = 1 THEN CASE WHEN true THEN true END END THEN DELETE WHEN MATCHED THEN DO NOTHING
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN NOT MATCHED BY SOURCE AND "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( CASE WHEN t.id = 1 THEN CASE WHEN true THEN true END END) ELSE FALSE END THEN DELETE WHEN MATCHED THEN DO NOTHING

MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN UPDATE SET note = CASE WHEN true THEN 1 END RETURNING CASE WHEN true THEN 1 END
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:update masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN NOT MATCHED BY SOURCE AND "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN UPDATE SET note = CASE WHEN true THEN 1 END RETURNING CASE WHEN true THEN 1 END

WITH m AS (MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING t.id) SELECT CASE WHEN true THEN id END FROM m
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends WITH m AS (MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.id = s.id) ELSE FALSE END WHEN NOT MATCHED BY SOURCE AND "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN DELETE RETURNING t.id AS "id") SELECT CASE WHEN true THEN id END FROM m

--- the place of a condition is found among words that look like it

WITH x AS (UPDATE sales SET note = 'a' WHERE id = 1) SELECT 1 FROM lines WHERE id = 2
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:update masked, public.lines:select
--> sends WITH x AS (UPDATE "public".sales SET note = 'a' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("sales"."id" OPERATOR(pg_catalog.=) 1) AND CASE WHEN "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( id = 1) ELSE FALSE END) SELECT 1 FROM "public".lines WHERE id = 2

WITH x AS (DELETE FROM sales RETURNING id) SELECT id FROM x WHERE id = 2
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:delete masked
--> sends WITH x AS (DELETE FROM "public".sales WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) RETURNING id AS "id") SELECT id FROM x WHERE id = 2

DELETE FROM sales; SELECT 1 FROM lines WHERE id = 2
--> rewrite elevated DELETE: touches masks, filters rows, public.sales:delete masked
--> pass either SELECT: public.lines:select
--> all elevated no taint
--> sends DELETE FROM "public".sales WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]); SELECT 1 FROM lines WHERE id = 2

UPDATE sales SET note = x.where FROM (SELECT memo AS where FROM orders) x WHERE sales.id = 1 RETURNING sales.id
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked, public.orders:select
--> sends UPDATE "public".sales SET note = x.where FROM (SELECT memo AS where FROM "public".orders) x WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("sales"."id" OPERATOR(pg_catalog.=) 1) AND CASE WHEN "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( sales.id = 1) ELSE FALSE END RETURNING sales.id AS "id"

UPDATE sales SET note = x.returning FROM (SELECT memo AS returning FROM orders) x WHERE sales.id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked, public.orders:select
--> sends UPDATE "public".sales SET note = x.returning FROM (SELECT memo AS returning FROM "public".orders) x WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ("sales"."id" OPERATOR(pg_catalog.=) 1) AND CASE WHEN "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( sales.id = 1) ELSE FALSE END

DELETE FROM sales t USING (SELECT id AS where FROM orders) x
--> rewrite elevated DELETE: touches masks, filters rows, public.sales:delete masked, public.orders:select
--> sends DELETE FROM "public".sales t USING (SELECT id AS where FROM "public".orders) x WHERE "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO sales (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'a' WHERE sales.id = 1 RETURNING id
--> rewrite elevated INSERT: touches masks, filters rows, public.sales:insert masked, public.sales:update masked
--> sends INSERT INTO "public".sales (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'a' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( sales.id = 1) ELSE FALSE END RETURNING id AS "id"

INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT ((sales.do)) DO UPDATE SET note = 'a'
--> rewrite elevated INSERT: touches masks, filters rows, public.sales:insert masked, public.sales:update masked
--> sends INSERT INTO "public".sales (id, region) VALUES (1, 'EU') ON CONFLICT ((sales.do)) DO UPDATE SET note = 'a' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT ((sales.update)) DO UPDATE SET note = 'a'
--> rewrite elevated INSERT: touches masks, filters rows, public.sales:insert masked, public.sales:update masked
--> sends INSERT INTO "public".sales (id, region) VALUES (1, 'EU') ON CONFLICT ((sales.update)) DO UPDATE SET note = 'a' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

--- MERGE inserts what its filter may hide, and takes names after a dot for names
-- with from 15

MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, 'EU')
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:insert masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN NOT MATCHED THEN INSERT (id, region) VALUES (s.id, 'EU')

MERGE INTO sales t USING lines s ON t.id = s.id WHEN MATCHED THEN DELETE; MERGE INTO sales t USING lines s ON t.id = s.qty WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> all elevated no taint
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN MATCHED THEN DELETE; MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.qty) WHEN MATCHED THEN DELETE

--- MERGE within WITH ends where its brackets close
-- with from 17

WITH m AS (MERGE INTO sales t USING lines s ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND t.case = 1 THEN DELETE) SELECT 1 FROM orders o JOIN lines l ON true
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:delete masked, public.lines:select, public.orders:select
--> sends WITH m AS (MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.id = s.id) ELSE FALSE END WHEN NOT MATCHED BY SOURCE AND "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( t.case = 1) ELSE FALSE END THEN DELETE) SELECT 1 FROM "public".orders o JOIN "public".lines l ON true

MERGE INTO sales t USING lines s ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING t.id AS on
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:delete masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN MATCHED THEN DELETE RETURNING t.id AS on

--- MERGE moves no row out of its filter, by a column that the filter’s is made of either
-- with from 15

MERGE INTO derived t USING lines s ON t.id = s.id WHEN MATCHED THEN UPDATE SET source = 'x'
--> deny row-filter-column 42501 at 80 public.derived with detail, in MERGE

MERGE INTO sales t USING lines s ON t.id = s.id WHEN MATCHED THEN UPDATE SET region = t.region, note = 'x'
--> rewrite elevated MERGE: touches masks, filters rows, public.sales:update masked, public.lines:select
--> sends MERGE INTO "public".sales t USING "public".lines s ON "t"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( t.id = s.id) WHEN MATCHED THEN UPDATE SET region = t.region, note = 'x'

MERGE INTO sales t USING lines s ON t.id = s.id WHEN MATCHED THEN UPDATE SET region = 'EU'
--> deny row-filter-column 42501 at 78 public.sales with detail, in MERGE

--- a column of the filter takes constants, parameters and itself, by no other name

UPDATE sales SET region = sales.region WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked
--> sends UPDATE "public".sales SET region = sales.region WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE sales SET region = sales.sales.region WHERE id = 1
--> deny row-filter-column 42501 at 18 public.sales with detail, in UPDATE

UPDATE sales SET region = region FROM lines l WHERE sales.id = l.id
--> deny row-filter-column 42501 at 18 public.sales with detail, in UPDATE

UPDATE sales SET region = l.region FROM lines l WHERE sales.id = l.id
--> deny row-filter-column 42501 at 18 public.sales with detail, in UPDATE

UPDATE sales SET region[1] = 'EU' WHERE id = 1
--> deny row-filter-column 42501 at 18 public.sales with detail, in UPDATE

INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET region = excluded.region
--> rewrite elevated INSERT: touches masks, filters rows, public.sales:insert masked, public.sales:update masked
--> sends INSERT INTO "public".sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET region = excluded.region WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "excluded"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET region = excluded.excluded.region
--> deny row-filter-column 42501 at 80 public.sales with detail, in INSERT

UPDATE zones SET region = 'EU' WHERE id = 1
--> deny row-filter-column 42501 at 18 public.zones with detail, in UPDATE

UPDATE states SET region = 'EU' WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.states:update
--> sends UPDATE "public".states SET region = 'EU' WHERE "states"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND (('EU')::public.order_status) OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE derived SET nope = 1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.derived:update
--> sends UPDATE "public".derived SET nope = 1 WHERE "derived"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE report SET id = 1 WHERE id = 2
--> deny row-filter 42501 at 8 public.report with detail hint in words, in UPDATE

--- each write of a statement finds its own place

WITH x AS (INSERT INTO sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET note = 'a') INSERT INTO sales (id, region) VALUES (2, 'EU') ON CONFLICT (id) DO UPDATE SET note = 'b'
--> rewrite elevated INSERT: touches masks, filters rows, public.sales:insert masked, public.sales:update masked
--> sends WITH x AS (INSERT INTO "public".sales (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET note = 'a' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) INSERT INTO "public".sales (id, region) VALUES (2, 'EU') ON CONFLICT (id) DO UPDATE SET note = 'b' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])
