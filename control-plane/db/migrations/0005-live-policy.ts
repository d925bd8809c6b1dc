import { Migration } from '@mikro-orm/migrations';

/** When an agent had its newest policy in force and how long that took; the code that is vouched for in a database. */
export class LivePolicy extends Migration {
  override name = '0005-live-policy';

  override up(): void {
    this.addSql(`
alter table agents
  add column applied_at timestamptz,
  add column applied_ms double precision check (applied_ms >= 0);`);
    this.addSql(`alter table databases add column vouched jsonb not null default '[]';`);
  }
}
