import { Client } from 'pg';
import type { PostgresMajor } from '../domain/postgres-version.ts';
import { comparableTypes, comparisons, type LeakproofList } from '../sql/functions/leakproof.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

/**
 * Which comparisons a fresh server of that major version marks as leakproof, for the types that the gate knows.
 * Types of one family (the integers) count only if every pairing of them is leakproof.
 */
export async function readLeakproof(major: PostgresMajor): Promise<LeakproofList> {
  await using server = await startEmbeddedPostgres({ major });
  const client = new Client({ connectionString: server.superuserDsn });
  await client.connect();
  try {
    const { rows } = await client.query<{ left: string; right: string; name: string; leakproof: boolean }>(`
      SELECT l.typname AS left, r.typname AS right, o.oprname AS name, p.proleakproof AS leakproof
      FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
      JOIN pg_type l ON l.oid = o.oprleft JOIN pg_type r ON r.oid = o.oprright
      WHERE o.oprnamespace = 'pg_catalog'::regnamespace`);
    const list: Record<string, readonly string[]> = {};
    for (const [family, types] of Object.entries(comparableTypes)) {
      list[family] = comparisons.filter((name) => {
        const found = rows.filter(
          (row) => row.name === name && types.includes(row.left) && types.includes(row.right),
        );
        return found.length === types.length ** 2 && found.every((row) => row.leakproof);
      });
    }
    return list;
  } finally {
    await client.end();
  }
}
