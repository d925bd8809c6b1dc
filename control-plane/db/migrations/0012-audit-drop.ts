import { Migration } from '@mikro-orm/migrations';

/**
 * Dropping a month locks its table out for a moment. Whoever waits for that lock makes all others wait behind it, so
 * this one does not wait: while somebody reads for long (an export), the month stays until the next round.
 */
export class AuditDrop extends Migration {
  override name = '0012-audit-drop';

  override up(): void {
    this.addSql(`
create or replace function audit_drop_empty_partitions() returns integer
  language plpgsql security definer set search_path from current set lock_timeout = '200ms' as $$
declare
  part record;
  is_empty boolean;
  dropped integer := 0;
begin
  for part in
    select c.relname as child from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent in ('audit_connections'::regclass, 'audit_statements'::regclass, 'audit_completions'::regclass)
  loop
    continue when right(part.child, 7) >= to_char(now() at time zone 'UTC' - interval '1 month', 'YYYY_MM');
    begin
      execute format('select not exists (select from %I)', part.child) into is_empty;
      continue when not is_empty;
      execute format('drop table %I', part.child);
      dropped := dropped + 1;
    exception when lock_not_available or undefined_table then null;
    end;
  end loop;
  return dropped;
end $$;`);
  }
}
