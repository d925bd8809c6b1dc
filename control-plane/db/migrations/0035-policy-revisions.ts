import { Migration } from '@mikro-orm/migrations';

/**
 * Every document that was in force, whole and as it was written, and drafts. What is in force when this runs becomes
 * the first revision of its database. Revisions are append-only, as the versions of single policies are.
 */
export class PolicyRevisions extends Migration {
  override name = '0035-policy-revisions';

  override up(): void {
    for (const sql of [tables, appendOnly, keepCurrentPolicies]) this.addSql(sql);
  }
}

const tables = `
create table policy_revisions (
  org_id uuid not null,
  database_id uuid not null,
  revision integer not null check (revision >= 1),
  kind text not null check (kind in ('published', 'restored', 'assigned', 'kept')),
  epoch bigint not null,
  comment text not null,
  author_id uuid,
  restored_from integer,
  document jsonb not null,
  text text not null,
  versions jsonb not null,
  added jsonb not null,
  changed jsonb not null,
  removed jsonb not null,
  created_at timestamptz not null,
  primary key (database_id, revision),
  foreign key (org_id, database_id) references databases (org_id, id)
);

create table policy_drafts (
  org_id uuid not null,
  database_id uuid not null,
  author_id uuid not null,
  base integer not null check (base >= 0),
  edition integer not null check (edition >= 1),
  text text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (database_id, author_id),
  foreign key (org_id, database_id) references databases (org_id, id) on delete cascade,
  foreign key (org_id, author_id) references users (org_id, id) on delete cascade
);

alter table policy_versions add column comment text not null default '';
`;

const appendOnly = `
create trigger policy_revisions_rows before update or delete on policy_revisions
  for each row execute function refuse_change();
create trigger policy_revisions_truncate before truncate on policy_revisions
  for each statement execute function refuse_change();
`;

/** What is in force, as the first revision of each database. */
export const keepCurrentPolicies = `
insert into policy_revisions
select d.org_id, d.id, 1, 'kept', d.epoch, '', null, null, document, document::text, versions, added, '[]', '[]', now()
  from databases d
  join lateral (
    select jsonb_build_object('database', d.name, 'policies', jsonb_agg(
             jsonb_build_object('name', p.name) || v.document || jsonb_build_object('assign', jsonb_build_object(
               'users', coalesce((select jsonb_agg(u.email order by u.email) from policy_assignments a
                                    join users u on u.org_id = a.org_id and u.id = a.user_id
                                   where a.policy_id = p.id), '[]'),
               'groups', coalesce((select jsonb_agg(g.name order by g.name) from policy_assignments a
                                     join groups g on g.org_id = a.org_id and g.id = a.group_id
                                    where a.policy_id = p.id), '[]')))
             order by p.position)) as document,
           jsonb_agg(jsonb_build_object('name', p.name, 'version', p.current_version) order by p.position) as versions,
           jsonb_agg(p.name order by p.position) as added
      from policies p
      join policy_versions v on v.org_id = p.org_id and v.policy_id = p.id and v.version = p.current_version
     where p.org_id = d.org_id and p.database_id = d.id and p.removed_at is null
    having count(*) > 0) c on true
 where d.deleted_at is null;
`;
