import { Migration } from '@mikro-orm/migrations';

/**
 * The first schema. Every table that belongs to an organization carries `org_id`, and foreign keys are
 * composite with it, so that no row can refer to another organization's. Hashes are SHA-256: base64url
 * for tokens (identity/tokens.ts), as shared/audit writes them for chains.
 */
export class Foundation extends Migration {
  override name = '0001-foundation';

  override up(): void {
    for (const sql of [identity, databases, policies, audit, appendOnly]) this.addSql(sql);
  }
}

const identity = `
create table organizations (
  id uuid primary key,
  name text not null unique check (name <> ''),
  revocation_epoch bigint not null default 0,
  activity_seq bigint not null default 0,
  activity_hash text not null,
  created_at timestamptz not null
);

create table org_keys (
  kid text primary key,
  org_id uuid not null references organizations (id),
  public_x text not null,
  sealed_private text not null,
  master_key_id text not null,
  created_at timestamptz not null,
  retired_at timestamptz
);
create unique index org_keys_current on org_keys (org_id) where retired_at is null;

create table users (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  email text not null check (email = lower(email)),
  name text not null,
  role text not null check (role in ('admin', 'auditor', 'member')),
  attributes jsonb not null default '{}',
  disabled_at timestamptz,
  created_at timestamptz not null,
  unique (org_id, id),
  unique (org_id, email)
);

create table groups (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  name text not null,
  created_at timestamptz not null,
  unique (org_id, id),
  unique (org_id, name)
);

create table group_members (
  group_id uuid not null,
  user_id uuid not null,
  org_id uuid not null,
  created_at timestamptz not null,
  primary key (group_id, user_id),
  foreign key (org_id, group_id) references groups (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index group_members_user on group_members (user_id);

create table api_tokens (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  name text not null,
  hash text not null unique,
  prefix text not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index api_tokens_user on api_tokens (user_id);

create table devices (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  name text not null,
  os text not null,
  wg_key text not null,
  certificate_expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null,
  unique (org_id, wg_key),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index devices_user on devices (user_id);
create index devices_revoked on devices (org_id) where revoked_at is not null;
`;

const databases = `
create table databases (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  name text not null,
  database_name text not null,
  environment text not null check (environment in ('production', 'staging', 'development')),
  description text not null default '',
  elevation boolean not null default true,
  epoch bigint not null default 0,
  created_at timestamptz not null,
  deleted_at timestamptz,
  unique (org_id, id)
);
create unique index databases_name on databases (org_id, name) where deleted_at is null;

create function epoch_only_grows() returns trigger language plpgsql as $$
begin
  if new.epoch < old.epoch then
    raise exception 'an epoch only grows' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger databases_epoch before update on databases for each row execute function epoch_only_grows();

create table agents (
  id uuid primary key,
  org_id uuid not null,
  database_id uuid not null,
  state text not null
    check (state in ('pending', 'registered', 'connected', 'disconnected', 'draining', 'revoked')),
  registration_hash text unique,
  registration_expires_at timestamptz,
  credential_hash text unique,
  version text,
  listen_host text,
  listen_port integer check (listen_port between 1 and 65535),
  applied_epoch bigint not null default 0,
  last_seen_at timestamptz,
  feed_id uuid,
  audit_seq bigint not null default 0,
  audit_hash text not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  unique (org_id, id),
  foreign key (org_id, database_id) references databases (org_id, id)
);
create unique index agents_serving on agents (database_id) where state not in ('pending', 'revoked');
create index agents_database on agents (database_id);
`;

const policies = `
create table policies (
  id uuid primary key,
  org_id uuid not null,
  database_id uuid not null,
  name text not null,
  current_version integer not null check (current_version >= 1),
  position integer not null,
  removed_at timestamptz,
  created_at timestamptz not null,
  unique (org_id, id),
  unique (database_id, name),
  foreign key (org_id, database_id) references databases (org_id, id)
);

create table policy_versions (
  policy_id uuid not null,
  version integer not null check (version >= 1),
  org_id uuid not null,
  document jsonb not null,
  author_id uuid,
  created_at timestamptz not null,
  primary key (policy_id, version),
  foreign key (org_id, policy_id) references policies (org_id, id)
);

create table policy_assignments (
  id uuid primary key,
  org_id uuid not null,
  policy_id uuid not null,
  user_id uuid,
  group_id uuid,
  created_at timestamptz not null,
  check (num_nonnulls(user_id, group_id) = 1),
  unique (policy_id, user_id),
  unique (policy_id, group_id),
  foreign key (org_id, policy_id) references policies (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, group_id) references groups (org_id, id) on delete cascade
);
create index policy_assignments_user on policy_assignments (user_id) where user_id is not null;
create index policy_assignments_group on policy_assignments (group_id) where group_id is not null;
`;

function agentRecords(table: string): string {
  return `
create table ${table} (
  agent_id uuid not null,
  seq bigint not null check (seq >= 0),
  org_id uuid not null,
  database_id uuid not null,
  at timestamptz not null,
  kind text not null,
  user_id uuid,
  session_id text,
  prev_hash text not null,
  hash text not null,
  event json not null,
  primary key (agent_id, seq),
  foreign key (org_id, agent_id) references agents (org_id, id)
);
create index ${table}_time on ${table} (org_id, at desc, agent_id, seq desc);
create index ${table}_user on ${table} (org_id, user_id, at desc);
create index ${table}_session on ${table} (session_id, seq);
`;
}

const audit = `
${agentRecords('audit_connections')}
${agentRecords('audit_statements')}
create table audit_activity (
  org_id uuid not null references organizations (id),
  seq bigint not null check (seq >= 1),
  at timestamptz not null,
  action text not null,
  actor_kind text not null check (actor_kind in ('user', 'agent', 'system')),
  actor_id uuid,
  prev_hash text not null,
  hash text not null,
  event json not null,
  primary key (org_id, seq)
);
`;

const appendOnly = `
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
${['audit_connections', 'audit_statements', 'audit_activity', 'policy_versions']
  .map(
    (table) => `
create trigger ${table}_rows before update or delete on ${table} for each row execute function refuse_change();
create trigger ${table}_truncate before truncate on ${table} for each statement execute function refuse_change();`,
  )
  .join('')}
`;
