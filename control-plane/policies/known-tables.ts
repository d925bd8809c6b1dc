import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { schemaOfNames } from '@daam/shared/sql/named-schema';
import { catalogOfSchema, resolveReported } from '@daam/shared/sql/schema-catalog';
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

/** Parsed reports that are kept, the one used longest ago goes first. */
const maxKept = 8;

/** Reported schemas, parsed once for each version. */
export class ReportedTables {
  readonly #parsed = new Map<string, { schema: DatabaseSchema; catalog: Catalog }>();

  /** The newest report of a database; where none came, what `policies` name stands in for it. */
  async of(scope: Scope, database: string, policies: readonly EffectivePolicy[]): Promise<KnownTables> {
    const [newest] = await schemaVersions(scope, database, 1);
    if (newest !== undefined) {
      const key = `${scope.org} ${database} ${newest.version} ${newest.hash}`;
      const known = this.#parsed.get(key) ?? (await parse(scope, database, newest.version));
      if (known !== null) {
        this.#keep(key, known);
        return knownFrom(known, newest.confirmedAt);
      }
    }
    const schema = schemaOfNames(policies);
    return knownFrom({ schema, catalog: catalogOfSchema(schema) }, null);
  }

  #keep(key: string, known: { schema: DatabaseSchema; catalog: Catalog }): void {
    this.#parsed.delete(key);
    this.#parsed.set(key, known);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size > maxKept && oldest !== undefined) this.#parsed.delete(oldest);
  }
}

async function parse(scope: Scope, database: string, version: number) {
  const schema = await schemaReport(scope, database, version);
  return schema === null ? null : { schema, catalog: catalogOfSchema(schema) };
}

function knownFrom(
  { schema, catalog }: { readonly schema: DatabaseSchema; readonly catalog: Catalog },
  at: string | null,
): KnownTables {
  return { at, schema, catalog, resolve: (policy) => resolveReported(policy, { schema, catalog }) };
}
