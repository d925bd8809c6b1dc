-- Who owns the world, and what the agent's role may pass on.

create role shop_owner nologin;

do $$
declare
  target record;
begin
  for target in select c.oid::regclass as name from pg_class as c
    where c.relnamespace in ('public'::regnamespace, 'sales'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  loop
    execute format('alter table %s owner to shop_owner', target.name);
  end loop;
end $$;

alter schema sales owner to shop_owner;
revoke create on schema public from public;
grant all on schema public to shop_owner;

grant usage on schema public, sales to daam_agent with grant option;
grant select, insert, update, delete, references on all tables in schema public, sales to daam_agent with grant option;
grant usage, select on all sequences in schema public, sales to daam_agent with grant option;
