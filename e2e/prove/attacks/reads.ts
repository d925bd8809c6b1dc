/** B1 and B2: reading masked columns by expressions, aliases, set operations, subqueries and joins. */
import { type Attack, sayInAll } from './attack.ts';

const derived = 'B1 derived expressions';
const shapes = 'B2 aliases, set operations, joins';

type Line = readonly [row: number, sql: string, more?: Partial<Attack>];

const expressions: readonly Line[] = [
  [1, `SELECT email || '' FROM customers`],
  [1, `SELECT substr(email, 1, 20), email::varchar(60), email COLLATE "C", (email) FROM customers`],
  [1, `SELECT overlay(ssn PLACING 'x' FROM 1), trim(card), left(secret, 9), email::bytea FROM customers`],
  [
    2,
    `SELECT CASE WHEN true THEN email END, coalesce(email, ssn), nullif(secret, ''), greatest(email, '') FROM customers`,
  ],
  [2, `SELECT format('%s %L', email, c) FROM customers c`],
  [2, `SELECT xmlforest(email, ssn), xmlelement(name x, email) FROM customers`],
  [3, `SELECT c FROM customers c`],
  [3, `SELECT c::text, row_to_json(c), to_jsonb(c.*), array_agg(c) OVER () FROM customers c`],
  [3, `SELECT ROW(c.*)::text, c IS NOT NULL, hash_record(c) FROM customers c`, { since: 14 }],
  [3, `SELECT json_agg(c), jsonb_object_agg(c.id, c) FROM customers c`],
  [4, `SELECT (c).email, (c.*).ssn FROM customers c`],
  [4, `SELECT email(c), c.email FROM customers c`],
  [5, `SELECT min(email), max(ssn), string_agg(email, ','), array_agg(secret) FROM customers`],
  [5, `SELECT first_value(email) OVER (ORDER BY id), lag(ssn) OVER (ORDER BY id) FROM customers`],
  [
    5,
    `SELECT mode() WITHIN GROUP (ORDER BY email), percentile_disc(0.1) WITHIN GROUP (ORDER BY salary) FROM customers`,
  ],
  [6, `SELECT doc ->> 'k', doc #>> '{k}', doc -> 'n', jsonb_pretty(doc) FROM customers`],
  [6, `SELECT jsonb_each_text(to_jsonb(c)) FROM customers c`],
  [6, `SELECT jsonb_path_query(doc, '$.k'), jsonb_path_query(to_jsonb(c), '$.email') FROM customers c`],
  [
    6,
    `SELECT j.* FROM customers c, JSON_TABLE(to_jsonb(c), '$' COLUMNS (e text PATH '$.email', d text PATH '$.doc.k')) j`,
    { since: 17 },
  ],
  [
    6,
    `SELECT x.* FROM customers c, XMLTABLE('/r' PASSING xmlelement(name r, xmlforest(c.email)) COLUMNS email text) x`,
  ],
  [7, `SELECT md5(email), sha256(email::bytea), hashtext(ssn), md5(c::text) FROM customers c`],
  [8, `SELECT regexp_split_to_table(email, ''), unnest(string_to_array(ssn, NULL)) FROM customers`],
  [8, `SELECT ascii(substr(email, g, 1)) FROM customers, generate_series(1, 40) g WHERE id < 5`],
  [9, `SELECT (pg_input_error_info(email, 'int')).message FROM customers`, { since: 16 }],
  [10, `SELECT elow FROM accounts`],
  [10, `SELECT upper(elow), elow || '', a FROM accounts a`],
];

const forms: readonly Line[] = [
  [11, `SELECT name FROM customers WHERE id < 3 UNION ALL SELECT email FROM customers`],
  [11, `SELECT email FROM customers INTERSECT SELECT email FROM contacts`],
  [11, `(SELECT ssn FROM customers) EXCEPT (SELECT 'x') ORDER BY 1`],
  [
    12,
    `WITH RECURSIVE w (i, e) AS (SELECT 1, email FROM customers WHERE id = 1 UNION ALL SELECT i + 1, e FROM w WHERE i < 3) SELECT * FROM w`,
  ],
  [12, `WITH w AS MATERIALIZED (SELECT * FROM customers) SELECT email, secret FROM w`],
  [13, `SELECT (SELECT email FROM customers WHERE id = 1), ARRAY(SELECT ssn FROM customers)`],
  [
    13,
    `SELECT id FROM orders WHERE memo IN (SELECT email FROM customers) LIMIT (SELECT count(email) FROM customers WHERE email > 'b')`,
  ],
  [13, `VALUES ((SELECT email FROM customers WHERE id = 1)), ('x')`],
  [14, `SELECT x FROM customers c, LATERAL (VALUES (c.email), (c.ssn)) v (x)`],
  [14, `SELECT u FROM customers c, LATERAL unnest(ARRAY[c.email, c.secret]) u`],
  [14, `SELECT l.* FROM customers c CROSS JOIN LATERAL (SELECT c.*, c.salary) l`],
  [15, `SELECT x FROM customers AS t (a, n, x)`],
  [15, `SELECT j.x FROM (customers c JOIN orders o ON o.id = c.id) AS j (a, b, x)`],
  [15, `SELECT email FROM (SELECT secret, email FROM customers) AS s (a, email)`],
  [16, `WITH customers AS (SELECT 1 AS one) SELECT * FROM public.customers`],
  [16, `WITH customers AS (SELECT * FROM public.customers) SELECT email FROM customers`],
  [17, `TABLE customers`],
  [17, `SELECT email FROM ONLY customers`],
  [17, `SELECT email FROM customers TABLESAMPLE SYSTEM (100)`],
  [17, `SELECT * FROM customers NATURAL JOIN contacts`],
  [17, `SELECT email FROM customers JOIN contacts USING (email)`, {}],
  [18, `SELECT "email" FROM "public"."customers"`],
  [18, `SELECT email FROM shop.public.customers`],
  [18, `SELECT U&"em\\0061il" FROM U&"custom\\0065rs"`],
  [18, `SELECT public.customers.email, shop.public.customers.ssn FROM public.customers`],
];

function attacks(group: string, lines: readonly Line[]): readonly Attack[] {
  return lines.map(([row, sql, more]) => ({ row, group, acts: sayInAll(sql), ...more }));
}

export const readAttacks: readonly Attack[] = [...attacks(derived, expressions), ...attacks(shapes, forms)];
