import { Migration } from '@mikro-orm/migrations';

/**
 * Passkeys and what a sign-in leaves: sessions of browsers, access tokens of devices, certificates by hash. Secrets are
 * stored as their SHA-256. `one_time_codes` are the steps in between: each row answers once, until it expires.
 */
export class Passkeys extends Migration {
  override name = '0006-passkeys';

  override up(): void {
    for (const sql of [devices, passkeys, codes, sessions, certificates]) this.addSql(sql);
  }
}

const devices = `
alter table devices
  add column last_used_at timestamptz,
  add constraint devices_org_id_id_key unique (org_id, id);`;

const passkeys = `
create table passkeys (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  credential_id text not null unique,
  public_key text not null,
  algorithm integer not null check (algorithm in (-7, -8, -257)),
  sign_count bigint not null check (sign_count >= 0),
  is_backup_eligible boolean not null,
  is_backed_up boolean not null,
  transports jsonb not null default '[]',
  name text not null,
  endorsed_by uuid,
  endorsement jsonb,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((endorsed_by is null) = (endorsement is null)),
  unique (org_id, id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, endorsed_by) references users (org_id, id)
);
create index passkeys_user on passkeys (user_id);`;

const codes = `
create table one_time_codes (
  hash text primary key,
  kind text not null,
  org_id uuid references organizations (id) on delete cascade,
  user_code text,
  data jsonb not null,
  created_at timestamptz not null,
  polled_at timestamptz,
  used_at timestamptz,
  expires_at timestamptz not null
);
create unique index one_time_codes_user_code on one_time_codes (user_code) where user_code is not null;
create index one_time_codes_expiry on one_time_codes (expires_at);`;

const sessions = `
create table web_sessions (
  hash text primary key,
  id uuid not null unique,
  org_id uuid not null,
  user_id uuid not null,
  passkey_id uuid not null,
  auth_time timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, passkey_id) references passkeys (org_id, id) on delete cascade
);
create index web_sessions_user on web_sessions (user_id);`;

const certificates = `
create table device_certificates (
  hash text primary key,
  org_id uuid not null,
  device_id uuid not null,
  passkey_id uuid,
  auth_time timestamptz not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  foreign key (org_id, device_id) references devices (org_id, id) on delete cascade,
  foreign key (org_id, passkey_id) references passkeys (org_id, id) on delete cascade
);
create index device_certificates_device on device_certificates (device_id);
create table access_tokens (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  device_id uuid not null,
  hash text not null unique,
  /** The code that it was given for: used twice, it ends. */
  code_hash text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, device_id) references devices (org_id, id) on delete cascade
);
create index access_tokens_device on access_tokens (device_id);
create index access_tokens_code on access_tokens (code_hash);`;
