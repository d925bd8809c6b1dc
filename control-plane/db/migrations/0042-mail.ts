import { Migration } from '@mikro-orm/migrations';

/**
 * Mail to people: what each wants to hear of, and the messages that go out, written in the transaction of what they
 * tell of. A message names its person; the address is looked up when it is sent. It is claimed by a lease that ends by
 * itself, as webhooks' deliveries are (0021).
 */
export class Mail extends Migration {
  override name = '0042-mail';

  override up(): void {
    this.addSql(`
create table notification_preferences (
  org_id uuid not null,
  user_id uuid not null,
  document jsonb not null,
  changed_at timestamptz not null,
  primary key (org_id, user_id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index notification_preferences_events on notification_preferences using gin ((document->'events'));

create table mail_messages (
  id uuid primary key,
  org_id uuid not null,
  user_id uuid not null,
  reason text not null check (reason in ('mine', 'inbox', 'account', 'subscribed', 'test')),
  type text not null,
  event jsonb not null,
  state text not null check (state in ('pending', 'sent', 'failed')),
  attempts integer not null default 0,
  failure text,
  next_attempt_at timestamptz,
  created_at timestamptz not null,
  check ((state = 'pending') = (next_attempt_at is not null)),
  unique (org_id, id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index mail_messages_due on mail_messages (next_attempt_at) where state = 'pending';
create index mail_messages_age on mail_messages (created_at);
create index mail_messages_person on mail_messages (org_id, user_id) where state = 'pending';`);
  }
}
