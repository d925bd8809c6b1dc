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
  await withClient(server.dsn(worldDatabase), async (client) => {
    await client.query(await script('1-tables.sql'));
    for (const rows of worldRows(world)) await client.query(insertText(rows));
    await client.query(await script('2-code.sql'));
    await client.query(await script('3-access.sql'));
    await client.query('VACUUM (FREEZE, ANALYZE)');
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
