import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { testConfig } from '../testing/start.ts';

/** One role that migrates and owns, another that the control plane logs in as. */
let postgres: EmbeddedPostgres;
let superuser: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres();
  superuser = await postgres.createDatabase('two_roles');
  await as(
    superuser,
    `create role "the keeper" login createrole password 'one';
     create role "the runner" login password 'two';
     alter database two_roles owner to "the keeper";
     grant create on schema public to "the keeper"`,
  );
});
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

function dsnOf(user: string, password: string): string {
  const url = new URL(superuser);
  url.username = encodeURIComponent(user);
  url.password = password;
  return url.href;
}

async function as(dsn: string, sql: string) {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const statements = `
insert into audit_statements select gen_random_uuid(), n, id, gen_random_uuid(), now(), now(), 'statement', null, null,
       'p', 'h', '{}', 'read', 'allow', null, null, '{}', to_tsvector('simple', 'word' || n)
  from organizations, generate_series(1, 2000) n;
analyze audit_statements`;

/** Of several statements in one text, the rows of the last. */
function rowsOfLast(results: unknown): unknown {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return (last as { rows: unknown }).rows;
}

describe('a DSN of its own for migrating', () => {
  it('leaves nothing to the login of the running control plane, not even after RESET ROLE', async () => {
    const runner = dsnOf('the runner', 'two');
    const plain = testConfig(runner);
    const migrationDsn = new Secret(dsnOf('the keeper', 'one'));
    const config = { ...plain, database: { ...plain.database, migrationDsn } };
    for (const org of ['First', 'Second']) {
      await using plane = await startControlPlane(config, { logger: silentLogger });
      await plane.bootstrap({ org, adminEmail: `admin@${org.toLowerCase()}.example` });
    }
    const { rows } = await as(
      superuser,
      'select distinct tableowner from pg_tables where schemaname = current_schema()',
    );
    expect(rows).toEqual([{ tableowner: 'the keeper' }]);
    const tables = [
      'audit_activity',
      'audit_statements',
      'audit_checkpoints',
      'audit_purges',
      'policy_versions',
    ];
    for (const table of tables) {
      for (const sql of [
        `update ${table} set org_id = org_id`,
        `delete from ${table}`,
        `truncate ${table}`,
        `alter table ${table} disable trigger all`,
        `drop table ${table} cascade`,
        'set role "the keeper"',
        'set session_replication_role = replica',
      ]) {
        await expect(as(runner, `reset role; ${sql}`)).rejects.toMatchObject({ code: '42501' });
      }
    }
    const count = 'select count(*)::int as n from organizations';
    expect((await as(superuser, count)).rows).toEqual([{ n: 2 }]);
    // Row-level security: neither the login nor what migrates sees rows before it says whose.
    for (const dsn of [runner, migrationDsn.reveal()])
      expect((await as(dsn, count)).rows).toEqual([{ n: 0 }]);
    for (const sql of ['disable row level security', 'no force row level security']) {
      await expect(as(runner, `alter table users ${sql}`)).rejects.toMatchObject({ code: '42501' });
    }
    const asMigration = `set daam.system = 'migrate'; ${count}`;
    expect(rowsOfLast(await as(runner, asMigration))).toEqual([{ n: 0 }]);
    await as(superuser, statements);
    const [org] = (await as(superuser, `select id from organizations where name = 'First'`)).rows as {
      id: string;
    }[];
    const search = `select org_id from audit_statements_of_org where terms @@ 'word77'`;
    const sees = await as(runner, `set role daam_application; set daam.org = '${org?.id}'; ${search}`);
    expect(rowsOfLast(sees)).toEqual([{ org_id: org?.id }]);
    const plan = await as(runner, `set daam.org = '${org?.id}'; explain ${search}`);
    expect(JSON.stringify(rowsOfLast(plan))).toContain('Index Cond: (terms @@');
  });
});
