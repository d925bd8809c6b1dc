import { Migration } from '@mikro-orm/migrations';

/** Where an agent's tunnel is found, and which passkeys it trusts, both as it told last; how recent a sign-in a database asks for. */
export class Tunnels extends Migration {
  override name = '0007-tunnels';

  override up(): void {
    this.addSql(`
alter table agents
  add column tunnel_key text,
  add column tunnel_candidates jsonb not null default '[]';`);
    this.addSql(`
create table agent_passkeys (
  agent_id uuid primary key,
  org_id uuid not null,
  at timestamptz not null,
  items jsonb not null,
  foreign key (org_id, agent_id) references agents (org_id, id) on delete cascade
);`);
    this.addSql(
      'alter table databases add column step_up_minutes integer check (step_up_minutes between 1 and 720);',
    );
    // Bundles name passkeys, administrators and the relying party from now on, and an agent takes nothing else at its epoch.
    this.addSql('update databases set epoch = epoch + 1;');
  }
}
