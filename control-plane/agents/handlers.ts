import { passkeyStanding } from '@daam/shared/api/feed';
import { AppError } from '@daam/shared/errors/app-error';
import { difference, recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import { AgentEntity } from '../db/entities/agent.ts';
import { query } from '../db/query.ts';
import type { Handlers } from '../http/call.ts';
import { credentialSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import { z } from 'zod';
import { installCommands } from './install-commands.ts';
import { issueRegistrationToken } from './registration.ts';
import { revokeAgentRow } from './revoke-agent.ts';
import { showAgents } from './show-agent.ts';

type Names = 'listAgents' | 'getAgent' | 'listAgentPasskeys' | 'issueAgentToken' | 'revokeAgent';

/** Agents as an administrator sees them. */
export function agentHandlers({ clock, site }: Services): Handlers<Names> {
  return {
    listAgents: async ({ scope, query: asked }) => {
      const database = asked.database === undefined ? null : await findDatabase(scope, asked.database);
      const agents = await scope.em.find(
        AgentEntity,
        { state: { $ne: 'pending' }, ...(database === null ? {} : { databaseId: database.id }) },
        { orderBy: { createdAt: 'desc' }, limit: 1000 },
      );
      return { items: await showAgents(scope, agents, clock.now()) };
    },

    getAgent: async ({ scope, params }) => {
      const agent = await scope.em.findOne(AgentEntity, { id: params.id, state: { $ne: 'pending' } });
      if (agent === null) throw noSuchAgent();
      const [shown] = await showAgents(scope, [agent], clock.now());
      if (shown === undefined) throw noSuchAgent();
      return shown;
    },

    listAgentPasskeys: async ({ scope, params }) => {
      const agent = await scope.em.findOne(AgentEntity, { id: params.id, state: { $ne: 'pending' } });
      if (agent === null) throw noSuchAgent();
      const [row] = await query<{ at: Date | string; items: unknown }[]>(
        scope.em,
        'select at, items from agent_passkeys where org_id = ? and agent_id = ?',
        [scope.org, agent.id],
      );
      const items = z.array(passkeyStanding).safeParse(row?.items).data ?? [];
      return { at: row === undefined ? null : new Date(row.at).toISOString(), items };
    },

    issueAgentToken: async ({ caller, scope, params, query: { mode } }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      // Whoever registers with it is sent the organization's pseudonym key (adr/0121).
      await requireFreshSignIn(scope, caller, { freshSignIn: credentialSignIn, now });
      const { text, expiresAt } = await issueRegistrationToken(scope, {
        database: database.id,
        adds: mode === 'add',
        now,
      });
      await recordActivity(scope, now, {
        action: 'agent.token_issued',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { mode },
      });
      return {
        agentToken: text,
        expiresAt: expiresAt.toISOString(),
        commands: installCommands({
          url: site.url,
          token: text,
          database: database.name,
          databaseName: database.databaseName,
        }),
      };
    },

    revokeAgent: async ({ caller, scope, params }) => {
      const agent = await scope.em.findOne(AgentEntity, {
        id: params.id,
        state: { $nin: ['pending', 'revoked'] },
      });
      if (agent === null) throw noSuchAgent();
      const now = clock.now();
      const { state } = agent;
      await revokeAgentRow(scope, agent, now);
      await recordActivity(scope, now, {
        action: 'agent.revoked',
        actor: actorOf(caller),
        target: { kind: 'agent', id: agent.id, label: agent.id },
        detail: { database: agent.databaseId },
        ...difference({ state }, { state: agent.state }),
      });
    },
  };
}

function noSuchAgent(): AppError {
  return new AppError('NOT_FOUND', { message: 'There is no such agent.' });
}
