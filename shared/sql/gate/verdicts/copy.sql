--- COPY never reaches files or programs of the server

COPY orders TO '/tmp/x'
--> deny copy-file 42501 hint in words, in COPY

COPY orders FROM '/tmp/x'
--> deny copy-file 42501 hint in words, in COPY

COPY orders TO PROGRAM 'cat'
--> deny copy-file 42501 hint in words, in COPY

COPY orders FROM PROGRAM 'cat'
--> deny copy-file 42501 hint in words, in COPY

COPY (SELECT 1) TO '/tmp/x'
--> deny copy-file 42501 hint in words, in COPY

--- COPY shows what a SELECT shows

COPY orders TO STDOUT
--> pass either COPY: public.orders:select

COPY customers TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT "id", "name", "email", "ssn", "salary", "note", "doc" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT

COPY public.customers (email, id) TO STDOUT WITH (FORMAT csv, HEADER)
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT "email", "id" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT WITH (FORMAT csv, HEADER)

COPY shop.public.customers (email) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT "email" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT

COPY payments TO STDOUT
--> deny default-deny 42501 at 6 public.payments with detail hint payments select, in COPY

COPY guarded_view TO STDOUT
--> deny view-reaches-mask 42501 at 6 public.guarded_view with detail hint guarded_view select, in COPY

COPY sales TO STDOUT
--> rewrite elevated COPY: touches masks, filters rows, public.sales:select masked
--> sends COPY (SELECT "id", "region", "note", "total", "email" FROM (SELECT "id", "region", "note", "total", email_of("email") AS "email" FROM ONLY "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "sales") TO STDOUT

COPY sales.leads TO STDOUT
--> rewrite either COPY: touches masks, sales.leads:select masked
--> sends COPY (SELECT "id", "email", "phone" FROM (SELECT "id", redact_of("email") AS "email", "phone" FROM ONLY "sales"."leads") AS "leads") TO STDOUT

COPY made TO STDOUT
--> rewrite elevated COPY: touches masks, public.made:select masked
--> sends COPY (SELECT "id", "email" FROM (SELECT "id", email_of("email") AS "email", email_of("shout") AS "shout" FROM ONLY "public"."made") AS "made") TO STDOUT

COPY made (shout) TO STDOUT
--> rewrite elevated COPY: touches masks, public.made:select masked
--> sends COPY (SELECT "shout" FROM (SELECT "id", email_of("email") AS "email", email_of("shout") AS "shout" FROM ONLY "public"."made") AS "made") TO STDOUT

COPY events TO STDOUT
--> rewrite elevated COPY: touches masks, public.events:select masked
--> sends COPY (SELECT "id", "email" FROM (SELECT "id", email_of("email") AS "email" FROM "public"."events") AS "events") TO STDOUT

COPY people TO STDOUT
--> rewrite elevated COPY: touches masks, degraded, public.people:select masked
--> sends COPY (SELECT "id", "name", "email", "code" FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM ONLY "public"."people") AS "people") TO STDOUT

COPY secured TO STDOUT
--> opaque base COPY: taints transaction, touches masks, degraded, with reason, public.secured:select masked
--> sends COPY (SELECT "id", "email" FROM (SELECT "id", redact_of("email") AS "email" FROM ONLY "public"."secured") AS "secured") TO STDOUT

COPY plain_view TO STDOUT
--> pass either COPY: public.plain_view:select

COPY twice TO STDOUT
--> rewrite either COPY: touches masks, public.twice:select masked
--> sends COPY (SELECT "id", "email" FROM (SELECT "id", redact_of("email") AS "email" FROM ONLY "public"."twice") AS "twice") TO STDOUT

COPY pg_class TO STDOUT
--> pass either COPY

COPY pg_authid TO STDOUT
--> deny system-relation 42501 at 6 pg_catalog.pg_authid with detail, in COPY

COPY pg_stats TO STDOUT
--> opaque base COPY: taints transaction, touches masks, with reason

COPY nowhere TO STDOUT
--> deny unknown-relation 42P01 at 6, in COPY

COPY customers_id_seq TO STDOUT
--> deny default-deny 42501 at 6 public.customers_id_seq with detail hint customers_id_seq select, in COPY

COPY BINARY customers TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY  (SELECT "id", "name", "email", "ssn", "salary", "note", "doc" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT BINARY

COPY BINARY customers (id) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY  (SELECT "id" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT BINARY

COPY BINARY orders TO STDOUT
--> pass either COPY: public.orders:select

COPY BINARY customers TO STDOUT WITH NULL 'x'
--> deny unknown-node 0A000, in COPY

COPY customers TO STDOUT WITH NULL 'x'
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT "id", "name", "email", "ssn", "salary", "note", "doc" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT WITH NULL 'x'

COPY customers TO STDOUT BINARY
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT "id", "name", "email", "ssn", "salary", "note", "doc" FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT BINARY

COPY (SELECT email FROM customers) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") TO STDOUT

COPY (TABLE customers) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked
--> sends COPY (SELECT * FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") TO STDOUT

COPY (VALUES (1)) TO STDOUT
--> pass either COPY

COPY (SELECT name FROM people) TO STDOUT
--> rewrite either COPY: touches masks, degraded, public.people:select masked
--> sends COPY (SELECT name FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people") TO STDOUT

COPY (SELECT * FROM payments) TO STDOUT
--> deny default-deny 42501 at 21 public.payments with detail hint payments select, in COPY

COPY (SELECT id FROM customers WHERE email = 'a') TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends COPY (SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE) TO STDOUT

COPY (INSERT INTO orders (id) VALUES (1) RETURNING id) TO STDOUT
--> pass either COPY: public.orders:insert

COPY (UPDATE customers SET note = 'x' RETURNING email) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:update masked
--> sends COPY (UPDATE "public".customers SET note = 'x' RETURNING (email_of("customers"."email")) AS "email") TO STDOUT

COPY (DELETE FROM customers RETURNING email) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:delete masked
--> sends COPY (DELETE FROM "public".customers RETURNING (email_of("customers"."email")) AS "email") TO STDOUT

COPY (SELECT 1 INTO t) TO STDOUT
--> deny ddl 42601, in COPY

COPY t TO STDOUT
--> deny unknown-relation 42P01 at 6, in COPY

--- COPY FROM writes, and its condition sees what the client sends

COPY orders FROM STDIN
--> pass either COPY: public.orders:insert

COPY orders (id) FROM STDIN WITH (FORMAT csv)
--> pass either COPY: public.orders:insert

COPY orders FROM STDIN WHERE memo = 'x'
--> pass either COPY: public.orders:insert

COPY customers FROM STDIN
--> pass either COPY: touches masks, public.customers:insert masked

COPY customers FROM STDIN WHERE email = 'x'
--> pass either COPY: touches masks, public.customers:insert masked

COPY customers FROM STDIN WHERE customers.email LIKE 'x'
--> pass either COPY: touches masks, public.customers:insert masked

COPY customers FROM STDIN WHERE invoker(1) = 1
--> opaque base COPY: taints transaction, touches masks, with reason, public.customers:insert masked

COPY audited FROM STDIN
--> pass either COPY: touches masks, public.audited:insert masked

COPY hooked FROM STDIN
--> pass either COPY: public.hooked:insert

COPY sales FROM STDIN
--> rewrite elevated COPY: touches masks, filters rows, public.sales:insert masked
--> sends COPY "public".sales FROM STDIN

COPY sales.leads FROM STDIN
--> deny operation 42501 at 6 sales.leads with detail hint leads insert, in COPY

COPY read_only FROM STDIN
--> deny operation 42501 at 6 public.read_only with detail hint read_only insert, in COPY

COPY payments FROM STDIN
--> deny default-deny 42501 at 6 public.payments with detail hint payments insert, in COPY

COPY pg_class FROM STDIN
--> deny system-relation 42501 at 6 pg_catalog.pg_class with detail, in COPY

COPY nowhere FROM STDIN
--> deny unknown-relation 42P01 at 6, in COPY

--- COPY of a temporary table passes
-- with temp t

COPY t TO STDOUT
--> pass either COPY

COPY t FROM STDIN
--> pass either COPY

COPY t FROM STDIN WHERE a = 1
--> pass either COPY

--- COPY shows constants where real values may not be read
-- with tainted

COPY customers TO STDOUT
--> rewrite either COPY: touches masks, degraded, public.customers:select masked
--> sends COPY (SELECT "id", "name", "email", "ssn", "salary", "note", "doc" FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM ONLY "public"."customers") AS "customers") TO STDOUT

COPY sales TO STDOUT
--> deny row-filter 42501 at 6 public.sales with detail hint in words, in COPY

--- COPY of what MERGE returns goes through the masks
-- with from 17

COPY (MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING c.email) TO STDOUT
--> rewrite elevated COPY: touches masks, public.customers:delete masked, public.orders:select
--> sends COPY (MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING (email_of("c"."email")) AS "email") TO STDOUT

--- BINARY moves behind the STDOUT that the rows go to, and behind no other word of that name

COPY BINARY stdout TO STDOUT
--> rewrite elevated COPY: touches masks, public.stdout:select masked
--> sends COPY  (SELECT "id", "email" FROM (SELECT "id", email_of("email") AS "email" FROM ONLY "public"."stdout") AS "stdout") TO STDOUT BINARY

COPY BINARY public.stdout (id, email) TO STDOUT
--> rewrite elevated COPY: touches masks, public.stdout:select masked
--> sends COPY  (SELECT "id", "email" FROM (SELECT "id", email_of("email") AS "email" FROM ONLY "public"."stdout") AS "stdout") TO STDOUT BINARY

COPY stdout TO STDOUT WITH BINARY
--> rewrite elevated COPY: touches masks, public.stdout:select masked
--> sends COPY (SELECT "id", "email" FROM (SELECT "id", email_of("email") AS "email" FROM ONLY "public"."stdout") AS "stdout") TO STDOUT WITH BINARY

COPY BINARY stdout TO STDIN
--> deny unknown-node 0A000, in COPY
