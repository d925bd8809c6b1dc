/** Puts the sample shop into an empty server: database `shop`, its rows, and the agent's role. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import type { EmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client, escapeLiteral } from 'pg';

const folder = join(import.meta.dirname, 'sample-shop');
const scripts = ['1-tables.sql', '2-rows.sql', '3-keys-and-code.sql', '4-access.sql'];

/** The policy that belongs to the shop. */
export const samplePolicyPath = join(folder, 'policy.yaml');

/** Where the shop is; both DSNs hold passwords. */
export interface SampleShop {
  readonly superuserDsn: string;
  /** The agent's role: may create roles and pass on its privileges, is no superuser. */
  readonly agentDsn: Secret;
}

/**
 * Loads the shop if the server has none, and gives the agent's role the password in either case.
 * A load that was interrupted leaves no database behind.
 */
export async function loadSampleShop(server: EmbeddedPostgres, agentPassword: Secret): Promise<SampleShop> {
  const isLoaded = await hasShop(server);
  await withClient(server.superuserDsn, async (client) => {
    await setAgentPassword(client, agentPassword);
    if (isLoaded) return;
    await client.query('DROP DATABASE IF EXISTS shop_loading');
    await client.query('DROP ROLE IF EXISTS shop_owner');
    await client.query('CREATE DATABASE shop_loading TEMPLATE template0');
  });
  if (!isLoaded) {
    await withClient(server.dsn('shop_loading'), runScripts);
    await withClient(server.superuserDsn, async (client) => {
      await client.query('ALTER DATABASE shop_loading RENAME TO shop');
    });
  }
  const agentDsn = `postgres://daam_agent:${agentPassword.reveal()}@${server.host}:${server.port}/shop`;
  return { superuserDsn: server.dsn('shop'), agentDsn: new Secret(agentDsn) };
}

async function hasShop(server: EmbeddedPostgres): Promise<boolean> {
  return await withClient(server.superuserDsn, async (client) => {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = 'shop'");
    return found.rowCount === 1;
  });
}

async function setAgentPassword(client: Client, password: Secret): Promise<void> {
  const found = await client.query("SELECT 1 FROM pg_roles WHERE rolname = 'daam_agent'");
  if (found.rowCount === 0) await client.query('CREATE ROLE daam_agent LOGIN CREATEROLE NOSUPERUSER');
  await client.query(`ALTER ROLE daam_agent PASSWORD ${escapeLiteral(password.reveal())}`);
}

async function runScripts(client: Client): Promise<void> {
  for (const script of scripts) await client.query(await readFile(join(folder, script), 'utf8'));
  await client.query('ANALYZE');
}

async function withClient<T>(connectionString: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
