import { Migration } from '@mikro-orm/migrations';

/** Questions to the audit that somebody asks again and again, by name: each person's own. */
export class AuditViews extends Migration {
  override name = '0056-audit-views';

  override up(): void {
    this.addSql(`
create table audit_views (
  org_id uuid not null,
  user_id uuid not null,
  document jsonb not null,
  changed_at timestamptz not null,
  primary key (org_id, user_id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);`);
  }
}
