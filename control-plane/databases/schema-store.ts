import { createHash } from 'node:crypto';
import type { SchemaVersion } from '@daam/shared/api/database-schema';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import { AppError } from '@daam/shared/errors/app-error';
import { type DatabaseSchema, databaseSchema, schemaLimits } from '@daam/shared/sql/database-schema';
import { conditionOf } from '../agents/health.ts';
import { type Agent, AgentEntity } from '../db/entities/agent.ts';
import { query } from '../db/query.ts';
import { type Scope, scopeTo } from '../db/scope.ts';
import type { AgentCaller, Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';

/** Versions that are kept of a database's schema, the newest: drift is told against them. */
export const keptVersions = 20;

/**
 * Agents' reports. What an agent tells is of its own database; a report that equals the newest version only confirms it,
 * any other becomes the next version. Reports of several agents of one database take turns by the database's row.
 */
export function schemaReportHandlers({ store, clock }: Services): Handlers<'putAgentSchema'> {
  return {
    putAgentSchema: async ({ caller, body }) => {
      const text = canonicalJson(body);
      if (Buffer.byteLength(text) > schemaLimits.bytes)
        throw new AppError('INVALID_INPUT', { field: 'body' });
      if (body.tables.reduce((sum, { columns }) => sum + columns.length, 0) > schemaLimits.columns)
        throw new AppError('INVALID_INPUT', { field: 'body.tables' });
      const report = { report: body, hash: createHash('sha256').update(text).digest('hex') };
      const { em } = scopeTo(store.em(), caller.org);
      return await em.transactional(async (tx) => {
        const scope: Scope = { em: tx, org: caller.org };
        return await keepReport(scope, { caller, now: new Date(clock.now()), ...report });
      });
    },
  };
}

interface Received {
  readonly caller: AgentCaller;
  readonly now: Date;
  readonly report: DatabaseSchema;
  readonly hash: string;
}

async function keepReport(
  scope: Scope,
  { caller, now, report, hash }: Received,
): Promise<{ version: number; isNew: boolean }> {
  const { em, org } = scope;
  const found = await query(
    em,
    'select 1 from databases where org_id = ? and id = ? and deleted_at is null for no key update',
    [org, caller.database],
  );
  if (found.length === 0) throw new AppError('NOT_FOUND');
  const [newest] = await schemaVersions(scope, caller.database, 1);
  if (newest?.hash === hash) {
    await query(
      em,
      'update database_schemas set confirmed_at = ? where org_id = ? and database_id = ? and version = ?',
      [now, org, caller.database, newest.version],
    );
    return { version: newest.version, isNew: false };
  }
  const version = (newest?.version ?? 0) + 1;
  await query(
    em,
    `insert into database_schemas
       (org_id, database_id, version, agent_id, hash, received_at, confirmed_at, tables, omitted, report)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)`,
    [
      org,
      caller.database,
      version,
      caller.id,
      hash,
      now,
      now,
      report.tables.length,
      report.omitted,
      JSON.stringify(report),
    ],
  );
  await query(em, 'delete from database_schemas where org_id = ? and database_id = ? and version <= ?', [
    org,
    caller.database,
    version - keptVersions,
  ]);
  return { version, isNew: true };
}

/**
 * Whether the report of this hash is wanted. One that equals the newest version is noted as still so. Of several agents,
 * which may be configured differently and see different schemas, the one that reported last goes on while it serves.
 */
export async function wantsSchema(
  { store, clock }: Pick<Services, 'store' | 'clock'>,
  agent: AgentCaller,
  hash: string,
): Promise<boolean> {
  const now = clock.now();
  const { em } = scopeTo(store.em(), agent.org);
  const confirmed = await query(
    em,
    `update database_schemas s set confirmed_at = ?
      where s.org_id = ? and s.database_id = ? and s.hash = ? and s.version =
        (select max(version) from database_schemas where org_id = s.org_id and database_id = s.database_id)
      returning s.version`,
    [new Date(now), agent.org, agent.database, hash],
  );
  if (confirmed.length > 0) return false;
  const [newest] = await schemaVersions({ em, org: agent.org }, agent.database, 1);
  if (newest === undefined || newest.agent === agent.id) return true;
  const reporter = await em.findOne(AgentEntity, { id: newest.agent });
  return reporter === null || !isServing(reporter, now);
}

function isServing(agent: Agent, now: number): boolean {
  const condition = conditionOf(agent, now);
  return condition === 'online' || condition === 'degraded';
}

/** The versions that are kept, newest first. */
export async function schemaVersions(
  scope: Scope,
  database: string,
  limit: number = keptVersions,
): Promise<SchemaVersion[]> {
  const rows = await query<
    {
      version: number;
      received_at: Date | string;
      confirmed_at: Date | string;
      agent_id: string;
      hash: string;
      tables: number;
      omitted: number;
    }[]
  >(
    scope.em,
    `select version, received_at, confirmed_at, agent_id, hash, tables, omitted from database_schemas
      where org_id = ? and database_id = ? order by version desc limit ?`,
    [scope.org, database, limit],
  );
  return rows.map(({ received_at, confirmed_at, agent_id, ...row }) => ({
    ...row,
    at: new Date(received_at).toISOString(),
    confirmedAt: new Date(confirmed_at).toISOString(),
    agent: agent_id,
  }));
}

/** The report of a version; null: it is not kept, or does not have its form any more. */
export async function schemaReport(
  scope: Scope,
  database: string,
  version: number,
): Promise<DatabaseSchema | null> {
  const [row] = await query<{ report: unknown }[]>(
    scope.em,
    'select report from database_schemas where org_id = ? and database_id = ? and version = ?',
    [scope.org, database, version],
  );
  return databaseSchema.safeParse(row?.report).data ?? null;
}
