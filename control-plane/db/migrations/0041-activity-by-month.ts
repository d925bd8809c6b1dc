import { Migration } from '@mikro-orm/migrations';

/**
 * The activity audit by month, as the records of agents are (0010): partitioned by when it was received, by the
 * database's clock. What there was before counts as received now. Sequence numbers are unique in an organization
 * because its row is locked while one is given (audit/activity.ts).
 */
export class ActivityByMonth extends Migration {
  override name = '0041-activity-by-month';

  override up(): void {
    for (const sql of [keepOld, table, ensurePartitions, moveOld, dropEmpty]) this.addSql(sql);
  }
}

const keepOld = `
alter table audit_activity rename to audit_activity_old;
alter index audit_activity_pkey rename to audit_activity_pkey_old;
`;

const table = `
create table audit_activity (
  org_id uuid not null references organizations (id),
  seq bigint not null check (seq >= 1),
  received_at timestamptz not null default now(),
  at timestamptz not null,
  action text not null,
  actor_kind text not null check (actor_kind in ('user', 'agent', 'system')),
  actor_id uuid,
  prev_hash text not null,
  hash text not null,
  event json not null,
  primary key (org_id, seq, received_at)
) partition by range (received_at);
create trigger audit_activity_rows before update or delete on audit_activity
  for each row execute function refuse_activity_change();
create trigger audit_activity_truncate before truncate on audit_activity
  for each statement execute function refuse_change();
create index audit_activity_action on audit_activity (org_id, action text_pattern_ops, seq desc);
create index audit_activity_actor on audit_activity (org_id, actor_id, seq desc);
`;

const parents = `'audit_connections', 'audit_statements', 'audit_completions', 'audit_activity'`;

/** As in 0010, with one table more. */
const ensurePartitions = `
create or replace function audit_ensure_partitions(since timestamptz, months integer) returns integer
  language plpgsql security definer set search_path from current as $$
declare
  parent text;
  part text;
  month timestamp;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('daam audit partitions', 0));
  foreach parent in array array[${parents}] loop
    for ahead in 0 .. least(greatest(months, 1), 36) - 1 loop
      month := date_trunc('month', since at time zone 'UTC') + make_interval(months => ahead);
      part := parent || to_char(month, '_YYYY_MM');
      continue when to_regclass(quote_ident(part)) is not null;
      execute format('create table %I (like %I including defaults including constraints)', part, parent);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part,
        month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()',
        part || '_truncate', part);
      made := made + 1;
    end loop;
  end loop;
  return made;
end $$;
select audit_ensure_partitions(now(), 3);
`;

const moveOld = `
insert into audit_activity (org_id, seq, at, action, actor_kind, actor_id, prev_hash, hash, event)
select org_id, seq, at, action, actor_kind, actor_id, prev_hash, hash, event from audit_activity_old;
drop table audit_activity_old;
`;

/** As in 0012, with one table more. */
const dropEmpty = `
create or replace function audit_drop_empty_partitions() returns integer
  language plpgsql security definer set search_path from current set lock_timeout = '200ms' as $$
declare
  part record;
  is_empty boolean;
  dropped integer := 0;
begin
  for part in
    select c.relname as child from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = any (array[${parents}]::regclass[])
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
end $$;
`;
