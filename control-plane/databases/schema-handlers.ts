import type { DriftFinding, PlacedSuggestion } from '@daam/shared/api/database-schema';
import { AppError } from '@daam/shared/errors/app-error';
import { servingAgents } from '../agents/choose-agent.ts';
import { visibleState } from '../agents/serving-agent.ts';
import type { Database } from '../db/entities/database.ts';
import { announce } from '../db/notifications.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { effectivePolicyOf } from '../policies/bundle.ts';
import type { ReportedTables } from '../policies/known-tables.ts';
import type { Services } from '../services.ts';
import { byDriftWeight } from './drift.ts';
import { findDrift, policiesInForce, type ReportedWorld, resolvedPolicies } from './find-drift.ts';
import { findDatabase } from './find-database.ts';
import { mayUse } from './my-databases.ts';
import { RecentResults } from './recent-results.ts';
import { schemaReport, schemaVersions } from './schema-store.ts';
import { schemaChanges, showMyTables, showTables } from './show-schema.ts';
import { bySuggestionWeight, placeSuggestions } from './suggestions.ts';

type Names = 'getMySchema' | 'getSchema' | 'refreshSchema' | 'getDrift' | 'listMaskSuggestions';

const maxDrift = 500;
const maxSuggestions = 2_000;

/** Schemas as agents report them, and what they mean for people and policies. */
export function schemaHandlers({ clock }: Services, reported: ReportedTables): Handlers<Names> {
  const drift = new RecentResults<Shown<DriftFinding>>({ max: 64, maxWeight: 20_000 }, weigh);
  const suggestions = new RecentResults<Shown<PlacedSuggestion>>({ max: 64, maxWeight: 20_000 }, weigh);
  return {
    getMySchema: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      // The same answer as for a database that does not exist: names are not to be tried out.
      if (caller.role === 'member' && !(await mayUse(scope, caller.id, database.id)))
        throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
      const newest = await reported.newest(scope, database.id);
      const policy = await effectivePolicyOf(scope, database, { user: caller.id, now: clock.now() });
      const about = { database: nameOf(database), epoch: database.epoch };
      if (newest === null) return { ...about, isKnown: false, version: null, searchPath: [], tables: [] };
      const { tables: known } = newest;
      const tables = policy === null ? [] : showMyTables(known.schema, known.resolve(policy));
      const { version } = newest.version;
      return { ...about, isKnown: true, version, searchPath: known.schema.searchPath, tables };
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
      return await reportedOf(scope, { database, reported, kept: drift }, async (world) => {
        const found = (await findDrift(scope, database, world)).toSorted(byDriftWeight);
        return cutTo(maxDrift, found);
      });
    },

    listMaskSuggestions: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      return await reportedOf(
        scope,
        { database, reported, kept: suggestions },
        async ({ tables, policies }) => {
          const resolved = await resolvedPolicies(database, tables, policies);
          return cutTo(
            maxSuggestions,
            placeSuggestions(tables.schema, resolved).toSorted(bySuggestionWeight),
          );
        },
      );
    },
  };
}

/** What is shown of findings, and how many are left out. */
interface Shown<Finding> {
  readonly items: Finding[];
  readonly omitted: number;
}

function cutTo<Finding>(max: number, found: readonly Finding[]): Shown<Finding> {
  const items = found.slice(0, max);
  return { items, omitted: found.length - items.length };
}

function weigh({ items }: Shown<unknown>): number {
  return items.length + 1;
}

/** Findings about the newest report, made once for the reports that are kept and the policies as they are in force. */
async function reportedOf<Finding>(
  scope: Scope,
  {
    database,
    reported,
    kept,
  }: {
    readonly database: Database;
    readonly reported: ReportedTables;
    readonly kept: RecentResults<Shown<Finding>>;
  },
  find: (world: ReportedWorld) => Promise<Shown<Finding>>,
) {
  const newest = await reported.newest(scope, database.id);
  if (newest === null) return { database: nameOf(database), version: null, items: [], omitted: 0 };
  const policies = await policiesInForce(scope, database.id);
  const versions = await schemaVersions(scope, database.id);
  const key = JSON.stringify([
    scope.org,
    database.id,
    versions.map(({ version, hash, at }) => [version, hash, at]),
    policies.map(({ name, version, writtenAt }) => [name, version, writtenAt]),
  ]);
  const world = { tables: newest.tables, policies, versions };
  const found = kept.get(key) ?? kept.keep(key, await find(world));
  return { database: nameOf(database), version: newest.version, ...found };
}

function nameOf({ id, name }: Database) {
  return { id, name };
}
