-- Rows, the same on every machine and every server version: hashint8extended is the only source of variety.
-- Numbers that look like identifiers are of ranges that are never given out (SSN 9xx, phone 555, test cards).

create function pg_temp.noise(i bigint, seed bigint, below bigint) returns bigint
  language sql immutable as 'select (hashint8extended(i, seed) & 9223372036854775807) % below';

create function pg_temp.pick(choices text[], i bigint, seed bigint) returns text
  language sql immutable as 'select choices[1 + pg_temp.noise(i, seed, cardinality(choices))::int]';

insert into sales.regions (code, name, manager) values
  ('north', 'North', 'Ada Whitfield'), ('south', 'South', 'Bruno Castell'), ('east', 'East', 'Chie Morimoto'),
  ('west', 'West', 'Dana Okafor');

insert into public.customers
  (id, name, email, phone, ssn, card, salary, birth_date, region, note, doc, profile, created_at, updated_at)
select
  i,
  first || ' ' || last,
  lower(first) || '.' || lower(last) || i || '@' || domain,
  case when i % 50 = 0 then null
       else format('%s-555-%s', 201 + pg_temp.noise(i, 3, 780), lpad(pg_temp.noise(i, 4, 10000)::text, 4, '0')) end,
  format('9%s-%s-%s', lpad(pg_temp.noise(i, 5, 100)::text, 2, '0'), lpad((1 + pg_temp.noise(i, 6, 99))::text, 2, '0'),
    lpad((1 + pg_temp.noise(i, 7, 9999))::text, 4, '0')),
  format('4111-1111-%s-%s', lpad(pg_temp.noise(i, 8, 10000)::text, 4, '0'), lpad(pg_temp.noise(i, 9, 10000)::text, 4, '0')),
  28000 + pg_temp.noise(i, 10, 9200000) / 100.0,
  date '1946-01-01' + pg_temp.noise(i, 11, 22000)::int,
  pg_temp.pick(array['north', 'south', 'east', 'west'], i, 12),
  case when i % 7 = 0 then 'prefers to be called in the morning' end,
  jsonb_build_object('kind', pg_temp.pick(array['passport', 'id card', 'licence'], i, 13),
    'number', 'X' || lpad(pg_temp.noise(i, 14, 100000000)::text, 8, '0')),
  jsonb_build_object('newsletter', i % 3 = 0, 'language', pg_temp.pick(array['en', 'de', 'fr', 'es'], i, 15),
    'visits', pg_temp.noise(i, 16, 400)),
  timestamptz '2021-01-01Z' + pg_temp.noise(i, 17, 150000000) * interval '1 second',
  timestamptz '2026-01-01Z' + pg_temp.noise(i, 18, 9000000) * interval '1 second'
from (
  select i,
    pg_temp.pick(array['Alice', 'Amir', 'Ana', 'Ben', 'Carla', 'Chen', 'Daniel', 'Elena', 'Emre', 'Fatima', 'Felix',
      'Grace', 'Hana', 'Hugo', 'Ines', 'Ivan', 'Jane', 'Jonas', 'Kofi', 'Lea', 'Lucas', 'Maria', 'Mateo', 'Mina',
      'Nadia', 'Noah', 'Olga', 'Omar', 'Priya', 'Rosa', 'Sam', 'Sofia', 'Tariq', 'Uma', 'Viktor', 'Yuki'], i, 1) as first,
    pg_temp.pick(array['Abebe', 'Andersson', 'Baker', 'Bauer', 'Costa', 'Diaz', 'Dubois', 'Eriksen', 'Fischer', 'Garcia',
      'Haddad', 'Ivanova', 'Jansen', 'Johnson', 'Kaya', 'Kim', 'Kowalski', 'Laurent', 'Lopez', 'Mbeki', 'Meyer', 'Moretti',
      'Nakamura', 'Novak', 'Okoye', 'Olsen', 'Patel', 'Popescu', 'Quinn', 'Reyes', 'Rossi', 'Santos', 'Sato', 'Schmidt',
      'Singh', 'Smith', 'Tanaka', 'Tran', 'Usman', 'Vargas', 'Wang', 'Weber', 'Yilmaz', 'Zhou'], i, 2) as last,
    pg_temp.pick(array['example.com', 'example.org', 'example.net', 'mail.example'], i, 19) as domain
  from generate_series(1, 25000) as i
) as people;

insert into public.products (id, sku, name, category, price, in_stock)
select i,
  'SKU-' || lpad(i::text, 5, '0'),
  pg_temp.pick(array['Oak', 'Steel', 'Linen', 'Copper', 'Glass', 'Cork', 'Wool', 'Slate'], i, 21) || ' ' ||
    pg_temp.pick(array['lamp', 'chair', 'table', 'mug', 'blanket', 'shelf', 'clock', 'vase', 'frame', 'bowl'], i, 22),
  pg_temp.pick(array['home', 'kitchen', 'office', 'garden'], i, 23),
  4 + pg_temp.noise(i, 24, 49000) / 100.0,
  pg_temp.noise(i, 25, 300)
from generate_series(1, 400) as i;

insert into public.orders (id, customer_id, status, placed_at)
select i,
  1 + pg_temp.noise(i, 31, 25000),
  pg_temp.pick(array['new', 'paid', 'shipped', 'delivered', 'delivered', 'delivered', 'returned'], i, 32),
  timestamptz '2024-01-01Z' + pg_temp.noise(i, 33, 72000000) * interval '1 second'
from generate_series(1, 40000) as i;

insert into public.order_items (order_id, line, product_id, quantity, price)
select o.id, l.line, p.id, 1 + pg_temp.noise(o.id * 8 + l.line, 42, 4), p.price
from public.orders as o
  cross join lateral generate_series(1, 1 + pg_temp.noise(o.id, 41, 3)) as l (line)
  join public.products as p on p.id = 1 + pg_temp.noise(o.id * 8 + l.line, 43, 400);

update public.orders as o set total = items.total
from (select order_id, sum(quantity * price) as total from public.order_items group by order_id) as items
where items.order_id = o.id;

insert into public.payments (id, order_id, method, iban, amount, paid_at)
select row_number() over (order by id), id,
  pg_temp.pick(array['card', 'card', 'transfer', 'invoice'], id, 51),
  'XX' || lpad(pg_temp.noise(id, 52, 100)::text, 2, '0') || lpad(pg_temp.noise(id, 53, 1000000000000)::text, 16, '0'),
  total,
  placed_at + interval '1 hour'
from public.orders where status <> 'new';

insert into public.events (happened_at, customer_id, kind, payload)
select timestamptz '2026-01-01Z' + pg_temp.noise(i, 61, 11000000) * interval '1 second',
  1 + pg_temp.noise(i, 62, 25000),
  pg_temp.pick(array['login', 'view', 'view', 'view', 'basket', 'checkout'], i, 63),
  jsonb_build_object('page', pg_temp.noise(i, 64, 400))
from generate_series(1, 60000) as i;

insert into sales.targets (region, quarter, amount)
select code, quarter::date, 100000 + pg_temp.noise(extract(epoch from quarter)::bigint + length(code), 71, 900000)
from sales.regions, generate_series(timestamp '2025-01-01', timestamp '2026-10-01', interval '3 months') as quarter;

insert into sales.leads (id, region, company, stage, value, created_at)
select i,
  pg_temp.pick(array['north', 'south', 'east', 'west'], i, 81),
  pg_temp.pick(array['Harbour', 'Summit', 'Meadow', 'Granite', 'Lantern'], i, 82) || ' ' ||
    pg_temp.pick(array['Hotels', 'Logistics', 'Studios', 'Foods', 'Labs'], i, 83) || ' ' || i,
  pg_temp.pick(array['new', 'contacted', 'offer', 'won', 'lost'], i, 84),
  500 + pg_temp.noise(i, 85, 90000),
  timestamptz '2026-01-01Z' + pg_temp.noise(i, 86, 11000000) * interval '1 second'
from generate_series(1, 2000) as i;

-- Explicit ids do not move the sequences.
select setval(pg_get_serial_sequence(name, 'id'), 1000000)
from unnest(array['public.customers', 'public.products', 'public.orders', 'public.payments', 'sales.leads']) as name;
