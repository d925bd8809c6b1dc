-- Who owns the shop, and what the agent's role needs: privileges that it may pass on, and nothing else.
-- The role daam_agent exists already; its password is set apart from this text.

create role shop_owner nologin;

do $$
declare
  target record;
begin
  for target in select c.oid::regclass as name from pg_class as c
    where c.relnamespace in ('public'::regnamespace, 'sales'::regnamespace) and c.relkind in ('r', 'p', 'v')
  loop
    execute format('alter table %s owner to shop_owner', target.name);
  end loop;
  for target in select p.oid::regprocedure as name from pg_proc as p where p.pronamespace = 'public'::regnamespace
  loop
    execute format('alter function %s owner to shop_owner', target.name);
  end loop;
end $$;

alter schema sales owner to shop_owner;
-- 15 and later do so by themselves.
revoke create on schema public from public;
grant all on schema public to shop_owner;

grant usage on schema public, sales to daam_agent with grant option;
grant select, insert, update, delete, references on all tables in schema public, sales to daam_agent with grant option;
grant usage, select on all sequences in schema public, sales to daam_agent with grant option;
grant execute on all functions in schema public to daam_agent with grant option;

alter default privileges for role shop_owner in schema public, sales
  grant select, insert, update, delete, references on tables to daam_agent with grant option;
alter default privileges for role shop_owner in schema public, sales
  grant usage, select on sequences to daam_agent with grant option;
