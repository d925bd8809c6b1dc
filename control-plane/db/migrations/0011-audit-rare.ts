import { Migration } from '@mikro-orm/migrations';

/** What is rare among statements is found without walking over all that is not: a database, a rule, an unusual class. */
export class AuditRare extends Migration {
  override name = '0011-audit-rare';

  override up(): void {
    this.addSql(`
create index audit_statements_database on audit_statements (org_id, database_id, at desc, agent_id desc, seq desc);
create index audit_statements_rule on audit_statements (org_id, rule, at desc, agent_id desc, seq desc)
  where rule is not null;
create index audit_statements_class on audit_statements (org_id, class, at desc, agent_id desc, seq desc)
  where class in ('schema', 'other', 'alarm');`);
  }
}
