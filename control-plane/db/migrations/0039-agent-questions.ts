import { Migration } from '@mikro-orm/migrations';

/**
 * Questions to agents whose feed is at another replica, for the seconds that they take. As texts: jsonb cannot hold every
 * text that SQL can.
 */
export class AgentQuestions extends Migration {
  override name = '0039-agent-questions';

  override up(): void {
    this.addSql(`
create table agent_questions (
  id uuid primary key,
  org_id uuid not null,
  database_id uuid not null,
  kind text not null,
  question text not null,
  asked_at timestamptz not null,
  taken_at timestamptz,
  answer text,
  foreign key (org_id, database_id) references databases (org_id, id) on delete cascade
);
create index agent_questions_age on agent_questions (org_id, asked_at);
`);
  }
}
