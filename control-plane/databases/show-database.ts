import type { databaseView } from '@daam/shared/api/routes/databases';
import type { z } from 'zod';
import { allServingAgents, bestAgent } from '../agents/choose-agent.ts';
import { conditionOf } from '../agents/health.ts';
import { appliedOf, listenOf, visibleState } from '../agents/serving-agent.ts';
import type { Agent } from '../db/entities/agent.ts';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';

type DatabaseView = z.input<typeof databaseView>;

/** Databases as administrators see them: with their agents, and what was last reported of their schemas. */
export async function showDatabases(
  scope: Scope,
  databases: readonly Database[],
  now: number,
): Promise<DatabaseView[]> {
  const ids = databases.map(({ id }) => id);
  const agents = await allServingAgents(scope, ids);
  const schemas = await lastSchemas(scope, ids);
  return databases.map((database) => {
    const serving = agents.get(database.id) ?? [];
    return {
      id: database.id,
      name: database.name,
      databaseName: database.databaseName,
      environment: database.environment,
      description: database.description,
      elevation: database.elevation,
      stepUpMinutes: database.stepUpMinutes,
      discoverable: database.discoverable,
      ownerWords: database.ownerWords,
      epoch: database.epoch,
      agent: showBest(bestAgent(serving, { now }), now),
      agents: serving.map((agent) => ({ id: agent.id, condition: conditionOf(agent, now) })),
      schema: schemas.get(database.id) ?? null,
      createdAt: database.createdAt.toISOString(),
    };
  });
}

/** One of them. */
export async function showDatabase(scope: Scope, database: Database, now: number): Promise<DatabaseView> {
  const [shown] = await showDatabases(scope, [database], now);
  if (shown === undefined) throw new RangeError('one database gives one view');
  return shown;
}

function showBest(agent: Agent | null, now: number): DatabaseView['agent'] {
  if (agent === null) return null;
  return {
    id: agent.id,
    state: visibleState(agent, now),
    listen: listenOf(agent),
    appliedEpoch: agent.appliedEpoch,
    applied: appliedOf(agent),
  };
}

async function lastSchemas(
  scope: Scope,
  databases: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<DatabaseView['schema']>>> {
  const rows = await query<
    {
      database_id: string;
      version: number;
      received_at: Date | string;
      confirmed_at: Date | string;
      tables: number;
    }[]
  >(
    scope.em,
    `select distinct on (database_id) database_id, version, received_at, confirmed_at, tables
       from database_schemas where org_id = ? and database_id = any(?) order by database_id, version desc`,
    [scope.org, databases],
  );
  return new Map(
    rows.map(({ database_id, version, received_at, confirmed_at, tables }) => [
      database_id,
      {
        version,
        at: new Date(received_at).toISOString(),
        confirmedAt: new Date(confirmed_at).toISOString(),
        tables,
      },
    ]),
  );
}
