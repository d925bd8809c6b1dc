-- Keys and indexes (after the rows: faster), views, functions, triggers.

create unique index customers_email_key on public.customers (email);
create index customers_region_idx on public.customers (region);
create unique index products_sku_key on public.products (sku);
alter table public.order_items add primary key (order_id, line);
create index orders_customer_idx on public.orders (customer_id);
create index payments_order_idx on public.payments (order_id);
create index events_customer_idx on public.events (customer_id);
alter table public.orders add foreign key (customer_id) references public.customers (id);
alter table public.order_items add foreign key (order_id) references public.orders (id);
alter table public.order_items add foreign key (product_id) references public.products (id);
alter table public.payments add foreign key (order_id) references public.orders (id);

-- Reads unmasked columns only.
create view public.customer_directory as
  select id, name, region, created_at from public.customers;

-- Reaches masked columns.
create view public.customer_contacts as
  select c.id, c.name, c.email, c.phone, count(o.id) as orders
  from public.customers as c left join public.orders as o on o.customer_id = c.id
  group by c.id;

create view sales.revenue_by_region as
  select c.region, date_trunc('month', o.placed_at) as month, sum(o.total) as revenue
  from public.orders as o join public.customers as c on c.id = o.customer_id
  group by 1, 2;

-- Runs with the caller's privileges.
create function public.order_total(order_id bigint) returns numeric
  language sql stable
  as 'select sum(i.quantity * i.price) from public.order_items as i where i.order_id = order_total.order_id';

-- Runs with its owner's privileges; nobody may call it unless it is granted.
create function public.customer_email(customer bigint) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select c.email from public.customers as c where c.id = customer';
revoke all on function public.customer_email(bigint) from public;

create function public.touch_updated_at() returns trigger
  language plpgsql as 'begin new.updated_at := now(); return new; end';

create trigger customers_updated_at before update on public.customers
  for each row execute function public.touch_updated_at();
