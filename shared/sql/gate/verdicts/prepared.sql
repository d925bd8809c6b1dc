--- a prepared statement runs in the tier and with the taint that its body got
-- with prepared

EXECUTE plain
--> pass either EXECUTE

EXECUTE plain (1, lower('x'))
--> opaque base EXECUTE: taints transaction, with reason

EXECUTE plain (invoker(1))
--> opaque base EXECUTE: taints transaction, with reason

EXECUTE plain (definer(1))
--> deny security-definer-function 42501 at 16 with detail hint anything for anything, in EXECUTE

EXECUTE real
--> pass elevated EXECUTE: touches masks

EXECUTE real; DO ''
--> deny mixed-tiers 42501 with detail hint Send them one by one.

EXECUTE base_only
--> pass base EXECUTE

EXECUTE base_only; SELECT email FROM customers
--> pass base EXECUTE
--> rewrite either SELECT: touches masks, degraded, public.customers:select masked
--> all base no taint
--> sends EXECUTE base_only; SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

EXECUTE code
--> opaque base EXECUTE: taints transaction, with reason

EXECUTE own_code
--> opaque base EXECUTE: taints session, touches masks, with reason

EXECUTE lost
--> deny default-deny 42501, in EXECUTE

EXECUTE nobody
--> deny unknown-prepared 26000, in EXECUTE

EXPLAIN EXECUTE plain
--> pass either EXPLAIN

EXPLAIN EXECUTE real
--> deny explain-row-filter 42501 with detail, in EXPLAIN

EXPLAIN ANALYZE EXECUTE code
--> opaque base EXPLAIN: taints transaction, with reason

CREATE TEMP TABLE t AS EXECUTE plain
--> pass either CREATE TABLE AS: temp-relation-created t
--> literals count

CREATE TEMP TABLE t AS EXECUTE real
--> pass elevated CREATE TABLE AS: touches masks, temp-relation-created t
--> literals count

CREATE TEMP TABLE t AS EXECUTE nobody
--> deny unknown-prepared 26000, in CREATE TABLE AS

--- a prepared statement that needs real values is refused where they may not be read
-- with prepared; tainted

EXECUTE plain
--> pass either EXECUTE

EXECUTE real
--> deny stale-prepared 42501 hint DEALLOCATE it and prepare it again., in EXECUTE

EXECUTE code
--> opaque base EXECUTE: taints transaction, with reason

--- after code made by the session an unknown statement may be one that the code prepared
-- with prepared; opaque

EXECUTE nobody
--> opaque base EXECUTE: taints session, with reason

EXECUTE plain
--> pass either EXECUTE

--- PREPARE judges its body, and shows pseudonyms and matches to nobody

PREPARE p AS SELECT email FROM customers
--> rewrite elevated PREPARE: touches masks, public.customers:select masked, prepared p elevated null true
--> literals count
--> sends PREPARE p AS SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

PREPARE p (int) AS SELECT id FROM orders WHERE id = $1
--> pass either PREPARE: public.orders:select, prepared p either null false
--> literals count

PREPARE p AS INSERT INTO orders (id) VALUES ($1)
--> pass either PREPARE: public.orders:insert, prepared p either null false
--> literals count

PREPARE p AS UPDATE orders SET memo = $1
--> pass either PREPARE: public.orders:update, prepared p either null false
--> literals count

PREPARE p AS DELETE FROM orders
--> pass either PREPARE: public.orders:delete, prepared p either null false
--> literals count

PREPARE p AS SELECT id FROM customers WHERE email = $1
--> deny prepare-match 0A000 hint in words, in PREPARE

PREPARE p AS SELECT name FROM people
--> rewrite either PREPARE: touches masks, degraded, public.people:select masked, prepared p either null true
--> literals count
--> sends PREPARE p AS SELECT name FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

PREPARE p AS SELECT invoker(1)
--> opaque base PREPARE: taints session, with reason, prepared p base session false
--> literals count

PREPARE p AS SELECT definer(1)
--> deny security-definer-function 42501 at 21 with detail hint anything for anything, in PREPARE

PREPARE p (checked) AS SELECT $1
--> opaque base PREPARE: taints session, with reason, prepared p base session false
--> literals count

PREPARE p (customers) AS SELECT $1
--> deny whole-row-cast 42501 at 12 public.customers, in PREPARE

PREPARE p (pg_temp.t) AS SELECT $1
--> opaque base PREPARE: taints session, with reason, prepared p base session false
--> literals count

PREPARE p (oid) AS SELECT id FROM sales WHERE id = $1
--> deny row-filter-parameter 42501 public.sales with detail hint Declare it as bigint, or leave its type out., in PREPARE

PREPARE p (text) AS SELECT id FROM sales WHERE region = $1
--> rewrite elevated PREPARE: touches masks, filters rows, public.sales:select masked, prepared p elevated null true
--> literals count
--> sends PREPARE p (text) AS SELECT id FROM (SELECT "id", "region", "note", "total", redact_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "sales" WHERE region = $1

PREPARE p (oid) AS SELECT id FROM orders WHERE id = $1
--> pass either PREPARE: public.orders:select, prepared p either null false
--> literals count

PREPARE p AS SELECT * FROM nowhere
--> deny unknown-relation 42P01 at 28, in PREPARE

--- PREPARE of MERGE is judged like any other
-- with from 15

PREPARE p AS MERGE INTO orders o USING lines l ON o.id = l.id WHEN MATCHED THEN DELETE
--> pass either PREPARE: public.orders:delete, public.lines:select, prepared p either null false
--> literals count

--- EXPLAIN shows no plan that could tell of a real value, a key or a hidden row

EXPLAIN SELECT email FROM customers
--> rewrite elevated EXPLAIN: touches masks, public.customers:select masked
--> sends EXPLAIN SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

EXPLAIN ANALYZE SELECT id FROM orders
--> pass either EXPLAIN: public.orders:select

EXPLAIN INSERT INTO orders (id) VALUES (1)
--> pass either EXPLAIN: public.orders:insert

EXPLAIN UPDATE orders SET memo = 'x'
--> pass either EXPLAIN: public.orders:update

EXPLAIN DELETE FROM orders
--> pass either EXPLAIN: public.orders:delete

EXPLAIN DECLARE c CURSOR FOR SELECT email FROM customers
--> rewrite elevated EXPLAIN: touches masks, public.customers:select masked
--> sends EXPLAIN DECLARE c CURSOR FOR SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

EXPLAIN CREATE TEMP TABLE t AS SELECT email FROM customers
--> rewrite elevated EXPLAIN: touches masks, public.customers:select masked, temp-relation-created t
--> literals count
--> sends EXPLAIN CREATE TEMP TABLE t AS SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

EXPLAIN SELECT id FROM customers WHERE email = 'a'
--> deny explain-match 42501 with detail, in EXPLAIN

EXPLAIN SELECT name FROM people
--> deny explain-key 42501 with detail hint Leave the columns with pseudonyms out., in EXPLAIN

EXPLAIN SELECT id FROM sales
--> deny explain-row-filter 42501 at 24 public.sales with detail, in EXPLAIN

EXPLAIN SELECT id FROM payments
--> deny default-deny 42501 at 24 public.payments with detail hint payments select, in EXPLAIN

EXPLAIN CREATE TABLE t AS SELECT 1
--> deny ddl 42501 at 22 with detail hint anything for anything, in EXPLAIN

EXPLAIN EXECUTE nobody
--> deny unknown-prepared 26000, in EXPLAIN

--- EXPLAIN of MERGE is judged like any other
-- with from 15

EXPLAIN MERGE INTO orders o USING lines l ON o.id = l.id WHEN MATCHED THEN DELETE
--> pass either EXPLAIN: public.orders:delete, public.lines:select

EXPLAIN MERGE INTO orders o USING payments l ON o.id = l.id WHEN MATCHED THEN DELETE
--> deny default-deny 42501 at 35 public.payments with detail hint payments select, in EXPLAIN

--- a cursor over code taints the session, for each FETCH runs it

DECLARE c CURSOR FOR SELECT email FROM customers
--> rewrite elevated DECLARE CURSOR: touches masks, public.customers:select masked
--> sends DECLARE c CURSOR FOR SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

DECLARE c CURSOR WITH HOLD FOR SELECT id FROM orders
--> pass either DECLARE CURSOR: public.orders:select

DECLARE c CURSOR FOR SELECT invoker(1)
--> opaque base DECLARE CURSOR: taints session, with reason

DECLARE c CURSOR FOR SELECT name FROM people
--> rewrite elevated DECLARE CURSOR: touches masks, public.people:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends DECLARE c CURSOR FOR SELECT name FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

DECLARE c CURSOR FOR SELECT 'x'::citext
--> opaque base DECLARE CURSOR: taints session, with reason

FETCH 3 FROM c
--> pass either FETCH: touches masks

MOVE 3 FROM c
--> pass either MOVE: touches masks

--- a cursor over an operator made by people taints the session
-- with operators +

DECLARE c CURSOR FOR SELECT id + 1 FROM orders
--> opaque base DECLARE CURSOR: taints session, with reason, public.orders:select

--- LOCK takes what a policy grants, and ACCESS SHARE of a masked table by reading nothing

LOCK TABLE orders
--> pass either LOCK TABLE: public.orders:select

LOCK TABLE customers
--> pass either LOCK TABLE: touches masks, public.customers:select masked

LOCK TABLE customers IN ACCESS SHARE MODE
--> rewrite either LOCK TABLE: touches masks, public.customers:select masked
--> sends DO 'BEGIN PERFORM 1 FROM "public"."customers" WHERE false; END'

LOCK TABLE customers IN ACCESS SHARE MODE NOWAIT
--> pass either LOCK TABLE: touches masks, public.customers:select masked

LOCK TABLE ONLY customers, orders IN ACCESS SHARE MODE
--> rewrite either LOCK TABLE: touches masks, public.customers:select masked, public.orders:select
--> sends DO 'BEGIN PERFORM 1 FROM ONLY "public"."customers" WHERE false; PERFORM 1 FROM "public"."orders" WHERE false; END'

LOCK TABLE columnwise IN ACCESS SHARE MODE
--> rewrite either LOCK TABLE: public.columnwise:select
--> sends DO 'BEGIN PERFORM 1 FROM "public"."columnwise" WHERE false; END'

LOCK TABLE orders IN ACCESS SHARE MODE
--> pass either LOCK TABLE: public.orders:select

LOCK TABLE sales IN ACCESS SHARE MODE
--> rewrite elevated LOCK TABLE: touches masks, filters rows, public.sales:select masked
--> sends DO 'BEGIN PERFORM 1 FROM "public"."sales" WHERE false; END'

LOCK TABLE payments IN ACCESS SHARE MODE
--> deny default-deny 42501 at 12 public.payments with detail hint payments select, in LOCK

LOCK TABLE customers, payments IN ACCESS SHARE MODE
--> deny default-deny 42501 at 23 public.payments with detail hint payments select, in LOCK

LOCK TABLE guarded_view IN ACCESS SHARE MODE
--> deny view-reaches-mask 42501 at 12 public.guarded_view with detail hint guarded_view select, in LOCK

LOCK TABLE insert_only
--> pass either LOCK TABLE: public.insert_only:insert

LOCK TABLE secured IN ACCESS SHARE MODE
--> opaque base LOCK TABLE: taints transaction, touches masks, with reason, public.secured:select masked
--> sends DO 'BEGIN PERFORM 1 FROM "public"."secured" WHERE false; END'

LOCK TABLE secured
--> opaque base LOCK TABLE: taints transaction, touches masks, with reason, public.secured:select masked

LOCK TABLE policed
--> pass either LOCK TABLE: public.policed:select

LOCK TABLE twice
--> rewrite either LOCK TABLE: touches masks, public.twice:select masked
--> sends LOCK TABLE "public".twice

LOCK TABLE twice, sales.twice IN SHARE MODE
--> rewrite either LOCK TABLE: touches masks, public.twice:select masked, sales.twice:select
--> sends LOCK TABLE "public".twice, sales.twice IN SHARE MODE

LOCK TABLE pg_class IN ACCESS SHARE MODE
--> deny default-deny 42501 at 12 pg_catalog.pg_class with detail hint pg_class select, in LOCK

LOCK TABLE nowhere
--> deny unknown-relation 42P01 at 12, in LOCK

LOCK TABLE t
--> deny unknown-relation 42P01 at 12, in LOCK

--- LOCK of rows that are filtered needs the elevated tier
-- with tainted; temp t

LOCK TABLE sales IN ACCESS SHARE MODE
--> deny row-filter 42501 at 12 public.sales with detail hint in words, in LOCK

LOCK TABLE customers IN ACCESS SHARE MODE
--> rewrite either LOCK TABLE: touches masks, public.customers:select masked
--> sends DO 'BEGIN PERFORM 1 FROM "public"."customers" WHERE false; END'

LOCK TABLE t, customers IN ACCESS SHARE MODE
--> pass either LOCK TABLE: touches masks, public.customers:select masked

--- LOCK of a view that may run code is opaque where it is masked

LOCK TABLE lost_view
--> pass either LOCK TABLE: public.lost_view:select

LOCK TABLE secured_view IN ACCESS SHARE MODE
--> pass either LOCK TABLE: public.secured_view:select

--- what was prepared is remembered by its name, and lost with its reason
-- with prepared

EXECUTE lost_table
--> deny default-deny 42501 public.orders with detail, in EXECUTE

DEALLOCATE plain; EXECUTE real
--> pass either DEALLOCATE: deallocated plain
--> pass elevated EXECUTE: touches masks
--> all elevated no taint
--> literals count

DEALLOCATE ALL; EXECUTE real
--> deny unknown-prepared 26000, in EXECUTE

EXPLAIN REFRESH MATERIALIZED VIEW stored_view
--> deny unknown-node 0A000, in EXPLAIN

CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS ''; SELECT * FROM nowhere
--> opaque base CREATE FUNCTION: taints session, with reason
--> opaque base SELECT: taints session, with reason
--> all base session taint

CREATE TEMP VIEW v AS SELECT 1; SELECT nowhere(1)
--> opaque base CREATE VIEW: taints session, with reason, temp-relation-created v
--> opaque base SELECT: taints session, with reason
--> all base session taint
--> literals count

CREATE FUNCTION pg_temp.a.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
--> deny ddl 42501 with detail hint anything for anything, in CREATE FUNCTION

SELECT nextval('customers_id_seq.x.y')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

SELECT nextval('refused_id_seq')
--> deny sequence 42501 at 8 with detail hint anything insert, in SELECT

DELETE FROM racks
--> pass either DELETE: touches masks, public.racks:delete

SELECT * FROM stored_view
--> pass either SELECT: public.stored_view:select

--- LIKE of a temporary table copies its columns
-- with temp t

CREATE TEMP TABLE u (LIKE t)
--> pass either CREATE TABLE: temp-relation-created u
--> literals count

--- what was prepared for the base tier takes masks beside it, and real values never
-- with prepared

EXECUTE base_only ((SELECT email FROM customers LIMIT 1))
--> rewrite base EXECUTE: touches masks, degraded, public.customers:select masked
--> sends EXECUTE base_only ((SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" LIMIT 1))

EXECUTE real (public.invoker(1))
--> deny stale-prepared 42501 hint DEALLOCATE it and prepare it again., in EXECUTE

EXECUTE base_only (public.invoker(1))
--> opaque base EXECUTE: taints transaction, with reason

EXECUTE base_only; SELECT email FROM customers
--> pass base EXECUTE
--> rewrite either SELECT: touches masks, degraded, public.customers:select masked
--> all base no taint
--> sends EXECUTE base_only; SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- pseudonyms need room for their parameters

SELECT name, $65533 FROM people
--> rewrite elevated SELECT: touches masks, public.people:select masked
--> $65534 is pseudonym-inner
--> $65535 is pseudonym-outer
--> sends SELECT name, $65533 FROM (SELECT "id", pseudonym_of("name", $65534, $65535) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

SELECT name, $65534 FROM people
--> deny pseudonym-parameters 54023, in SELECT
