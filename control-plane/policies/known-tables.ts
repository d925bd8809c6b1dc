import type { SchemaVersion } from '@daam/shared/api/database-schema';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { policyFingerprint } from '@daam/shared/policy/fingerprint';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { schemaOfNames } from '@daam/shared/sql/named-schema';
import { catalogOfSchema, resolveReported } from '@daam/shared/sql/schema-catalog';
import { RecentResults } from '../databases/recent-results.ts';
import { schemaReport, schemaVersions } from '../databases/schema-store.ts';
import type { Scope } from '../db/scope.ts';

/** The tables that policies are resolved against. */
export interface KnownTables {
  /** When an agent said last that they are so; null: made from the names in policies. */
  readonly at: string | null;
  readonly schema: DatabaseSchema;
  readonly catalog: Catalog;
  resolve(policy: EffectivePolicy): ResolvedAccess;
}

/** A schema that was reported, the newest of its database. */
export interface NewestTables {
  readonly version: SchemaVersion;
  readonly tables: KnownTables;
}

interface Parsed {
  readonly schema: DatabaseSchema;
  readonly catalog: Catalog;
}

/**
 * Reported schemas, parsed once for each version, and what policies give on them, resolved once for each: both are much
 * work that anybody who may use a database can ask for.
 */
export class ReportedTables {
  readonly #parsed = new RecentResults<Parsed>({ max: 8, maxWeight: 8 });
  /** Weighed by tables. */
  readonly #resolved = new RecentResults<ResolvedAccess>(
    { max: 64, maxWeight: 20_000 },
    ({ relations }) => relations.size + 1,
  );

  /** The newest report of a database; where none came, what `policies` name stands in for it. */
  async of(scope: Scope, database: string, policies: readonly EffectivePolicy[]): Promise<KnownTables> {
    const newest = await this.newest(scope, database);
    if (newest !== null) return newest.tables;
    const schema = schemaOfNames(policies);
    const catalog = catalogOfSchema(schema);
    return { at: null, schema, catalog, resolve: (policy) => resolveReported(policy, { schema, catalog }) };
  }

  /** The newest report of a database; null where none came, or none that has its form. */
  async newest(scope: Scope, database: string): Promise<NewestTables | null> {
    const [version] = await schemaVersions(scope, database, 1);
    if (version === undefined) return null;
    const key = `${scope.org} ${database} ${version.version} ${version.hash}`;
    const known = this.#parsed.get(key) ?? (await parse(scope, database, version.version));
    if (known === null) return null;
    this.#parsed.keep(key, known);
    const resolve = (policy: EffectivePolicy): ResolvedAccess => {
      const ofPolicy = `${key} ${policyFingerprint(policy)}`;
      return this.#resolved.get(ofPolicy) ?? this.#resolved.keep(ofPolicy, resolveReported(policy, known));
    };
    return { version, tables: { ...known, at: version.confirmedAt, resolve } };
  }
}

async function parse(scope: Scope, database: string, version: number): Promise<Parsed | null> {
  const schema = await schemaReport(scope, database, version);
  return schema === null ? null : { schema, catalog: catalogOfSchema(schema) };
}
