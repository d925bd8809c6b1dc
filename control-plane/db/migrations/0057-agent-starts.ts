import { Migration } from '@mikro-orm/migrations';

/** Where in an agent's chain its processes began: sessions that were open by then are over. Few among many. */
export class AgentStarts extends Migration {
  override name = '0057-agent-starts';

  override up(): void {
    this.addSql(`
create index audit_connections_starts on audit_connections (agent_id, seq) where kind = 'agent.started';`);
  }
}
