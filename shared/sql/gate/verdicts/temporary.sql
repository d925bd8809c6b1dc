--- only temporary tables are made, and with nothing in them that runs code elsewhere

CREATE TEMP TABLE t (a int PRIMARY KEY, b text DEFAULT lower('x'), CHECK (a > 0))
--> opaque base CREATE TABLE: taints session, with reason, temp-relation-created t
--> literals count

CREATE TEMP TABLE pg_temp.t (a int)
--> pass either CREATE TABLE: temp-relation-created t
--> literals count

CREATE TABLE pg_temp.t (a int)
--> pass either CREATE TABLE: temp-relation-created t
--> literals count

CREATE TEMP TABLE public.t (a int)
--> deny ddl 42501 at 19 with detail hint anything for anything, in CREATE

CREATE TABLE t (a int)
--> deny ddl 42501 at 14 with detail hint anything for anything, in CREATE

CREATE TABLE public.t (a int)
--> deny ddl 42501 at 14 with detail hint anything for anything, in CREATE

CREATE UNLOGGED TABLE t (a int)
--> deny ddl 42501 at 23 with detail hint anything for anything, in CREATE

CREATE TEMP TABLE shop.pg_temp.t (a int)
--> deny ddl 42501 at 19 with detail hint anything for anything, in CREATE

CREATE TEMP TABLE other.pg_temp.t (a int)
--> deny ddl 42501 at 19 with detail hint anything for anything, in CREATE

CREATE TEMP TABLE t (a int) INHERITS (orders)
--> deny ddl 42501 at 19, in CREATE

CREATE TEMP TABLE t (a int) PARTITION BY LIST (a)
--> deny unknown-node 0A000, in CREATE

CREATE TEMP TABLE t PARTITION OF orders DEFAULT
--> deny unknown-node 0A000, in CREATE

CREATE TEMP TABLE t OF pair
--> deny ddl 42501 at 19, in CREATE

CREATE TEMP TABLE t (a int) TABLESPACE x
--> deny ddl 42501 at 19, in CREATE

CREATE TEMP TABLE t (a int) USING heap
--> deny ddl 42501 at 19, in CREATE

CREATE TEMP TABLE t (a int) WITH (fillfactor = 10)
--> deny ddl 42501 at 19, in CREATE

CREATE TEMP TABLE t (a int) ON COMMIT DROP
--> pass either CREATE TABLE: temp-relation-created t
--> literals count

CREATE TEMP TABLE t (a int REFERENCES orders)
--> deny ddl 42501, in CREATE

CREATE TEMP TABLE t (a int, FOREIGN KEY (a) REFERENCES orders)
--> deny ddl 42501, in CREATE

CREATE TEMP TABLE t (a int, EXCLUDE USING gist (a WITH =))
--> deny ddl 42501, in CREATE

CREATE TEMP TABLE t (a int DEFAULT invoker(1))
--> opaque base CREATE TABLE: taints session, with reason, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (a int CHECK (definer(a) > 0))
--> deny security-definer-function 42501 at 35 with detail hint anything for anything, in CREATE

CREATE TEMP TABLE t (a int, CHECK (invoker(a) > 0))
--> opaque base CREATE TABLE: taints session, with reason, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (a checked)
--> opaque base CREATE TABLE: taints session, with reason, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (a int, b int GENERATED ALWAYS AS (invoker(a)) STORED)
--> opaque base CREATE TABLE: taints session, with reason, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (LIKE orders)
--> pass either CREATE TABLE: public.orders:select, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (LIKE customers)
--> pass either CREATE TABLE: touches masks, public.customers:select masked, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (LIKE payments)
--> deny default-deny 42501 at 27 public.payments with detail hint payments select, in CREATE

CREATE TEMP TABLE t (LIKE orders INCLUDING ALL)
--> opaque base CREATE TABLE: taints session, with reason, public.orders:select, temp-relation-created t
--> literals count

CREATE TEMP TABLE t (LIKE pg_class)
--> pass either CREATE TABLE: temp-relation-created t
--> literals count

CREATE TEMP TABLE t (LIKE nowhere)
--> deny unknown-relation 42P01 at 27, in CREATE

CREATE TEMP TABLE t AS SELECT email FROM customers
--> rewrite elevated CREATE TABLE AS: touches masks, public.customers:select masked, temp-relation-created t
--> literals count
--> sends CREATE TEMP TABLE t AS SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

CREATE TEMP TABLE t AS SELECT invoker(1)
--> opaque base CREATE TABLE AS: taints transaction, with reason, temp-relation-created t
--> literals count

CREATE TABLE t AS SELECT 1
--> deny ddl 42501 at 14 with detail hint anything for anything, in CREATE TABLE AS

CREATE TEMP TABLE public.t AS SELECT 1
--> deny ddl 42501 at 19 with detail hint anything for anything, in CREATE TABLE AS

CREATE TEMP TABLE t TABLESPACE x AS SELECT 1
--> deny ddl 42501, in CREATE TABLE AS

CREATE TEMP TABLE t USING heap AS SELECT 1
--> deny ddl 42501, in CREATE TABLE AS

CREATE TEMP TABLE t AS SELECT * FROM payments
--> deny default-deny 42501 at 38 public.payments with detail hint payments select, in CREATE TABLE AS

CREATE MATERIALIZED VIEW t AS SELECT 1
--> deny ddl 42501 hint anything for anything, in CREATE TABLE AS

SELECT 1 INTO TEMP t
--> pass either SELECT INTO: temp-relation-created t
--> literals count

SELECT email INTO TEMP t FROM customers
--> rewrite elevated SELECT INTO: touches masks, public.customers:select masked, temp-relation-created t
--> literals count
--> sends SELECT email INTO TEMP t FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT 1 INTO t
--> deny ddl 42501 at 15 with detail hint anything for anything, in SELECT

SELECT 1 INTO public.t
--> deny ddl 42501 at 15 with detail hint anything for anything, in SELECT

SELECT * FROM (SELECT 1 INTO TEMP t) s
--> deny ddl 42601, in SELECT

INSERT INTO orders (id) SELECT 1 INTO TEMP t
--> deny ddl 42601, in INSERT

CREATE SEQUENCE s
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE SEQ

CREATE TEMP SEQUENCE s
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE SEQ

--- what is made of code made by people, or may be, taints the session

CREATE TEMP VIEW v AS SELECT id FROM orders
--> opaque base CREATE VIEW: taints session, with reason, public.orders:select, temp-relation-created v
--> literals count

CREATE TEMP VIEW v AS SELECT email FROM customers
--> opaque base CREATE VIEW: taints session, touches masks, with reason, public.customers:select masked, temp-relation-created v
--> literals count

CREATE TEMP VIEW v AS SELECT * FROM payments
--> deny default-deny 42501 at 37 public.payments with detail hint payments select, in VIEW

CREATE VIEW v AS SELECT 1
--> deny ddl 42501 at 13 with detail hint anything for anything, in VIEW

CREATE OR REPLACE TEMP VIEW v AS SELECT 1
--> opaque base CREATE VIEW: taints session, with reason, temp-relation-created v
--> literals count

CREATE VIEW public.v AS SELECT 1
--> deny ddl 42501 at 13 with detail hint anything for anything, in VIEW

CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
--> opaque base CREATE FUNCTION: taints session, with reason

CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
--> deny ddl 42501 with detail hint anything for anything, in CREATE FUNCTION

CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
--> deny ddl 42501 with detail hint anything for anything, in CREATE FUNCTION

CREATE FUNCTION shop.pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
--> deny ddl 42501 with detail hint anything for anything, in CREATE FUNCTION

CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'
--> opaque base CREATE FUNCTION: taints session, with reason

CREATE PROCEDURE pg_temp.f() LANGUAGE sql AS 'SELECT 1'
--> opaque base CREATE FUNCTION: taints session, with reason

DO 'BEGIN END'
--> opaque base DO: taints session, with reason

CALL invoker(1)
--> opaque base CALL: taints transaction, with reason

CALL definer(1)
--> deny security-definer-function 42501 at 6 with detail hint anything for anything, in CALL

CALL nowhere()
--> deny unknown-function 42883 at 6, in CALL

CALL trusted()
--> pass either CALL

--- LIKE copies code where another table may be meant
-- with touched

CREATE TEMP TABLE t (LIKE orders)
--> opaque base CREATE TABLE: taints session, with reason, public.orders:select, temp-relation-created t
--> literals count

--- the session's own tables may be changed and dropped, those of others never
-- with temp t, orders

ALTER TABLE t ADD COLUMN b int
--> pass either ALTER TABLE

ALTER TABLE t ADD COLUMN b int DEFAULT invoker(1)
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ADD COLUMN b checked
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ADD COLUMN b int REFERENCES orders
--> deny ddl 42501, in ALTER TABLE

ALTER TABLE t DROP COLUMN a
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET DEFAULT 1
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET DEFAULT invoker(1)
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ALTER COLUMN a SET DEFAULT definer(1)
--> deny security-definer-function 42501 at 42 with detail hint anything for anything, in ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET DEFAULT nowhere(1)
--> deny unknown-function 42883 at 42, in ALTER TABLE

ALTER TABLE t ALTER COLUMN a DROP DEFAULT
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET NOT NULL
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a DROP NOT NULL
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a TYPE text USING lower(a)
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ALTER COLUMN a TYPE text USING invoker(a)
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ALTER COLUMN a TYPE checked
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)
--> pass either ALTER TABLE

ALTER TABLE t ADD CONSTRAINT c CHECK (invoker(a) > 0)
--> opaque base ALTER TABLE: taints session, with reason

ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES orders
--> deny ddl 42501, in ALTER TABLE

ALTER TABLE t ADD CONSTRAINT c EXCLUDE USING gist (a WITH =)
--> deny ddl 42501, in ALTER TABLE

ALTER TABLE t DROP CONSTRAINT c
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET STATISTICS 10
--> pass either ALTER TABLE

ALTER TABLE t ALTER COLUMN a SET STORAGE plain
--> pass either ALTER TABLE

ALTER TABLE t ADD COLUMN b int, OWNER TO x
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE t OWNER TO x
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE t ENABLE ROW LEVEL SECURITY
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE t INHERIT orders
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE t DISABLE TRIGGER ALL
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE t SET TABLESPACE x
--> deny ddl 42501 at 13 hint anything for anything, in ALTER TABLE

ALTER TABLE public.customers ADD COLUMN b int
--> deny ddl 42501 at 13 public.customers with detail hint customers for anything, in ALTER TABLE

ALTER TABLE orders ADD COLUMN b int
--> deny ddl 42501 at 13 public.orders with detail hint orders for anything, in ALTER TABLE

ALTER TABLE nowhere ADD COLUMN b int
--> deny unknown-relation 42P01 at 13, in ALTER TABLE

ALTER TABLE t RENAME TO u
--> pass either ALTER TABLE: temp-relation-created u
--> literals count

ALTER TABLE t RENAME COLUMN a TO b
--> pass either ALTER TABLE

ALTER TABLE t RENAME CONSTRAINT a TO b
--> pass either ALTER TABLE

ALTER TABLE orders RENAME TO u
--> deny ddl 42501 at 13 public.orders with detail hint orders for anything, in RENAME

ALTER TABLE public.orders RENAME TO u
--> deny ddl 42501 at 13 public.orders with detail hint orders for anything, in RENAME

ALTER VIEW t RENAME TO u
--> deny ddl 42501 at 12 hint anything for anything, in RENAME

ALTER INDEX t RENAME TO u
--> deny ddl 42501 at 13 hint anything for anything, in RENAME

ALTER ROLE x RENAME TO u
--> deny unknown-relation 42P01 at 1, in RENAME

DROP TABLE t
--> pass either DROP TABLE: temp-relation-dropped [t]
--> literals count

DROP TABLE IF EXISTS t
--> pass either DROP TABLE: temp-relation-dropped [t]
--> literals count

DROP TABLE pg_temp.t
--> pass either DROP TABLE: temp-relation-dropped [t]
--> literals count

DROP TABLE public.t
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE t, orders
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE orders
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE pg_class
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE pg_temp.orders
--> pass either DROP TABLE: temp-relation-dropped [orders]
--> literals count

DROP TABLE pg_temp.nowhere
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE nowhere
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP TABLE shop.pg_temp.t
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP VIEW t
--> pass either DROP VIEW: temp-relation-dropped [t]
--> literals count

DROP INDEX t
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP SEQUENCE t
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP FUNCTION invoker(int)
--> deny ddl 42501 with detail hint anything for anything, in DROP

TRUNCATE t
--> pass either TRUNCATE TABLE

TRUNCATE t, pg_temp.orders
--> pass either TRUNCATE TABLE

TRUNCATE orders
--> deny ddl 42501 at 10 public.orders with detail hint orders for anything, in TRUNCATE

TRUNCATE t, public.customers
--> deny ddl 42501 at 13 public.customers with detail hint customers for anything, in TRUNCATE

CREATE INDEX ON t (a)
--> pass either CREATE INDEX

CREATE INDEX ON t (lower(a)) WHERE a > 'x'
--> opaque base CREATE INDEX: taints session, with reason

CREATE INDEX ON t (invoker(a))
--> opaque base CREATE INDEX: taints session, with reason

CREATE INDEX ON t (a) WHERE invoker(a) > 0
--> opaque base CREATE INDEX: taints session, with reason

CREATE INDEX ON t (a text_ops)
--> opaque base CREATE INDEX: taints session, with reason

CREATE INDEX ON t (a) INCLUDE (b)
--> pass either CREATE INDEX

CREATE INDEX ON orders (id)
--> deny ddl 42501 at 17 public.orders with detail hint orders for anything, in INDEX

CREATE INDEX ON public.customers (id)
--> deny ddl 42501 at 17 public.customers with detail hint customers for anything, in INDEX

VACUUM t
--> pass either VACUUM

VACUUM public.orders
--> deny ddl 42501 at 8 public.orders with detail hint orders for anything, in VACUUM

ANALYZE t
--> pass either ANALYZE

ANALYZE public.customers (email)
--> deny ddl 42501 at 9 public.customers with detail hint customers for anything, in VACUUM

ANALYZE
--> deny ddl 42501 with detail hint anything for anything, in VACUUM

ANALYZE t, public.orders
--> deny ddl 42501 at 12 public.orders with detail hint orders for anything, in VACUUM

SELECT * FROM t
--> pass either SELECT

SELECT * FROM orders
--> rewrite either SELECT: public.orders:select
--> sends SELECT * FROM "public".orders

SELECT * FROM pg_temp.orders
--> pass either SELECT

SELECT * FROM pg_temp.nowhere
--> deny unknown-relation 42P01 at 15, in SELECT

SELECT * FROM pg_temp_3.t
--> deny system-relation 42501 at 15, in SELECT

SELECT * FROM pg_toast.pg_toast_99
--> deny system-relation 42501 at 15, in SELECT

INSERT INTO t SELECT email FROM customers
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO t VALUES (1)
--> pass either INSERT

UPDATE t SET a = 1 RETURNING *
--> pass either UPDATE

DELETE FROM t WHERE a = 1
--> pass either DELETE

--- after code made by the session any name may be the session's own
-- with opaque

SELECT * FROM nowhere
--> opaque base SELECT: taints session, with reason

SELECT * FROM pg_temp.nowhere
--> opaque base SELECT: taints session, with reason

SELECT nowhere(1)
--> opaque base SELECT: taints session, with reason

SELECT public.nowhere(1)
--> opaque base SELECT: taints session, with reason

DROP TABLE nowhere
--> pass either DROP TABLE: temp-relation-dropped [nowhere]
--> literals count

DROP TABLE pg_temp.nowhere
--> pass either DROP TABLE: temp-relation-dropped [nowhere]
--> literals count

DROP TABLE orders
--> deny ddl 42501 with detail hint anything for anything, in DROP

DROP VIEW nowhere
--> pass either DROP VIEW: temp-relation-dropped [nowhere]
--> literals count

INSERT INTO nowhere VALUES (1)
--> opaque base INSERT: taints session, with reason

COPY nowhere TO STDOUT
--> opaque base COPY: taints session, with reason

COPY nowhere FROM STDIN
--> opaque base COPY: taints session, with reason

SELECT email FROM customers, nowhere
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers", nowhere

--- a temporary table is written with its schema where another could be meant
-- with temp t, twice; touched

SELECT * FROM t
--> rewrite either SELECT
--> sends SELECT * FROM "pg_temp".t

SELECT * FROM twice
--> rewrite either SELECT: touches masks, public.twice:select masked
--> sends SELECT * FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."twice") AS "twice"

SELECT * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

--- a temporary table that bears the name of another one is written with its schema
-- with temp thrice, customers

SELECT * FROM thrice
--> rewrite either SELECT
--> sends SELECT * FROM "pg_temp".thrice

SELECT * FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT * FROM pg_temp.customers
--> pass either SELECT

UPDATE thrice SET a = 1
--> rewrite either UPDATE
--> sends UPDATE "pg_temp".thrice SET a = 1

ALTER TABLE thrice ADD COLUMN b int
--> rewrite either ALTER TABLE
--> sends ALTER TABLE "pg_temp".thrice ADD COLUMN b int

--- a temporary table has no rows to hide, whatever else is read
-- with temp t

UPDATE t SET a = 1 FROM orders WHERE orders.id = t.a
--> pass either UPDATE: public.orders:select

DELETE FROM t USING sales WHERE sales.id = t.a
--> rewrite elevated DELETE: touches masks, filters rows, public.sales:select masked
--> sends DELETE FROM t USING (SELECT COALESCE("id", "id") AS "id", "region", "note", "total", redact_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "sales" WHERE sales.id = t.a

INSERT INTO t (a) SELECT id FROM orders ON CONFLICT (a) DO UPDATE SET a = 1 WHERE t.a = 2
--> pass either INSERT: public.orders:select
