import { silentLogger } from '@daam/shared/base/logger';
import { createClient } from '@daam/shared/api/client';
import { Secret } from '@daam/shared/base/secret';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { testConfig } from '../testing/start.ts';

/** As the table was before migration 0041, with what is in it. */
const asBefore = `
alter table audit_activity rename to audit_activity_now;
alter index audit_activity_pkey rename to audit_activity_now_pkey;
drop index audit_activity_action, audit_activity_actor;
create table audit_activity (
  org_id uuid not null references organizations (id),
  seq bigint not null check (seq >= 1),
  at timestamptz not null,
  action text not null,
  actor_kind text not null check (actor_kind in ('user', 'agent', 'system')),
  actor_id uuid,
  prev_hash text not null,
  hash text not null,
  event json not null,
  primary key (org_id, seq)
);
create trigger audit_activity_rows before update or delete on audit_activity
  for each row execute function refuse_activity_change();
create trigger audit_activity_truncate before truncate on audit_activity
  for each statement execute function refuse_change();
insert into audit_activity
select org_id, seq, at, action, actor_kind, actor_id, prev_hash, hash, event from audit_activity_now;
drop table audit_activity_now;
delete from schema_migrations where name = '0041-activity-by-month'`;

it('the activity of a store from before lies in months after the migration, its chain unbroken', async () => {
  await using postgres = await startEmbeddedPostgres();
  const superuser = await postgres.createDatabase('upgraded');
  const client = new Client({ connectionString: superuser });
  await client.connect();
  await client.query(`
    create role keeper login createrole password 'one';
    create role runner login password 'two';
    alter database upgraded owner to keeper;
    grant create on schema public to keeper`);
  const dsnOf = (user: string, password: string): string => {
    const url = new URL(superuser);
    [url.username, url.password] = [user, password];
    return url.href;
  };
  const plain = testConfig(dsnOf('runner', 'two'));
  const migrationDsn = new Secret(dsnOf('keeper', 'one'));
  const config = { ...plain, database: { ...plain.database, migrationDsn } };
  let adminToken: string;
  {
    await using plane = await startControlPlane(config, { logger: silentLogger });
    ({ adminToken } = await plane.bootstrap({ org: 'Upgraded', adminEmail: 'admin@upgraded.example' }));
    await groupsAt(plane.port, 5);
  }
  await client.query(asBefore);
  await client.query('alter table audit_activity owner to keeper');
  await using plane = await startControlPlane(config, { logger: silentLogger });
  const admin = await groupsAt(plane.port, 1);
  const { items } = await admin.listActivity({ query: {} });
  expect(items.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(await admin.verifyAudit()).toMatchObject({ ok: true });
  const { rows } = await client.query(
    `select relname from pg_class where relispartition and relkind = 'r' and relname like 'audit_activity_%'`,
  );
  expect(rows).toHaveLength(3);
  await client.end();

  async function groupsAt(port: number, count: number) {
    const api = createClient({ baseUrl: `http://127.0.0.1:${port}`, fetch, token: () => adminToken });
    for (let at = 0; at < count; at += 1) await api.createGroup({ body: { name: `group ${port} ${at}` } });
    return api;
  }
}, 60_000);
