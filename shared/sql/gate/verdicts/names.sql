--- a relation that no grant names is out of reach, by whatever name

SELECT * FROM payments
--> deny default-deny 42501 at 15 public.payments with detail hint payments select, in SELECT

SELECT * FROM public.payments
--> deny default-deny 42501 at 15 public.payments with detail hint payments select, in SELECT

SELECT * FROM shop.public.payments
--> deny default-deny 42501 at 15 public.payments with detail hint payments select, in SELECT

SELECT * FROM other.public.orders
--> deny cross-database 0A000 at 15, in SELECT

SELECT * FROM other.orders
--> deny unknown-relation 42P01 at 15, in SELECT

SELECT * FROM nowhere
--> deny unknown-relation 42P01 at 15, in SELECT

SELECT * FROM public.nowhere
--> deny unknown-relation 42P01 at 15, in SELECT

SELECT * FROM pg_temp.orders
--> deny unknown-relation 42P01 at 15, in SELECT

SELECT * FROM pg_toast.pg_toast_16
--> deny system-relation 42501 at 15 pg_toast.pg_toast_16 with detail, in SELECT

SELECT * FROM pg_authid
--> deny system-relation 42501 at 15 pg_catalog.pg_authid with detail, in SELECT

SELECT * FROM pg_shadow
--> deny system-relation 42501 at 15 pg_catalog.pg_shadow with detail, in SELECT

SELECT * FROM pg_largeobject
--> deny system-relation 42501 at 15 pg_catalog.pg_largeobject with detail, in SELECT

SELECT * FROM pg_catalog.pg_class
--> pass either SELECT

SELECT * FROM information_schema.tables
--> pass either SELECT

SELECT * FROM guarded_view
--> deny view-reaches-mask 42501 at 15 public.guarded_view with detail hint guarded_view select, in SELECT

INSERT INTO pg_class (relname) VALUES ('x')
--> deny system-relation 42501 at 13 pg_catalog.pg_class with detail, in INSERT

DELETE FROM pg_catalog.pg_class
--> deny system-relation 42501 at 13 pg_catalog.pg_class with detail, in DELETE

UPDATE information_schema.tables SET table_name = 'x'
--> deny system-relation 42501 at 8 information_schema.tables with detail, in UPDATE

SELECT * FROM read_only
--> pass either SELECT: public.read_only:select

INSERT INTO read_only VALUES (1)
--> deny operation 42501 at 13 public.read_only with detail hint read_only insert, in INSERT

SELECT * FROM insert_only
--> deny operation 42501 at 15 public.insert_only with detail hint insert_only select, in SELECT

INSERT INTO insert_only VALUES (1)
--> pass either INSERT: public.insert_only:insert

INSERT INTO insert_only VALUES (1) RETURNING id
--> deny operation 42501 at 13 public.insert_only with detail hint insert_only select, in INSERT

UPDATE held_back SET id = 1
--> deny agent-grant-option 42501 at 8 public.held_back with detail hint held_back update, in UPDATE

SELECT * FROM held_back
--> pass either SELECT: public.held_back:select

INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = 'x'
--> pass either INSERT: public.orders:insert, public.orders:update

INSERT INTO insert_only VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2
--> deny operation 42501 at 13 public.insert_only with detail hint insert_only update, in INSERT

INSERT INTO insert_only VALUES (1) ON CONFLICT DO NOTHING
--> pass either INSERT: public.insert_only:insert

SELECT 1 FROM orders a, orders b, (SELECT 1 FROM orders) c
--> pass either SELECT: public.orders:select

WITH orders AS (SELECT 1 AS id) SELECT * FROM orders
--> pass either SELECT

WITH payments AS (SELECT 1 AS id) SELECT * FROM payments
--> pass either SELECT

WITH payments AS (SELECT * FROM payments) SELECT * FROM payments
--> deny default-deny 42501 at 33 public.payments with detail hint payments select, in SELECT

WITH RECURSIVE payments AS (SELECT 1 AS id UNION SELECT id FROM payments) SELECT * FROM payments
--> pass either SELECT

WITH payments AS (SELECT 1) SELECT * FROM public.payments
--> deny default-deny 42501 at 43 public.payments with detail hint payments select, in SELECT

SELECT * FROM (WITH payments AS (SELECT 1) SELECT 1) s, payments
--> deny default-deny 42501 at 57 public.payments with detail hint payments select, in SELECT

WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a
--> deny unknown-relation 42P01 at 26, in SELECT

SELECT last_value FROM customers_id_seq
--> pass either SELECT

SELECT last_value FROM read_only_id_seq
--> deny default-deny 42501 at 24 public.read_only_id_seq with detail hint read_only_id_seq select, in SELECT

SELECT last_value FROM insert_only_id_seq
--> pass either SELECT

SELECT last_value FROM payments_id_seq
--> deny default-deny 42501 at 24 public.payments_id_seq with detail hint payments_id_seq select, in SELECT

--- statistics and counters of the server tell nothing of masked or hidden values

SELECT * FROM pg_stats
--> opaque base SELECT: taints transaction, touches masks, with reason

SELECT * FROM pg_stats_ext
--> opaque base SELECT: taints transaction, touches masks, with reason

SELECT * FROM pg_statistic
--> opaque base SELECT: taints transaction, touches masks, with reason

SELECT * FROM pg_stat_user_tables
--> deny row-filter-counters 42501 at 15 with detail, in SELECT

SELECT * FROM pg_statio_user_tables
--> deny row-filter-counters 42501 at 15 with detail, in SELECT

SELECT * FROM pg_locks
--> deny row-filter-counters 42501 at 15 with detail, in SELECT

SELECT * FROM pg_stat_activity
--> pass either SELECT

SELECT * FROM pg_settings
--> pass either SELECT

SELECT pg_stat_get_live_tuples(1)
--> deny row-filter-counters 42501 at 8 with detail, in SELECT

SELECT pg_catalog.pg_stat_get_live_tuples(1)
--> deny row-filter-counters 42501 at 8 with detail, in SELECT

--- a name that stands in two schemas is written with the one that was meant

SELECT * FROM twice
--> rewrite either SELECT: touches masks, public.twice:select masked
--> sends SELECT * FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."twice") AS "twice"

SELECT * FROM public.twice
--> rewrite either SELECT: touches masks, public.twice:select masked
--> sends SELECT * FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."twice") AS "twice"

SELECT id FROM sales.twice
--> pass either SELECT: sales.twice:select

INSERT INTO twice (id) VALUES (1)
--> rewrite either INSERT: touches masks, public.twice:insert masked
--> sends INSERT INTO "public".twice (id) VALUES (1)

DELETE FROM twice
--> rewrite either DELETE: touches masks, public.twice:delete masked
--> sends DELETE FROM "public".twice

--- a name that stands in two schemas is found along the path
-- with path sales, public

SELECT * FROM twice
--> rewrite either SELECT: sales.twice:select
--> sends SELECT * FROM "sales".twice

SELECT * FROM thrice
--> pass either SELECT: sales.thrice:select

SELECT * FROM orders
--> pass either SELECT: public.orders:select

SELECT elsewhere(1)
--> opaque base SELECT: taints transaction, with reason

SELECT shared_name(1)
--> deny security-definer-function 42501 at 8 with detail hint anything for anything, in SELECT

--- a name that stands in one schema is written with it once the path was changed
-- with touched

SELECT * FROM orders
--> rewrite either SELECT: public.orders:select
--> sends SELECT * FROM "public".orders

SELECT * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT * FROM pg_class
--> pass either SELECT

UPDATE orders SET memo = 'x'
--> rewrite either UPDATE: public.orders:update
--> sends UPDATE "public".orders SET memo = 'x'

SELECT elsewhere(1)
--> opaque base SELECT: taints transaction, with reason

SELECT lower('x')
--> opaque base SELECT: taints transaction, with reason

SELECT nextval('customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('public.customers_id_seq')
--> pass either SELECT
--> literals count

SELECT 'x'::order_status
--> opaque base SELECT: taints transaction, with reason

SELECT 'x'::public.order_status
--> pass either SELECT

SELECT c::customers FROM customers c
--> deny whole-row-cast 42501 at 11 public.customers, in SELECT

--- code that reading or writing runs keeps a statement in base, and taints

SELECT * FROM secured
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.secured:select masked
--> sends SELECT * FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."secured") AS "secured"

SELECT * FROM policed
--> pass either SELECT: public.policed:select

SELECT * FROM computed
--> pass either SELECT: public.computed:select

INSERT INTO computed VALUES (1)
--> opaque base INSERT: taints transaction, with reason, public.computed:insert

INSERT INTO ruled VALUES (1)
--> opaque base INSERT: taints transaction, with reason, public.ruled:insert

SELECT * FROM ruled
--> pass either SELECT: public.ruled:select

INSERT INTO policed VALUES (1)
--> pass either INSERT: public.policed:insert

SELECT * FROM plain_view
--> pass either SELECT: public.plain_view:select

SELECT * FROM stored_view
--> pass either SELECT: public.stored_view:select

SELECT * FROM lost_view
--> opaque base SELECT: taints transaction, with reason, public.lost_view:select

SELECT * FROM coded_view
--> opaque base SELECT: taints transaction, with reason, public.coded_view:select

SELECT * FROM secured_view
--> opaque base SELECT: taints transaction, with reason, public.secured_view:select

SELECT * FROM gone_view
--> opaque base SELECT: taints transaction, with reason, public.gone_view:select

SELECT * FROM distant
--> pass either SELECT: public.distant:select

UPDATE distant SET memo = 'x'
--> pass base UPDATE: with reason, public.distant:update

UPDATE plain_view SET memo = 'x'
--> pass base UPDATE: with reason, public.plain_view:update

DELETE FROM plain_view
--> pass base DELETE: with reason, public.plain_view:delete

UPDATE plain_view SET memo = email FROM customers
--> deny masked-source 42501 at 23 public.customers with detail hint customers select, in UPDATE

INSERT INTO hooked VALUES (1)
--> pass either INSERT: public.hooked:insert

UPDATE hooked SET memo = 'x'
--> pass either UPDATE: public.hooked:update

DELETE FROM hooked
--> opaque base DELETE: taints transaction, with reason, public.hooked:delete

INSERT INTO audited (id) VALUES (1)
--> pass either INSERT: touches masks, public.audited:insert masked

UPDATE audited SET note = 'x'
--> opaque base UPDATE: taints transaction, touches masks, with reason, public.audited:update masked

UPDATE audited SET note = 'x' RETURNING email
--> opaque base UPDATE: taints transaction, touches masks, degraded, with reason, public.audited:update masked
--> sends UPDATE audited SET note = 'x' RETURNING (redact_of("audited"."email")) AS "email"

WITH w AS (DELETE FROM hooked RETURNING id) SELECT email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.hooked:delete, public.customers:select masked
--> sends WITH w AS (DELETE FROM hooked RETURNING id) SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

DELETE FROM parents
--> opaque base DELETE: taints transaction, touches masks, with reason, public.parents:delete

UPDATE parents SET id = 2
--> pass either UPDATE: touches masks, public.parents:update

UPDATE parents SET memo = 'x'
--> pass either UPDATE: touches masks, public.parents:update

INSERT INTO parents (id) VALUES (1)
--> pass either INSERT: public.parents:insert

DELETE FROM shelves
--> pass either DELETE: touches masks, public.shelves:delete

INSERT INTO shelves (id) VALUES (1)
--> pass either INSERT: public.shelves:insert

DELETE FROM orders
--> pass either DELETE: public.orders:delete

SELECT * FROM castable
--> pass either SELECT: public.castable:select

SELECT email FROM customers; DO ''
--> rewrite either SELECT: touches masks, degraded, public.customers:select masked
--> opaque base DO: taints session, with reason
--> all base session taint
--> sends SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"; DO ''

SELECT email FROM customers; SELECT invoker(1)
--> rewrite either SELECT: touches masks, degraded, public.customers:select masked
--> opaque base SELECT: taints transaction, with reason
--> all base transaction taint
--> sends SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"; SELECT invoker(1)

SELECT id FROM sales; DO ''
--> deny row-filter 42501 at 16 public.sales with detail hint in words, in SELECT

SELECT invoker(1); SELECT 1
--> opaque base SELECT: taints transaction, with reason
--> pass either SELECT
--> all base transaction taint

DO ''; SELECT 1
--> opaque base DO: taints session, with reason
--> pass either SELECT
--> all base session taint

SELECT id FROM customers WHERE email = 'a'; DO ''
--> deny match-needs-elevation 42501 at 32 public.customers with detail hint in words, in SELECT

SELECT name FROM people; SELECT 1
--> rewrite elevated SELECT: touches masks, public.people:select masked
--> pass either SELECT
--> all elevated no taint
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> piece 0 SELECT 1
--> sends SELECT name FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"; SELECT 1

SELECT 1; SELECT name FROM people; SELECT email FROM people
--> pass either SELECT
--> rewrite elevated SELECT: touches masks, public.people:select masked
--> rewrite elevated SELECT: touches masks, public.people:select masked
--> all elevated no taint
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> piece 2 SELECT name FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"
--> piece 0 SELECT email FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"
--> sends SELECT 1; SELECT name FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"; SELECT email FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

SELECT name FROM people; COPY orders TO STDOUT
--> deny pseudonym-copy 0A000 hint Send them one by one.

--- a trigger that nobody vouched for is code
-- with unvouched

INSERT INTO hooked VALUES (1)
--> opaque base INSERT: taints transaction, with reason, public.hooked:insert

SELECT trusted(1)
--> opaque base SELECT: taints transaction, with reason

--- a column whose type has casts made by people is code wherever it is read
-- with casts 601

SELECT * FROM castable
--> opaque base SELECT: taints transaction, with reason, public.castable:select

INSERT INTO castable (id) VALUES (1)
--> opaque base INSERT: taints transaction, with reason, public.castable:insert

SELECT * FROM orders
--> pass either SELECT: public.orders:select

SELECT 'x'::order_status
--> opaque base SELECT: taints transaction, with reason

--- functions made by people run in base, with the owner's rights never, and vouched ones anywhere

SELECT invoker(1)
--> opaque base SELECT: taints transaction, with reason

SELECT invoker(id), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT invoker(id), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT public.invoker(1)
--> opaque base SELECT: taints transaction, with reason

SELECT shop.public.invoker(1)
--> opaque base SELECT: taints transaction, with reason

SELECT other.public.invoker(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT definer(1)
--> deny security-definer-function 42501 at 8 with detail hint anything for anything, in SELECT

SELECT public.definer(1)
--> deny security-definer-function 42501 at 8 with detail hint anything for anything, in SELECT

SELECT elsewhere(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT sales.elsewhere(1)
--> opaque base SELECT: taints transaction, with reason

SELECT sales.invoker(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT shared_name(1)
--> opaque base SELECT: taints transaction, with reason

SELECT sales.shared_name(1)
--> deny security-definer-function 42501 at 8 with detail hint anything for anything, in SELECT

SELECT public.shared_name(1)
--> opaque base SELECT: taints transaction, with reason

SELECT trusted(1)
--> pass either SELECT

SELECT trusted(id), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT "public".trusted(id), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT public.trusted(id), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT public.trusted(id), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT sales.trusted_there(id), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT sales.trusted_there(id), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT lower(email) FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT lower(email) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_catalog.lower(email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.lower(email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT public.lower(email) FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT public.lower(email) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT upper('x')
--> pass either SELECT

SELECT length(email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.length(email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT nowhere(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT public.nowhere(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT pg_catalog.nowhere(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT pg_read_file('x')
--> deny function-allow-list 42501 at 8 with detail hint anything for anything, in SELECT

SELECT pg_catalog.pg_read_file('x')
--> deny function-allow-list 42501 at 8 with detail hint anything for anything, in SELECT

SELECT query_to_xml('SELECT 1', true, true, '')
--> deny function-allow-list 42501 at 8 with detail hint anything for anything, in SELECT

SELECT pg_temp.f()
--> opaque base SELECT: taints session, with reason

SELECT pg_temp_3.f()
--> opaque base SELECT: taints session, with reason

SELECT information_schema._pg_expandarray(ARRAY[1])
--> pass either SELECT

SELECT information_schema._pg_keysequal(ARRAY[1::int2], ARRAY[1::int2])
--> pass either SELECT

SELECT information_schema._pg_index_position(1, 1::int2)
--> pass either SELECT

SELECT information_schema._pg_truetypid(a, t) FROM pg_attribute a, pg_type t
--> pass either SELECT

SELECT information_schema._pg_truetypmod(a, t) FROM pg_attribute a, pg_type t
--> pass either SELECT

SELECT information_schema._pg_char_max_length(1, 1)
--> pass either SELECT

SELECT information_schema._pg_char_octet_length(1, 1)
--> pass either SELECT

SELECT information_schema._pg_numeric_precision(1, 1)
--> pass either SELECT

SELECT information_schema._pg_numeric_precision_radix(1, 1)
--> pass either SELECT

SELECT information_schema._pg_numeric_scale(1, 1)
--> pass either SELECT

SELECT information_schema._pg_datetime_precision(1, 1)
--> pass either SELECT

SELECT information_schema._pg_interval_type(1, 1)
--> pass either SELECT

SELECT information_schema.nowhere(1)
--> deny unknown-function 42883 at 8, in SELECT

SELECT public._pg_expandarray(ARRAY[1])
--> deny unknown-function 42883 at 8, in SELECT

SELECT * FROM invoker(1)
--> opaque base SELECT: taints transaction, with reason

SELECT * FROM ROWS FROM (definer(1))
--> deny security-definer-function 42501 at 26 with detail hint anything for anything, in SELECT

SELECT invoker(1) OVER ()
--> opaque base SELECT: taints transaction, with reason

SELECT count(*) FILTER (WHERE definer(1) = 1) FROM orders
--> deny security-definer-function 42501 at 31 with detail hint anything for anything, in SELECT

SELECT 1 ORDER BY definer(1)
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in SELECT

SELECT 1 FROM orders GROUP BY definer(1)
--> deny security-definer-function 42501 at 31 with detail hint anything for anything, in SELECT

SELECT 1 FROM orders GROUP BY 1 HAVING definer(1) = 1
--> deny security-definer-function 42501 at 40 with detail hint anything for anything, in SELECT

SELECT 1 LIMIT definer(1)
--> deny security-definer-function 42501 at 16 with detail hint anything for anything, in SELECT

SELECT 1 OFFSET definer(1)
--> deny security-definer-function 42501 at 17 with detail hint anything for anything, in SELECT

SELECT DISTINCT ON (definer(1)) 1
--> deny security-definer-function 42501 at 21 with detail hint anything for anything, in SELECT

SELECT sum(1) OVER w FROM orders WINDOW w AS (PARTITION BY definer(1))
--> deny security-definer-function 42501 at 60 with detail hint anything for anything, in SELECT

VALUES (definer(1))
--> deny security-definer-function 42501 at 9 with detail hint anything for anything, in SELECT

SELECT 1 WHERE definer(1) = 1
--> deny security-definer-function 42501 at 16 with detail hint anything for anything, in SELECT

SELECT 1 FROM orders a JOIN orders b ON definer(1) = 1
--> deny security-definer-function 42501 at 41 with detail hint anything for anything, in SELECT

SELECT CASE definer(1) WHEN 1 THEN 1 END
--> deny security-definer-function 42501 at 13 with detail hint anything for anything, in SELECT

SELECT CASE 1 WHEN definer(1) THEN 1 END
--> deny security-definer-function 42501 at 20 with detail hint anything for anything, in SELECT

SELECT * FROM orders TABLESAMPLE system (definer(1))
--> deny security-definer-function 42501 at 42 with detail hint anything for anything, in SELECT

SELECT * FROM orders TABLESAMPLE system (1) REPEATABLE (definer(1))
--> deny security-definer-function 42501 at 57 with detail hint anything for anything, in SELECT

SELECT * FROM orders TABLESAMPLE own (1)
--> opaque base SELECT: taints session, with reason, public.orders:select

SELECT * FROM orders TABLESAMPLE public.system (1)
--> opaque base SELECT: taints session, with reason, public.orders:select

SELECT * FROM orders TABLESAMPLE pg_catalog.bernoulli (1)
--> pass either SELECT: public.orders:select

INSERT INTO orders (id) VALUES (definer(1))
--> deny security-definer-function 42501 at 33 with detail hint anything for anything, in INSERT

INSERT INTO orders (id) VALUES (1) ON CONFLICT (definer(id)) DO NOTHING
--> deny security-definer-function 42501 at 49 with detail hint anything for anything, in INSERT

INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) WHERE definer(1) = 1 DO NOTHING
--> deny security-definer-function 42501 at 59 with detail hint anything for anything, in INSERT

INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = definer(1)
--> deny security-definer-function 42501 at 74 with detail hint anything for anything, in INSERT

INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = '' WHERE definer(1) = 1
--> deny security-definer-function 42501 at 83 with detail hint anything for anything, in INSERT

INSERT INTO orders (id) VALUES (1) RETURNING definer(1)
--> deny security-definer-function 42501 at 46 with detail hint anything for anything, in INSERT

UPDATE orders SET memo = definer(1)
--> deny security-definer-function 42501 at 26 with detail hint anything for anything, in UPDATE

UPDATE orders SET memo = '' WHERE definer(1) = 1
--> deny security-definer-function 42501 at 35 with detail hint anything for anything, in UPDATE

WITH w AS (SELECT definer(1)) UPDATE orders SET memo = ''
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in UPDATE

WITH w AS (SELECT definer(1)) DELETE FROM orders
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in DELETE

WITH w AS (SELECT definer(1)) INSERT INTO orders (id) VALUES (1)
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in INSERT

DELETE FROM orders WHERE definer(1) = 1
--> deny security-definer-function 42501 at 26 with detail hint anything for anything, in DELETE

--- MERGE runs code in each of its places
-- with from 15

WITH w AS (SELECT definer(1)) MERGE INTO orders o USING lines l ON o.id = l.id WHEN MATCHED THEN DELETE
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in MERGE

MERGE INTO orders o USING lines l ON definer(1) = 1 WHEN MATCHED THEN DELETE
--> deny security-definer-function 42501 at 38 with detail hint anything for anything, in MERGE

MERGE INTO orders o USING lines l ON o.id = l.id WHEN MATCHED AND definer(1) = 1 THEN DELETE
--> deny security-definer-function 42501 at 67 with detail hint anything for anything, in MERGE

MERGE INTO orders o USING lines l ON o.id = l.id WHEN MATCHED THEN UPDATE SET memo = definer(1)
--> deny security-definer-function 42501 at 86 with detail hint anything for anything, in MERGE

MERGE INTO orders o USING lines l ON o.id = l.id WHEN NOT MATCHED THEN INSERT (id) VALUES (definer(1))
--> deny security-definer-function 42501 at 92 with detail hint anything for anything, in MERGE

MERGE INTO orders o USING lines l ON o.id = l.id WHEN NOT MATCHED THEN INSERT (total[definer(1)]) VALUES (1)
--> deny security-definer-function 42501 at 86 with detail hint anything for anything, in MERGE

MERGE INTO hooked h USING lines l ON h.id = l.id WHEN MATCHED THEN DELETE
--> opaque base MERGE: taints transaction, with reason, public.hooked:delete, public.lines:select

MERGE INTO hooked h USING lines l ON h.id = l.id WHEN NOT MATCHED THEN INSERT VALUES (1)
--> pass either MERGE: public.hooked:insert, public.lines:select

MERGE INTO audited h USING lines l ON h.id = l.id WHEN MATCHED THEN UPDATE SET note = 'x'
--> opaque base MERGE: taints transaction, touches masks, with reason, public.audited:update masked, public.lines:select

MERGE INTO read_only h USING lines l ON h.id = l.id WHEN MATCHED THEN DO NOTHING
--> deny operation 42501 at 12 public.read_only with detail hint read_only update, in MERGE

MERGE INTO read_only h USING lines l ON h.id = l.id WHEN MATCHED THEN DELETE
--> deny operation 42501 at 12 public.read_only with detail hint read_only delete, in MERGE

MERGE INTO insert_only h USING lines l ON h.id = l.id WHEN NOT MATCHED THEN INSERT VALUES (1)
--> pass either MERGE: public.insert_only:insert, public.lines:select

--- functions that could run the code of a type look at what they are given

SELECT pg_catalog.jsonb_populate_record(NULL, '{}')
--> pass base SELECT: with reason

SELECT jsonb_populate_record(NULL::pair, '{}'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT jsonb_populate_record(NULL::pair, '{}'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT jsonb_populate_record(NULL::information_schema.x, '{}'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.jsonb_populate_record(NULL::information_schema.x, '{}'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT json_populate_recordset(x, '{}'), email FROM customers, orders x
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT json_populate_recordset(x, '{}'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders x

SELECT age(now()), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.age(pg_catalog.now()), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- pg_input_is_valid checks built-in types beside real values, and others in base
-- with from 16

SELECT pg_input_is_valid('x', 'integer'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT pg_catalog.pg_input_is_valid('x', 'integer'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'numeric(3, 2)'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT pg_catalog.pg_input_is_valid('x', 'numeric(3, 2)'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'integer[3]'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT pg_catalog.pg_input_is_valid('x', 'integer[3]'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'pg_catalog.int4'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT pg_catalog.pg_input_is_valid('x', 'pg_catalog.int4'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'public.int4'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid('x', 'public.int4'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'checked'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid('x', 'checked'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', 'customers'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid('x', 'customers'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', $1), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid('x', $1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid('x', '"'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid('x', '"'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_is_valid(type => 'int4', string => 'x'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_is_valid(type => 'int4', string => 'x'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_error_info('x', 'checked'), email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> literals count
--> sends SELECT pg_input_error_info('x', 'checked'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_input_error_info('x', 'int4'), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT pg_catalog.pg_input_error_info('x', 'int4'), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- built-in functions whose bodies are SQL look operators up when they run
-- with operators <~>

SELECT age(now()), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT age(now()), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT bit_length(email) FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT bit_length(email) FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT date_part('year', now()), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT date_part('year', now()), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT substring(email FROM 'a'), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT substring(email FROM 'a'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT overlay(email PLACING 'a' FROM 1) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT overlay(email PLACING 'a' FROM 1) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT (now(), now()) OVERLAPS (now(), now()), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT (now(), now()) OVERLAPS (now(), now()), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT obj_description(1), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT obj_description(1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT col_description(1, 1), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT col_description(1, 1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT shobj_description(1, 'x'), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT shobj_description(1, 'x'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT path_contain_pt(p, q), email FROM customers, orders
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT path_contain_pt(p, q), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders

SELECT pg_sleep_for('1s'), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT pg_sleep_for('1s'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT pg_sleep_until(now()), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT pg_sleep_until(now()), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT polygon(x), email FROM customers, orders x
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT polygon(x), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders x

SELECT timestamptz(x), email FROM customers, orders x
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT timestamptz(x), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders x

SELECT ts_debug('x'), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT ts_debug('x'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT xpath('x', y), email FROM customers, orders y
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT xpath('x', y), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders y

SELECT xpath_exists('x', y), email FROM customers, orders y
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT xpath_exists('x', y), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders y

SELECT pg_relation_size('x'), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT pg_relation_size('x'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT length(email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT pg_catalog.length(email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- operators of people, and those that no one knows, keep real values away
-- with operators +, <~>

SELECT id + 1, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id + 1, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id - 1, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id - 1, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id OPERATOR(pg_catalog.+) 1, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id OPERATOR(pg_catalog.+) 1, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id OPERATOR(public.+) 1, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id OPERATOR(public.+) 1, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id <~> 1, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id <~> 1, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id %% 1, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id %% 1, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id BETWEEN 1 AND 2, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id BETWEEN 1 AND 2, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id FROM customers ORDER BY email USING <
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY email USING <

SELECT id FROM customers ORDER BY email USING OPERATOR(pg_catalog.<)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY email USING OPERATOR(pg_catalog.<)

SELECT id FROM customers ORDER BY email USING OPERATOR(public.<)
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" ORDER BY email USING OPERATOR(public.<)

SELECT id + ANY (SELECT 1), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id + ANY (SELECT 1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id = ANY (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id = ANY (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id < ALL (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id < ALL (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT EXISTS (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT EXISTS (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- a twin of an operator that the statement does not write keeps real values away too
-- with operators =, <=

SELECT id IN (SELECT 1), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id IN (SELECT 1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id = ANY (SELECT 1), email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id = ANY (SELECT 1), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT EXISTS (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT EXISTS (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT (SELECT 1), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT (SELECT 1), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT CASE id WHEN 1 THEN 2 END, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT CASE id WHEN 1 THEN 2 END, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT CASE WHEN id > 1 THEN 2 END, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT CASE WHEN id > 1 THEN 2 END, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT a.email FROM customers a JOIN orders USING (id)
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT a.email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a JOIN orders USING (id)

SELECT a.email FROM customers a NATURAL JOIN orders
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT a.email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a NATURAL JOIN orders

SELECT a.email FROM customers a JOIN orders b ON true
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT a.email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a JOIN "public".orders b ON true

SELECT id BETWEEN 1 AND 2, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id BETWEEN 1 AND 2, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id NOT BETWEEN SYMMETRIC 1 AND 2, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id NOT BETWEEN SYMMETRIC 1 AND 2, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id FROM customers WHERE email = 'a'
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = 'a'

--- operators of well-known extensions may stand beside real values
-- with harmless <=>, +

SELECT id <=> 1, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id <=> 1, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id OPERATOR(public.<=>) 1, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id OPERATOR(public.<=>) 1, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id + 1, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id + 1, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id <~> 1, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id <~> 1, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- types made by people, with their checks, keep real values away

SELECT 'x'::order_status, email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::order_status, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::public.order_status, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 'x'::public.order_status, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::sales.order_status, email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::sales.order_status, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::checked, email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::checked, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::pair, email FROM customers
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::pair, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::citext, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::citext, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::sales.span, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::sales.span, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::span, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::span, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::nowhere.thing, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::nowhere.thing, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::thing, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 'x'::thing, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::pg_temp.thing, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::pg_temp.thing, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::pg_temp_3.thing, email FROM customers
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT 'x'::pg_temp_3.thing, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 1::int4, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 1::int4, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 1::pg_catalog.int4, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 1::pg_catalog.int4, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 'x'::information_schema.sql_identifier, email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 'x'::information_schema.sql_identifier, email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT row(1, 'x')::customers
--> deny whole-row-cast 42501 at 21 public.customers, in SELECT

SELECT c::public.customers FROM customers c
--> deny whole-row-cast 42501 at 11 public.customers, in SELECT

SELECT c::orders FROM orders c
--> pass either SELECT: public.orders:select

SELECT NULL::payments
--> pass either SELECT

SELECT NULL::sales
--> deny whole-row-cast 42501 at 14 public.sales, in SELECT

SELECT NULL::sales.sales
--> pass base SELECT: with reason

--- sequences belong to those who may insert, by name

SELECT nextval('customers_id_seq')
--> pass either SELECT
--> literals count

SELECT nextval('public.customers_id_seq')
--> pass either SELECT
--> literals count

SELECT nextval('public.customers_id_seq'::regclass)
--> pass either SELECT
--> literals count

SELECT nextval('shop.public.customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('sales.customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT currval('customers_id_seq')
--> pass either SELECT
--> literals count

SELECT setval('customers_id_seq', 1)
--> pass either SELECT
--> literals count

SELECT lastval()
--> pass either SELECT

SELECT nextval('payments_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('read_only_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('insert_only_id_seq')
--> pass either SELECT
--> literals count

SELECT nextval('nowhere')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('orders')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('pg_class')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('"')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval($1)
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval(regclass => 'customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval()
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT lastval(1)
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT pg_catalog.nextval('customers_id_seq')
--> pass either SELECT
--> literals count

SELECT public.nextval('customers_id_seq')
--> deny unknown-function 42883 at 8, in SELECT

--- jsonb_populate_record_valid is as careful as the others
-- with from 16

SELECT jsonb_populate_record_valid(x, '{}'), email FROM customers, orders x
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked, public.orders:select
--> sends SELECT jsonb_populate_record_valid(x, '{}'), email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders x

--- a text type of a well-known extension is compared by its own rule
-- with harmless =

SELECT id FROM guests WHERE nick = 'a'
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.nick 1 [a]
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "nick" = 'a') AS "guests" WHERE TRUE

SELECT id FROM guests WHERE nick IN ('a', $1)
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.nick 2 [a $1 value]
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "nick" IN ('a', $1)) AS "guests" WHERE TRUE

SELECT id FROM guests WHERE nick = ANY ($1)
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.nick 1 [$1 array]
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "nick" = ANY ($1)) AS "guests" WHERE TRUE

SELECT id FROM guests WHERE nick = ANY (ARRAY['a', 'b'])
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.nick 2 [a b]
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "nick" = ANY (ARRAY['a', 'b'])) AS "guests" WHERE TRUE

SELECT id FROM guests WHERE nick IS NULL
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.nick 0 []
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "nick" IS NULL) AS "guests" WHERE TRUE

SELECT id FROM guests WHERE spot = 'a'
--> rewrite either SELECT: touches masks, public.guests:select masked
--> sends SELECT id FROM (SELECT "id", redact_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") AS "guests" WHERE spot = 'a'

SELECT id FROM customers WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE

UPDATE guests SET id = 1 WHERE nick = 'a'
--> rewrite elevated UPDATE: touches masks, public.guests:update masked, matches 56.nick 1 [a]
--> sends UPDATE "public".guests SET id = 1 WHERE nick = 'a'

SELECT a.id FROM guests a JOIN guests b ON a.nick = b.nick
--> rewrite elevated SELECT: touches masks, public.guests:select masked
--> sends SELECT a.id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") a JOIN (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") b ON a.nick = b.nick

--- a type whose own rule is not known is compared by its masks
-- with operators =; harmless =

SELECT id FROM guests WHERE nick = 'a'
--> rewrite base SELECT: touches masks, degraded, with reason, public.guests:select masked
--> sends SELECT id FROM (SELECT "id", redact_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") AS "guests" WHERE nick = 'a'

--- without an operator of its own a text type is compared by its masks

SELECT id FROM guests WHERE nick = 'a'
--> rewrite elevated SELECT: touches masks, public.guests:select masked
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") AS "guests" WHERE nick = 'a'

SELECT id FROM guests WHERE nick IS NULL
--> rewrite elevated SELECT: touches masks, public.guests:select masked
--> sends SELECT id FROM (SELECT "id", email_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests") AS "guests" WHERE nick IS NULL

SELECT id FROM guests WHERE state = 'a'
--> rewrite elevated SELECT: touches masks, public.guests:select masked, matches 56.state 1 [a]
--> sends SELECT id FROM (SELECT "id", redact_of("nick") AS "nick", redact_of("state") AS "state", redact_of("spot") AS "spot" FROM "public"."guests" WHERE "state" OPERATOR(pg_catalog.=) 'a') AS "guests" WHERE TRUE

--- relations of the server that hold secrets are out of reach

SELECT * FROM pg_file_settings
--> deny system-relation 42501 at 15 pg_catalog.pg_file_settings with detail, in SELECT

SELECT * FROM pg_hba_file_rules
--> deny system-relation 42501 at 15 pg_catalog.pg_hba_file_rules with detail, in SELECT

SELECT * FROM pg_ident_file_mappings
--> deny system-relation 42501 at 15 pg_catalog.pg_ident_file_mappings with detail, in SELECT

SELECT * FROM pg_user_mapping
--> deny system-relation 42501 at 15 pg_catalog.pg_user_mapping with detail, in SELECT

SELECT * FROM pg_stats_ext_exprs
--> opaque base SELECT: taints transaction, touches masks, with reason

SELECT * FROM pg_statistic_ext_data
--> opaque base SELECT: taints transaction, touches masks, with reason

--- where nothing is hidden, counters and planner switches are free
-- with open; prepared

SELECT * FROM pg_stat_user_tables
--> pass either SELECT

SELECT pg_stat_get_live_tuples(1)
--> pass either SELECT

EXPLAIN EXECUTE real
--> pass elevated EXPLAIN: touches masks

SET enable_seqscan = off
--> pass either SET
--> literals count

FETCH 1 FROM c
--> pass either FETCH

SELECT email FROM customers
--> pass either SELECT: public.customers:select

UPDATE customers SET note = email
--> pass either UPDATE: public.customers:update

--- vouched functions of one name in two schemas are left to the path
-- with path public, sales

SELECT trusted_twice(id), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT trusted_twice(id), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT trusted(id), email FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT "public".trusted(id), email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT upper(email) FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT upper(email) FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- BETWEEN asks for both of its operators
-- with operators >=

SELECT id BETWEEN 1 AND 2, email FROM customers
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id BETWEEN 1 AND 2, email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- a type may be a masked row of any schema once the path was changed
-- with path sales; touched

SELECT NULL::customers
--> deny whole-row-cast 42501 at 14 public.customers, in SELECT

--- a type is looked for along the path
-- with path sales

SELECT NULL::customers
--> pass either SELECT

LOCK TABLE thrice
--> pass either LOCK TABLE: sales.thrice:select

--- arguments that do not stand at their places are not read

SELECT nextval(VARIADIC 'public.customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval(regclass => 'public.customers_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT set_config('search_path', 'sales', is_local => true)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('search_path', VARIADIC 'sales')
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('datestyle', is_local => false, new_value => 'ISO')
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('bytea_output', 'hex', is_local => true)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

--- a type that pg_input_is_valid is given by name, or not at its place, may be any
-- with from 16

SELECT pg_input_is_valid(value => '1', 'int4')
--> opaque base SELECT: taints transaction, with reason
--> literals count

SELECT pg_input_is_valid('1', VARIADIC 'int4')
--> opaque base SELECT: taints transaction, with reason
--> literals count

--- what taints the session is not made less by what taints the transaction
-- with operators <~>

SELECT 1 <~> 2, public.invoker(1)
--> opaque base SELECT: taints session, with reason

SELECT public.invoker(1), 1 <~> 2
--> opaque base SELECT: taints session, with reason

--- a schema before a column belongs to one table of it

SELECT public.orders.memo, public.customers.email FROM orders, customers
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT public.orders.memo, customers.email FROM "public".orders, (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT public.orders.memo FROM customers, orders
--> rewrite either SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT public.orders.memo FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", orders
