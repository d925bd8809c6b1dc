/** `pg_dump --data-only -t customers` through the agent: masked data that an empty schema takes back. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { postgresProgram } from '../clients/tool-clients.ts';
import { run } from '../specs/tools.ts';
import { type GuardedShop, rowsOf } from './guarded/guarded-shop.ts';

const tables = join(import.meta.dirname, '..', 'dev-env', 'sample-shop', '1-tables.sql');
const restored = 'shop_restored';

/** What is wrong; null: nothing; `skipped` with the reason when there is no pg_dump for this major. */
export async function dumpAndRestore(
  shop: GuardedShop,
  major: PostgresMajor,
  folder: string,
): Promise<{ readonly wrong: string | null } | { readonly skipped: string }> {
  const [dump, psql] = [await newest(major, 'pg_dump'), await newest(major, 'psql')];
  if (typeof dump === 'string') return { skipped: dump };
  if (typeof psql === 'string') return { skipped: psql };
  const through = { PGHOST: '127.0.0.1', PGPORT: String(shop.port), PGUSER: 'dev', PGDATABASE: 'shop' };
  const dumped = await run(dump.path, ['--data-only', '-t', 'customers', '--no-sync'], { env: through });
  if (dumped.code !== 0) return { wrong: dumped.stderr.slice(-600) };
  const file = join(folder, 'customers.sql');
  await writeFile(file, dumped.stdout);
  await rowsOf(shop.server.superuserDsn, `CREATE DATABASE ${restored} TEMPLATE template0`);
  const target = shop.server.dsn(restored);
  await rowsOf(target, await readFile(tables, 'utf8'));
  const back = await run(psql.path, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, target]);
  if (back.code !== 0) return { wrong: back.stderr.slice(-600) };
  return { wrong: await compare(shop, target) };
}

/** The dump's program must be at least of the server's major. */
async function newest(major: PostgresMajor, program: string): Promise<{ readonly path: string } | string> {
  let reason = '';
  for (let candidate = major as number; candidate <= 18; candidate += 1) {
    const found = await postgresProgram(candidate, program);
    if (typeof found !== 'string') return found;
    reason = found;
  }
  return reason;
}

const summary = `SELECT count(*)::int AS rows, min(id)::int AS first, count(DISTINCT region)::int AS regions,
  count(*) FILTER (WHERE email !~ '[*]{3}')::int AS raw_emails, count(ssn) FILTER (WHERE ssn !~ '[*]')::int AS raw_ssns,
  count(salary)::int AS salaries, count(birth_date)::int AS birth_dates, count(doc)::int AS docs FROM public.customers`;

async function compare(shop: GuardedShop, target: string): Promise<string | null> {
  const [real] = await rowsOf(shop.superuserDsn, summary);
  const [got] = await rowsOf(target, summary);
  const wanted = { ...real, raw_emails: 0, raw_ssns: 0, salaries: 0, birth_dates: 0, docs: 0 };
  return JSON.stringify(got) === JSON.stringify(wanted)
    ? null
    : `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`;
}
