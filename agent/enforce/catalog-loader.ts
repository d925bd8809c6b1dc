import { AppError } from '@daam/shared/errors/app-error';
import type { Catalog } from '@daam/shared/sql/catalog';
import { type CatalogRows, assembleCatalog } from './catalog-assembly.ts';
import { catalogQueries, versionQuery } from './catalog-queries.ts';

/** As much of a `pg` client as the loader uses: simple queries without parameters. */
export interface QueryClient {
  query(sql: string): Promise<unknown>;
}

/**
 * Reads one database's catalogue in one round trip and one snapshot. The connection must be the agent's own and
 * between transactions. Works on PostgreSQL 13 to 18.
 */
export async function loadCatalog(client: QueryClient): Promise<Catalog> {
  const names = Object.keys(catalogQueries);
  const [first, ...others] = await inSnapshot(client, [versionQuery, ...Object.values(catalogQueries)]);
  const rows = Object.fromEntries(names.map((name, index) => [name, others[index]?.rows ?? []]));
  return assembleCatalog(rows as unknown as CatalogRows, versionOf(first));
}

/** A text that changes whenever `loadCatalog` would give something else; a few milliseconds. */
export async function catalogVersion(client: QueryClient): Promise<string> {
  const [first] = await inSnapshot(client, [versionQuery]);
  return versionOf(first);
}

interface Result {
  readonly rows: readonly Record<string, unknown>[];
}

/**
 * Runs queries with an empty search path: an operator that someone has planted in a schema on the path would run
 * with the agent's rights.
 */
async function inSnapshot(client: QueryClient, queries: readonly string[]): Promise<readonly Result[]> {
  const prologue = ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', `SET LOCAL search_path = ''`];
  try {
    const results = (await client.query(
      [...prologue, ...queries, 'COMMIT'].join(';\n'),
    )) as readonly Result[];
    return results.slice(prologue.length, -1);
  } catch (thrown) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw thrown;
  }
}

function versionOf(result: Result | undefined): string {
  const version = result?.rows[0]?.['version'];
  if (typeof version !== 'string')
    throw new AppError('INTERNAL', { detail: 'the catalogue gave no version' });
  return version;
}
