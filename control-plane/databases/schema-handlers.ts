import { AppError } from '@daam/shared/errors/app-error';
import { catalogOfSchema, resolveReported } from '@daam/shared/sql/schema-catalog';
import { servingAgents } from '../agents/choose-agent.ts';
import { visibleState } from '../agents/serving-agent.ts';
import type { Database } from '../db/entities/database.ts';
import { announce } from '../db/notifications.ts';
import type { Handlers } from '../http/call.ts';
import { effectivePolicyOf } from '../policies/bundle.ts';
import type { Services } from '../services.ts';
import { byDriftWeight } from './drift.ts';
import { findDrift, newestSchema, policiesInForce, resolvedPolicies } from './find-drift.ts';
import { findDatabase } from './find-database.ts';
import { mayUse } from './my-databases.ts';
import { schemaReport, schemaVersions } from './schema-store.ts';
import { schemaChanges, showMyTables, showTables } from './show-schema.ts';
import { bySuggestionWeight, placeSuggestions } from './suggestions.ts';

type Names = 'getMySchema' | 'getSchema' | 'refreshSchema' | 'getDrift' | 'listMaskSuggestions';

const maxDrift = 500;
const maxSuggestions = 2_000;

/** Schemas as agents report them, and what they mean for people and policies. */
export function schemaHandlers({ clock }: Services): Handlers<Names> {
  return {
    getMySchema: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      // The same answer as for a database that does not exist: names are not to be tried out.
      if (caller.role === 'member' && !(await mayUse(scope, caller.id, database.id)))
        throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
      const newest = await newestSchema(scope, database.id);
      const policy = await effectivePolicyOf(scope, database, { user: caller.id, now: clock.now() });
      const about = { database: nameOf(database), epoch: database.epoch };
      if (newest === null) return { ...about, isKnown: false, version: null, searchPath: [], tables: [] };
      const { schema, version } = newest;
      const tables =
        policy === null
          ? []
          : showMyTables(schema, resolveReported(policy, { schema, catalog: catalogOfSchema(schema) }));
      return { ...about, isKnown: true, version: version.version, searchPath: schema.searchPath, tables };
    },

    getSchema: async ({ scope, params, query: asked }) => {
      const database = await findDatabase(scope, params.database);
      const versions = await schemaVersions(scope, database.id);
      const wanted = asked.version ?? versions[0]?.version;
      const version = versions.find((each) => each.version === wanted);
      if (asked.version !== undefined && version === undefined)
        throw new AppError('NOT_FOUND', { message: `Version ${asked.version} of the schema is not kept.` });
      const schema = version && (await schemaReport(scope, database.id, version.version));
      if (version === undefined || !schema) return { database: nameOf(database), versions, received: null };
      const before = await schemaReport(scope, database.id, version.version - 1);
      return {
        database: nameOf(database),
        versions,
        received: {
          version,
          scope: schema.scope,
          searchPath: schema.searchPath,
          tables: showTables(schema),
          changes: before === null ? null : schemaChanges(before, schema),
        },
      };
    },

    refreshSchema: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const now = clock.now();
      const agent = (await servingAgents(scope, [database.id], { now })).get(database.id);
      if (agent === undefined || visibleState(agent, now) !== 'connected') {
        throw new AppError('AGENT_UNAVAILABLE', {
          message: 'The database’s agent is not connected.',
          hint: 'It reports the schema again when it starts.',
        });
      }
      await announce(scope.em, { kind: 'introspect', database: database.id });
    },

    getDrift: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const newest = await newestSchema(scope, database.id);
      if (newest === null) return { database: nameOf(database), version: null, items: [], omitted: 0 };
      const found = (await findDrift(scope, database, newest)).toSorted(byDriftWeight);
      const items = found.slice(0, maxDrift);
      const { version } = newest;
      return { database: nameOf(database), version, items, omitted: found.length - items.length };
    },

    listMaskSuggestions: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const newest = await newestSchema(scope, database.id);
      if (newest === null) return { database: nameOf(database), version: null, items: [], omitted: 0 };
      const { schema, version } = newest;
      const policies = await resolvedPolicies(database, schema, await policiesInForce(scope, database.id));
      const found = placeSuggestions(schema, policies).toSorted(bySuggestionWeight);
      const items = found.slice(0, maxSuggestions);
      return { database: nameOf(database), version, items, omitted: found.length - items.length };
    },
  };
}

function nameOf({ id, name }: Database) {
  return { id, name };
}
