import { Migration } from '@mikro-orm/migrations';

/** Which rule sent a request to its approvers, as it stood when it was asked (requests/rules.ts). Null: older, not known. */
export class RequestRouting extends Migration {
  override name = '0058-request-routing';

  override up(): void {
    this.addSql('alter table access_requests add column routed_by jsonb;');
  }
}
