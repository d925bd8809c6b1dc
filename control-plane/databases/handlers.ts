import { randomUUID } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { issueRegistrationToken } from '../agents/registration.ts';
import { revokeAgentRow } from '../agents/revoke-agent.ts';
import { appliedOf, listenOf, servingAgents, visibleState } from '../agents/serving-agent.ts';
import { difference, recordActivity } from '../audit/activity.ts';
import type { Agent } from '../db/entities/agent.ts';
import { type Database, DatabaseEntity } from '../db/entities/database.ts';
import { PolicyAssignmentEntity, PolicyEntity } from '../db/entities/policy.ts';
import { query } from '../db/query.ts';
import type { Handlers } from '../http/call.ts';
import { bumpEpochs } from '../policies/access-change.ts';
import { revokeAll } from '../requests/take-step.ts';
import { actorOf, type Services } from '../services.ts';
import { findDatabase } from './find-database.ts';

type Names = 'listDatabases' | 'createDatabase' | 'updateDatabase' | 'deleteDatabase';

/** Databases as an administrator registers them. */
export function databaseHandlers({ clock }: Services): Handlers<Names> {
  return {
    listDatabases: async ({ scope }) => {
      const databases = await scope.em.find(
        DatabaseEntity,
        { deletedAt: null },
        { orderBy: { name: 'asc' }, limit: 1000 },
      );
      const agents = await servingAgents(
        scope,
        databases.map(({ id }) => id),
      );
      return {
        items: databases.map((database) => showDatabase(database, agents.get(database.id), clock.now())),
      };
    },

    createDatabase: async ({ caller, scope, body }) => {
      if ((await scope.em.findOne(DatabaseEntity, { name: body.name, deletedAt: null })) !== null) {
        throw new AppError('CONFLICT', {
          field: 'body.name',
          message: 'A database with this name exists already.',
        });
      }
      const now = clock.now();
      const database = scope.em.create(DatabaseEntity, {
        id: randomUUID(),
        orgId: scope.org,
        ...body,
        elevation: true,
        stepUpMinutes: null,
        vouched: [],
        epoch: 1,
        createdAt: new Date(now),
        deletedAt: null,
      });
      await scope.em.flush();
      const { text, expiresAt } = await issueRegistrationToken(scope, { database: database.id, now });
      await recordActivity(scope, now, {
        action: 'database.created',
        actor: actorOf(caller),
        target: targetOf(database),
        detail: { databaseName: database.databaseName, environment: database.environment },
      });
      return {
        database: showDatabase(database, undefined, now),
        agentToken: text,
        expiresAt: expiresAt.toISOString(),
      };
    },

    updateDatabase: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      const before = auditedOf(database);
      if (body.description !== undefined) database.description = body.description;
      if (body.environment !== undefined) database.environment = body.environment;
      if (body.elevation !== undefined) database.elevation = body.elevation;
      if (body.stepUpMinutes !== undefined) database.stepUpMinutes = body.stepUpMinutes;
      await scope.em.flush();
      // Also where it is what it was: an administrator who sets it wants it in force.
      if (body.elevation !== undefined || body.stepUpMinutes !== undefined) {
        await bumpEpochs(scope, [database.id]);
        await scope.em.refresh(database);
      }
      await recordActivity(scope, now, {
        action: 'database.updated',
        actor: actorOf(caller),
        target: targetOf(database),
        detail: body,
        ...difference(before, auditedOf(database)),
      });
      const agents = await servingAgents(scope, [database.id]);
      return showDatabase(database, agents.get(database.id), now);
    },

    deleteDatabase: async ({ caller, scope, params, query: asked }) => {
      const database = await findDatabase(scope, params.database);
      if (asked.confirm !== database.name) {
        throw new AppError('INVALID_INPUT', {
          field: 'query.confirm',
          message: 'query.confirm: must be the name of the database.',
        });
      }
      const now = clock.now();
      const policies = await scope.em.find(PolicyEntity, { databaseId: database.id });
      for (const policy of policies) policy.removedAt ??= new Date(now);
      await scope.em.nativeDelete(PolicyAssignmentEntity, {
        policyId: { $in: policies.map(({ id }) => id) },
      });
      const note = 'the database was removed';
      await revokeAll(scope, { database: database.id }, { actor: actorOf(caller), now, note });
      const agent = (await servingAgents(scope, [database.id])).get(database.id);
      if (agent !== undefined) await revokeAgentRow(scope, agent, now);
      await query(scope.em, "delete from agents where org_id = ? and database_id = ? and state = 'pending'", [
        scope.org,
        database.id,
      ]);
      database.deletedAt = new Date(now);
      await scope.em.flush();
      const target = targetOf(database);
      await recordActivity(scope, now, { action: 'database.deleted', actor: actorOf(caller), target });
    },
  };
}

function targetOf(database: Database) {
  return { kind: 'database', id: database.id, label: database.name };
}

function auditedOf({ description, environment, elevation, stepUpMinutes }: Database) {
  return { description, environment, elevation, stepUpMinutes };
}

function showDatabase(database: Database, agent: Agent | undefined, now: number) {
  return {
    id: database.id,
    name: database.name,
    databaseName: database.databaseName,
    environment: database.environment,
    description: database.description,
    elevation: database.elevation,
    stepUpMinutes: database.stepUpMinutes,
    epoch: database.epoch,
    agent:
      agent === undefined
        ? null
        : {
            id: agent.id,
            state: visibleState(agent, now),
            listen: listenOf(agent),
            appliedEpoch: agent.appliedEpoch,
            applied: appliedOf(agent),
          },
    createdAt: database.createdAt.toISOString(),
  };
}
