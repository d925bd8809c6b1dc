--- a match compares the real value with values that are counted

SELECT id FROM customers WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE

SELECT id FROM customers WHERE 'a' = email
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = $1
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [$1 value]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) $1) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = $1::text
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [$1 value]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) $1::"text") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::pg_catalog.text
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"pg_catalog"."text") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::varchar
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"pg_catalog"."varchar") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::varchar(3)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = 'a'::varchar(3)

SELECT id FROM customers WHERE email = 'a'::uuid
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"uuid") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::date
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"date") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::name
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"name") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::jsonb
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"jsonb") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 'a'::citext
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = 'a'::citext

SELECT id FROM customers WHERE email = 'a'::public.text
--> rewrite base SELECT: touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = 'a'::public.text

SELECT id FROM customers WHERE email = 5
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [5]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 5) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = -5
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [-5]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) -5) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = 1.5
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [1.5]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 1.5) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 []
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) NULL) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = B'1'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = B'1'

SELECT id FROM customers WHERE email = lower('a')
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = lower('a')

SELECT id FROM customers WHERE email = (SELECT 'a')
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = (SELECT 'a')

SELECT id FROM customers WHERE email = note
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = note

SELECT id FROM customers WHERE email = email
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = email

SELECT id FROM customers WHERE email <> 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email <> 'a'

SELECT id FROM customers WHERE email LIKE 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'a'

SELECT id FROM customers WHERE email IS DISTINCT FROM 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email IS DISTINCT FROM 'a'

SELECT id FROM customers WHERE nullif(email, 'a') IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE nullif(email, 'a') IS NULL

SELECT id FROM customers WHERE lower(email) = 'a'
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE lower(email) = 'a'

SELECT id FROM customers WHERE ssn = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn = 'a'

SELECT id FROM customers WHERE note = 'a'
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE note = 'a'

SELECT id FROM customers WHERE doc = 'a'
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE doc = 'a'

SELECT id FROM customers WHERE NOT email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE NOT email = 'a'

SELECT id FROM customers WHERE email = 'a' OR id = 1
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = 'a' OR id = 1

SELECT id FROM customers WHERE email = 'a' AND id = 1 AND note = 'b'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE AND id = 1 AND note = 'b'

SELECT id FROM customers WHERE (email = 'a') AND (id = 1 OR id = 2)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE (TRUE) AND (id = 1 OR id = 2)

SELECT id FROM customers WHERE email = 'a' AND email = 'b'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a], matches 1.email 1 [b]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a' AND "email" OPERATOR(pg_catalog.=) 'b') AS "customers" WHERE TRUE AND TRUE

SELECT email = 'a' FROM customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT email = 'a' FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT id FROM customers GROUP BY id HAVING email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" GROUP BY id, "customers"."email" HAVING email = 'a'

SELECT c.id FROM customers c WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT c.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c WHERE TRUE

SELECT c.id FROM customers c WHERE public.customers.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE public.customers.email = 'a'

SELECT id FROM customers WHERE public.customers.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE customers.email = 'a'

SELECT id FROM customers WHERE customers.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE

SELECT c.id FROM customers AS c (a, b, x) WHERE x = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT c.id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS c (a, b, x) WHERE TRUE

SELECT c.id FROM customers AS c (a, b, email, x) WHERE x = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT c.id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS c (a, b, email, x) WHERE x = 'a'

SELECT id FROM customers WHERE email OPERATOR(pg_catalog.=) 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email OPERATOR(pg_catalog.=) 'a'

SELECT id FROM customers WHERE email OPERATOR(public.=) 'a'
--> opaque base SELECT: taints session, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email OPERATOR(public.=) 'a'

SELECT id FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE email = 'a')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE EXISTS (SELECT 1 FROM "public".orders WHERE email = 'a')

SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM customers c WHERE c.email = 'a')
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM "public".orders WHERE EXISTS (SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c WHERE TRUE)

SELECT o.id FROM orders o LEFT JOIN customers c ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT o.id FROM "public".orders o LEFT JOIN (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON c.id = o.id WHERE c.email = 'a'

SELECT c.id FROM orders o RIGHT JOIN customers c ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT c.id FROM "public".orders o RIGHT JOIN (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c ON c.id = o.id WHERE TRUE

SELECT o.id FROM customers c RIGHT JOIN orders o ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT o.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c RIGHT JOIN "public".orders o ON c.id = o.id WHERE c.email = 'a'

SELECT o.id FROM customers c FULL JOIN orders o ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT o.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c FULL JOIN "public".orders o ON c.id = o.id WHERE c.email = 'a'

SELECT o.id FROM orders o FULL JOIN customers c ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.orders:select, public.customers:select masked
--> sends SELECT o.id FROM "public".orders o FULL JOIN (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON c.id = o.id WHERE c.email = 'a'

SELECT o.id FROM customers c LEFT JOIN orders o ON c.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select, matches 1.email 1 [a]
--> sends SELECT o.id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c LEFT JOIN "public".orders o ON c.id = o.id WHERE TRUE

SELECT 1 FROM lines l LEFT JOIN (customers c JOIN orders o ON c.id = o.id) ON l.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.lines:select, public.customers:select masked, public.orders:select
--> sends SELECT 1 FROM "public".lines l LEFT JOIN ((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) ON l.id = o.id WHERE c.email = 'a'

SELECT 1 FROM (customers c JOIN orders o ON c.id = o.id) RIGHT JOIN lines l ON l.id = o.id WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select, public.lines:select
--> sends SELECT 1 FROM ((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) RIGHT JOIN "public".lines l ON l.id = o.id WHERE c.email = 'a'

SELECT 1 FROM (customers c JOIN orders o ON c.id = o.id) AS j WHERE j.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT 1 FROM ((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) AS j WHERE j.email = 'a'

SELECT 1 FROM (customers c JOIN orders o ON c.id = o.id) AS j WHERE c.email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT 1 FROM ((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) AS j WHERE c.email = 'a'

SELECT 1 FROM (customers c JOIN orders o ON c.id = o.id) AS j WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT 1 FROM ((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) AS j WHERE email = 'a'

SELECT 1 FROM ((customers c JOIN orders o ON c.id = o.id) JOIN lines l ON true) AS j WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select, public.lines:select
--> sends SELECT 1 FROM (((SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c JOIN "public".orders o ON c.id = o.id) JOIN "public".lines l ON true) AS j WHERE email = 'a'

SELECT 1 FROM customers c, customers d WHERE c.email = 'a' AND d.email = 'b'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a], matches 1.email 1 [b]
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c, (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'b') d WHERE TRUE AND TRUE

SELECT 1 FROM customers c, customers d WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") d WHERE email = 'a'

SELECT 1 FROM customers c, generate_series(1, 2) g WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, pg_catalog.generate_series(1, 2) g WHERE email = 'a'

SELECT 1 FROM customers c, (SELECT 1 AS x) g WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') c, (SELECT 1 AS x) g WHERE TRUE

SELECT 1 FROM customers c, (SELECT 1) AS g (email) WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c, (SELECT 1) AS g (email) WHERE email = 'a'

SELECT 1 FROM customers TABLESAMPLE system (10) WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT 1 FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" TABLESAMPLE system (10) WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 0 []
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IS NULL) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email IS NOT NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 0 []
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE pg_catalog.num_nulls("email") OPERATOR(pg_catalog.=) 0) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE ssn IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn IS NULL

SELECT id FROM customers WHERE doc IS NOT NULL
--> rewrite either SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE doc IS NOT NULL

SELECT id FROM customers WHERE customers IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE customers IS NULL

SELECT id FROM customers WHERE lower(email) IS NULL
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE lower(email) IS NULL

SELECT id FROM customers WHERE email IN ('a', 'b', $1)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 3 [a b $1 value]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IN ('a', 'b', $1)) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email IN ('a', lower('b'))
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email IN ('a', lower('b'))

SELECT id FROM customers WHERE email IN (NULL, 'a')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 2 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IN (NULL, 'a')) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email NOT IN ('a', 'b')
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email NOT IN ('a', 'b')

SELECT id FROM customers WHERE email IN (SELECT memo FROM orders)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email IN (SELECT memo FROM "public".orders)

SELECT id FROM customers WHERE ssn IN ('a')
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn IN ('a')

SELECT id FROM customers WHERE email = ANY (ARRAY['a', 'b'])
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 2 [a b]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'b'])) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY (ARRAY['a', $1])
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 2 [a $1 element]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY (ARRAY['a', $1])) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY (ARRAY['{a}'::text[]])
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (ARRAY['{a}'::text[]])

SELECT id FROM customers WHERE email = ANY (ARRAY[$1::text[]])
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (ARRAY[$1::text[]])

SELECT id FROM customers WHERE email = ANY (ARRAY[$1::text[]::text])
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (ARRAY[$1::text[]::text])

SELECT id FROM customers WHERE email = ANY (ARRAY[]::text[])
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (ARRAY[]::text[])

SELECT id FROM customers WHERE email = ANY (ARRAY[lower('a')])
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (ARRAY[lower('a')])

SELECT id FROM customers WHERE email = ANY ($1)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [$1 array]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY ($1)) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY ($1::text[])
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [$1 array]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY ($1::"text"[])) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY ($1::text[][])
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY ($1::text[][])

SELECT id FROM customers WHERE email = ANY ('{a,b,NULL}')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 3 [a b]
--> literals count
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY ('{a,b,NULL}')) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY ('{a,b}'::text[])
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 2 [a b]
--> literals count
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY ('{a,b}'::"text"[])) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY ('{{a}}')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> literals count
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY ('{{a}}')) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY ('{')
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> literals count
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY ('{')

SELECT id FROM customers WHERE email = ANY (NULL)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 []
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) ANY (NULL)) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = ANY (lower('a'))
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (lower('a'))

SELECT id FROM customers WHERE email = ANY (SELECT memo FROM orders)
--> rewrite elevated SELECT: touches masks, public.customers:select masked, public.orders:select
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email = ANY (SELECT memo FROM "public".orders)

SELECT id FROM customers WHERE email <> ALL ($1)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email <> ALL ($1)

SELECT id FROM customers WHERE ssn = ANY ($1)
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE ssn = ANY ($1)

SELECT id FROM customers WHERE email = 'a' -- and a comment
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "customers" WHERE TRUE -- and a comment

SELECT id FROM customers WHERE email IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 16 [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16')) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17')
--> deny match-budget 53400 at 32 public.customers with detail hint customers select, in SELECT

SELECT id FROM events WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.events:select masked, matches 33.email 1 [a]
--> sends SELECT id FROM (SELECT "id", email_of("email") AS "email" FROM "public"."events" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "events" WHERE TRUE

SELECT id FROM keyed_by_mask WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, public.keyed_by_mask:select masked, matches 53.email 1 [a]
--> sends SELECT id FROM (SELECT "id", email_of("email") AS "email", "note" FROM "public"."keyed_by_mask" WHERE "email" OPERATOR(pg_catalog.=) 'a') AS "keyed_by_mask" WHERE TRUE

SELECT id FROM people WHERE name = 'a'
--> rewrite elevated SELECT: touches masks, public.people:select masked, matches 26.name 1 [a]
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people" WHERE "name" OPERATOR(pg_catalog.=) 'a') AS "people" WHERE TRUE

SELECT id FROM people WHERE code = 5
--> rewrite elevated SELECT: touches masks, public.people:select masked, matches 26.code 1 [5]
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT id FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people" WHERE "code" OPERATOR(pg_catalog.=) 5) AS "people" WHERE TRUE

SELECT id FROM sales WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, filters rows, public.sales:select masked, matches 21.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "region", "note", "total", email_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "email" OPERATOR(pg_catalog.=) 'a' OFFSET 0) AS "sales" WHERE TRUE

SELECT id FROM typed WHERE nick = 'a'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE nick = 'a'

SELECT id FROM typed WHERE mail = 'a'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, matches 25.mail 1 [a]
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "mail" OPERATOR(pg_catalog.=) 'a' OFFSET 0) AS "typed" WHERE TRUE

SELECT id FROM typed WHERE nick IS NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE nick IS NULL

SELECT id FROM typed WHERE email = 'a'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, matches 25.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "email" OPERATOR(pg_catalog.=) 'a' OFFSET 0) AS "typed" WHERE TRUE

SELECT id FROM typed WHERE email IS NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, matches 25.email 0 []
--> sends SELECT id FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "email" IS NULL OFFSET 0) AS "typed" WHERE TRUE

UPDATE customers SET note = 'x' WHERE email = 'a'
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, matches 1.email 1 [a]
--> sends UPDATE "public".customers SET note = 'x' WHERE email = 'a'

UPDATE customers SET note = 'x' WHERE email = 'a' AND ssn > '1'
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, matches 1.email 1 [a]
--> sends UPDATE "public".customers SET note = 'x' WHERE email = 'a' AND (ssn_of("customers"."ssn")) > '1'

UPDATE customers SET note = 'x' WHERE email IS NULL
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, matches 1.email 0 []
--> sends UPDATE "public".customers SET note = 'x' WHERE email IS NULL

UPDATE customers SET note = 'x' WHERE email = 'a' OR id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE (email_of("customers"."email")) = 'a' OR id = 1

UPDATE customers c SET note = 'x' FROM customers d WHERE d.email = 'a' AND c.email = 'b'
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.customers:select masked, matches 1.email 1 [a], matches 1.email 1 [b]
--> sends UPDATE "public".customers c SET note = 'x' FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') d WHERE TRUE AND c.email = 'b'

UPDATE sales SET note = 'x' WHERE email = 'a'
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked, matches 21.email 1 [a]
--> sends UPDATE "public".sales SET note = 'x' WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( email = 'a') ELSE FALSE END

UPDATE typed SET note = 'x' WHERE nick = 'a'
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (email_of("typed"."nick")) = 'a') ELSE FALSE END

DELETE FROM customers WHERE email = 'a'
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, matches 1.email 1 [a]
--> sends DELETE FROM "public".customers WHERE email = 'a'

DELETE FROM customers c USING customers d WHERE d.email = 'a' AND c.id = d.id
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.customers:select masked, matches 1.email 1 [a]
--> sends DELETE FROM "public".customers c USING (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a') d WHERE TRUE AND c.id = d.id

DELETE FROM customers WHERE email = note
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers WHERE (email_of("customers"."email")) = note

--- a statement may compare with as many values as the policy says
-- with matches 2

SELECT id FROM customers WHERE email IN ('a', 'b')
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 2 [a b]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IN ('a', 'b')) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email IN ('a', 'b', 'c')
--> deny match-budget 53400 at 32 public.customers with detail hint customers select, in SELECT

SELECT id FROM customers WHERE email = 'a' AND email IN ('b', 'c')
--> deny match-budget 53400 at 48 public.customers with detail hint customers select, in SELECT

SELECT id FROM customers WHERE email = ANY ('{a,b,c}')
--> deny match-budget 53400 at 32 public.customers with detail hint customers select, in SELECT

SELECT id FROM customers WHERE email IS NULL
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 0 []
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" IS NULL) AS "customers" WHERE TRUE

--- masked columns are joined by tokens of their values, of one domain and type

SELECT a.id FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN clients b ON b.name = a.name AND a.id = b.id
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 27.name 0 [], matches 26.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "b"."hidden_2" = "a"."hidden_1" AND a.id = b.id

SELECT a.id FROM people a, clients b WHERE a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a, (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b WHERE "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a LEFT JOIN clients b ON a.email = b.email
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.email 0 [], matches 27.email 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a LEFT JOIN (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN clients b ON a.email = b.email AND a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.email 0 [], matches 27.email 0 [], matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_3", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_4" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_3" AND "a"."hidden_2" = "b"."hidden_4"

SELECT a.id FROM people a JOIN clients b ON a.email = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.email = b.name

SELECT a.id FROM people a JOIN clients b ON a.code = b.code
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."clients") b ON a.code = b.code

SELECT a.id FROM people a JOIN people b ON a.code = b.code
--> rewrite elevated SELECT: touches masks, public.people:select masked, matches 26.code 0 [], matches 26.code 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("code")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("code")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."people") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN people b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, matches 26.name 0 [], matches 26.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."people") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN clients b ON a.name = a.email
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = a.email

SELECT a.id FROM people a JOIN clients b ON a.name = a.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = a.name

SELECT a.id FROM people a JOIN clients b ON a.name < b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name < b.name

SELECT a.id FROM people a JOIN clients b ON a.name IN (b.name)
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name IN (b.name)

SELECT a.id FROM people a JOIN clients b ON lower(a.name) = b.name
--> opaque base SELECT: taints transaction, touches masks, degraded, with reason, public.people:select masked, public.clients:select masked
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON lower(a.name) = b.name

SELECT a.id FROM people a JOIN clients b USING (name)
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b USING (name)

SELECT a.id FROM people a NATURAL JOIN clients b
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a NATURAL JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."clients") b

SELECT a.id FROM people a JOIN customers b ON a.email = b.email
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.customers:select masked, matches 26.email 0 [], matches 1.email 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("email")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."customers") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN customers b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.customers:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") b ON a.name = b.name

SELECT a.id FROM people a JOIN sales b ON a.email = b.email
--> rewrite elevated SELECT: touches masks, filters rows, public.people:select masked, public.sales:select masked
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", "region", "note", "total", email_of("email") AS "email" FROM "public"."sales" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) b ON a.email = b.email

SELECT a.id FROM people a JOIN typed b ON a.email = b.nick
--> rewrite elevated SELECT: touches masks, filters rows, public.people:select masked, public.typed:select masked
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", "region", "note", "status", email_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) b ON a.email = b.nick

SELECT a.id FROM people a JOIN typed b ON a.email = b.mail
--> rewrite elevated SELECT: touches masks, filters rows, public.people:select masked, public.typed:select masked
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", email_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", email_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) b ON a.email = b.mail

SELECT * FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT "a"."id", "a"."name", "a"."email", "a"."code", "b"."id", "b"."name", "b"."email", "b"."code" FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.* FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT "a"."id", "a"."name", "a"."email", "a"."code" FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = b.name

SELECT a.id, (b.*)::text FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id, (b.*)::text FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."clients") b ON a.name = b.name

SELECT row(a.*) FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT row(a.*) FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."clients") b ON a.name = b.name

SELECT count(*) FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT pg_catalog.count(*) FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT * FROM people a JOIN clients b ON a.name = b.name JOIN orders USING (id)
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, public.orders:select
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT * FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code" FROM "public"."clients") b ON a.name = b.name JOIN "public".orders USING (id)

SELECT * FROM people a JOIN clients b ON a.name = b.name, (SELECT 1) c
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT "a"."id", "a"."name", "a"."email", "a"."code", "b"."id", "b"."name", "b"."email", "b"."code", "c".* FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2", (SELECT 1) c

SELECT * FROM people JOIN clients ON people.name = clients.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT "people"."id", "people"."name", "people"."email", "people"."code", "clients"."id", "clients"."name", "clients"."email", "clients"."code" FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") AS "people" JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") AS "clients" ON "people"."hidden_1" = "clients"."hidden_2"

SELECT 1 FROM (people a JOIN clients b ON a.name = b.name) AS j
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT 1 FROM ((SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = b.name) AS j

SELECT 1 FROM (people a JOIN clients b ON a.name = b.name) JOIN clients c ON c.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 27.name 0 [], matches 27.name 0 [], matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT 1 FROM ((SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2") JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_3" FROM "public"."clients") c ON "c"."hidden_3" = "b"."hidden_2"

SELECT 1 FROM people a JOIN (clients b JOIN orders o ON o.id = b.id) ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, public.orders:select, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT 1 FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN ((SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b JOIN "public".orders o ON o.id = b.id) ON "a"."hidden_1" = "b"."hidden_2"

SELECT 1 FROM people a JOIN clients b ON a.name = b.name AND b.daam_x IS NULL
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT 1 FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2" AND b.daam_x IS NULL

SELECT daam_hidden FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT daam_hidden FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN clients b ON a.name = b.name WHERE a.name = 'x'
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 1 [x], matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people" WHERE "name" OPERATOR(pg_catalog.=) 'x') a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2" WHERE TRUE

SELECT a.id FROM people AS a (i, n) JOIN clients b ON a.n = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked, matches 26.name 0 [], matches 27.name 0 []
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", email_of("email") AS "email", pseudonym_of("code", $1, $2) AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_1" FROM "public"."people") AS a (i, n) JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code", ('p_' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.encode(pg_catalog.sha256($2::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.sha256($1::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.convert_to(('join ' OPERATOR(pg_catalog.||) ("name")::pg_catalog.text), 'UTF8'))), 'hex'), 32)) AS "hidden_2" FROM "public"."clients") b ON "a"."hidden_1" = "b"."hidden_2"

SELECT a.id FROM people a JOIN clients b ON public.people.name = b.name
--> rewrite elevated SELECT: touches masks, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON public.people.name = b.name

UPDATE people SET email = 'x' FROM clients b WHERE people.name = b.name
--> rewrite elevated UPDATE: touches masks, public.people:update masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> literals count
--> sends UPDATE "public".people SET email = 'x' FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b WHERE (pseudonym_of("people"."name", $1, $2)) = b.name

UPDATE orders SET memo = 'x' FROM people a JOIN clients b ON a.name = b.name
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends UPDATE "public".orders SET memo = 'x' FROM (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = b.name

DELETE FROM orders USING people a JOIN clients b ON a.name = b.name
--> rewrite elevated DELETE: touches masks, public.orders:delete, public.people:select masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends DELETE FROM "public".orders USING (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = b.name

COPY (SELECT a.id FROM people a JOIN clients b ON a.name = b.name) TO STDOUT
--> deny match-join-key 0A000 hint anything for anything, in COPY

PREPARE p AS SELECT a.id FROM people a JOIN clients b ON a.name = b.name
--> deny match-join-key 0A000 hint anything for anything, in PREPARE

EXPLAIN SELECT a.id FROM people a JOIN clients b ON a.name = b.name
--> deny explain-match 42501 with detail, in EXPLAIN

--- joins of MERGE see masks
-- with from 15

MERGE INTO people p USING clients c ON p.name = c.name WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, public.people:delete masked, public.clients:select masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends MERGE INTO "public".people p USING (SELECT "id", pseudonym_of("name", $1, $2) AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") c ON (pseudonym_of("p"."name", $1, $2)) = c.name WHEN MATCHED THEN DELETE

--- constants are written as the newest grammar reads them
-- with from 18

SELECT id FROM customers WHERE email = 'a'::json
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"pg_catalog"."json") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = true
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [true]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) TRUE) AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = false
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [false]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) FALSE) AS "customers" WHERE TRUE

--- constants are written as the oldest grammar reads them
-- with until 13

SELECT id FROM customers WHERE email = 'a'::json
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [a]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 'a'::"json") AS "customers" WHERE TRUE

SELECT id FROM customers WHERE email = true
--> rewrite elevated SELECT: touches masks, public.customers:select masked, matches 1.email 1 [t]
--> sends SELECT id FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers" WHERE "email" OPERATOR(pg_catalog.=) 't'::"pg_catalog"."bool") AS "customers" WHERE TRUE
