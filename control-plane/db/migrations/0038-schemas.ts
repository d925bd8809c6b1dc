import { Migration } from '@mikro-orm/migrations';

/**
 * Schemas as agents report them, the last versions of each database; how an agent is; several agents for one database.
 * `adds` of a pending agent: it joins the database's others when its token is used, instead of taking their place.
 */
export class Schemas extends Migration {
  override name = '0038-schemas';

  override up(): void {
    this.addSql(`
alter table agents
  add column adds boolean not null default false,
  add column health jsonb,
  add column health_at timestamptz;
drop index agents_serving;
create index agents_serving on agents (database_id) where state not in ('pending', 'revoked');

create table database_schemas (
  org_id uuid not null,
  database_id uuid not null,
  version integer not null,
  agent_id uuid not null,
  hash text not null,
  received_at timestamptz not null,
  confirmed_at timestamptz not null,
  tables integer not null,
  omitted integer not null,
  report jsonb not null,
  primary key (database_id, version),
  foreign key (org_id, database_id) references databases (org_id, id) on delete cascade
);
`);
  }
}
