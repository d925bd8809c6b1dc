-- Keys, indexes, views, functions, triggers, rules: after the rows.

create unique index customers_email_key on public.customers (email);
create index customers_lower_ssn on public.customers (lower(ssn));
create index customers_region on public.customers (region);
create index contacts_email on public.contacts (email);
create index contacts_customer on public.contacts (customer_id);
create statistics public.customers_both (mcv, ndistinct, dependencies) on region, email from public.customers;
alter table public.contacts add foreign key (customer_id) references public.customers (id);
alter table public.orders add foreign key (customer_id) references public.customers (id);

-- Reads unmasked columns only.
create view public.directory as select id, name, region, score from public.customers;
-- Reach masked columns: by themselves, through another view, as a copy.
create view public.customers_v as select id, email as contact, upper(secret) as loud from public.customers;
create view public.customers_vv as select contact from public.customers_v where id < 50;
create materialized view public.customers_m as select id, email, salary from public.customers;

create function public.invoker_email(customer integer) returns text
  language plpgsql stable as 'begin return (select email from public.customers where id = customer); end';
-- PUBLIC may execute it, which is PostgreSQL's default.
create function public.definer_email(customer integer) returns text
  language sql stable security definer as 'select email from public.customers where id = customer';

create function public.tell_old() returns trigger language plpgsql as
  'begin raise notice ''old %'', old.email; raise info ''info %'', old.email; return new; end';
create trigger audited_tells before update on public.audited
  for each row execute function public.tell_old();

create view public.secrets_v as select id, note from public.audited;
create function public.copy_old() returns trigger language plpgsql security definer as
  'begin raise notice ''view %'', (select email from public.audited where id = new.id); return new; end';
create trigger secrets_tells instead of update on public.secrets_v
  for each row execute function public.copy_old();

create rule inbox_copies as on insert to public.inbox
  do also insert into public.outbox select id, email from public.customers;

create extension tablefunc;
create extension dblink;
create extension postgres_fdw;
create server itself foreign data wrapper postgres_fdw;
create foreign table public.far_customers (id integer, email text)
  server itself options (schema_name 'public', table_name 'customers');
