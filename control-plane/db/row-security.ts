import { createHash } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { applicationRole } from './application-role.ts';
import { query } from './query.ts';
import { commands, scopesFor } from './system-scopes.ts';

/**
 * The floor below the ORM's filters (db/tenant.ts): PostgreSQL's row-level security, forced, on every table. A
 * transaction says whose rows it may touch by a setting that ends with it, and db/scope.ts is the only place that says
 * so: `daam.org`, an organization; or `daam.system`, a scope of db/system-scopes.ts. Without either there are no rows.
 *
 * `Store.migrate` calls `protectTables` after the migrations: a new table with `org_id` is protected without another
 * word, one without it has no rows for anybody until db/system-scopes.ts names it. Months of the audit store are
 * reached through their parent alone: the application has no right to a partition (db/application-role.ts).
 */
export async function protectTables(
  em: SqlEntityManager,
  { hasApplicationRole }: { readonly hasApplicationRole: boolean },
): Promise<readonly string[]> {
  const tables = await query<TableState[]>(em, tableStates);
  const changed: string[] = [];
  for (const { name, has_org, is_forced, fingerprint } of tables) {
    const isSearched = hasApplicationRole && name === searched.table;
    const table = { name, tenantColumn: tenantColumnOf(name, has_org), isSearched };
    if (is_forced && fingerprint === fingerprintOf(table)) continue;
    await em.transactional(async (tx) => {
      for (const sql of protectTenantTable(table)) await query(tx, sql);
    });
    changed.push(name);
  }
  await em.transactional(async (tx) => {
    for (const sql of searchView(hasApplicationRole)) await query(tx, sql);
  });
  return changed;
}

/**
 * What is searched by words and by tables is read through a view. The operators of those indexes are not "leakproof",
 * so under row-level security PostgreSQL reads all rows of an organization first and the index never (PostgreSQL docs,
 * 39.5 and CREATE FUNCTION). The view has the organization's condition as a plain one and the rights of the schema's
 * owner; it can be read, and nothing else. Without a role of the application its own policies hold here as well.
 */
export const searched = { table: 'audit_statements', view: 'audit_statements_of_org' } as const;

function searchView(hasApplicationRole: boolean): readonly string[] {
  const view = `create or replace view ${searched.view} as
    select * from ${searched.table} where org_id = ${currentOrg}`;
  if (!hasApplicationRole) return [view];
  return [
    view,
    `revoke all on ${searched.view} from ${applicationRole}`,
    `grant select on ${searched.view} to ${applicationRole}`,
  ];
}

/** For a fresh connection that migrates. The policies take this word from the schema's owner alone. */
export const enterMigrationScope = `select set_config('daam.system', 'migrate', false)`;

/** Tables that say nothing about anybody. */
const openTables = new Set(['schema_migrations']);

interface TableState {
  readonly name: string;
  readonly has_org: boolean;
  readonly is_forced: boolean;
  readonly fingerprint: string | null;
}

const tableStates = `
select c.relname::text as name,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id') as has_org,
       c.relrowsecurity and c.relforcerowsecurity as is_forced,
       (select obj_description(p.oid, 'pg_policy') from pg_policy p
         where p.polrelid = c.oid and p.polname = 'daam_owner') as fingerprint
  from pg_class c
 where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
   and c.relname not in (${[...openTables].map((name) => `'${name}'`).join(', ')})
 order by 1`;

export interface ProtectedTable {
  readonly name: string;
  /** The column with the organization's id; null: rows of no organization, which only system scopes reach. */
  readonly tenantColumn: string | null;
  /** It is read through `searched.view`: the view's owner sees all of it. */
  readonly isSearched: boolean;
}

function tenantColumnOf(name: string, hasOrg: boolean): string | null {
  if (name === 'organizations') return 'id';
  return hasOrg ? 'org_id' : null;
}

/** The statements that put a table under row-level security, whatever policies of ours it has already. */
export function protectTenantTable(table: ProtectedTable): readonly string[] {
  const { name } = table;
  const remark = fingerprintOf(table);
  return [
    `alter table ${name} enable row level security, force row level security`,
    dropPolicies(name),
    ...policiesOf(table),
    `comment on policy daam_owner on ${name} is '${remark}'`,
  ];
}

function fingerprintOf(table: ProtectedTable): string {
  return createHash('sha256').update(policiesOf(table).join(';\n')).digest('hex').slice(0, 16);
}

// A sub-select is computed once for a statement, not once for a row.
const currentOrg = `(select nullif(current_setting('daam.org', true), '')::uuid)`;
const currentScope = `(select current_setting('daam.system', true))`;

function policiesOf({ name, tenantColumn, isSearched }: ProtectedTable): readonly string[] {
  const tenant =
    tenantColumn === null
      ? []
      : [`create policy daam_tenant on ${name} using (${tenantColumn} = ${currentOrg})`];
  const system = commands.flatMap((command) => {
    const scopes = scopesFor(name, command);
    if (scopes.length === 0) return [];
    const clause = command === 'insert' ? 'with check' : 'using';
    const list = scopes.map((scope) => `'${scope}'`).join(', ');
    return [
      `create policy daam_system_${command} on ${name} for ${command} ${clause} (${currentScope} in (${list}))`,
    ];
  });
  const owner = `create policy daam_owner on ${name} to current_user using (${currentScope} = 'migrate')`;
  const reader = isSearched
    ? [`create policy daam_reader on ${name} for select to current_user using (true)`]
    : [];
  return [...tenant, ...system, owner, ...reader];
}

function dropPolicies(table: string): string {
  return `do $$ declare name text; begin
  for name in select polname from pg_policy where polrelid = '${table}'::regclass and polname like 'daam\\_%' loop
    execute format('drop policy %I on ${table}', name);
  end loop;
end $$`;
}
