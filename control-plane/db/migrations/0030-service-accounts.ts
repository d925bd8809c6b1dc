import { Migration } from '@mikro-orm/migrations';

/**
 * Service accounts (people/service-accounts.ts): users of another kind, so that whatever refers to a user can refer to
 * one. Their tokens are stored as SHA-256.
 */
export class ServiceAccounts extends Migration {
  override name = '0030-service-accounts';

  override up(): void {
    this.addSql(`
alter table users add column kind text not null default 'person' check (kind in ('person', 'service'));`);
    this.addSql(`
create table service_accounts (
  user_id uuid primary key,
  org_id uuid not null,
  description text not null,
  scopes text[] not null,
  removed_at timestamptz,
  unique (org_id, user_id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);`);
    this.addSql(`
create table service_tokens (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  hash text not null unique,
  prefix text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  foreign key (org_id, user_id) references service_accounts (org_id, user_id) on delete cascade
);`);
    this.addSql('create index service_tokens_account on service_tokens (user_id, created_at desc);');
  }
}
