import { Migration } from '@mikro-orm/migrations';

/** What the agent's doctor found last on each database (databases/doctor-reports.ts). */
export class DoctorReportTable extends Migration {
  override name = '0004-doctor-reports';

  override up(): void {
    this.addSql(`
create table doctor_reports (
  org_id uuid not null,
  database_id uuid not null,
  agent_id uuid not null,
  received_at timestamptz not null,
  report jsonb not null,
  primary key (org_id, database_id),
  foreign key (org_id, database_id) references databases (org_id, id) on delete cascade,
  foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
);`);
  }
}
