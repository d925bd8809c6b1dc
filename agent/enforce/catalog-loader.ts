import { AppError } from '@daam/shared/errors/app-error';
import type { Catalog } from '@daam/shared/sql/catalog';
import { type CatalogRows, assembleCatalog } from './catalog-assembly.ts';
import { catalogQueries, versionQuery, viewTreesQuery } from './catalog-queries.ts';
import { type TraceCache, untracedViews } from './view-trace.ts';

/** As much of a `pg` client as the loader uses: simple queries without parameters. */
export interface QueryClient {
  query(sql: string): Promise<unknown>;
}

/**
 * Reads one database's catalogue in one snapshot. Queries of views that `traces` does not know yet are fetched behind
 * the rest. The connection must be the agent's own and between transactions. Works on PostgreSQL 13 to 18.
 */
export async function loadCatalog(client: QueryClient, traces: TraceCache = new Map()): Promise<Catalog> {
  const names = Object.keys(catalogQueries);
  return orRollBack(client, async () => {
    const [first, ...others] = await run(client, [
      ...prologue,
      versionQuery,
      ...Object.values(catalogQueries),
    ]).then((results) => results.slice(prologue.length));
    const rows = Object.fromEntries(
      names.map((name, index) => [name, others[index]?.rows ?? []]),
    ) as unknown as CatalogRows;
    const untraced = untracedViews(rows, traces);
    const [trees] = await run(client, [viewTreesQuery(untraced), 'COMMIT']);
    return assembleCatalog({ rows, trees: (trees?.rows ?? []) as never, traces }, versionOf(first));
  });
}

/** A text that changes whenever `loadCatalog` would give something else; a few milliseconds. */
export async function catalogVersion(client: QueryClient): Promise<string> {
  return orRollBack(client, async () => {
    const results = await run(client, [...prologue, versionQuery, 'COMMIT']);
    return versionOf(results[prologue.length]);
  });
}

interface Result {
  readonly rows: readonly Record<string, unknown>[];
}

/**
 * One snapshot, with an empty search path: an operator that someone has planted in a schema on the path would run
 * with the agent's rights.
 */
const prologue = ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', `SET LOCAL search_path = ''`];

async function run(client: QueryClient, queries: readonly string[]): Promise<readonly Result[]> {
  return (await client.query(queries.join(';\n'))) as readonly Result[];
}

async function orRollBack<Given>(client: QueryClient, work: () => Promise<Given>): Promise<Given> {
  try {
    return await work();
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
