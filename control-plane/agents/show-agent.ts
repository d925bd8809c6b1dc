import { doctorReport } from '@daam/shared/api/doctor';
import type { agentView } from '@daam/shared/api/routes/agents';
import type { z } from 'zod';
import type { Agent } from '../db/entities/agent.ts';
import { DatabaseEntity } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { version } from '../version.ts';
import { conditionOf, lastHealth } from './health.ts';
import { appliedOf, listenOf, tunnelOf, visibleState } from './serving-agent.ts';

type AgentView = z.input<typeof agentView>;

/** Agents as administrators see them, with what belongs to their databases. */
export async function showAgents(scope: Scope, agents: readonly Agent[], now: number): Promise<AgentView[]> {
  const ids = [...new Set(agents.map(({ databaseId }) => databaseId))];
  const databases = await scope.em.find(DatabaseEntity, { id: { $in: ids } });
  const byId = new Map(databases.map((database) => [database.id, database]));
  const doctor = await doctorCounts(scope, ids);
  return agents.map((agent) => ({
    id: agent.id,
    database: { id: agent.databaseId, name: byId.get(agent.databaseId)?.name ?? '' },
    state: visibleState(agent, now),
    condition: conditionOf(agent, now),
    health: lastHealth(agent),
    doctor: doctor.get(agent.databaseId) ?? null,
    isBehind: agent.version !== null && isOlder(agent.version, version),
    version: agent.version ?? null,
    listen: listenOf(agent),
    tunnel: tunnelOf(agent),
    appliedEpoch: agent.appliedEpoch,
    epoch: byId.get(agent.databaseId)?.epoch ?? agent.appliedEpoch,
    applied: appliedOf(agent),
    lastSeenAt: agent.lastSeenAt?.toISOString() ?? null,
    createdAt: agent.createdAt.toISOString(),
  }));
}

/** Compares the numbers of `1.2.3`; what is not written so is not older. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  if (left === null || right === null) return false;
  const at = left.findIndex((number, index) => number !== right[index]);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}

function numbers(text: string): readonly number[] | null {
  const found = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text);
  return found === null ? null : found.slice(1).map(Number);
}

async function doctorCounts(
  scope: Scope,
  databases: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<AgentView['doctor']>>> {
  const rows = await query<{ database_id: string; received_at: Date | string; report: unknown }[]>(
    scope.em,
    'select database_id, received_at, report from doctor_reports where org_id = ? and database_id = any(?)',
    [scope.org, databases],
  );
  return new Map(
    rows.flatMap(({ database_id, received_at, report }) => {
      const parsed = doctorReport.safeParse(report);
      if (!parsed.success) return [];
      const count = (wanted: string): number =>
        parsed.data.findings.filter(({ severity }) => severity === wanted).length;
      const counts = { critical: count('critical'), warning: count('warning'), info: count('info') };
      return [[database_id, { at: new Date(received_at).toISOString(), ...counts }] as const];
    }),
  );
}
