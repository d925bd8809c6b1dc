import { Client } from 'pg';
import type { PostgresMajor } from '../domain/postgres-version.ts';
import type { FunctionRow } from '../sql/functions/rules.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

/** Every function of pg_catalog, read from a fresh server of that major version. */
export async function readFunctionRows(major: PostgresMajor): Promise<readonly FunctionRow[]> {
  await using server = await startEmbeddedPostgres({ major });
  const client = new Client({ connectionString: server.superuserDsn });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; immutable: boolean; uncallable: boolean }>(`
      SELECT p.proname AS name, p.provolatile = 'i' AS immutable,
        p.prorettype IN (SELECT oid FROM pg_type WHERE typname IN ('internal', 'trigger', 'event_trigger') OR typname LIKE '%\\_handler')
          OR 'internal'::regtype = ANY (p.proargtypes) AS uncallable
      FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`);
    return rows;
  } finally {
    await client.end();
  }
}
