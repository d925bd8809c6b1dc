import { readFileSync } from 'node:fs';
import { Client, type ClientConfig } from 'pg';
import type { AgentConfig } from '../config.ts';

/** The agent's own login on the database, as the `pg` driver wants it. */
export function adminClientConfig(upstream: AgentConfig['upstream']): ClientConfig {
  const { host, port, user, password, database, sslMode, sslRootCert } = upstream;
  const ca = sslRootCert === null ? {} : { ca: readFileSync(sslRootCert, 'utf8') };
  const ssl = {
    disable: false,
    prefer: false,
    require: { rejectUnauthorized: false, ...ca },
    'verify-full': { rejectUnauthorized: true, ...ca },
  }[sslMode];
  return { host, port, user, password: password.reveal(), database, ssl };
}

/** A connection of the agent's own for one errand. Whoever opens it ends it. */
export async function openAdminClient(upstream: AgentConfig['upstream'], purpose: string): Promise<Client> {
  const client = new Client({
    ...adminClientConfig(upstream),
    application_name: purpose,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  // its loss shows in the query that is under way
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
