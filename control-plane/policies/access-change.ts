import { announce } from '../db/notifications.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { windowsOfUser } from '../requests/active-access.ts';

/** Ids of the databases in which a user has a policy, by themselves or through a group, or an open window. */
export async function databasesOfUser(scope: Scope, user: string): Promise<readonly string[]> {
  const rows = await query<{ id: string }[]>(
    scope.em,
    `select distinct p.database_id as id
       from policy_assignments a
       join policies p on p.org_id = a.org_id and p.id = a.policy_id and p.removed_at is null
       left join group_members g on g.org_id = a.org_id and g.group_id = a.group_id
      where a.org_id = ? and coalesce(a.user_id, g.user_id) = ?`,
    [scope.org, user],
  );
  const windows = await windowsOfUser(scope, user);
  return [...new Set([...rows.map(({ id }) => id), ...windows.keys()])];
}

/** Ids of all databases. */
export async function allDatabases(scope: Scope): Promise<readonly string[]> {
  const rows = await query<{ id: string }[]>(
    scope.em,
    'select id from databases where org_id = ? and deleted_at is null order by id',
    [scope.org],
  );
  return rows.map(({ id }) => id);
}

/** Ids of the databases that have a policy assigned to a group. */
export async function databasesOfGroup(scope: Scope, group: string): Promise<readonly string[]> {
  const rows = await query<{ id: string }[]>(
    scope.em,
    `select distinct p.database_id as id
       from policy_assignments a
       join policies p on p.org_id = a.org_id and p.id = a.policy_id and p.removed_at is null
      where a.org_id = ? and a.group_id = ?`,
    [scope.org, group],
  );
  return rows.map(({ id }) => id);
}

/**
 * Gives databases their next epoch and tells every replica, which then pushes the new bundle to the agent
 * that it holds. In the transaction of the change.
 */
export async function bumpEpochs(scope: Scope, databases: readonly string[]): Promise<void> {
  for (const database of databases) {
    await query(scope.em, 'update databases set epoch = epoch + 1 where org_id = ? and id = ?', [
      scope.org,
      database,
    ]);
    await announce(scope.em, { kind: 'epoch', database });
  }
}
