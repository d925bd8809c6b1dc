import { Migration } from '@mikro-orm/migrations';

/**
 * Access requests (requests/state.ts). The triggers hold below the code what it promises: a state is left only by a
 * step that exists, and what was asked for stays what it was.
 */
export class AccessRequests extends Migration {
  override name = '0020-access-requests';

  override up(): void {
    for (const sql of [requests, steps, around]) this.addSql(sql);
  }
}

const requests = `
create table access_requests (
  id uuid primary key,
  org_id uuid not null,
  database_id uuid not null,
  user_id uuid not null,
  state text not null check (state in ('pending', 'approved', 'active', 'expired', 'denied', 'revoked')),
  policy_id uuid,
  access jsonb,
  minutes integer not null check (minutes >= 1),
  start_at timestamptz,
  granted_policy_id uuid,
  granted_access jsonb,
  granted_minutes integer not null check (granted_minutes >= 1),
  granted_start_at timestamptz,
  reason text not null,
  ticket text,
  emergency boolean not null,
  approvers jsonb not null,
  required integer not null check (required >= 1),
  created_at timestamptz not null,
  pending_until timestamptz not null,
  starts_at timestamptz,
  ends_at timestamptz,
  due_at timestamptz,
  ended_by uuid,
  ended_at timestamptz,
  ended_note text,
  reviewed_by uuid,
  reviewed_at timestamptz,
  review_outcome text check (review_outcome in ('justified', 'unjustified')),
  review_note text,
  check (num_nonnulls(policy_id, access) = 1),
  check (num_nonnulls(granted_policy_id, granted_access) = 1),
  check ((state in ('pending', 'approved', 'active')) = (due_at is not null)),
  check (state not in ('approved', 'active') or (starts_at is not null and ends_at > starts_at)),
  check (reviewed_by is distinct from user_id),
  unique (org_id, id),
  foreign key (org_id, database_id) references databases (org_id, id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, policy_id) references policies (org_id, id),
  foreign key (org_id, granted_policy_id) references policies (org_id, id)
);
create index access_requests_due on access_requests (due_at) where due_at is not null;
create index access_requests_newest on access_requests (org_id, created_at desc, id desc);
create index access_requests_user on access_requests (org_id, user_id, created_at desc, id desc);
create index access_requests_active on access_requests (org_id, database_id) where state = 'active';
`;

const steps = `
create function access_request_step() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and (old.state, new.state) not in (
    ('pending', 'approved'), ('pending', 'denied'), ('pending', 'expired'), ('pending', 'revoked'),
    ('approved', 'active'), ('approved', 'expired'), ('approved', 'revoked'),
    ('active', 'expired'), ('active', 'revoked')
  ) then
    raise exception 'no step leads from % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if (new.org_id, new.database_id, new.user_id, new.minutes, new.reason, new.emergency, new.created_at)
     is distinct from
     (old.org_id, old.database_id, old.user_id, old.minutes, old.reason, old.emergency, old.created_at)
     or (new.policy_id, new.access, new.start_at, new.ticket)
     is distinct from (old.policy_id, old.access, old.start_at, old.ticket) then
    raise exception 'what was asked for stays what it was' using errcode = 'check_violation';
  end if;
  if old.state <> 'pending' and
     (new.granted_policy_id, new.granted_access, new.granted_minutes, new.granted_start_at)
     is distinct from
     (old.granted_policy_id, old.granted_access, old.granted_minutes, old.granted_start_at) then
    raise exception 'what was approved stays what it was' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger access_requests_step before update on access_requests
  for each row execute function access_request_step();
`;

const around = `
create table access_request_approvals (
  request_id uuid not null,
  user_id uuid not null,
  org_id uuid not null,
  at timestamptz not null,
  note text,
  primary key (request_id, user_id),
  foreign key (org_id, request_id) references access_requests (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);

create table access_request_comments (
  id uuid primary key,
  number bigint generated always as identity,
  request_id uuid not null,
  user_id uuid not null,
  org_id uuid not null,
  at timestamptz not null,
  text text not null,
  foreign key (org_id, request_id) references access_requests (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index access_request_comments_request on access_request_comments (request_id, number);

create table request_settings (
  org_id uuid primary key references organizations (id),
  document jsonb not null,
  changed_at timestamptz not null
);
`;
