--- RETURNING shows rows of the target through the masks

UPDATE customers SET note = 'x' RETURNING email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (email_of("customers"."email")) AS "email"

UPDATE customers SET note = 'x' RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

UPDATE customers c SET note = 'x' RETURNING c.*, c.email AS e, id
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers c SET note = 'x' RETURNING "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc", (email_of("c"."email")) AS e, id AS "id"

UPDATE customers c SET note = 'x' RETURNING public.customers.email
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> sends UPDATE customers c SET note = 'x' RETURNING public.customers.email AS "email"

UPDATE public.customers SET note = 'x' RETURNING public.customers.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE public.customers SET note = 'x' RETURNING (email_of("customers"."email")) AS "email"

UPDATE public.customers SET note = 'x' RETURNING shop.public.customers.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE public.customers SET note = 'x' RETURNING (email_of("customers"."email")) AS "email"

UPDATE public.customers SET note = 'x' RETURNING public.customers.*
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE public.customers SET note = 'x' RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

UPDATE customers c SET note = 'x' RETURNING c
--> deny whole-row-target 42501 at 45 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers c SET note = 'x' RETURNING c::text
--> deny whole-row-target 42501 at 45 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers c SET note = 'x' RETURNING row_to_json(c)
--> deny whole-row-target 42501 at 57 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' RETURNING customers
--> deny whole-row-target 42501 at 43 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' RETURNING (customers).email
--> deny whole-row-target 42501 at 44 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers c SET note = 'x' RETURNING (c.*).email
--> deny whole-row-target 42501 at 46 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' RETURNING email::varchar(3)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (email_of("customers"."email"))::varchar(3) AS "email"

UPDATE customers SET note = 'x' RETURNING email COLLATE "C"
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (email_of("customers"."email")) COLLATE "C" AS "email"

UPDATE customers SET note = 'x' RETURNING CASE WHEN true THEN 'x' ELSE email END
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING CASE WHEN true THEN 'x' ELSE (email_of("customers"."email")) END AS "email"

UPDATE customers SET note = 'x' RETURNING (SELECT email)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (SELECT (email_of("customers"."email"))) AS "email"

UPDATE customers SET note = 'x' RETURNING (SELECT email AS e)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (SELECT (email_of("customers"."email")) AS e) AS "e"

UPDATE customers SET note = 'x' RETURNING EXISTS (SELECT email)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING EXISTS (SELECT (email_of("customers"."email")))

UPDATE customers SET note = 'x' RETURNING ARRAY(SELECT email)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING ARRAY(SELECT (email_of("customers"."email")))

UPDATE customers SET note = 'x' RETURNING (doc).a
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> sends UPDATE customers SET note = 'x' RETURNING ((redact_of("customers"."doc"))).a AS "a"

UPDATE customers SET note = 'x' RETURNING (doc).a[1], email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING ((redact_of("customers"."doc"))).a[1] AS "a", (email_of("customers"."email")) AS "email"

UPDATE customers SET note = 'x' RETURNING upper(email), (id), ssn
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING upper((email_of("customers"."email"))), (id) AS "id", (ssn_of("customers"."ssn")) AS "ssn"

UPDATE customers SET note = 'x' RETURNING id, name
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> sends UPDATE customers SET note = 'x' RETURNING id AS "id", name AS "name"

UPDATE customers SET note = 'x' RETURNING ctid, xmin, tableoid
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> sends UPDATE customers SET note = 'x' RETURNING ctid AS "ctid", xmin AS "xmin", tableoid AS "tableoid"

UPDATE orders SET memo = 'x' RETURNING *
--> pass either UPDATE: public.orders:update

UPDATE orders SET memo = 'x' FROM customers c WHERE c.id = orders.id RETURNING *
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = 'x' FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE c.id = orders.id RETURNING *

UPDATE orders SET memo = 'x' FROM customers c WHERE c.id = orders.id RETURNING c.email, orders.*
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = 'x' FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c WHERE c.id = orders.id RETURNING c.email, orders.*

UPDATE customers SET note = 'x' FROM orders o WHERE o.id = customers.id RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET note = 'x' FROM "public".orders o WHERE o.id = customers.id RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc", "o".*

UPDATE customers SET note = 'x' FROM orders o JOIN lines l USING (id) WHERE o.id = customers.id RETURNING *
--> deny unsupported-on-masked 0A000 at 107 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' FROM orders o NATURAL JOIN lines l RETURNING *
--> deny unsupported-on-masked 0A000 at 78 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' FROM orders o JOIN lines l ON true RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select, public.lines:select
--> sends UPDATE "public".customers SET note = 'x' FROM "public".orders o JOIN "public".lines l ON true RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc", "o".*, "l".*

UPDATE customers SET note = 'x' FROM orders o JOIN lines l USING (id) RETURNING customers.*
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select, public.lines:select
--> sends UPDATE "public".customers SET note = 'x' FROM "public".orders o JOIN "public".lines l USING (id) RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

UPDATE customers SET note = 'x' FROM generate_series(1, 2) g RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' FROM pg_catalog.generate_series(1, 2) g RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc", "g".*

DELETE FROM customers USING orders o WHERE o.id = customers.id RETURNING o.*, email
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.orders:select
--> sends DELETE FROM "public".customers USING "public".orders o WHERE o.id = customers.id RETURNING o.*, (email_of("customers"."email")) AS "email"

DELETE FROM customers RETURNING email; SELECT 1
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> pass either SELECT
--> all elevated no taint
--> sends DELETE FROM "public".customers RETURNING (email_of("customers"."email")) AS "email"; SELECT 1

WITH d AS (DELETE FROM customers RETURNING email) SELECT * FROM d
--> rewrite elevated SELECT: touches masks, public.customers:delete masked
--> sends WITH d AS (DELETE FROM "public".customers RETURNING (email_of("customers"."email")) AS "email") SELECT * FROM d

WITH d AS (DELETE FROM customers RETURNING email) INSERT INTO orders (memo) SELECT email FROM d
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id) VALUES (1) RETURNING email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id) VALUES (1) RETURNING (email_of("customers"."email")) AS "email"

INSERT INTO customers (id) VALUES (1) RETURNING *
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id) VALUES (1) RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

INSERT INTO customers AS c (id) VALUES (1) RETURNING c.*, email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers AS c (id) VALUES (1) RETURNING "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc", (email_of("c"."email")) AS "email"

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' RETURNING email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' RETURNING (email_of("customers"."email")) AS "email"

INSERT INTO people (id) VALUES (1) RETURNING name
--> rewrite elevated INSERT: touches masks, public.people:insert masked
--> $1 is pseudonym-inner
--> $2 is pseudonym-outer
--> sends INSERT INTO "public".people (id) VALUES (1) RETURNING (pseudonym_of("people"."name", $1, $2)) AS "name"

INSERT INTO events (id) VALUES (1) RETURNING email
--> rewrite elevated INSERT: touches masks, public.events:insert masked
--> sends INSERT INTO "public".events (id) VALUES (1) RETURNING (email_of("events"."email")) AS "email"

INSERT INTO twice (id) VALUES (1) RETURNING *
--> rewrite either INSERT: touches masks, public.twice:insert masked
--> sends INSERT INTO "public".twice (id) VALUES (1) RETURNING "twice"."id", redact_of("twice"."email") AS "email"

--- old and new are rows of the target
-- with from 18

UPDATE customers SET note = 'x' RETURNING old.email, new.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING (email_of("old"."email")) AS "email", (email_of("new"."email")) AS "email"

UPDATE customers SET note = 'x' RETURNING old.*, new.*
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING "old"."id", "old"."name", email_of("old"."email") AS "email", ssn_of("old"."ssn") AS "ssn", null_of("old"."salary") AS "salary", "old"."note", redact_of("old"."doc") AS "doc", "new"."id", "new"."name", email_of("new"."email") AS "email", ssn_of("new"."ssn") AS "ssn", null_of("new"."salary") AS "salary", "new"."note", redact_of("new"."doc") AS "doc"

UPDATE customers SET note = 'x' RETURNING old
--> deny whole-row-target 42501 at 43 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' RETURNING WITH (OLD AS o, NEW AS n) o.email, n.*
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING WITH (OLD AS o, NEW AS n) (email_of("o"."email")) AS "email", "n"."id", "n"."name", email_of("n"."email") AS "email", ssn_of("n"."ssn") AS "ssn", null_of("n"."salary") AS "salary", "n"."note", redact_of("n"."doc") AS "doc"

UPDATE customers SET note = 'x' RETURNING WITH (OLD AS o) o.email, new.email, old.email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING WITH (OLD AS o) (email_of("o"."email")) AS "email", (email_of("new"."email")) AS "email", old.email AS "email"

UPDATE customers SET note = 'x' RETURNING *
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' RETURNING "customers"."id", "customers"."name", email_of("customers"."email") AS "email", ssn_of("customers"."ssn") AS "ssn", null_of("customers"."salary") AS "salary", "customers"."note", redact_of("customers"."doc") AS "doc"

UPDATE orders SET memo = 'x' RETURNING old.memo, new.*
--> pass either UPDATE: public.orders:update

INSERT INTO customers (id) VALUES (1) RETURNING old.email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id) VALUES (1) RETURNING (email_of("old"."email")) AS "email"

--- references to the target see the mask of its columns, wherever they stand

UPDATE customers SET note = 'x' WHERE ssn LIKE '1%'
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE (ssn_of("customers"."ssn")) LIKE '1%'

UPDATE customers SET note = 'x' WHERE customers.ssn LIKE '1%'
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE (ssn_of("customers"."ssn")) LIKE '1%'

UPDATE customers c SET note = 'x' WHERE c.ssn LIKE '1%' AND id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers c SET note = 'x' WHERE (ssn_of("c"."ssn")) LIKE '1%' AND id = 1

UPDATE customers SET note = 'x' WHERE customers IS NOT NULL
--> deny whole-row-target 42501 at 39 public.customers hint Name the columns that you need., in UPDATE

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM orders WHERE memo = ssn)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM "public".orders WHERE memo = (ssn_of("customers"."ssn")))

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM orders customers WHERE memo = ssn)
--> deny unsupported-on-masked 0A000 at 91 public.customers, in UPDATE

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM generate_series(1, 2) g WHERE g = ssn)
--> deny ambiguous-column 42702 at 95 with detail hint in words, in UPDATE

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM generate_series(1, 2) g WHERE g = note)
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM generate_series(1, 2) g WHERE g = customers.ssn)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM pg_catalog.generate_series(1, 2) g WHERE g = (ssn_of("customers"."ssn")))

UPDATE customers SET note = 'x' WHERE EXISTS (SELECT 1 FROM generate_series(1, 2) g WHERE g = customers)
--> deny ambiguous-column 42702 at 95 with detail hint in words, in UPDATE

UPDATE customers SET note = 'x' FROM generate_series(1, 2) g WHERE g = ssn
--> deny ambiguous-column 42702 at 72 with detail hint in words, in UPDATE

UPDATE customers SET note = 'x' FROM orders o WHERE o.memo = ssn
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET note = 'x' FROM "public".orders o WHERE o.memo = (ssn_of("customers"."ssn"))

UPDATE customers SET note = 'x' FROM leads WHERE email = 'x'
--> deny unknown-relation 42P01 at 38, in UPDATE

UPDATE customers c SET note = 'x' FROM customers d WHERE c.ssn = d.ssn
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.customers:select masked
--> sends UPDATE "public".customers c SET note = 'x' FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") d WHERE (ssn_of("c"."ssn")) = d.ssn

UPDATE customers c SET note = 'x' FROM customers d WHERE c.ssn > email
--> deny ambiguous-column 42702 at 66 with detail hint in words, in UPDATE

DELETE FROM customers WHERE ssn > '1'
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers WHERE (ssn_of("customers"."ssn")) > '1'

DELETE FROM customers WHERE public.customers.ssn > '1'
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers WHERE (ssn_of("customers"."ssn")) > '1'

DELETE FROM customers c WHERE public.customers.ssn > '1'
--> pass either DELETE: touches masks, public.customers:delete masked

DELETE FROM customers WHERE other.public.customers.ssn > '1'
--> rewrite elevated DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM "public".customers WHERE (ssn_of("customers"."ssn")) > '1'

DELETE FROM customers WHERE payments.ssn > '1'
--> pass either DELETE: touches masks, public.customers:delete masked

DELETE FROM customers WHERE length(nowhere) = 1
--> pass either DELETE: touches masks, public.customers:delete masked

DELETE FROM hidden WHERE hidden > '1'
--> deny whole-row-target 42501 at 26 public.hidden hint Name the columns that you need., in DELETE

DELETE FROM hidden WHERE a > '1' AND b > '1'
--> rewrite elevated DELETE: touches masks, public.hidden:delete masked
--> sends DELETE FROM "public".hidden WHERE (null_of("hidden"."a")) > '1' AND (email_of("hidden"."b")) > '1'

UPDATE customers SET note = (SELECT max(o.memo) FROM orders o WHERE o.memo > ssn)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET note = (SELECT pg_catalog.max(o.memo) FROM "public".orders o WHERE o.memo > (ssn_of("customers"."ssn")))

UPDATE customers SET note = note
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE customers SET note = name || 'x'
--> pass either UPDATE: touches masks, public.customers:update masked

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = customers.name
--> pass either INSERT: touches masks, public.customers:insert masked, public.customers:update masked

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE customers.ssn > '1'
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE (ssn_of("customers"."ssn")) > '1'

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.name > '1'
--> pass either INSERT: touches masks, public.customers:insert masked, public.customers:update masked

UPDATE customers SET note = 'x' WHERE CURRENT OF c
--> pass either UPDATE: touches masks, public.customers:update masked

DELETE FROM orders WHERE CURRENT OF c
--> pass either DELETE: public.orders:delete

--- values of masked columns are stored nowhere

UPDATE customers SET note = email
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = lower(email)
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = customers.email
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers c SET note = c.ssn
--> deny masked-source 42501 at 24 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = (SELECT email FROM customers d LIMIT 1)
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = (SELECT d.x FROM (SELECT email AS x FROM customers) d)
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = (SELECT max(id)::text FROM orders WHERE memo = email)
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET note = (SELECT pg_catalog.max(id)::text FROM "public".orders WHERE memo = (email_of("customers"."email")))

UPDATE customers SET note = customers::text
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET note = (SELECT c::text FROM customers c LIMIT 1)
--> deny masked-source 42501 at 22 public.customers with detail hint customers select, in UPDATE

UPDATE customers SET (note, name) = (SELECT ssn, name FROM customers LIMIT 1)
--> deny masked-source 42501 at 23 public.customers with detail hint customers select, in UPDATE

UPDATE orders SET memo = c.email FROM customers c
--> deny masked-source 42501 at 19 public.customers with detail hint customers select, in UPDATE

UPDATE orders SET memo = c.name FROM customers c
--> rewrite either UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE orders SET memo = c.name FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

UPDATE orders SET memo = c FROM customers c
--> deny masked-source 42501 at 19 public.customers with detail hint customers select, in UPDATE

UPDATE orders SET memo = x.e FROM (SELECT email AS e FROM customers) x
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in UPDATE

UPDATE orders SET memo = x.n FROM (SELECT name AS n FROM customers) x
--> rewrite either UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE orders SET memo = x.n FROM (SELECT name AS n FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") x

UPDATE orders SET memo = x.n FROM (SELECT name AS n FROM customers WHERE email LIKE 'a%') x
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = x.n FROM (SELECT name AS n FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'a%') x

UPDATE orders SET memo = x.n FROM (SELECT a.name AS n FROM customers a JOIN customers b ON a.ssn = b.ssn) x
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = x.n FROM (SELECT a.name AS n FROM (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a JOIN (SELECT "id", "name", redact_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") b ON a.ssn = b.ssn) x

UPDATE orders SET memo = x.n FROM customers AS x (a, n, b)
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = x.n FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS x (a, n, b)

UPDATE orders SET memo = x.b FROM customers AS x (a, n, b)
--> deny masked-source 42501 at 19 public.customers with detail hint customers select, in UPDATE

UPDATE orders SET memo = x.b FROM customers AS x (a, b)
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.customers:select masked
--> sends UPDATE "public".orders SET memo = x.b FROM (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS x (a, b)

UPDATE orders SET memo = e FROM customers c, LATERAL (SELECT c.email AS e) l
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in UPDATE

WITH w AS (SELECT email AS e FROM customers) UPDATE orders SET memo = w.e FROM w
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in UPDATE

WITH w AS (SELECT name AS e FROM customers) UPDATE orders SET memo = w.e FROM w
--> rewrite either UPDATE: touches masks, public.customers:select masked, public.orders:update
--> sends WITH w AS (SELECT name AS e FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") UPDATE orders SET memo = w.e FROM w

WITH w AS (SELECT id FROM customers) UPDATE customers SET note = 'x' FROM w
--> rewrite either UPDATE: touches masks, public.customers:select masked, public.customers:update masked
--> sends WITH w AS (SELECT id FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") UPDATE customers SET note = 'x' FROM w

INSERT INTO orders (memo) SELECT email FROM customers
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) SELECT name FROM customers
--> rewrite either INSERT: touches masks, public.orders:insert, public.customers:select masked
--> sends INSERT INTO orders (memo) SELECT name FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

INSERT INTO orders (memo) SELECT name FROM customers WHERE email LIKE 'a%'
--> rewrite elevated INSERT: touches masks, public.orders:insert, public.customers:select masked
--> sends INSERT INTO "public".orders (memo) SELECT name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers" WHERE email LIKE 'a%'

INSERT INTO orders (memo) SELECT a.name FROM customers a JOIN customers b ON a.email = b.note
--> rewrite elevated INSERT: touches masks, public.orders:insert, public.customers:select masked
--> sends INSERT INTO "public".orders (memo) SELECT a.name FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") a JOIN (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") b ON a.email = b.note

INSERT INTO orders SELECT * FROM customers
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) SELECT c::text FROM customers c
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) SELECT customers FROM customers
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) SELECT email FROM (SELECT memo AS email FROM orders) x
--> pass either INSERT: public.orders:insert, public.orders:select

INSERT INTO orders (memo) SELECT email FROM public.customers
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) SELECT email FROM sales.twice
--> pass either INSERT: public.orders:insert, sales.twice:select

INSERT INTO orders (memo) SELECT x FROM sales.leads AS l (a, x)
--> deny masked-source 42501 at 1 sales.leads with detail hint leads select, in INSERT

INSERT INTO orders (memo) SELECT excluded.email FROM customers excluded
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO orders (memo) VALUES ((SELECT email FROM customers LIMIT 1))
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

WITH w AS (SELECT email FROM customers) INSERT INTO orders (memo) SELECT email FROM w
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

WITH w AS (SELECT email AS e FROM customers) INSERT INTO orders (memo) SELECT e FROM w
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

WITH w AS (SELECT name FROM customers) INSERT INTO orders (memo) SELECT name FROM w
--> rewrite either INSERT: touches masks, public.customers:select masked, public.orders:insert
--> sends WITH w AS (SELECT name FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") INSERT INTO orders (memo) SELECT name FROM w

INSERT INTO orders (memo) WITH w AS (SELECT email AS e FROM customers) SELECT e FROM w
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = customers.email
--> deny masked-source 42501 at 81 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.email

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note
--> pass either INSERT: touches masks, public.customers:insert masked, public.customers:update masked

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.doc
--> deny masked-excluded 42501 at 88 public.customers with detail hint in words, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.salary
--> deny masked-excluded 42501 at 88 public.customers with detail hint in words, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.doc IS NULL
--> deny masked-excluded 42501 at 98 public.customers with detail hint in words, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.email LIKE 'x'
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.email LIKE 'x'

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = (SELECT excluded.ssn)
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = (SELECT excluded.ssn)

INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = excluded.memo
--> pass either INSERT: public.orders:insert, public.orders:update

--- what decides a conflict is a match where the column allows one

INSERT INTO customers (email) VALUES ('x') ON CONFLICT (email) DO NOTHING
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, matches 1.email 1 []
--> sends INSERT INTO "public".customers (email) VALUES ('x') ON CONFLICT (email) DO NOTHING

INSERT INTO customers (ssn) VALUES ('x') ON CONFLICT (ssn) DO NOTHING
--> deny masked-arbiter 42501 at 54 public.customers hint customers insert, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO NOTHING
--> pass either INSERT: touches masks, public.customers:insert masked

INSERT INTO customers (id) VALUES (1) ON CONFLICT DO NOTHING
--> pass either INSERT: touches masks, public.customers:insert masked

INSERT INTO customers (id) VALUES (1) ON CONFLICT ON CONSTRAINT c DO NOTHING
--> pass either INSERT: touches masks, public.customers:insert masked

INSERT INTO customers (id) VALUES (1) ON CONFLICT ((lower(email))) DO NOTHING
--> opaque base INSERT: taints transaction, touches masks, degraded, with reason, public.customers:insert masked
--> sends INSERT INTO customers (id) VALUES (1) ON CONFLICT ((lower((redact_of("customers"."email"))))) DO NOTHING

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) WHERE ssn > '1' DO NOTHING
--> rewrite elevated INSERT: touches masks, public.customers:insert masked
--> sends INSERT INTO "public".customers (id) VALUES (1) ON CONFLICT (id) WHERE (ssn_of("customers"."ssn")) > '1' DO NOTHING

INSERT INTO customers (id) VALUES (1) ON CONFLICT (email text_ops) DO NOTHING
--> deny match-needs-elevation 42501 at 51 public.customers hint customers insert, in INSERT

INSERT INTO orders (id) VALUES (1) ON CONFLICT (memo) DO NOTHING
--> pass either INSERT: public.orders:insert

--- a table that is named excluded is a table like any other

INSERT INTO excluded (id, note) VALUES (1, 'x')
--> pass either INSERT: touches masks, public.excluded:insert masked

INSERT INTO excluded (id, note) VALUES (1, 'x') RETURNING *
--> rewrite elevated INSERT: touches masks, public.excluded:insert masked
--> sends INSERT INTO "public".excluded (id, note) VALUES (1, 'x') RETURNING "excluded"."id", email_of("excluded"."email") AS "email", "excluded"."note"

INSERT INTO excluded (id, note) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING
--> pass either INSERT: touches masks, public.excluded:insert masked

INSERT INTO excluded (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.note
--> pass either INSERT: touches masks, public.excluded:insert masked, public.excluded:update masked

INSERT INTO excluded (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'y'
--> pass either INSERT: touches masks, public.excluded:insert masked, public.excluded:update masked

INSERT INTO excluded (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email
--> deny masked-source 42501 at 81 public.excluded with detail hint excluded select, in INSERT

INSERT INTO excluded AS e (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email
--> rewrite elevated INSERT: touches masks, public.excluded:insert masked, public.excluded:update masked
--> sends INSERT INTO "public".excluded AS e (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = CASE WHEN (("excluded"."email")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("e"."email"))::pg_catalog.text OR (("excluded"."email")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "e"."email" ELSE ("excluded"."email")::pg_catalog.text END

INSERT INTO orders AS excluded (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET memo = 'x'
--> pass either INSERT: public.orders:insert, public.orders:update

UPDATE excluded SET note = 'x' RETURNING excluded.email
--> rewrite elevated UPDATE: touches masks, public.excluded:update masked
--> sends UPDATE "public".excluded SET note = 'x' RETURNING (email_of("excluded"."email")) AS "email"

UPDATE orders SET memo = excluded.email FROM excluded
--> deny masked-source 42501 at 19 public.excluded with detail hint excluded select, in UPDATE

SELECT excluded.email FROM excluded
--> rewrite elevated SELECT: touches masks, public.excluded:select masked
--> sends SELECT excluded.email FROM (SELECT "id", email_of("email") AS "email", "note" FROM "public"."excluded") AS "excluded"

DELETE FROM excluded WHERE excluded.email > 'x'
--> rewrite elevated DELETE: touches masks, public.excluded:delete masked
--> sends DELETE FROM "public".excluded WHERE (email_of("excluded"."email")) > 'x'

--- conflicts on masked columns need the elevated tier
-- with tainted

INSERT INTO customers (email) VALUES ('x') ON CONFLICT (email) DO NOTHING
--> deny match-needs-elevation 42501 at 56 public.customers hint customers insert, in INSERT

INSERT INTO customers (ssn) VALUES ('x') ON CONFLICT (ssn) DO NOTHING
--> deny masked-arbiter 42501 at 54 public.customers hint customers insert, in INSERT

INSERT INTO customers (id, note) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET note = excluded.email
--> deny masked-excluded 42501 at 88 public.customers with detail hint in words, in INSERT

INSERT INTO customers (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in INSERT

UPDATE customers SET email = 'x' RETURNING email
--> rewrite either UPDATE: touches masks, degraded, public.customers:update masked
--> literals count
--> sends UPDATE customers SET email = 'x' RETURNING (redact_of("customers"."email")) AS "email"

SELECT email FROM customers
--> rewrite either SELECT: touches masks, degraded, public.customers:select masked
--> sends SELECT email FROM (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT name FROM people
--> rewrite either SELECT: touches masks, degraded, public.people:select masked
--> sends SELECT name FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

SELECT id FROM customers WHERE email = 'a'
--> deny match-needs-elevation 42501 at 32 public.customers with detail hint in words, in SELECT

SELECT id FROM people a JOIN clients b ON a.name = b.name
--> deny match-needs-elevation 42501 at 43 public.people with detail hint in words, in SELECT

SELECT id FROM sales
--> deny row-filter 42501 at 16 public.sales with detail hint in words, in SELECT

SELECT invoker(1), id FROM sales
--> deny row-filter 42501 at 28 public.sales with detail hint in words, in SELECT

UPDATE sales SET note = 'x'
--> deny row-filter 42501 at 8 public.sales with detail hint in words, in UPDATE

--- masks that come back leave the value as it is

UPDATE customers SET email = 'j***@e***.com' WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE "public".customers SET email = CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ('j***@e***.com')::pg_catalog.text END WHERE id = 1

UPDATE customers SET email = $1 WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email

UPDATE customers SET email = $1::text, ssn = $1, note = $1 WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> guards $1 for customers.ssn ssn

UPDATE customers SET email = 'real@x.y' WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> literals count

UPDATE customers SET email = NULL WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> literals count

UPDATE customers SET email = DEFAULT WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE customers SET email = upper('x') WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE customers SET salary = NULL WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE customers SET "name" = "customers"."name" WHERE id = 1

UPDATE customers SET salary = 5 WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> literals count

UPDATE customers SET salary = $1 WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.salary null and NULL

UPDATE customers SET doc = '***' WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE customers SET "name" = "customers"."name" WHERE id = 1

UPDATE customers SET doc = NULL, salary = NULL WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE customers SET "name" = "customers"."name" WHERE id = 1

UPDATE customers SET doc['a'] = '1' WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE customers SET (email, note) = ('j***@e***.com', 'x') WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE "public".customers SET (email, note) = (CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ('j***@e***.com')::pg_catalog.text END, 'x') WHERE id = 1

UPDATE customers SET (email, note) = ROW ('j***@e***.com', 'x') WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE "public".customers SET (email, note) = ROW (CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ('j***@e***.com')::pg_catalog.text END, 'x') WHERE id = 1

UPDATE customers SET (email, note) = ($1, $2) WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email

UPDATE customers SET (salary, note) = (NULL, 'x') WHERE id = 1
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in UPDATE

UPDATE customers SET nowhere = 'x' WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked

UPDATE people SET name = 'x', code = 5 WHERE id = 1
--> pass either UPDATE: touches masks, public.people:update masked
--> literals count

UPDATE people SET code = $1 WHERE id = 1
--> pass either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.code pseudonym

UPDATE people SET name = $1 WHERE id = 1
--> pass either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.name pseudonym

UPDATE people SET code = NULL WHERE id = 1
--> pass either UPDATE: touches masks, public.people:update masked
--> literals count

UPDATE people SET (code, email) = (5, 'x') WHERE id = 1
--> pass either UPDATE: touches masks, public.people:update masked
--> literals count

UPDATE typed SET nick = 'j***@e***.com' WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> literals count
--> sends UPDATE "public".typed SET "region" = "typed"."region" WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE typed SET mail = 'j***@e***.com' WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> literals count
--> sends UPDATE "public".typed SET mail = CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("typed"."mail"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "typed"."mail" ELSE ('j***@e***.com')::pg_catalog.text END WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE typed SET mail = $1, nick = $2 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> guards $1 for typed.mail email
--> guards $2 for typed.nick email
--> sends UPDATE "public".typed SET mail = $1, nick = $2 WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE hidden SET a = NULL
--> deny write-back 42501 public.hidden hint in words, in UPDATE

UPDATE hidden SET a = NULL, b = '***'
--> rewrite elevated UPDATE: touches masks, public.hidden:update masked
--> literals count
--> sends UPDATE "public".hidden SET b = CASE WHEN (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("hidden"."b"))::pg_catalog.text OR (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "hidden"."b" ELSE ('***')::pg_catalog.text END

UPDATE made SET email = '***' WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.made:update masked
--> literals count
--> sends UPDATE "public".made SET email = CASE WHEN (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("made"."email"))::pg_catalog.text OR (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "made"."email" ELSE ('***')::pg_catalog.text END WHERE id = 1

UPDATE keyed_by_mask SET email = '***', note = 'x'
--> rewrite elevated UPDATE: touches masks, public.keyed_by_mask:update masked
--> literals count
--> sends UPDATE "public".keyed_by_mask SET email = CASE WHEN (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("keyed_by_mask"."email"))::pg_catalog.text OR (('***')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "keyed_by_mask"."email" ELSE ('***')::pg_catalog.text END, note = 'x'

UPDATE sales SET email = 'j***@e***.com'
--> rewrite elevated UPDATE: touches masks, filters rows, public.sales:update masked
--> literals count
--> sends UPDATE "public".sales SET email = CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("sales"."email"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "sales"."email" ELSE ('j***@e***.com')::pg_catalog.text END WHERE "sales"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

UPDATE leads SET email = 'x'
--> deny unknown-relation 42P01 at 8, in UPDATE

UPDATE twice SET email = 'x', id = 1
--> rewrite either UPDATE: touches masks, public.twice:update masked
--> literals count
--> sends UPDATE "public".twice SET email = 'x', id = 1

UPDATE twice SET email = '***', id = 1
--> rewrite either UPDATE: touches masks, public.twice:update masked
--> literals count
--> sends UPDATE "public".twice SET id = 1

UPDATE twice SET email = '***'
--> rewrite either UPDATE: touches masks, public.twice:update masked
--> literals count
--> sends UPDATE "public".twice SET "id" = "twice"."id"

UPDATE twice SET id = 1, email = '***'
--> rewrite either UPDATE: touches masks, public.twice:update masked
--> literals count
--> sends UPDATE "public".twice SET id = 1

UPDATE twice SET email = $1
--> rewrite either UPDATE: touches masks, public.twice:update masked
--> guards $1 for twice.email redact
--> sends UPDATE "public".twice SET email = $1

UPDATE customers SET email = o.memo FROM orders o WHERE o.id = customers.id
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET email = CASE WHEN (("o"."memo")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (("o"."memo")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ("o"."memo")::pg_catalog.text END FROM "public".orders o WHERE o.id = customers.id

UPDATE customers SET email = memo FROM orders o WHERE o.id = customers.id
--> rewrite elevated UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE "public".customers SET email = CASE WHEN (("memo")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (("memo")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ("memo")::pg_catalog.text END FROM "public".orders o WHERE o.id = customers.id

UPDATE customers SET email = public.orders.memo FROM orders WHERE orders.id = customers.id
--> pass either UPDATE: touches masks, public.customers:update masked, public.orders:select

UPDATE typed SET nick = l.region FROM lines l WHERE l.id = typed.id
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked, public.lines:select
--> sends UPDATE "public".typed SET nick = l.region FROM "public".lines l WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( l.id = typed.id)

INSERT INTO customers (id, email) VALUES (1, 'j***@e***.com')
--> pass either INSERT: touches masks, public.customers:insert masked

INSERT INTO customers (id, email) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET email = $1
--> pass either INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> guards $1 for customers.email email

INSERT INTO customers (id, email) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET email = excluded.email
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO "public".customers (id, email) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET email = CASE WHEN (("excluded"."email")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (("excluded"."email")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ("excluded"."email")::pg_catalog.text END

INSERT INTO customers (id, doc) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in INSERT

INSERT INTO typed (id, nick) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET nick = excluded.nick
--> rewrite elevated INSERT: touches masks, filters rows, public.typed:insert masked, public.typed:update masked
--> sends INSERT INTO "public".typed (id, nick) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET nick = CASE WHEN ("excluded"."nick")::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("typed"."nick"))::pg_catalog.text OR ("excluded"."nick")::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "typed"."nick" ELSE "excluded"."nick" END WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text])

--- a parameter that brings a mask back leaves the value as it is
-- with bound 1

UPDATE customers SET email = $1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE "public".customers SET email = CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ($1)::pg_catalog.text END WHERE id = 1

UPDATE customers SET email = $1::text, note = $2 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE "public".customers SET email = CASE WHEN (($1::"text")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (($1::"text")::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ($1::"text")::pg_catalog.text END, note = $2 WHERE id = 1

UPDATE customers SET email = $2 WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked
--> guards $2 for customers.email email

UPDATE customers SET salary = $1, note = 'x' WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.salary null and NULL
--> sends UPDATE customers SET note = 'x' WHERE id = 1

UPDATE customers SET salary = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.salary null and NULL
--> sends UPDATE customers SET "name" = "customers"."name" WHERE id = 1

UPDATE customers SET (email, note) = ($1, 'x') WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE "public".customers SET (email, note) = (CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ($1)::pg_catalog.text END, 'x') WHERE id = 1

UPDATE customers SET (salary, note) = ($1, 'x') WHERE id = 1
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in UPDATE

UPDATE people SET name = $1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.people:update masked
--> $2 is pseudonym-inner
--> $3 is pseudonym-outer
--> guards $1 for people.name pseudonym
--> sends UPDATE "public".people SET name = CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (pseudonym_of("people"."name", $2, $3))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "people"."name" ELSE ($1)::pg_catalog.text END WHERE id = 1

UPDATE people SET code = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.code pseudonym
--> sends UPDATE people SET "id" = "people"."id" WHERE id = 1

UPDATE typed SET nick = $1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> guards $1 for typed.nick email
--> sends UPDATE "public".typed SET "region" = "typed"."region" WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

UPDATE typed SET mail = $1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, filters rows, public.typed:update masked
--> guards $1 for typed.mail email
--> sends UPDATE "public".typed SET mail = CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("typed"."mail"))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "typed"."mail" ELSE ($1)::pg_catalog.text END WHERE "typed"."region" OPERATOR(pg_catalog.=) ANY (ARRAY['EU'::pg_catalog.text, 'UK'::pg_catalog.text]) AND ( id = 1)

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET email = $1
--> rewrite elevated INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> guards $1 for customers.email email
--> sends INSERT INTO "public".customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET email = CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("customers"."email"))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "customers"."email" ELSE ($1)::pg_catalog.text END

INSERT INTO hidden (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = $1
--> deny masked-arbiter 42501 at 47 public.hidden hint hidden insert, in INSERT

UPDATE hidden SET a = $1
--> deny write-back 42501 public.hidden hint in words, in UPDATE

UPDATE made SET email = $1 WHERE id = 1
--> rewrite elevated UPDATE: touches masks, public.made:update masked
--> guards $1 for made.email email
--> sends UPDATE "public".made SET email = CASE WHEN (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("made"."email"))::pg_catalog.text OR (($1)::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "made"."email" ELSE ($1)::pg_catalog.text END WHERE id = 1

--- where nothing may be read, a mask that comes back is left out or refused
-- with bound 1; tainted

UPDATE customers SET email = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE customers SET "name" = "customers"."name" WHERE id = 1

UPDATE customers SET email = $1, note = 'x' WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE customers SET note = 'x' WHERE id = 1

UPDATE customers SET note = 'x', email = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> sends UPDATE customers SET note = 'x' WHERE id = 1

UPDATE customers SET note = 'x', email = $1, ssn = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> guards $1 for customers.email email
--> guards $1 for customers.ssn ssn
--> sends UPDATE customers SET note = 'x' WHERE id = 1

UPDATE customers SET email = 'j***@e***.com', note = 'x', ssn = '***', name = 'y' WHERE id = 1
--> rewrite either UPDATE: touches masks, public.customers:update masked
--> literals count
--> sends UPDATE customers SET note = 'x', name = 'y' WHERE id = 1

UPDATE customers SET (email, note) = ($1, 'x') WHERE id = 1
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in UPDATE

UPDATE people SET code = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.code pseudonym
--> sends UPDATE people SET "id" = "people"."id" WHERE id = 1

UPDATE people SET name = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.name pseudonym
--> sends UPDATE people SET "id" = "people"."id" WHERE id = 1

UPDATE people SET name = $1, code = 7 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.name pseudonym
--> literals count
--> sends UPDATE people SET code = 7 WHERE id = 1

UPDATE hidden SET b = $1
--> deny write-back 42501 public.hidden hint in words, in UPDATE

UPDATE hidden SET a = 'x', b = $1
--> rewrite either UPDATE: touches masks, public.hidden:update masked
--> guards $1 for hidden.b email
--> literals count
--> sends UPDATE hidden SET a = 'x'

UPDATE keyed_by_mask SET email = $1
--> rewrite either UPDATE: touches masks, public.keyed_by_mask:update masked
--> guards $1 for keyed_by_mask.email email
--> sends UPDATE keyed_by_mask SET "id" = "keyed_by_mask"."id"

UPDATE made SET email = $1
--> rewrite either UPDATE: touches masks, public.made:update masked
--> guards $1 for made.email email
--> sends UPDATE made SET "id" = "made"."id"

UPDATE customers SET email = excluded.email FROM excluded
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in UPDATE

INSERT INTO customers (id, email) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = excluded.email
--> deny write-back 42501 public.customers with detail hint Leave the column out of the statement., in INSERT

--- pseudonyms without the key are constants
-- with keyless; bound 1

SELECT name FROM people
--> rewrite either SELECT: touches masks, degraded, public.people:select masked
--> sends SELECT name FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") AS "people"

UPDATE people SET name = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.name pseudonym
--> sends UPDATE people SET "id" = "people"."id" WHERE id = 1

UPDATE people SET code = $1 WHERE id = 1
--> rewrite either UPDATE: touches masks, public.people:update masked
--> guards $1 for people.code pseudonym
--> sends UPDATE people SET "id" = "people"."id" WHERE id = 1

SELECT a.id FROM people a JOIN clients b ON a.name = b.name
--> rewrite either SELECT: touches masks, degraded, public.people:select masked, public.clients:select masked
--> sends SELECT a.id FROM (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."people") a JOIN (SELECT "id", pseudonym_of("name") AS "name", redact_of("email") AS "email", pseudonym_of("code") AS "code" FROM "public"."clients") b ON a.name = b.name

--- MERGE shows and stores what UPDATE and INSERT do
-- with from 15

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN UPDATE SET note = c.email
--> deny masked-source 42501 at 83 public.customers with detail hint customers select, in MERGE

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN UPDATE SET note = c.name
--> pass either MERGE: touches masks, public.customers:update masked, public.orders:select

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN UPDATE SET email = $1
--> pass either MERGE: touches masks, public.customers:update masked, public.orders:select
--> guards $1 for customers.email email

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN UPDATE SET email = 'j***@e***.com'
--> rewrite elevated MERGE: touches masks, public.customers:update masked, public.orders:select
--> literals count
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN MATCHED THEN UPDATE SET email = CASE WHEN (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) (email_of("c"."email"))::pg_catalog.text OR (('j***@e***.com')::pg_catalog.text)::pg_catalog.text COLLATE pg_catalog."default" OPERATOR(pg_catalog.=) '***' THEN "c"."email" ELSE ('j***@e***.com')::pg_catalog.text END

MERGE INTO customers c USING orders o ON o.memo = c.ssn WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.orders:select
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.memo = (ssn_of("c"."ssn")) WHEN MATCHED THEN DELETE

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED AND c.ssn > '1' THEN DELETE
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.orders:select
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN MATCHED AND (ssn_of("c"."ssn")) > '1' THEN DELETE

MERGE INTO customers c USING orders o ON o.id = c.id WHEN NOT MATCHED THEN INSERT (id) VALUES (o.id)
--> pass either MERGE: touches masks, public.customers:insert masked, public.orders:select

MERGE INTO customers c USING orders o ON o.id = c.id WHEN NOT MATCHED THEN INSERT (id, note) VALUES (o.id, ssn)
--> pass either MERGE: touches masks, public.customers:insert masked, public.orders:select

MERGE INTO orders o USING customers c ON o.id = c.id WHEN MATCHED THEN UPDATE SET memo = c.email
--> deny masked-source 42501 at 83 public.customers with detail hint customers select, in MERGE

MERGE INTO orders o USING customers c ON o.id = c.id WHEN MATCHED THEN UPDATE SET memo = c.name
--> rewrite either MERGE: touches masks, public.orders:update, public.customers:select masked
--> sends MERGE INTO orders o USING (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON o.id = c.id WHEN MATCHED THEN UPDATE SET memo = c.name

MERGE INTO orders o USING customers c ON o.id = c.id WHEN NOT MATCHED THEN INSERT (memo) VALUES (c.ssn)
--> deny masked-source 42501 at 98 public.customers with detail hint customers select, in MERGE

MERGE INTO orders o USING customers c ON o.id = c.id WHEN NOT MATCHED THEN INSERT (memo) VALUES (c.name)
--> rewrite either MERGE: touches masks, public.orders:insert, public.customers:select masked
--> sends MERGE INTO orders o USING (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON o.id = c.id WHEN NOT MATCHED THEN INSERT (memo) VALUES (c.name)

MERGE INTO orders o USING (SELECT id, email AS e FROM customers) c ON o.id = c.id WHEN MATCHED THEN UPDATE SET memo = c.e
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in MERGE

MERGE INTO orders o USING (SELECT id, email AS e FROM customers) c ON o.id = c.id WHEN NOT MATCHED THEN INSERT (memo) VALUES (c.e)
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in MERGE

MERGE INTO orders o USING (SELECT id, email AS e FROM customers) c ON o.id = c.id WHEN MATCHED THEN DELETE
--> rewrite elevated MERGE: touches masks, public.orders:delete, public.customers:select masked
--> sends MERGE INTO "public".orders o USING (SELECT id, email AS e FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers") c ON o.id = c.id WHEN MATCHED THEN DELETE

MERGE INTO orders o USING (SELECT id, email AS e FROM customers) c ON o.id = c.id WHEN MATCHED THEN DO NOTHING
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in MERGE

WITH w AS (SELECT id, email AS e FROM customers) MERGE INTO orders o USING w ON o.id = w.id WHEN MATCHED THEN UPDATE SET memo = w.e
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in MERGE

MERGE INTO orders o USING customers c ON o.id = c.id WHEN MATCHED THEN DELETE
--> rewrite either MERGE: touches masks, public.orders:delete, public.customers:select masked
--> sends MERGE INTO orders o USING (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c ON o.id = c.id WHEN MATCHED THEN DELETE

MERGE INTO customers c USING customers d ON c.id = d.id WHEN MATCHED THEN UPDATE SET note = d.note WHEN NOT MATCHED THEN INSERT (id) VALUES (d.id)
--> rewrite either MERGE: touches masks, public.customers:update masked, public.customers:insert masked, public.customers:select masked
--> sends MERGE INTO customers c USING (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") d ON c.id = d.id WHEN MATCHED THEN UPDATE SET note = d.note WHEN NOT MATCHED THEN INSERT (id) VALUES (d.id)

MERGE INTO payments c USING orders d ON c.id = d.id WHEN MATCHED THEN DO NOTHING
--> deny default-deny 42501 at 12 public.payments with detail hint payments update, in MERGE

--- RETURNING of MERGE, and rows that match by source only, go through the masks
-- with from 17

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING *
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.orders:select
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING "o".*, "c"."id", "c"."name", email_of("c"."email") AS "email", ssn_of("c"."ssn") AS "ssn", null_of("c"."salary") AS "salary", "c"."note", redact_of("c"."doc") AS "doc"

MERGE INTO customers c USING orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING merge_action(), c.email, o.memo
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.orders:select
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING merge_action(), (email_of("c"."email")) AS "email", o.memo AS "memo"

MERGE INTO customers c USING orders o ON o.id = c.id WHEN NOT MATCHED BY SOURCE AND ssn > '1' THEN DELETE
--> rewrite elevated MERGE: touches masks, public.customers:delete masked, public.orders:select
--> sends MERGE INTO "public".customers c USING "public".orders o ON o.id = c.id WHEN NOT MATCHED BY SOURCE AND (ssn_of("c"."ssn")) > '1' THEN DELETE

MERGE INTO customers c USING orders o ON o.id = c.id WHEN NOT MATCHED BY SOURCE THEN UPDATE SET note = email
--> deny masked-source 42501 at 97 public.customers with detail hint customers select, in MERGE

MERGE INTO customers c USING orders o ON o.id = c.id WHEN NOT MATCHED BY TARGET THEN INSERT (id) VALUES (o.id)
--> pass either MERGE: touches masks, public.customers:insert masked, public.orders:select

MERGE INTO customers c USING orders o JOIN lines l USING (id) ON o.id = c.id WHEN MATCHED THEN DELETE RETURNING *
--> deny unsupported-on-masked 0A000 at 113 public.customers hint Name the columns that you need., in MERGE

--- `excluded` is the client's own row where nothing else bears that name

INSERT INTO orders (memo) SELECT excluded.email FROM (customers c JOIN orders o ON true) AS excluded
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = (SELECT excluded.email FROM (customers c JOIN lines l ON true) AS excluded)
--> deny masked-source 42501 at 70 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = (SELECT excluded.email FROM customers AS excluded)
--> deny masked-source 42501 at 70 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = (SELECT excluded.email FROM excluded)
--> deny masked-source 42501 at 70 public.customers with detail hint customers select, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = (WITH excluded AS (SELECT 1) SELECT excluded.email FROM lines)
--> deny masked-source 42501 at 70 public.customers with detail hint customers select, in INSERT

INSERT INTO excluded (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = excluded.email
--> deny masked-source 42501 at 69 public.excluded with detail hint excluded select, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE customers.doc IS NULL
--> rewrite either INSERT: touches masks, public.customers:insert masked, public.customers:update masked
--> sends INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE (redact_of("customers"."doc")) IS NULL

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.name = 'x' AND excluded.doc IS NULL
--> deny masked-excluded 42501 at 111 public.customers with detail hint in words, in INSERT

INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE excluded.email = 'x' AND excluded.doc IS NULL
--> deny masked-excluded 42501 at 112 public.customers with detail hint in words, in INSERT

INSERT INTO guests (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2 WHERE excluded.state IS NULL
--> rewrite elevated INSERT: touches masks, public.guests:insert masked, public.guests:update masked
--> sends INSERT INTO "public".guests (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2 WHERE excluded.state IS NULL

WITH w AS (SELECT name, id FROM customers) INSERT INTO orders (memo) SELECT w.email FROM w
--> deny masked-source 42501 at 1 public.customers with detail hint customers select, in INSERT

--- schemas before columns reach what they name

SELECT other.public.customers.email FROM public.customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT other.public.customers.email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

SELECT shop.public.customers.email FROM public.customers
--> rewrite elevated SELECT: touches masks, public.customers:select masked
--> sends SELECT customers.email FROM (SELECT "id", "name", email_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") AS "customers"

UPDATE public.orders SET memo = 'x' WHERE public.orders.memo = 'y'
--> pass either UPDATE: public.orders:update

SELECT 'x'::thing(definer(1))
--> deny security-definer-function 42501 at 19 with detail hint anything for anything, in SELECT

--- whole rows without masks may be stored

UPDATE orders SET memo = l::text FROM lines l
--> pass either UPDATE: public.orders:update, public.lines:select

INSERT INTO orders (memo) SELECT l::text FROM lines l, customers c
--> rewrite either INSERT: touches masks, public.orders:insert, public.lines:select, public.customers:select masked
--> sends INSERT INTO orders (memo) SELECT l::text FROM lines l, (SELECT "id", "name", redact_of("email") AS "email", redact_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") c

--- `excluded` of a temporary table is nobody’s secret
-- with temp t

INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a
--> pass either INSERT

--- whole rows and columns that bear the name of a masked one’s table are stored where they hold no mask

UPDATE orders SET memo = orders::text
--> pass either UPDATE: public.orders:update

UPDATE orders SET memo = (SELECT o.memo FROM orders o, customers memo LIMIT 1)
--> rewrite elevated UPDATE: touches masks, public.orders:update, public.orders:select, public.customers:select masked
--> sends UPDATE "public".orders SET memo = (SELECT o.memo FROM "public".orders o, (SELECT "id", "name", email_of("email") AS "email", ssn_of("ssn") AS "ssn", null_of("salary") AS "salary", "note", redact_of("doc") AS "doc" FROM "public"."customers") memo LIMIT 1)

UPDATE orders SET memo = (SELECT memo::text FROM customers memo LIMIT 1)
--> deny masked-source 42501 at 19 public.customers with detail hint customers select, in UPDATE

INSERT INTO people (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = (excluded.*)::text
--> pass either INSERT: touches masks, public.people:insert masked, public.people:update masked

--- a source is looked for along the path
-- with path sales, public

UPDATE sales.thrice SET memo = (SELECT email FROM customers)
--> deny masked-source 42501 at 25 public.customers with detail hint customers select, in UPDATE

UPDATE sales.thrice SET memo = (SELECT card FROM payments)
--> deny default-deny 42501 at 50 public.payments with detail hint payments select, in UPDATE

UPDATE sales.thrice SET memo = (SELECT public.payments.card FROM public.payments)
--> deny default-deny 42501 at 66 public.payments with detail hint payments select, in UPDATE

--- columns of a subquery are known by the names of its first query

UPDATE customers SET note = memo FROM (SELECT id AS k, memo FROM orders UNION SELECT 1, $1) x WHERE k = 1
--> pass either UPDATE: touches masks, public.customers:update masked, public.orders:select

DELETE FROM customers USING (SELECT id AS k FROM orders UNION SELECT 2) x WHERE k = 1 RETURNING k, email
--> rewrite elevated DELETE: touches masks, public.customers:delete masked, public.orders:select
--> sends DELETE FROM "public".customers USING (SELECT id AS k FROM "public".orders UNION SELECT 2) x WHERE k = 1 RETURNING k AS "k", (email_of("customers"."email")) AS "email"

UPDATE customers SET note = b FROM (SELECT id, memo FROM orders UNION SELECT 1, $1) x (a, b) WHERE a = 1 RETURNING b
--> rewrite either UPDATE: touches masks, public.customers:update masked, public.orders:select
--> sends UPDATE customers SET note = b FROM (SELECT id, memo FROM orders UNION SELECT 1, $1) x (a, b) WHERE a = 1 RETURNING b AS "b"

UPDATE customers SET note = column2 FROM (VALUES (1, $1)) x WHERE column1 = 1 RETURNING column2, email
--> rewrite elevated UPDATE: touches masks, public.customers:update masked
--> sends UPDATE "public".customers SET note = column2 FROM (VALUES (1, $1)) x WHERE column1 = 1 RETURNING column2 AS "column2", (email_of("customers"."email")) AS "email"

--- a column that a subquery shows too is not taken for the target’s

DELETE FROM customers USING (SELECT 1 AS email UNION SELECT 2) x WHERE id = 1 RETURNING email
--> deny ambiguous-column 42702 at 89 with detail hint in words, in DELETE

--- a name that the target does not have may be any other’s

UPDATE customers SET note = zzz FROM generate_series(1, 2) g WHERE id = 1
--> pass either UPDATE: touches masks, public.customers:update masked

DELETE FROM customers USING generate_series(1, 2) g WHERE id = 1 RETURNING zzz
--> rewrite either DELETE: touches masks, public.customers:delete masked
--> sends DELETE FROM customers USING generate_series(1, 2) g WHERE id = 1 RETURNING zzz AS "zzz"
