import { Migration } from '@mikro-orm/migrations';

/** Indexes for the daily ceilings of mail (notifications/mail-queue.ts) and for the turns of organizations (mail-deliverer.ts). */
export class MailTurns extends Migration {
  override name = '0047-mail-turns';

  override up(): void {
    this.addSql(`
create index mail_messages_day on mail_messages (org_id, created_at);
create index mail_messages_person_day on mail_messages (org_id, user_id, created_at);
create index mail_messages_turns on mail_messages (org_id, (reason <> 'account'), next_attempt_at, id)
  where state = 'pending';`);
  }
}
