/** Fills an empty server with one world. The same text in the same order in both, so that OIDs and places are equal. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client, escapeLiteral } from 'pg';
import { type TableRows, worldRows, type WorldSeed } from './values.ts';

/** Name of the PostgreSQL database in either world. */
export const worldDatabase = 'shop';

/** Makes the role of the agent and the database, and loads it. */
export async function loadWorld(
  server: EmbeddedPostgres,
  world: WorldSeed,
  agentPassword: string,
): Promise<void> {
  await withClient(server.superuserDsn, async (client) => {
    await client.query('CREATE ROLE daam_agent LOGIN CREATEROLE NOSUPERUSER');
    await client.query(`ALTER ROLE daam_agent PASSWORD ${escapeLiteral(agentPassword)}`);
    await client.query(`CREATE DATABASE ${worldDatabase} TEMPLATE template0`);
  });
  await loadTables(server.dsn(worldDatabase), world);
  await withClient(server.dsn(worldDatabase), async (client) => {
    await client.query(await script('2-code.sql'));
    await client.query(await script('3-access.sql'));
    // Objects that sessions make get OIDs far behind those of the world (comparable.ts tells them apart).
    await client.query('SELECT count(lo_unlink(lo_create(0))) FROM generate_series(1, 2000)');
  });
  await settle(server.dsn(worldDatabase));
}

/** The tables of a world and their rows, and nothing else. */
export async function loadTables(dsn: string, world: WorldSeed): Promise<void> {
  await withClient(dsn, async (client) => {
    await client.query(await script('1-tables.sql'));
    for (const rows of worldRows(world)) await client.query(insertText(rows));
  });
}

const settleAttempts = 20;

/**
 * Brings the pages of a world to rest: no dead rows, every page known to be visible to all. Plans and the order of
 * rows depend on it, and rows that were rolled back disturb it at times that no statement decides.
 */
export async function settle(superuserDsn: string): Promise<void> {
  await withClient(superuserDsn, async (client) => {
    for (let attempt = 0; attempt < settleAttempts; attempt += 1) {
      await client.query('VACUUM (FREEZE, ANALYZE)');
      const { rows } = await client.query<{ restless: string }>(
        `SELECT count(*) AS restless FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace IN ('public'::regnamespace,
           'sales'::regnamespace) AND (relallvisible <> relpages OR pg_relation_size(oid) <> relpages * 8192)`,
      );
      if (rows[0]?.restless === '0') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the pages of a world do not come to rest');
  });
}

function script(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8');
}

function insertText({ table, columns, rows }: TableRows): string {
  const value = (item: string | number | null): string =>
    item === null ? 'NULL' : typeof item === 'number' ? String(item) : escapeLiteral(item).trimStart();
  const lines = rows.map((row) => `(${row.map(value).join(', ')})`);
  return `INSERT INTO ${table} (${columns}) VALUES\n${lines.join(',\n')}`;
}

/** A connection for as long as `use` takes. */
export async function withClient<T>(dsn: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: dsn });
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
