import { Migration } from '@mikro-orm/migrations';

/**
 * How policies come into force (policies/publication.ts): what the organization asks for, proposals for a second
 * administrator, and the proof of the touch beside the revision that it made.
 */
export class PolicyPublications extends Migration {
  override name = '0054-policy-publications';

  override up(): void {
    for (const sql of [settings, proposals, revisions, scopes]) this.addSql(sql);
  }
}

const settings = `
create table policy_settings (
  org_id uuid primary key references organizations (id),
  touch text not null check (touch in ('auto', 'always', 'never')),
  second_approver boolean not null,
  changed_at timestamptz not null
);
`;

/** What was proposed stays what it was, and is closed once. */
const proposals = `
create table policy_proposals (
  id uuid primary key,
  org_id uuid not null,
  database_id uuid not null,
  author_id uuid not null,
  base integer not null check (base >= 0),
  text text not null,
  comment text not null,
  created_at timestamptz not null,
  state text not null check (state in ('open', 'published', 'withdrawn', 'declined')),
  closed_by uuid,
  closed_at timestamptz,
  note text,
  check ((state = 'open') = (closed_at is null)),
  check (state <> 'published' or closed_by <> author_id),
  foreign key (org_id, database_id) references databases (org_id, id) on delete cascade,
  foreign key (org_id, author_id) references users (org_id, id) on delete cascade
);
create index policy_proposals_newest on policy_proposals (org_id, database_id, created_at desc, id desc);

create function policy_proposal_step() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or (new.id, new.org_id, new.database_id, new.author_id, new.base, new.text, new.comment, new.created_at)
     is distinct from (old.id, old.org_id, old.database_id, old.author_id, old.base, old.text, old.comment, old.created_at) then
    raise exception 'what was proposed stays what it was' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger policy_proposals_step before update on policy_proposals
  for each row execute function policy_proposal_step();
`;

const revisions = `
alter table policy_revisions add column publication_id uuid;
alter table policy_revisions add column proposed_by uuid;
alter table policy_revisions add column signed jsonb;
`;

/** Accounts that could publish still can: publishing has a scope of its own from here on. */
const scopes = `
update service_accounts set scopes = scopes || array['policies:publish']
 where 'policies:write' = any(scopes) and not 'policies:publish' = any(scopes);
`;
