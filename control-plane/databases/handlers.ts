import { randomUUID } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { issueRegistrationToken } from '../agents/registration.ts';
import { revokeAgentRow } from '../agents/revoke-agent.ts';
import { allServingAgents } from '../agents/choose-agent.ts';
import { installCommands } from '../agents/install-commands.ts';

import { difference, recordActivity } from '../audit/activity.ts';
import { type Database, DatabaseEntity } from '../db/entities/database.ts';
import { PolicyAssignmentEntity, PolicyEntity } from '../db/entities/policy.ts';
import { query } from '../db/query.ts';
import type { Handlers } from '../http/call.ts';
import { bumpEpochs } from '../policies/access-change.ts';
import { credentialSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { revokeAll } from '../requests/take-step.ts';
import { actorOf, type Services } from '../services.ts';
import { findDatabase } from './find-database.ts';
import { showDatabase, showDatabases } from './show-database.ts';

type Names = 'listDatabases' | 'createDatabase' | 'updateDatabase' | 'deleteDatabase';

/** Databases as an administrator registers them. */
export function databaseHandlers({ clock, site }: Services): Handlers<Names> {
  return {
    listDatabases: async ({ scope }) => {
      const databases = await scope.em.find(
        DatabaseEntity,
        { deletedAt: null },
        { orderBy: { name: 'asc' }, limit: 1000 },
      );
      return { items: await showDatabases(scope, databases, clock.now()) };
    },

    createDatabase: async ({ caller, scope, body }) => {
      if ((await scope.em.findOne(DatabaseEntity, { name: body.name, deletedAt: null })) !== null) {
        throw new AppError('CONFLICT', {
          field: 'body.name',
          message: 'A database with this name exists already.',
        });
      }
      const now = clock.now();
      // It comes with a token for its agent, which is a credential.
      await requireFreshSignIn(scope, caller, { freshSignIn: credentialSignIn, now });
      const database = scope.em.create(DatabaseEntity, {
        id: randomUUID(),
        orgId: scope.org,
        ...body,
        elevation: true,
        stepUpMinutes: null,
        discoverable: false,
        ownerWords: '',
        vouched: [],
        epoch: 1,
        createdAt: new Date(now),
        deletedAt: null,
      });
      await scope.em.flush();
      const { text, expiresAt } = await issueRegistrationToken(scope, {
        database: database.id,
        adds: false,
        now,
      });
      await recordActivity(scope, now, {
        action: 'database.created',
        actor: actorOf(caller),
        target: targetOf(database),
        after: { name: database.name, databaseName: database.databaseName, ...auditedOf(database) },
      });
      return {
        database: await showDatabase(scope, database, now),
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

    updateDatabase: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      const before = auditedOf(database);
      if (body.description !== undefined) database.description = body.description;
      if (body.environment !== undefined) database.environment = body.environment;
      if (body.elevation !== undefined) database.elevation = body.elevation;
      if (body.stepUpMinutes !== undefined) database.stepUpMinutes = body.stepUpMinutes;
      if (body.discoverable !== undefined) database.discoverable = body.discoverable;
      if (body.ownerWords !== undefined) database.ownerWords = body.ownerWords;
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
      return await showDatabase(scope, database, now);
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
      const removed = policies.filter(({ removedAt }) => removedAt === null);
      for (const policy of removed) policy.removedAt = new Date(now);
      await scope.em.nativeDelete(PolicyAssignmentEntity, {
        policyId: { $in: policies.map(({ id }) => id) },
      });
      const note = 'the database was removed';
      await revokeAll(scope, { database: database.id }, { actor: actorOf(caller), now, note });
      const agents = (await allServingAgents(scope, [database.id])).get(database.id) ?? [];
      for (const agent of agents) await revokeAgentRow(scope, agent, now);
      await query(scope.em, 'delete from database_schemas where org_id = ? and database_id = ?', [
        scope.org,
        database.id,
      ]);
      await query(scope.em, "delete from agents where org_id = ? and database_id = ? and state = 'pending'", [
        scope.org,
        database.id,
      ]);
      database.deletedAt = new Date(now);
      await scope.em.flush();
      const target = targetOf(database);
      await recordActivity(scope, now, {
        action: 'database.deleted',
        actor: actorOf(caller),
        target,
        before: {
          name: database.name,
          databaseName: database.databaseName,
          ...auditedOf(database),
          policies: removed.map(({ name }) => name),
          agents: agents.map(({ id }) => id),
        },
      });
    },
  };
}

function targetOf(database: Database) {
  return { kind: 'database', id: database.id, label: database.name };
}

function auditedOf(database: Database) {
  const { description, environment, elevation, stepUpMinutes, discoverable, ownerWords } = database;
  return { description, environment, elevation, stepUpMinutes, discoverable, ownerWords };
}
