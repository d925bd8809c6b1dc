--- transactions are followed and never prepared

BEGIN
--> pass either BEGIN: begin

START TRANSACTION READ ONLY
--> pass either START TRANSACTION: begin

COMMIT
--> pass either COMMIT: commit

END
--> pass either COMMIT: commit

ROLLBACK
--> pass either ROLLBACK: rollback

ABORT
--> pass either ROLLBACK: rollback

SAVEPOINT s
--> pass either SAVEPOINT: savepoint

RELEASE s
--> pass either RELEASE: savepoint

ROLLBACK TO s
--> pass either ROLLBACK: savepoint

PREPARE TRANSACTION 'x'
--> deny two-phase 42501 hint anything for anything, in TRANSACTION

COMMIT PREPARED 'x'
--> deny two-phase 42501 hint anything for anything, in TRANSACTION

ROLLBACK PREPARED 'x'
--> deny two-phase 42501 hint anything for anything, in TRANSACTION

SET TRANSACTION READ ONLY
--> pass either SET
--> literals count

SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY
--> pass either SET
--> literals count

SET TRANSACTION SNAPSHOT '00000003-0000001B-1'
--> deny set-parameter 42501 at 1 with detail hint anything for anything, in VARIABLE SET

SET CONSTRAINTS ALL DEFERRED
--> pass either SET CONSTRAINTS

LISTEN a
--> pass either LISTEN

UNLISTEN a
--> pass either UNLISTEN

NOTIFY a, 'x'
--> pass either NOTIFY

CLOSE c
--> pass either CLOSE CURSOR

SHOW all
--> pass either SHOW

--- parameters that change what a text means or who the session is stay as they are

SET standard_conforming_strings = on
--> pass either SET
--> literals count

SET standard_conforming_strings = off
--> deny set-parameter 42501 at 35 with detail hint anything for anything, in VARIABLE SET

SET standard_conforming_strings TO DEFAULT
--> pass either SET
--> literals count

SET client_encoding = 'UTF8'
--> pass either SET
--> literals count

SET client_encoding = 'LATIN1'
--> deny set-parameter 42501 at 23 with detail hint anything for anything, in VARIABLE SET

SET NAMES 'SJIS'
--> deny set-parameter 42501 at 11 with detail hint anything for anything, in VARIABLE SET

SET SESSION AUTHORIZATION 'x'
--> deny set-parameter 42501 at 27 with detail hint anything for anything, in VARIABLE SET

SET ROLE x
--> deny set-parameter 42501 at 10 with detail hint anything for anything, in VARIABLE SET

RESET ROLE
--> deny set-parameter 42501 with detail hint anything for anything, in VARIABLE SET

RESET session_authorization
--> deny set-parameter 42501 with detail hint anything for anything, in VARIABLE SET

SET session_replication_role = replica
--> deny set-parameter 42501 at 32 with detail hint anything for anything, in VARIABLE SET

SET default_tablespace = x
--> deny set-parameter 42501 at 26 with detail hint anything for anything, in VARIABLE SET

SET escape_string_warning = off
--> deny set-parameter 42501 at 29 with detail hint anything for anything, in VARIABLE SET

RESET escape_string_warning
--> deny set-parameter 42501 with detail hint anything for anything, in VARIABLE SET

SET backslash_quote = on
--> deny set-parameter 42501 at 23 with detail hint anything for anything, in VARIABLE SET

SET work_mem = '1GB'
--> deny set-parameter 42501 at 16 with detail hint anything for anything, in VARIABLE SET

SET session_preload_libraries = 'x'
--> deny set-parameter 42501 at 33 with detail hint anything for anything, in VARIABLE SET

SET log_statement = 'all'
--> deny set-parameter 42501 at 21 with detail hint anything for anything, in VARIABLE SET

SET myapp.user = 'x'
--> deny parse 42601 at 11

SET statement_timeout FROM CURRENT
--> pass either SET
--> literals count

SET work_mem FROM CURRENT
--> deny set-parameter 42501 with detail hint anything for anything, in VARIABLE SET

RESET ALL
--> pass either RESET: set-search-path null false
--> literals count

RESET statement_timeout
--> pass either RESET
--> literals count

SELECT set_config('standard_conforming_strings', 'off', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('role', 'x', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config($1, 'x', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('application_name', $1, false)
--> pass either SELECT
--> literals count

SELECT set_config('standard_conforming_strings', $1, false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('statement_timeout', '5s', false)
--> pass either SELECT
--> literals count

SELECT set_config(is_local => false, setting_name => 'statement_timeout', new_value => '5s')
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config(VARIADIC ARRAY['statement_timeout', '5s'])
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT pg_catalog.set_config('role', 'x', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
--> pass either SELECT
--> literals count

SELECT set_config(name, 'view', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

--- row security stays on, and whoever turns it off is told that it is on

SET row_security = on
--> pass either SET
--> literals count

SET row_security = off
--> rewrite either SET
--> literals count
--> sends SET row_security = on

SET row_security = 'off'
--> rewrite either SET
--> literals count
--> sends SET row_security = on

SET row_security TO false
--> rewrite either SET
--> literals count
--> sends SET row_security TO on

SET row_security = maybe
--> deny set-parameter 42501 at 20 with detail hint anything for anything, in VARIABLE SET

SET row_security TO DEFAULT
--> pass either SET
--> literals count

SET LOCAL row_security = 0
--> rewrite either SET
--> literals count
--> sends SET LOCAL row_security = on

--- parameters that change the session's own output and limits may be set

SET application_name = 'x'
--> pass either SET
--> literals count

SET client_min_messages = warning
--> pass either SET
--> literals count

SET datestyle = 'ISO'
--> pass either SET
--> literals count

SET TIME ZONE 'UTC'
--> pass either SET
--> literals count

SET TIME ZONE LOCAL
--> pass either SET
--> literals count

SET intervalstyle = 'iso_8601'
--> pass either SET
--> literals count

SET extra_float_digits = 3
--> pass either SET
--> literals count

SET bytea_output = 'hex'
--> pass either SET
--> literals count

SET statement_timeout = 1000
--> pass either SET
--> literals count

SET lock_timeout = 1000
--> pass either SET
--> literals count

SET idle_in_transaction_session_timeout = 1000
--> pass either SET
--> literals count

SET default_transaction_isolation = 'serializable'
--> pass either SET
--> literals count

SET default_transaction_read_only = on
--> pass either SET
--> literals count

SET default_transaction_deferrable = on
--> pass either SET
--> literals count

SET transaction_isolation = 'serializable'
--> pass either SET
--> literals count

SET transaction_read_only = on
--> pass either SET
--> literals count

SET transaction_deferrable = on
--> pass either SET
--> literals count

SET plan_cache_mode = auto
--> pass either SET
--> literals count

SET synchronize_seqscans = off
--> pass either SET
--> literals count

SET transaction_timeout = 0
--> pass either SET
--> literals count

SET xmloption = content
--> pass either SET
--> literals count

SET XML OPTION DOCUMENT
--> pass either SET
--> literals count

SET xmlbinary = 'base64'
--> pass either SET
--> literals count

SET jit = off
--> pass either SET
--> literals count

SET jit_above_cost = 1
--> pass either SET
--> literals count

SET jit_inline_above_cost = 1
--> pass either SET
--> literals count

SET jit_optimize_above_cost = 1
--> pass either SET
--> literals count

SET SESSION statement_timeout = 5
--> pass either SET
--> literals count

SET LOCAL statement_timeout = 5
--> pass either SET
--> literals count

--- planner switches stay where an order of rows could tell of hidden values

SET enable_seqscan = off
--> deny set-parameter 42501 at 22 with detail hint anything for anything, in VARIABLE SET

SET cursor_tuple_fraction = 1
--> deny set-parameter 42501 at 29 with detail hint anything for anything, in VARIABLE SET

RESET enable_seqscan
--> pass either RESET
--> literals count

SELECT set_config('enable_seqscan', 'off', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

--- the search path holds schemas that exist, and temporary ones come last

SET search_path = sales
--> rewrite either SET: set-search-path [sales] false
--> literals count
--> sends SET search_path = "sales", "pg_temp"

SET search_path = sales, public
--> rewrite either SET: set-search-path [sales public] false
--> literals count
--> sends SET search_path = "sales", "public", "pg_temp"

SET search_path TO "$user", public
--> rewrite either SET: set-search-path [public] false
--> literals count
--> sends SET search_path TO "public", "pg_temp"

SET search_path = 'sales'
--> rewrite either SET: set-search-path [sales] false
--> literals count
--> sends SET search_path = "sales", "pg_temp"

SET search_path = ''
--> rewrite either SET: set-search-path [] false
--> literals count
--> sends SET search_path = "pg_temp"

SET search_path = pg_temp, public
--> rewrite either SET: set-search-path [public] false
--> literals count
--> sends SET search_path = "public", "pg_temp"

SET search_path = pg_catalog, public
--> rewrite either SET: set-search-path [public] false
--> literals count
--> sends SET search_path = "public", "pg_temp"

SET search_path = pg_toast
--> deny set-parameter 3F000 at 19, in VARIABLE SET

SET search_path = information_schema
--> rewrite either SET: set-search-path [information_schema] false
--> literals count
--> sends SET search_path = "information_schema", "pg_temp"

SET search_path = nowhere
--> deny set-parameter 3F000 at 19, in VARIABLE SET

SET search_path = 3
--> deny set-parameter 3F000 at 19, in VARIABLE SET

SET search_path = NULL
--> deny parse 42601 at 19

SET search_path TO DEFAULT
--> pass either SET: set-search-path null false
--> literals count

SET LOCAL search_path = sales
--> rewrite either SET: set-search-path [sales] true
--> literals count
--> sends SET LOCAL search_path = "sales", "pg_temp"

SET LOCAL search_path TO DEFAULT
--> pass either SET: set-search-path null true
--> literals count

RESET search_path
--> pass either RESET: set-search-path null false
--> literals count

SET search_path FROM CURRENT
--> deny set-parameter 42501 with detail hint anything for anything, in VARIABLE SET

SET SCHEMA 'sales'
--> deny rewrite-verification 42501 hint in words

SELECT set_config('search_path', '', false)
--> rewrite either SELECT: set-search-path [] false
--> literals count
--> sends SELECT set_config('search_path', '"pg_temp"', false)

SELECT set_config('search_path', '  ', false)
--> rewrite either SELECT: set-search-path [] false
--> literals count
--> sends SELECT set_config('search_path', '"pg_temp"', false)

SELECT set_config('search_path', 'Sales', true)
--> rewrite either SELECT: set-search-path [sales] true
--> literals count
--> sends SELECT set_config('search_path', '"sales", "pg_temp"', true)

SELECT set_config('search_path', 'sales, public', 't')
--> rewrite either SELECT: set-search-path [sales public] true
--> literals count
--> sends SELECT set_config('search_path', '"sales", "public", "pg_temp"', 't')

SELECT set_config('search_path', 'sales', 'no')
--> rewrite either SELECT: set-search-path [sales] false
--> literals count
--> sends SELECT set_config('search_path', '"sales", "pg_temp"', 'no')

SELECT set_config('search_path', 'sales', $1)
--> rewrite either SELECT: set-search-path [sales] false
--> literals count
--> sends SELECT set_config('search_path', '"sales", "pg_temp"', $1)

SELECT set_config('search_path', '"sales" , "pg_temp",public', false)
--> rewrite either SELECT: set-search-path [sales public] false
--> literals count
--> sends SELECT set_config('search_path', '"sales", "public", "pg_temp"', false)

SELECT set_config('search_path', '"Sales"', false)
--> deny set-parameter 3F000 at 8, in SELECT

SELECT set_config('search_path', 'sales,', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('search_path', ',', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('search_path', '"sales', false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('search_path', 'nowhere', false)
--> deny set-parameter 3F000 at 8, in SELECT

SELECT set_config('search_path', $1, false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('search_path', 'sales'::text, false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('SEARCH_PATH', 'sales', false)
--> rewrite either SELECT: set-search-path [sales] false
--> literals count
--> sends SELECT set_config('SEARCH_PATH', '"sales", "pg_temp"', false)

SELECT set_config(setting_name => 'search_path', new_value => 'sales', is_local => false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

--- statements of a text see the path, the tables and the prepared statements that those before them leave

SET search_path = sales; SELECT * FROM thrice
--> rewrite either SET: set-search-path [sales] false
--> rewrite either SELECT: sales.thrice:select
--> all either no taint
--> literals count
--> sends SET search_path = "sales", "pg_temp"; SELECT * FROM "sales".thrice

SET search_path = sales; SELECT * FROM orders
--> deny unknown-relation 42P01 at 40, in SELECT

SET search_path = sales; RESET ALL; SELECT * FROM orders
--> rewrite either SET: set-search-path [sales] false
--> pass either RESET: set-search-path null false
--> rewrite either SELECT: public.orders:select
--> all either no taint
--> literals count
--> sends SET search_path = "sales", "pg_temp"; RESET ALL; SELECT * FROM "public".orders

SET search_path = sales; SELECT * FROM twice
--> rewrite either SET: set-search-path [sales] false
--> rewrite either SELECT: sales.twice:select
--> all either no taint
--> literals count
--> sends SET search_path = "sales", "pg_temp"; SELECT * FROM "sales".twice

SET search_path = sales; RESET search_path; SELECT * FROM twice
--> rewrite either SET: set-search-path [sales] false
--> pass either RESET: set-search-path null false
--> rewrite either SELECT: touches masks, public.twice:select masked
--> all either no taint
--> literals count
--> sends SET search_path = "sales", "pg_temp"; RESET search_path; SELECT * FROM (SELECT "id", redact_of("email") AS "email" FROM "public"."twice") AS "twice"

CREATE TEMP TABLE t (a int); SELECT * FROM t
--> pass either CREATE TABLE: temp-relation-created t
--> pass either SELECT
--> all either no taint
--> literals count

CREATE TEMP TABLE t (a int); DISCARD TEMP; SELECT * FROM t
--> deny unknown-relation 42P01 at 58, in SELECT

CREATE TEMP TABLE t (a int); DISCARD PLANS; SELECT * FROM t
--> pass either CREATE TABLE: temp-relation-created t
--> pass either DISCARD PLANS: discard plans
--> pass either SELECT
--> all either no taint
--> literals count

CREATE TEMP TABLE t (a int); DROP TABLE t; SELECT * FROM t
--> deny unknown-relation 42P01 at 58, in SELECT

CREATE TEMP TABLE t AS SELECT 1; TABLE t
--> pass either CREATE TABLE AS: temp-relation-created t
--> pass either SELECT
--> all either no taint
--> literals count

CREATE TEMP VIEW v AS SELECT 1; TABLE v
--> opaque base CREATE VIEW: taints session, with reason, temp-relation-created v
--> pass either SELECT
--> all base session taint
--> literals count

ALTER TABLE t RENAME TO u; TABLE u
--> deny unknown-relation 42P01 at 13, in RENAME

SELECT 1 INTO TEMP t; TABLE t
--> pass either SELECT INTO: temp-relation-created t
--> pass either SELECT
--> all either no taint
--> literals count

PREPARE p AS SELECT 1; EXECUTE p
--> pass either PREPARE: prepared p either null false
--> pass either EXECUTE
--> all either no taint
--> literals count

PREPARE p AS SELECT 1; DEALLOCATE p; EXECUTE p
--> deny unknown-prepared 26000, in EXECUTE

PREPARE p AS SELECT 1; DEALLOCATE ALL; EXECUTE p
--> deny unknown-prepared 26000, in EXECUTE

PREPARE p AS SELECT 1; DISCARD ALL; EXECUTE p
--> deny unknown-prepared 26000, in EXECUTE

DO ''; SELECT * FROM nowhere
--> opaque base DO: taints session, with reason
--> opaque base SELECT: taints session, with reason
--> all base session taint

CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS ''; SELECT pg_temp.f()
--> opaque base CREATE FUNCTION: taints session, with reason
--> opaque base SELECT: taints session, with reason
--> all base session taint

--- DISCARD ALL forgets the path, the tables and the prepared statements
-- with path sales; touched; temp t; prepared

DISCARD ALL
--> pass either DISCARD ALL: discard all
--> literals count

DISCARD TEMP
--> pass either DISCARD TEMP: discard temp
--> literals count

DISCARD TEMPORARY
--> pass either DISCARD TEMP: discard temp
--> literals count

DISCARD PLANS
--> pass either DISCARD PLANS: discard plans
--> literals count

DISCARD SEQUENCES
--> pass either DISCARD SEQUENCES: discard sequences
--> literals count

DISCARD ALL; SELECT * FROM orders
--> pass either DISCARD ALL: discard all
--> pass either SELECT: public.orders:select
--> all either no taint
--> literals count

DISCARD ALL; SELECT * FROM t
--> deny unknown-relation 42P01 at 28, in SELECT

DISCARD ALL; EXECUTE plain
--> deny unknown-prepared 26000, in EXECUTE

DISCARD TEMP; EXECUTE plain
--> pass either DISCARD TEMP: discard temp
--> pass either EXECUTE
--> all either no taint
--> literals count

DISCARD TEMP; SELECT * FROM t
--> deny unknown-relation 42P01 at 29, in SELECT

DISCARD SEQUENCES; SELECT * FROM t
--> pass either DISCARD SEQUENCES: discard sequences
--> rewrite either SELECT
--> all either no taint
--> literals count
--> sends DISCARD SEQUENCES; SELECT * FROM "pg_temp".t

DEALLOCATE plain
--> pass either DEALLOCATE: deallocated plain
--> literals count

DEALLOCATE ALL
--> pass either DEALLOCATE ALL: deallocated null
--> literals count

--- kinds of statements that no policy grants are refused

VACUUM
--> deny ddl 42501 with detail hint anything for anything, in VACUUM

GRANT SELECT ON orders TO x
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in GRANT

CREATE ROLE x
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE ROLE

ALTER SYSTEM SET work_mem = 1
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in ALTER SYSTEM

LOAD 'x'
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in LOAD

CREATE EXTENSION dblink
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE EXTENSION

CREATE SCHEMA x
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE SCHEMA

CREATE TYPE x AS (a int)
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in COMPOSITE TYPE

CREATE RULE r AS ON SELECT TO orders DO INSTEAD NOTHING
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in RULE

CREATE TRIGGER t BEFORE INSERT ON orders EXECUTE FUNCTION invoker()
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CREATE TRIG

REINDEX TABLE orders
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in REINDEX

CLUSTER orders
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CLUSTER

COMMENT ON TABLE orders IS 'x'
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in COMMENT

REASSIGN OWNED BY a TO b
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in REASSIGN OWNED

CHECKPOINT
--> deny statement-kind 42501 at 1 with detail hint anything for anything, in CHECK POINT

--- values that are no plain constants are taken where anything is

SET TIME ZONE INTERVAL '1' HOUR TO MINUTE
--> pass either SET
--> literals count

SET TIME ZONE LOCAL
--> pass either SET
--> literals count

SET TIME ZONE -3
--> pass either SET
--> literals count

--- planner switches and pinned parameters are set by literals alone, where nothing is hidden too
-- with open

SELECT set_config('enable_seqscan', $1, false)
--> deny set-parameter 42501 at 8 with detail hint anything for anything, in SELECT

SELECT set_config('enable_seqscan', 'off', false)
--> pass either SELECT
--> literals count

SELECT set_config('row_security', 'on', false)
--> pass either SELECT
--> literals count

SELECT set_config('datestyle', $1, false)
--> pass either SELECT
--> literals count
