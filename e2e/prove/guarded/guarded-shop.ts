/** The sample shop on a server of its own, guarded by an agent in this process: where clients and conversations are tried. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent, AgentDeps } from '@daam/agent/app';
import { Secret } from '@daam/shared/base/secret';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { type PolicyDocument, parsePolicyDocument } from '@daam/shared/policy/document';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client, escapeIdentifier } from 'pg';
import { parse } from 'yaml';
import { loadSampleShop, samplePolicyPath } from '../../dev-env/load-sample-shop.ts';
import { writeAgentFiles } from './agent-files.ts';
import { openAgent } from './open-agent.ts';

export interface GuardedShopOptions {
  readonly major: PostgresMajor;
  /** For the agent's files. */
  readonly folder: string;
  /** Default 200. */
  readonly maxConnections?: number;
  /** Run on the shop before the agent starts. */
  readonly setup?: string;
  /** Names of databases that become copies of it. */
  readonly copies?: readonly string[];
  /** Default: the sample policy. */
  readonly policy?: PolicyDocument;
  readonly agent?: Omit<Partial<AgentDeps>, 'openListener'>;
}

/** Everything runs; dispose to end it. */
export interface GuardedShop extends AsyncDisposable {
  readonly server: EmbeddedPostgres;
  readonly agent: Agent;
  /** Through the agent. */
  readonly dsn: string;
  readonly port: number;
  /** Past the agent, with every right. */
  readonly superuserDsn: string;
  readonly agentDsn: Secret;
}

/** The policy of the sample shop. */
export async function samplePolicy(): Promise<PolicyDocument> {
  return parsePolicyDocument(parse(await readFile(samplePolicyPath, 'utf8')));
}

/** A server with the shop in it, no agent yet. */
export async function startShopServer(
  options: Pick<GuardedShopOptions, 'major' | 'maxConnections' | 'setup' | 'copies'>,
): Promise<{ readonly server: EmbeddedPostgres; readonly superuserDsn: string; readonly agentDsn: Secret }> {
  const { major, maxConnections = 200, setup } = options;
  const server = await startEmbeddedPostgres({ major, settings: { max_connections: maxConnections } });
  const shop = await loadSampleShop(server, new Secret('guarded-shop'));
  if (setup !== undefined) await execute(shop.superuserDsn, setup);
  for (const name of options.copies ?? [])
    await execute(server.superuserDsn, `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE shop`);
  return { server, superuserDsn: shop.superuserDsn, agentDsn: shop.agentDsn };
}

/** Starts server and agent, and waits until a session opens. */
export async function startGuardedShop(options: GuardedShopOptions): Promise<GuardedShop> {
  const { server, superuserDsn, agentDsn } = await startShopServer(options);
  try {
    const configPath = await writeAgentFiles({
      folder: join(options.folder, 'agent'),
      policy: options.policy ?? (await samplePolicy()),
      upstreamDsn: agentDsn,
    });
    const agent = await openAgent(configPath, options.agent);
    const { port } = agent.listen;
    const dsn = `postgres://dev@127.0.0.1:${port}/shop`;
    await untilServing(dsn);
    return {
      server,
      agent,
      dsn,
      port,
      superuserDsn,
      agentDsn,
      [Symbol.asyncDispose]: async () => {
        await agent[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await server[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Resolves when a session opens; throws the last refusal after half a minute. */
export async function untilServing(dsn: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await execute(dsn, 'SELECT 1');
    } catch (thrown) {
      if (attempt >= 300) throw thrown;
      await delay(100);
    }
  }
}

/** Runs a text on a connection of its own. */
export async function execute(dsn: string, sql: string): Promise<void> {
  await rowsOf(dsn, sql);
}

/** Runs a statement on a connection of its own and gives its rows. */
export async function rowsOf(dsn: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: dsn });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
