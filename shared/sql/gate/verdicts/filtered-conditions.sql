--- a condition that could tell of a hidden row is computed behind a fence, any other in front of it

SELECT id, note FROM typed WHERE 1 / (amount - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE 1 / (amount - 1000) >= 0

SELECT id, note FROM typed WHERE amount / (amount + 7) < 5
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE amount / (amount + 7) < 5

SELECT id, note FROM typed WHERE note LIKE '_z\'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE note LIKE '_z\'

SELECT id, note FROM typed WHERE note NOT LIKE 'z%\'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE note NOT LIKE 'z%\'

SELECT id, note FROM typed WHERE note ~ 'x' AND 'x' ~ note
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE note ~ 'x' AND 'x' ~ note

SELECT id, note FROM typed WHERE note::int > 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE note::int > 0

SELECT id, note FROM typed WHERE code::jsonb IS NOT NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE code::jsonb IS NOT NULL

SELECT id, note FROM typed WHERE price::float8 > 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", COALESCE("price", "price") AS "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE price::float8 > 0

SELECT id, note FROM typed WHERE price::int4 > 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", COALESCE("price", "price") AS "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE price::int4 > 0

SELECT id, note FROM typed WHERE sqrt(amount) > 2
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.sqrt(amount) > 2

SELECT id, note FROM typed WHERE ln(amount + 1) > 2
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.ln(amount + 1) > 2

SELECT id, note FROM typed WHERE id::oid > 5::oid
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE id::oid > 5::oid

SELECT id, note FROM typed WHERE id = 5::oid
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE id = 5::oid

SELECT id, note FROM typed WHERE id > 5::oid
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE id > 5::oid

SELECT id, note FROM typed WHERE substr(note, 1, amount) = 'n'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.substr(note, 1, amount) = 'n'

SELECT id, note FROM typed WHERE repeat('x', amount) = 'xx'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.repeat('x', amount) = 'xx'

SELECT id, note FROM typed WHERE created + interval '290000 years' > now()
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", COALESCE("created", "created") AS "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE created + interval '290000 years' > pg_catalog.now()

SELECT id, note FROM typed WHERE to_char(created, 'YYYY') = '2024'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", COALESCE("created", "created") AS "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.to_char(created, 'YYYY') = '2024'

SELECT id, note FROM typed WHERE pg_advisory_xact_lock(id) IS NOT NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.pg_advisory_xact_lock(id) IS NOT NULL

SELECT id, note FROM typed WHERE random() < 2
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.random() < 2

SELECT id, note FROM typed WHERE length(note) > 3
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.length(note) > 3

SELECT id, note FROM typed WHERE lower(owner) = 'owner1'
--> deny row-filter 42501 at 22 public.typed with detail hint in words, in SELECT

SELECT id, note FROM typed WHERE email LIKE 'j%'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE email LIKE 'j%'

SELECT id, note FROM typed WHERE email = 'jane7@example.com'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, matches 25.email 1 [jane7@example.com]
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "email" OPERATOR(pg_catalog.=) 'jane7@example.com' OFFSET 0) AS "typed" WHERE TRUE

SELECT id, note FROM typed WHERE email IN ('jane7@example.com', 'hidden7@example.com') AND 1 / (amount - 1000) >= 0
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, matches 25.email 2 [jane7@example.com hidden7@example.com]
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", email_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND "email" IN ('jane7@example.com', 'hidden7@example.com') OFFSET 0) AS "typed" WHERE TRUE AND 1 / (amount - 1000) >= 0

SELECT id, note FROM typed WHERE twice = 1 / (amount - 1000)
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", COALESCE("twice", "twice") AS "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE twice = 1 / (amount - 1000)

SELECT id, note FROM typed WHERE CASE WHEN amount = 1000 THEN 1 / 0 ELSE 1 END = 1
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE CASE WHEN amount = 1000 THEN 1 / 0 ELSE 1 END = 1

SELECT id, note FROM typed WHERE (amount, note) = (1000, 'zz\')
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", COALESCE("note", "note") AS "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE (amount, note) = (1000, 'zz\')

SELECT id, note FROM typed WHERE amount = ANY (SELECT 1000 / qty FROM lines WHERE qty > 0)
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, public.lines:select
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE amount = ANY (SELECT 1000 / qty FROM "public".lines WHERE qty > 0)

SELECT id, note FROM typed WHERE EXISTS (SELECT FROM lines l WHERE l.order_id = id AND 1 / (amount - 1000) >= 0)
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked, public.lines:select
--> sends SELECT id, note FROM (SELECT COALESCE("id", "id") AS "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", COALESCE("amount", "amount") AS "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE EXISTS (SELECT FROM "public".lines l WHERE l.order_id = id AND 1 / (amount - 1000) >= 0)

SELECT id, note FROM typed WHERE region::text || 'x' = 'USx'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", COALESCE("region", "region") AS "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE region::text || 'x' = 'USx'

SELECT id, note FROM typed WHERE generate_series(1, 2) IS NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE pg_catalog.generate_series(1, 2) IS NULL

SELECT id, note FROM typed WHERE id = 7
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = 7

SELECT id, note FROM typed WHERE id IN (7, 8, 100001)
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id IN (7, 8, 100001)

SELECT id, note FROM typed WHERE id = ANY (ARRAY[7, 100001])
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = ANY (ARRAY[7, 100001])

SELECT id, note FROM typed WHERE id = ANY ('{7,100001}'::int8[])
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = ANY ('{7,100001}'::int8[])

SELECT id, note FROM typed WHERE id BETWEEN 5 AND 100005
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id BETWEEN 5 AND 100005

SELECT id, note FROM typed WHERE id NOT BETWEEN 5 AND 100005
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id NOT BETWEEN 5 AND 100005

SELECT id, note FROM typed WHERE region = 'US'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE region = 'US'

SELECT id, note FROM typed WHERE region <> 'EU' AND amount = 1000
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE region <> 'EU' AND amount = 1000

SELECT id, note FROM typed WHERE note = 'zz\'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE note = 'zz\'

SELECT id, note FROM typed WHERE owner = 'boss' OR owner IS NULL
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE owner = 'boss' OR owner IS NULL

SELECT id, note FROM typed WHERE amount IS NOT NULL AND NOT amount < 3
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE amount IS NOT NULL AND NOT amount < 3

SELECT id, note FROM typed WHERE status = 'closed'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE status = 'closed'

SELECT id, note FROM typed WHERE status = 'closed'::status
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", COALESCE("status", "status") AS "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE status = 'closed'::status

SELECT id, note FROM typed WHERE created > now() - interval '7 days'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> literals count
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE created > pg_catalog.now() - interval '7 days'

SELECT id, note FROM typed WHERE created < CURRENT_TIMESTAMP
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE created < CURRENT_TIMESTAMP

SELECT id, note FROM typed WHERE created >= '2024-01-05' AND created < timestamptz '2024-02-05'
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE created >= '2024-01-05' AND created < timestamptz '2024-02-05'

SELECT id, note FROM typed WHERE price > 1e200
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE price > 1e200

SELECT id, note FROM typed WHERE price = 10
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE price = 10

SELECT id, note FROM typed WHERE code IN ('kanarie', 'c7')
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) OFFSET 0) AS "typed" WHERE code IN ('kanarie', 'c7')

SELECT id, note FROM typed WHERE amount IS DISTINCT FROM 1000
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE amount IS DISTINCT FROM 1000

SELECT id, note FROM typed WHERE id = 5::numeric
--> rewrite elevated SELECT: touches masks, filters rows, public.typed:select masked
--> sends SELECT id, note FROM (SELECT "id", "region", "note", "status", redact_of("nick") AS "nick", redact_of("mail") AS "mail", "amount", "twice", "owner", "price", "created", redact_of("email") AS "email", redact_of("code") AS "code" FROM "public"."typed" WHERE "region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])) AS "typed" WHERE id = 5::numeric

--- a condition of an update is computed where the filter holds

UPDATE typed SET note = 'x' WHERE 1 / (amount - 1000) >= 0 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( 1 / (amount - 1000) >= 0) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE amount / (amount + 7) < 5 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( amount / (amount + 7) < 5) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE note LIKE '_z\' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( note LIKE '_z\') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE note NOT LIKE 'z%\' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( note NOT LIKE 'z%\') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE note ~ 'x' AND 'x' ~ note RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( note ~ 'x' AND 'x' ~ note) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE note::int > 0 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( note::int > 0) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE code::jsonb IS NOT NULL RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (redact_of("typed"."code"))::jsonb IS NOT NULL) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE price::float8 > 0 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( price::float8 > 0) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE price::int4 > 0 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( price::int4 > 0) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE sqrt(amount) > 2 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.sqrt(amount) > 2) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE ln(amount + 1) > 2 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.ln(amount + 1) > 2) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id::oid > 5::oid RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( id::oid > 5::oid) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id = 5::oid RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( id = 5::oid) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id > 5::oid RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( id > 5::oid) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE substr(note, 1, amount) = 'n' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.substr(note, 1, amount) = 'n') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE repeat('x', amount) = 'xx' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.repeat('x', amount) = 'xx') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE created + interval '290000 years' > now() RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( created + interval '290000 years' > pg_catalog.now()) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE to_char(created, 'YYYY') = '2024' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.to_char(created, 'YYYY') = '2024') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE pg_advisory_xact_lock(id) IS NOT NULL RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.pg_advisory_xact_lock(id) IS NOT NULL) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE random() < 2 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.random() < 2) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE length(note) > 3 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.length(note) > 3) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE lower(owner) = 'owner1' RETURNING id
--> deny row-filter 42501 at 8 public.typed with detail hint in words, in UPDATE

UPDATE typed SET note = 'x' WHERE email LIKE 'j%' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (email_of("typed"."email")) LIKE 'j%') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE email = 'jane7@example.com' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, matches 25.email 1 [jane7@example.com]
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( email = 'jane7@example.com') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE email IN ('jane7@example.com', 'hidden7@example.com') AND 1 / (amount - 1000) >= 0 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, matches 25.email 2 [jane7@example.com hidden7@example.com]
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( email IN ('jane7@example.com', 'hidden7@example.com') AND 1 / (amount - 1000) >= 0) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE twice = 1 / (amount - 1000) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( twice = 1 / (amount - 1000)) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE CASE WHEN amount = 1000 THEN 1 / 0 ELSE 1 END = 1 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( CASE WHEN amount = 1000 THEN 1 / 0 ELSE 1 END = 1) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE (amount, note) = (1000, 'zz\') RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (amount, note) = (1000, 'zz\')) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE amount = ANY (SELECT 1000 / qty FROM lines WHERE qty > 0) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( amount = ANY (SELECT 1000 / qty FROM "public".lines WHERE qty > 0)) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE EXISTS (SELECT FROM lines l WHERE l.order_id = id AND 1 / (amount - 1000) >= 0) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( EXISTS (SELECT FROM "public".lines l WHERE l.order_id = id AND 1 / (amount - 1000) >= 0)) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE region::text || 'x' = 'USx' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( region::text || 'x' = 'USx') ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE generate_series(1, 2) IS NULL RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( pg_catalog.generate_series(1, 2) IS NULL) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id = 7 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 7) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id IN (7, 8, 100001) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id IN (7, 8, 100001)) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id = ANY (ARRAY[7, 100001]) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = ANY (ARRAY[7, 100001])) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id = ANY ('{7,100001}'::int8[]) RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = ANY ('{7,100001}'::int8[])) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id BETWEEN 5 AND 100005 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id BETWEEN 5 AND 100005) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id NOT BETWEEN 5 AND 100005 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id NOT BETWEEN 5 AND 100005) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE region = 'US' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( region = 'US') RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE region <> 'EU' AND amount = 1000 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( region <> 'EU' AND amount = 1000) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE note = 'zz\' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( note = 'zz\') RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE owner = 'boss' OR owner IS NULL RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( owner = 'boss' OR owner IS NULL) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE amount IS NOT NULL AND NOT amount < 3 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( amount IS NOT NULL AND NOT amount < 3) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE status = 'closed' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( status = 'closed') RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE status = 'closed'::status RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( status = 'closed'::status) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE created > now() - interval '7 days' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> literals count
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( created > pg_catalog.now() - interval '7 days') RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE created < CURRENT_TIMESTAMP RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( created < CURRENT_TIMESTAMP) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE created >= '2024-01-05' AND created < timestamptz '2024-02-05' RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( created >= '2024-01-05' AND created < timestamptz '2024-02-05') RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE price > 1e200 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( price > 1e200) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE price = 10 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( price = 10) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE code IN ('kanarie', 'c7') RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND CASE WHEN "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) THEN ( (redact_of("typed"."code")) IN ('kanarie', 'c7')) ELSE FALSE END RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE amount IS DISTINCT FROM 1000 RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( amount IS DISTINCT FROM 1000) RETURNING id AS "id"

UPDATE typed SET note = 'x' WHERE id = 5::numeric RETURNING id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> sends UPDATE "public".typed SET note = 'x' WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 5::numeric) RETURNING id AS "id"
