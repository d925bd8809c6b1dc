/** The two embedded servers: the database that is protected, and the control plane's own store. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { loadSampleShop } from './load-sample-shop.ts';
import type { StartOptions } from './options.ts';
import type { PortLayout } from './ports.ts';
import type { StateDir } from './state-dir.ts';

/** What the servers are started from. */
export interface ServerOptions {
  readonly options: StartOptions;
  readonly ports: PortLayout;
  readonly state: StateDir;
  readonly logger: Logger;
}

/** The protected database. */
export interface Upstream extends AsyncDisposable {
  /** For looking behind the curtain: the superuser's DSN, or the one that was given. */
  readonly dsn: Secret;
  /** What the agent uses. */
  readonly agentDsn: Secret;
  /** Name of the PostgreSQL database. */
  readonly databaseName: string;
}

/** The server of `--upstream-dsn`, which is used as it is, or an embedded one with the sample shop. */
export async function startUpstream({ options, ports, state, logger }: ServerOptions): Promise<Upstream> {
  if (options.upstreamDsn !== null) return given(options.upstreamDsn);
  const started = performance.now();
  const server = await start(
    {
      major: options.major,
      port: ports.upstream,
      dataDir: state.file(`postgres-${options.major}`),
      settings: { max_connections: 300, shared_buffers: '256MB' },
    },
    { fresh: options.fresh, logger },
  );
  try {
    const shop = await loadSampleShop(server, await state.secret('upstream-agent-password'));
    logger.info(
      { major: options.major, port: server.port, ms: Math.round(performance.now() - started) },
      'sample shop is up',
    );
    return {
      dsn: new Secret(shop.superuserDsn),
      agentDsn: shop.agentDsn,
      databaseName: 'shop',
      [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** The control plane's PostgreSQL, with an empty database the first time. */
export async function startStore({
  options,
  ports,
  state,
  logger,
}: ServerOptions): Promise<{ readonly dsn: Secret; readonly server: EmbeddedPostgres }> {
  const server = await start(
    { port: ports.store, dataDir: state.file('store') },
    { fresh: options.fresh, logger },
  );
  try {
    const exists = await query(server.superuserDsn, "SELECT 1 FROM pg_database WHERE datname = 'daam'");
    if (exists === 0) await server.createDatabase('daam');
    return { dsn: new Secret(server.dsn('daam')), server };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** As root the server runs as another user; if that one cannot reach the state folder, the data goes elsewhere. */
async function start(
  options: EmbeddedPostgresOptions & { readonly dataDir: string },
  { fresh, logger }: { readonly fresh: boolean; readonly logger: Logger },
): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres(options);
  } catch (error) {
    if (!(error instanceof AppError) || error.field !== 'dataDir' || process.getuid?.() !== 0) throw error;
    const name = createHash('sha256').update(options.dataDir).digest('hex').slice(0, 16);
    const dataDir = join(tmpdir(), `daam-dev-${name}`);
    if (fresh) await rm(dataDir, { recursive: true, force: true });
    logger.warn({ dataDir }, 'the state folder cannot be reached by the user that PostgreSQL runs as');
    return await startEmbeddedPostgres({ ...options, dataDir });
  }
}

function given(dsn: Secret): Upstream {
  const databaseName = decodeURIComponent(new URL(dsn.reveal()).pathname.slice(1)) || 'postgres';
  return { dsn, agentDsn: dsn, databaseName, [Symbol.asyncDispose]: async () => {} };
}

async function query(connectionString: string, sql: string): Promise<number> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
