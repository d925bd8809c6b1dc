import { Migration } from '@mikro-orm/migrations';

/** What the newest policy did to the sessions that were open at an agent, as it told. */
export class AppliedSessions extends Migration {
  override name = '0055-applied-sessions';

  override up(): void {
    this.addSql('alter table agents add column applied_sessions jsonb;');
  }
}
