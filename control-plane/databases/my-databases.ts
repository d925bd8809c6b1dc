import { randomUUID } from 'node:crypto';
import { type AgentId, asId, type DatabaseId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { DatabaseGrant } from '@daam/shared/identity/claims';
import { servingAgents } from '../agents/choose-agent.ts';
import { listenOf, tunnelOf, visibleState } from '../agents/serving-agent.ts';
import { recordActivity } from '../audit/activity.ts';
import { DatabaseEntity } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { usualTimes } from '../requests/usual-time.ts';
import { windowsOfUser } from '../requests/active-access.ts';
import { actorOf, type Services } from '../services.ts';
import { findDatabase } from './find-database.ts';
import { grantEnd, ticketForDevice } from './grant-terms.ts';

/** An organization that shows more sees the first by name. */
const maxDiscoverable = 100;

/** What a developer sees and gets: the databases that a policy gives them, and grants for these. */
export function myDatabaseHandlers(
  services: Services,
): Handlers<'listMyDatabases' | 'listDiscoverableDatabases' | 'issueGrant'> {
  const { clock, signer, identity } = services;
  return {
    listMyDatabases: async ({ caller, scope }) => {
      const policies = await policiesOfUser(scope, caller.id);
      const ids = [...policies.keys()];
      const databases = await scope.em.find(
        DatabaseEntity,
        { id: { $in: ids }, deletedAt: null },
        { orderBy: { name: 'asc' } },
      );
      const choice = { now: clock.now(), person: caller.id };
      const agents = await servingAgents(scope, ids, choice);
      const items = databases.map((database) => {
        const agent = agents.get(database.id);
        const listen = agent === undefined ? null : listenOf(agent);
        const isOnline = agent !== undefined && visibleState(agent, clock.now()) === 'connected';
        return {
          id: database.id,
          name: database.name,
          databaseName: database.databaseName,
          environment: database.environment,
          state:
            agent === undefined
              ? ('unregistered' as const)
              : isOnline
                ? ('online' as const)
                : ('offline' as const),
          policies: policies.get(database.id) ?? [],
          agent: agent === undefined || listen === null ? null : { id: agent.id, ...listen },
          epoch: database.epoch,
        };
      });
      return { items };
    },

    listDiscoverableDatabases: async ({ caller, scope }) => {
      const own = await policiesOfUser(scope, caller.id);
      const shown = await scope.em.find(
        DatabaseEntity,
        { discoverable: true, deletedAt: null },
        { orderBy: { name: 'asc' }, limit: maxDiscoverable },
      );
      const others = shown.filter(({ id }) => !own.has(id));
      const usual = await usualTimes(
        scope,
        others.map(({ id }) => id),
        clock.now(),
      );
      const items = others.map(({ id, name, environment, ownerWords }) => {
        const usualMinutes = usual.get(id)?.minutes ?? null;
        return { id, name, environment, ownerWords, usualMinutes };
      });
      return { items };
    },

    issueGrant: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const policies = await policiesOfUser(scope, caller.id);
      // The same answer as for a database that does not exist: names are not to be tried out.
      if (!policies.has(database.id))
        throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
      const now = clock.now();
      const agent = (await servingAgents(scope, [database.id], { now, person: caller.id })).get(database.id);
      const listen = agent === undefined ? null : listenOf(agent);
      const { certificateHash } = body;
      const end = await grantEnd(scope, { caller, certificateHash, database, now });
      const relay = await ticketForDevice(services, scope, {
        caller,
        device: body.device,
        agent,
        databases: [...policies.keys()],
      });
      const iat = Math.floor(now / 1000);
      const exp = iat + Math.round(identity.grantMinutes * 60);
      const claims: DatabaseGrant = {
        certificateHash,
        database: asId<DatabaseId>(database.id),
        agent: agent === undefined ? null : asId<AgentId>(agent.id),
        policyEpoch: database.epoch,
        iat,
        exp: end === null ? exp : Math.min(exp, Math.max(iat + 1, Math.floor(end / 1000))),
        jti: randomUUID(),
      };
      await recordActivity(scope, now, {
        action: 'grant.issued',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { jti: claims.jti, exp: claims.exp, certificateHash: claims.certificateHash },
      });
      return {
        grant: await signer.sign(scope, 'databaseGrant', claims),
        expiresAt: new Date(claims.exp * 1000).toISOString(),
        agent: agent === undefined || listen === null ? null : { id: agent.id, ...listen },
        tunnel: agent === undefined ? null : tunnelOf(agent),
        relay,
      };
    },
  };
}

/** Whether some policy or open window gives the user access to the database. */
export async function mayUse(scope: Scope, user: string, database: string): Promise<boolean> {
  return (await policiesOfUser(scope, user)).has(database);
}

/** Names of the policies that a user has, and of their requests whose window is open, by database id. */
async function policiesOfUser(scope: Scope, user: string): Promise<ReadonlyMap<string, string[]>> {
  const rows = await query<{ database: string; names: string[] }[]>(
    scope.em,
    `select p.database_id as database, json_agg(distinct p.name) as names
       from policy_assignments a
       join policies p on p.org_id = a.org_id and p.id = a.policy_id and p.removed_at is null
       left join group_members g on g.org_id = a.org_id and g.group_id = a.group_id
      where a.org_id = ? and coalesce(a.user_id, g.user_id) = ?
      group by p.database_id`,
    [scope.org, user],
  );
  const windows = await windowsOfUser(scope, user);
  const found = new Map(rows.map(({ database, names }) => [database, names]));
  for (const [database, names] of windows) found.set(database, [...(found.get(database) ?? []), ...names]);
  return found;
}
