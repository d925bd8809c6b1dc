import { Migration } from '@mikro-orm/migrations';

/**
 * Where credentials come from, so that they end or wait with it: who invited to a passkey and whether it waits for
 * somebody else's word, what an API token was made with, which browser's session a device's token came with, and whether
 * a code came again.
 */
export class Origins extends Migration {
  override name = '0008-origins';

  override up(): void {
    this.addSql(`
alter table passkeys
  add column is_held boolean not null default false,
  add column invited_by uuid,
  add foreign key (org_id, invited_by) references users (org_id, id);`);
    this.addSql(`
alter table api_tokens
  add column parent_id uuid references api_tokens (id) on delete set null,
  add column device_id uuid,
  add column passkey_id uuid,
  add foreign key (org_id, device_id) references devices (org_id, id),
  add foreign key (org_id, passkey_id) references passkeys (org_id, id);`);
    this.addSql('create index api_tokens_parent on api_tokens (parent_id) where parent_id is not null;');
    this.addSql('create index api_tokens_device on api_tokens (device_id) where device_id is not null;');
    this.addSql('alter table access_tokens add column session_id uuid;');
    this.addSql('alter table one_time_codes add column replayed_at timestamptz;');
    // Older links do not say who made them.
    this.addSql(`delete from one_time_codes where kind in ('invitation', 'enroll', 'authorization-code');`);
  }
}
