import { Migration } from '@mikro-orm/migrations';

/**
 * The audit store by month. Records of agents go into three tables, partitioned by when they were received
 * (this server's clock, so that no agent can put them elsewhere): connections, statements, and how
 * statements ended. Nothing changes them; a record goes only under a recorded purge. Docs: docs/audit.md.
 */
export class AuditStore extends Migration {
  override name = '0010-audit-store';

  override up(): void {
    for (const sql of [keepOld, proofs, guards, tables, partitions, moveOld, purge]) this.addSql(sql);
  }
}

const keepOld = `
alter table audit_connections rename to audit_connections_old;
alter table audit_statements rename to audit_statements_old;
${['connections', 'statements']
  .flatMap((name) => ['pkey', 'time', 'user', 'session'].map((index) => `audit_${name}_${index}`))
  .map((index) => `alter index ${index} rename to ${index}_old;`)
  .join('\n')}
`;

/** What an organization signed about its log, how long it keeps which class, and what it purged. */
const proofs = `
create table audit_checkpoints (
  org_id uuid not null references organizations (id),
  stream text not null,
  seq bigint not null check (seq >= 1),
  hash text not null,
  at timestamptz not null,
  kid text not null,
  signature text not null,
  primary key (org_id, stream, seq)
);
create index audit_checkpoints_time on audit_checkpoints (org_id, at desc, stream desc);

create table audit_retention (
  org_id uuid not null references organizations (id),
  class text not null check (class in ('connections', 'statements', 'activity')),
  days integer not null check (days between 7 and 36500),
  updated_at timestamptz not null,
  primary key (org_id, class)
);

create table audit_purges (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  stream text not null,
  class text not null check (class in ('connections', 'statements', 'activity')),
  first_seq bigint not null,
  last_seq bigint not null,
  records bigint not null check (records >= 1),
  received_before timestamptz not null,
  at timestamptz not null,
  claims json not null,
  kid text not null,
  signature text not null,
  unique (org_id, id)
);
create index audit_purges_stream on audit_purges (org_id, stream, first_seq);

create table audit_purged_ranges (
  org_id uuid not null,
  stream text not null,
  first_seq bigint not null check (first_seq >= 1),
  last_seq bigint not null check (last_seq >= first_seq),
  prev_hash text not null,
  hash text not null,
  purge_id uuid not null,
  primary key (org_id, stream, first_seq),
  foreign key (org_id, purge_id) references audit_purges (org_id, id)
);
create index audit_purged_ranges_purge on audit_purged_ranges (purge_id);
`;

/** A record may be deleted only where a purge says so, and that is written before. */
const guards = `
create function audit_is_purged(org uuid, chain text, number bigint) returns boolean
  language sql stable set search_path from current as $$
  select coalesce((
    select number <= last_seq from audit_purged_ranges
     where org_id = org and stream = chain and first_seq <= number
     order by first_seq desc limit 1), false)
$$;

create function refuse_agent_record_change() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and audit_is_purged(old.org_id, old.agent_id::text, old.seq) then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create function refuse_activity_change() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and audit_is_purged(old.org_id, 'activity:' || old.org_id, old.seq) then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

drop trigger audit_activity_rows on audit_activity;
create trigger audit_activity_rows before update or delete on audit_activity
  for each row execute function refuse_activity_change();
${['audit_checkpoints', 'audit_purges', 'audit_purged_ranges']
  .map(
    (table) => `
create trigger ${table}_rows before update or delete on ${table} for each row execute function refuse_change();
create trigger ${table}_truncate before truncate on ${table} for each statement execute function refuse_change();`,
  )
  .join('')}
`;

function recordTable(table: string, further: string): string {
  return `
create table ${table} (
  agent_id uuid not null,
  seq bigint not null check (seq >= 1),
  org_id uuid not null,
  database_id uuid not null,
  received_at timestamptz not null,
  at timestamptz not null,
  kind text not null,
  user_id uuid,
  session_id text,
  prev_hash text not null,
  hash text not null,
  event json not null,${further}
  primary key (agent_id, seq, received_at)
) partition by range (received_at);
create trigger ${table}_rows before update or delete on ${table}
  for each row execute function refuse_agent_record_change();
create trigger ${table}_truncate before truncate on ${table}
  for each statement execute function refuse_change();`;
}

/**
 * \`touches\` are \`operation schema.table\`; \`terms\` the words of the text (shared/audit/search-terms.ts). No foreign
 * key to agents: ingest holds the agent's row locked, and a check of each record would cost more than the insert.
 */
const tables = `
${recordTable('audit_connections', '\n  device_id text,\n  path text,')}
create index audit_connections_time on audit_connections (org_id, at desc, agent_id desc, seq desc);
create index audit_connections_user on audit_connections (org_id, user_id, at desc, agent_id desc, seq desc);
create index audit_connections_session on audit_connections (session_id, kind);

${recordTable(
  'audit_statements',
  `
  class text not null,
  decision text,
  rule text,
  fingerprint text,
  touches text[] not null,
  terms tsvector not null,`,
)}
create index audit_statements_time on audit_statements (org_id, at desc, agent_id desc, seq desc);
create index audit_statements_user on audit_statements (org_id, user_id, at desc, agent_id desc, seq desc);
create index audit_statements_session on audit_statements (session_id, seq);
create index audit_statements_refused on audit_statements (org_id, at desc, agent_id desc, seq desc)
  where decision = 'deny';
create index audit_statements_fingerprint on audit_statements (fingerprint, at desc);
create index audit_statements_touches on audit_statements using gin (touches);
create index audit_statements_terms on audit_statements using gin (terms);

${recordTable('audit_completions', '\n  statement_seq bigint,')}
create index audit_completions_statement on audit_completions (agent_id, statement_seq);
`;

/**
 * Months from \`since\` on, made where they are missing. Made beside and then attached: that locks out nobody who
 * reads or writes. Runs with the rights of the schema's owner, for whoever may call it.
 */
const partitions = `
create function audit_ensure_partitions(since timestamptz, months integer) returns integer
  language plpgsql security definer set search_path from current as $$
declare
  parent text;
  part text;
  month timestamp;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('daam audit partitions', 0));
  foreach parent in array array['audit_connections', 'audit_statements', 'audit_completions'] loop
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
revoke execute on function audit_ensure_partitions(timestamptz, integer) from public;

select audit_ensure_partitions(now(), 3);
`;

/** Rows of the first schema, as if they were received now; NUL cannot be taken out of JSON, so such texts stay unsearched. */
const moveOld = `
insert into audit_connections
select agent_id, seq, org_id, database_id, now(), at, kind, user_id, session_id, prev_hash, hash, event,
       case when ok then event->>'device' end, case when ok then event->>'path' end
  from (select *, event::text not like '%\\u0000%' as ok from audit_connections_old) r;

insert into audit_completions
select agent_id, seq, org_id, database_id, now(), at, kind, user_id, session_id, prev_hash, hash, event,
       case when event::text ~ '"statement" *: *[0-9]{1,15}[,}]' then (event->>'statement')::bigint end
  from audit_statements_old where kind = 'statement.completed' and event::text not like '%\\u0000%';

insert into audit_statements
select agent_id, seq, org_id, database_id, now(), at, kind, user_id, session_id, prev_hash, hash, event,
       case when kind = 'statement' then 'other' else 'alarm' end,
       case when ok then event->>'decision' end, case when ok then event->>'rule' end, null,
       case when ok and json_typeof(event->'tables') = 'array' then array(
         select distinct (t->>'operation') || ' ' || (t->>'schema') || '.' || (t->>'name')
           from json_array_elements(event->'tables') t) else '{}' end,
       case when ok then array_to_tsvector(array(
         select distinct left(word, 64) from regexp_split_to_table(lower(event->>'text'), '[^[:alnum:]_$]+') word
          where word <> '' limit 500)) else ''::tsvector end
  from (select *, event::text not like '%\\u0000%' as ok from audit_statements_old
         where not (kind = 'statement.completed' and event::text not like '%\\u0000%')) r;

drop table audit_connections_old;
drop table audit_statements_old;
`;

/**
 * Removes the records of one purge that was recorded before, all of them or none; a purge younger than the
 * organization's retention removes nothing. Empty months that are over are dropped as tables.
 */
const purge = `
create function audit_purge(purge uuid) returns bigint
  language plpgsql security definer set search_path from current as $$
declare
  p audit_purges;
  parent text;
  gone bigint := 0;
  part bigint;
begin
  select * into strict p from audit_purges where id = purge;
  if not exists (select from audit_retention r where r.org_id = p.org_id and r.class = p.class
                    and p.received_before <= now() - make_interval(days => r.days)) then
    raise exception 'the purge is not covered by a retention' using errcode = 'restrict_violation';
  end if;
  if p.class = 'activity' then
    delete from audit_activity a using audit_purged_ranges r
     where r.purge_id = purge and a.org_id = r.org_id and r.stream = 'activity:' || a.org_id
       and a.seq between r.first_seq and r.last_seq and a.at < p.received_before;
    get diagnostics gone = row_count;
  else
    foreach parent in array case p.class when 'connections' then array['audit_connections']
                                         else array['audit_statements', 'audit_completions'] end loop
      execute format('delete from %I t using audit_purged_ranges r
        where r.purge_id = $1 and t.org_id = r.org_id and t.agent_id = r.stream::uuid
          and t.seq between r.first_seq and r.last_seq and t.received_at < $2', parent)
        using purge, p.received_before;
      get diagnostics part = row_count;
      gone := gone + part;
    end loop;
  end if;
  if gone <> p.records then
    raise exception 'the purge names % records, and % are there', p.records, gone using errcode = 'restrict_violation';
  end if;
  return gone;
end $$;
revoke execute on function audit_purge(uuid) from public;

create function audit_drop_empty_partitions() returns integer
  language plpgsql security definer set search_path from current as $$
declare
  part record;
  is_empty boolean;
  dropped integer := 0;
begin
  for part in
    select c.oid::regclass as name, p.relname as parent, c.relname as child from pg_inherits i
      join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where i.inhparent in ('audit_connections'::regclass, 'audit_statements'::regclass, 'audit_completions'::regclass)
  loop
    continue when right(part.child, 7) >= to_char(now() at time zone 'UTC' - interval '1 month', 'YYYY_MM');
    execute format('select not exists (select from %s)', part.name) into is_empty;
    continue when not is_empty;
    execute format('drop table %s', part.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
revoke execute on function audit_drop_empty_partitions() from public;
`;
