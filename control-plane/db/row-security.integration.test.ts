import { randomUUID } from 'node:crypto';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { Secret } from '@daam/shared/base/secret';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDatabase, addUser, bootstrapOrg, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';
import { query } from './query.ts';
import { searched } from './row-security.ts';
import { scopeTo, systemScope } from './scope.ts';
import { entities, Store } from './store.ts';
import { commands, scopesFor, type SystemScope, systemScopes } from './system-scopes.ts';

/** Two organizations in one store, and only row-level security between them: no filter of the ORM, no `where`. */
let plane: TestControlPlane;
let store: Store;
let admin: Client;
let first: OrgId;
let second: OrgId;
let tables: readonly string[];

beforeAll(async () => {
  plane = await startTestControlPlane();
  first = await seed('First');
  second = await seed('Second');
  store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 2 });
  admin = new Client({ connectionString: plane.dsn });
  await admin.connect();
  tables = (await rowsOf<{ name: string }>(tablesSql)).map(({ name }) => name);
});

afterAll(async () => {
  await admin?.end();
  await store?.[Symbol.asyncDispose]();
  await plane?.[Symbol.asyncDispose]();
});

async function seed(name: string): Promise<OrgId> {
  const org = await bootstrapOrg(plane, name);
  await addUser(plane, org.admin, `dev@${name.toLowerCase()}.example`);
  await org.admin.createGroup({ body: { name: 'team' } });
  await addDatabase(plane, org.admin, 'shop');
  return asId<OrgId>(org.orgId);
}

const tablesSql = `select relname as name from pg_class
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
    and relname <> 'schema_migrations' order by 1`;

async function rowsOf<Row>(sql: string, params: unknown[] = []): Promise<Row[]> {
  return (await admin.query(sql, params)).rows as Row[];
}

function tenantColumn(table: string): string {
  return table === 'organizations' ? 'id' : 'org_id';
}

/** Tables that have rows of both organizations: those can be crossed into. */
async function sharedTables(): Promise<readonly string[]> {
  const shared: string[] = [];
  for (const table of tables) {
    const column = tenantColumn(table);
    const sql = `select count(distinct ${column})::int as n from ${table} where ${column} in ($1, $2)`;
    const [row] = await rowsOf<{ n: number }>(sql, [first, second]);
    if (row?.n === 2) shared.push(table);
  }
  return shared;
}

describe('every table', () => {
  it('has row-level security, forced, with a policy for its organization', async () => {
    const unprotected = await rowsOf(
      `select relname from pg_class c
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
          and relname <> 'schema_migrations'
          and not (relrowsecurity and relforcerowsecurity and exists (
            select from pg_policy p where p.polrelid = c.oid and p.polname = 'daam_tenant'))`,
    );
    expect(unprotected).toEqual([]);
    expect(tables.length).toBeGreaterThan(30);
  });

  it('has an organization, so that none is left to its code alone', async () => {
    const without = await rowsOf(
      `select relname from pg_class c
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
          and relname not in ('organizations', 'schema_migrations')
          and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id')`,
    );
    expect(without).toEqual([]);
  });

  it('is reached by its name alone: no partition is the application’s, and the one view can only be read', async () => {
    const open = async (privileges: string) =>
      await rowsOf(
        `select relname from pg_class c
          where relnamespace = current_schema()::regnamespace
            and (relispartition and relkind = 'r' or relkind in ('v', 'm'))
            and has_table_privilege('daam_application', c.oid, $1)`,
        [privileges],
      );
    expect(await open('select')).toEqual([{ relname: searched.view }]);
    expect(await open('insert, update, delete, truncate')).toEqual([]);
  });

  it('is protected once: a second migration changes nothing', async () => {
    const policies = 'select oid from pg_policy order by oid';
    const before = await rowsOf(policies);
    await using again = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 2 });
    await again.migrate();
    expect(await rowsOf(policies)).toEqual(before);
  });
});

describe('an organization, with the ORM’s filters switched off', () => {
  it('sees rows of its own and no others, in any table', async () => {
    const shared = await sharedTables();
    expect(shared).toEqual(
      expect.arrayContaining([
        'organizations',
        'users',
        'api_tokens',
        'groups',
        'databases',
        'agents',
        'audit_activity',
      ]),
    );
    for (const table of tables) {
      const { em } = scopeTo(store.em(), second);
      const rows = await query<{ org: string }[]>(
        em,
        `select distinct ${tenantColumn(table)} as org from ${table}`,
      );
      expect([table, rows.filter(({ org }) => org !== second)]).toEqual([table, []]);
      expect(rows.length === 1 || !shared.includes(table) ? '' : table).toBe('');
    }
    for (const entity of entities) {
      const { em } = scopeTo(store.em(), second);
      const key = entity.meta.tableName === 'organizations' ? 'id' : 'orgId';
      const rows = (await em.find(entity as never, {}, { filters: false })) as Record<string, unknown>[];
      expect(rows.filter((row) => row[key] !== second)).toEqual([]);
    }
  });

  it('changes and removes nothing of another’s', async () => {
    for (const table of await sharedTables()) {
      const column = tenantColumn(table);
      const count = `select count(*)::int as n, md5(string_agg(t::text, '|' order by t::text)) as content
                       from ${table} t where ${column} = $1`;
      const before = await rowsOf(count, [first]);
      const attempts = [
        `update ${table} set ${column} = ${column} where ${column} = '${first}'`,
        `delete from ${table} where ${column} = '${first}'`,
      ];
      for (const sql of attempts) {
        const { em } = scopeTo(store.em(), second);
        const outcome = await query(em, `${sql} returning 1`).catch((error: { code?: string }) => error.code);
        expect([sql, outcome]).toEqual([
          sql,
          expect.toSatisfy((o) => o === '42501' || (o as []).length === 0),
        ]);
      }
      expect([table, await rowsOf(count, [first])]).toEqual([table, before]);
    }
  });

  it('puts no row into another, neither new nor by moving one', async () => {
    const insert = `insert into groups (id, org_id, name, created_at) values ('${randomUUID()}', '${first}', 'x', now())`;
    for (const sql of [insert, `update groups set org_id = '${first}'`]) {
      const { em } = scopeTo(store.em(), second);
      await expect(query(em, sql)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('cannot take the words of migrations for its own', async () => {
    const rows = await store.em().transactional(async (em) => {
      await query(em, `select set_config('daam.system', 'migrate', true)`);
      return await query(em, 'select 1 from users');
    });
    expect(rows).toEqual([]);
  });
});

describe('the search of statements', () => {
  const insert = (org: string) => `
insert into audit_statements select '${randomUUID()}', n, '${org}', '${randomUUID()}', now(), now(), 'statement', null, null,
       'p', 'h', '{}', 'read', 'allow', null, null, array['select public.t' || n], to_tsvector('simple', 'word' || n)
  from generate_series(1, 2000) n`;
  const searches = [`terms @@ 'word77'::tsquery`, `touches && array['select public.t77']`];

  it('finds what is the organization’s, by its indexes, and never another’s', async () => {
    await rowsOf(insert(first));
    await rowsOf(insert(second));
    await rowsOf('analyze audit_statements');
    for (const search of searches) {
      const sql = `from ${searched.view} where org_id = '${second}' and ${search}`;
      const [found, foreign, plan] = await scopeTo(store.em(), second).em.transactional(async (em) => [
        await query(em, `select seq, org_id ${sql}`),
        await query(em, `select 1 from ${searched.view} where ${search} and org_id = '${first}'`),
        await query(em, `explain (format json) select * ${sql}`),
      ]);
      expect(found).toEqual([{ seq: '77', org_id: second }]);
      expect(foreign).toEqual([]);
      expect(JSON.stringify(plan)).toContain('Bitmap Index Scan');
    }
    expect(await query(store.em(), `select 1 from ${searched.view}`)).toEqual([]);
  });
});

describe('whoever names no organization', () => {
  it('sees no row of any table, and leaves nothing behind on its connection', async () => {
    await using one = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 1 });
    expect(await query(scopeTo(one.em(), first).em, 'select 1 from organizations')).toHaveLength(1);
    expect(await query(systemScope(one, 'operator'), 'select 1 from organizations')).toHaveLength(2);
    for (const table of tables) {
      expect([table, await query(one.em(), `select 1 from ${table} limit 1`)]).toEqual([table, []]);
    }
  });
});

describe('a system scope', () => {
  it('reads the tables that its row names, of every organization, and no other', async () => {
    const shared = await sharedTables();
    for (const name of Object.keys(systemScopes) as SystemScope[]) {
      for (const table of tables) {
        const isGranted = scopesFor(table, 'select').includes(name);
        const column = tenantColumn(table);
        const sql = `select distinct ${column} as org from ${table} where ${column} in ('${first}', '${second}')`;
        const rows = await query(systemScope(store, name), sql);
        const mayDiffer = isGranted && !shared.includes(table);
        expect([name, table, mayDiffer ? 0 : rows.length]).toEqual([
          name,
          table,
          isGranted && !mayDiffer ? 2 : 0,
        ]);
      }
    }
  });

  it('writes where its row says so, and nowhere else', async () => {
    const granted = await rowsOf<{ table: string; policy: string; text: string }>(
      `select tablename as table, policyname as policy, coalesce(qual, '') || coalesce(with_check, '') as text
         from pg_policies where schemaname = current_schema() and policyname like 'daam_system_%'`,
    );
    const expected = tables.flatMap((table) =>
      commands.flatMap((command) => {
        const scopes = scopesFor(table, command);
        return scopes.length === 0 ? [] : [{ table, policy: `daam_system_${command}`, scopes }];
      }),
    );
    expect(granted).toHaveLength(expected.length);
    for (const { table, policy, scopes } of expected) {
      const text = granted.find((row) => row.table === table && row.policy === policy)?.text ?? '';
      const named = (Object.keys(systemScopes) as SystemScope[]).filter((name) => text.includes(`'${name}'`));
      expect([table, policy, named]).toEqual([table, policy, scopes]);
    }
    const em = systemScope(store, 'schedule');
    await expect(
      query(em, `insert into groups values ('${randomUUID()}', '${first}', 'x', now())`),
    ).rejects.toMatchObject({
      code: '42501',
    });
    expect(await query(systemScope(store, 'schedule'), `update users set name = 'x' returning 1`)).toEqual(
      [],
    );
  });

  it('names tables that there are', () => {
    const named = Object.values(systemScopes).flatMap((scope) => Object.keys(scope));
    expect(named.filter((table) => !tables.includes(table))).toEqual([]);
  });
});
