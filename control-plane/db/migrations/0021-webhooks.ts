import { Migration } from '@mikro-orm/migrations';

/**
 * Webhooks: endpoints, the events that go out (written in the transaction of what they tell of), their deliveries and
 * every attempt. A delivery is claimed by a lease that ends by itself, so that one whose replica died is tried again.
 */
export class Webhooks extends Migration {
  override name = '0021-webhooks';

  override up(): void {
    this.addSql(`
create table webhooks (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  name text not null,
  url text not null,
  events jsonb not null,
  enabled boolean not null,
  sealed_secret text not null,
  old_sealed_secret text,
  old_until timestamptz,
  master_key_id text not null,
  created_at timestamptz not null,
  unique (org_id, id)
);

create table webhook_events (
  id uuid primary key,
  org_id uuid not null references organizations (id),
  type text not null,
  at timestamptz not null,
  body text not null,
  unique (org_id, id)
);
create index webhook_events_age on webhook_events (at);

create table webhook_deliveries (
  id uuid primary key,
  org_id uuid not null,
  webhook_id uuid not null,
  event_id uuid not null,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  created_at timestamptz not null,
  check ((state = 'pending') = (next_attempt_at is not null)),
  unique (org_id, id),
  foreign key (org_id, webhook_id) references webhooks (org_id, id) on delete cascade,
  foreign key (org_id, event_id) references webhook_events (org_id, id) on delete cascade
);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where state = 'pending';
create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at desc, id desc);
create index webhook_deliveries_waiting on webhook_deliveries (webhook_id) where state = 'pending';
create index webhook_deliveries_event on webhook_deliveries (event_id);

create table webhook_attempts (
  delivery_id uuid not null,
  number integer not null,
  org_id uuid not null,
  at timestamptz not null,
  took_ms integer not null,
  status integer,
  failure text,
  primary key (delivery_id, number),
  foreign key (org_id, delivery_id) references webhook_deliveries (org_id, id) on delete cascade
);
`);
  }
}
