import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { query } from './query.ts';

/**
 * The role that the control plane works as. It may read and write the tables, but it owns nothing: it has no
 * right to change or remove what is append-only, to drop a trigger, or to reach a partition by its own name.
 * Every connection but the migration's becomes this role as it is opened. RESET ROLE leads back to the login:
 * that is the owner, unless another DSN migrates (`database.migration_dsn`); then the login owns nothing either.
 * A server where the owner may not make roles keeps the triggers alone.
 */
export const applicationRole = 'daam_application';

/**
 * What it takes to become the role. Whoever makes a role is its member from PostgreSQL 16 on, but may not become it until it
 * is granted (PostgreSQL docs, CREATEROLE and SET ROLE); before 16 every member may.
 */
const membership = `case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end`;

/**
 * Makes the role where it is missing, lets `login` become it (null: who migrates), and gives it its rights on the
 * tables that there are. False without the right to.
 */
export async function grantApplicationRole(em: SqlEntityManager, login: string | null): Promise<boolean> {
  await query(em, `select set_config('daam.login', coalesce(?::text, current_user::text), true)`, [login]);
  await query(em, makeRole);
  const [row] = await query<{ has: boolean }[]>(
    em,
    `select pg_has_role(current_setting('daam.login')::name, oid, ${membership}) as has
       from pg_roles where rolname = '${applicationRole}'`,
  );
  if (row?.has !== true) return false;
  for (const sql of [grants, appendOnly, partitions]) await query(em, sql);
  return true;
}

/** For a fresh connection of the pool: from now on it is the application's. */
export const becomeApplicationRole = `select set_config('role', rolname, false) from pg_roles
  where rolname = '${applicationRole}' and pg_has_role(current_user, oid, ${membership})`;

const makeRole = `do $$ begin
  if not exists (select from pg_roles where rolname = '${applicationRole}') then
    create role ${applicationRole} nologin;
  end if;
  if not pg_has_role(current_setting('daam.login')::name, '${applicationRole}', ${membership}) then
    execute format('grant ${applicationRole} to %I', current_setting('daam.login'));
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then raise notice 'no right to make the role of the application';
end $$`;

const grants = `do $$ begin
  execute format('grant usage on schema %I to ${applicationRole}', current_schema());
  execute format('grant select, insert, update, delete on all tables in schema %I to ${applicationRole}', current_schema());
  execute format('grant usage, select on all sequences in schema %I to ${applicationRole}', current_schema());
  grant execute on function audit_ensure_partitions(timestamptz, integer) to ${applicationRole};
  grant execute on function audit_purge(uuid) to ${applicationRole};
  grant execute on function audit_drop_empty_partitions() to ${applicationRole};
end $$`;

/** A table that refuses changes by its trigger is one that the application has no right to change either. */
const appendOnly = `do $$ declare name regclass; begin
  for name in
    select distinct t.tgrelid::regclass from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where p.proname = 'refuse_change' and p.pronamespace = current_schema()::regnamespace
  loop
    execute format('revoke update, delete, truncate, references, trigger on %s from ${applicationRole}', name);
  end loop;
end $$`;

const partitions = `do $$ declare name regclass; begin
  for name in
    select oid::regclass from pg_class where relispartition and relkind = 'r' and relnamespace = current_schema()::regnamespace
  loop
    execute format('revoke all on %s from ${applicationRole}', name);
  end loop;
  revoke insert, update, delete on schema_migrations from ${applicationRole};
end $$`;
