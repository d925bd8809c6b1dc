import { Migration } from '@mikro-orm/migrations';

/** Requests that nobody has to approve, that others may approve after a while, and that go on from another (requests/rules.ts). */
export class RequestRules extends Migration {
  override name = '0052-request-rules';

  override up(): void {
    this.addSql(`
alter table access_requests drop constraint access_requests_required_check;
alter table access_requests
  add check (required >= 0),
  add column escalates_at timestamptz,
  add column escalation jsonb,
  add column extends uuid,
  add foreign key (org_id, extends) references access_requests (org_id, id);
create index access_requests_extends on access_requests (org_id, extends) where extends is not null;`);
  }
}
