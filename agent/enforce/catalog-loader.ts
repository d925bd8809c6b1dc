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
 * between transactions; whatever its search path is, it is empty while this runs. Works on PostgreSQL 13 to 18.
 */
export async function loadCatalog(client: QueryClient): Promise<Catalog> {
  const names = Object.keys(catalogQueries);
  const text = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    `SET LOCAL search_path = ''`,
    versionQuery,
    ...Object.values(catalogQueries),
    'COMMIT',
  ].join(';\n');
  const results = resultsOf(await runOrRollBack(client, text));
  const version = versionOf(results[2]);
  const rows = Object.fromEntries(names.map((name, index) => [name, results[index + 3]?.rows ?? []]));
  return assembleCatalog(rows as unknown as CatalogRows, version);
}

/** A text that changes whenever `loadCatalog` would give something else; a few milliseconds. */
export async function catalogVersion(client: QueryClient): Promise<string> {
  return versionOf(resultsOf(await client.query(versionQuery))[0]);
}

interface Result {
  readonly rows: readonly Record<string, unknown>[];
}

async function runOrRollBack(client: QueryClient, text: string): Promise<unknown> {
  try {
    return await client.query(text);
  } catch (thrown) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw thrown;
  }
}

function resultsOf(answer: unknown): readonly Result[] {
  return (Array.isArray(answer) ? answer : [answer]) as readonly Result[];
}

function versionOf(result: Result | undefined): string {
  const version = result?.rows[0]?.['version'];
  if (typeof version !== 'string')
    throw new AppError('INTERNAL', { detail: 'the catalogue gave no version' });
  return version;
}
