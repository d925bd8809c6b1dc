import { passkeyStanding } from '@daam/shared/api/feed';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import { AgentEntity } from '../db/entities/agent.ts';
import { DatabaseEntity } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Handlers } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { z } from 'zod';
import { issueRegistrationToken } from './registration.ts';
import { revokeAgentRow } from './revoke-agent.ts';
import { appliedOf, listenOf, tunnelOf, visibleState } from './serving-agent.ts';

type Names = 'listAgents' | 'listAgentPasskeys' | 'issueAgentToken' | 'revokeAgent';

/** Agents as an administrator sees them. */
export function agentHandlers({ clock }: Services): Handlers<Names> {
  return {
    listAgents: async ({ scope }) => {
      const agents = await scope.em.find(
        AgentEntity,
        { state: { $ne: 'pending' } },
        { orderBy: { createdAt: 'desc' }, limit: 1000 },
      );
      const databases = await scope.em.find(DatabaseEntity, {
        id: { $in: agents.map((agent) => agent.databaseId) },
      });
      const names = new Map(databases.map(({ id, name }) => [id, name]));
      return {
        items: agents.map((agent) => ({
          id: agent.id,
          database: { id: agent.databaseId, name: names.get(agent.databaseId) ?? '' },
          state: visibleState(agent, clock.now()),
          version: agent.version ?? null,
          listen: listenOf(agent),
          tunnel: tunnelOf(agent),
          appliedEpoch: agent.appliedEpoch,
          applied: appliedOf(agent),
          lastSeenAt: agent.lastSeenAt?.toISOString() ?? null,
          createdAt: agent.createdAt.toISOString(),
        })),
      };
    },

    listAgentPasskeys: async ({ scope, params }) => {
      const agent = await scope.em.findOne(AgentEntity, { id: params.id, state: { $ne: 'pending' } });
      if (agent === null) throw new AppError('NOT_FOUND', { message: 'There is no such agent.' });
      const [row] = await query<{ at: Date | string; items: unknown }[]>(
        scope.em,
        'select at, items from agent_passkeys where org_id = ? and agent_id = ?',
        [scope.org, agent.id],
      );
      const items = z.array(passkeyStanding).safeParse(row?.items).data ?? [];
      return { at: row === undefined ? null : new Date(row.at).toISOString(), items };
    },

    issueAgentToken: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      const { text, expiresAt } = await issueRegistrationToken(scope, { database: database.id, now });
      await recordActivity(scope, now, {
        action: 'agent.token_issued',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
      });
      return { agentToken: text, expiresAt: expiresAt.toISOString() };
    },

    revokeAgent: async ({ caller, scope, params }) => {
      const agent = await scope.em.findOne(AgentEntity, {
        id: params.id,
        state: { $nin: ['pending', 'revoked'] },
      });
      if (agent === null) throw new AppError('NOT_FOUND', { message: 'There is no such agent.' });
      const now = clock.now();
      await revokeAgentRow(scope, agent, now);
      await recordActivity(scope, now, {
        action: 'agent.revoked',
        actor: actorOf(caller),
        target: { kind: 'agent', id: agent.id, label: agent.id },
        detail: { database: agent.databaseId },
      });
    },
  };
}
