/**
 * Two servers that differ in masked values alone, each behind a real agent with a real control plane. Parts take
 * sessions in both at once (twins.ts) and compare what comes back.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdjustView } from '@daam/agent/app';
import type { LogFields, Logger } from '@daam/shared/base/logger';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { type ProofControlPlane, startProofControlPlane } from './world/control-plane.ts';
import { loadWorld, settle, withClient, worldDatabase } from './world/load.ts';
import { startProofAgent } from './world/proof-agent.ts';
import type { WorldSeed } from './world/values.ts';

/** One server with one set of masked values. */
export interface World {
  readonly of: WorldSeed;
  readonly server: EmbeddedPostgres;
  /** The superuser on the world's database: for looking behind the curtain. */
  readonly superuserDsn: string;
  /** What an agent connects with. */
  readonly agentDsn: string;
}

/** An agent in each world; the ports take PostgreSQL bytes at once. */
export interface AgentPair extends AsyncDisposable {
  readonly ports: readonly [number, number];
}

/** How a pair of agents is started. */
export interface PairOptions {
  /** Part of the names under which the databases are registered: up to 8 of a-z. */
  readonly label: string;
  readonly adjustView?: AdjustView;
  readonly elevation?: boolean;
}

/** Both worlds of one major. */
export interface Worlds extends AsyncDisposable {
  readonly major: PostgresMajor;
  readonly a: World;
  readonly b: World;
  readonly controlPlane: ProofControlPlane;
  /** The agents as they are meant to be, started at the first call. */
  readonly agents: () => Promise<AgentPair>;
  /** Agents of the caller's own, which the caller disposes of. */
  readonly startAgents: (options: PairOptions) => Promise<AgentPair>;
  /** Brings the pages of both to rest; see load.ts. */
  readonly settle: () => Promise<void>;
  /** Everything that the programs logged so far. */
  readonly logLines: readonly string[];
  /** Where the agents keep their files. */
  readonly folder: string;
}

export interface WorldsOptions {
  readonly major: PostgresMajor;
  readonly seed: number;
  readonly folder: string;
}

/** Autovacuum would move rows and statistics at its own time. */
const settings = { autovacuum: false, max_connections: 100, jit: false } as const;

/** Starts and loads both worlds and a control plane. */
export async function startWorlds({ major, seed, folder }: WorldsOptions): Promise<Worlds> {
  await using stack = new AsyncDisposableStack();
  const logLines: string[] = [];
  const logger = keepingLogger(logLines);
  const controlPlane = stack.use(await startProofControlPlane(logger));
  const a = await startWorld(stack, { world: 'a', seed }, major);
  const b = await startWorld(stack, { world: 'b', seed }, major);
  await expectSameObjects(a, b);
  const own = join(folder, `worlds-${major}`);
  const startAgents = async (options: PairOptions): Promise<AgentPair> =>
    await startPair({ worlds: [a, b], controlPlane, logger, folder: own, major, ...options });
  let meant: Promise<AgentPair> | null = null;
  stack.defer(async () => {
    const pair = await meant?.catch(() => null);
    await pair?.[Symbol.asyncDispose]();
  });
  const running = stack.move();
  return {
    major,
    a,
    b,
    controlPlane,
    logLines,
    folder: own,
    startAgents,
    settle: async () => {
      await Promise.all([a, b].map(({ superuserDsn }) => settle(superuserDsn)));
    },
    agents: () => {
      meant ??= startAgents({ label: 'meant' });
      return meant;
    },
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

async function startWorld(stack: AsyncDisposableStack, of: WorldSeed, major: PostgresMajor): Promise<World> {
  const server = stack.use(await startEmbeddedPostgres({ major, settings }));
  const password = randomBytes(16).toString('hex');
  await loadWorld(server, of, password);
  return {
    of,
    server,
    superuserDsn: server.dsn(worldDatabase),
    agentDsn: `postgres://daam_agent:${password}@${server.host}:${server.port}/${worldDatabase}`,
  };
}

interface StartPair extends PairOptions {
  readonly worlds: readonly [World, World];
  readonly controlPlane: ProofControlPlane;
  readonly logger: Logger;
  readonly folder: string;
  readonly major: PostgresMajor;
}

async function startPair({ worlds, controlPlane, logger, folder, major, ...options }: StartPair) {
  await using stack = new AsyncDisposableStack();
  const ports: number[] = [];
  for (const { of, agentDsn } of worlds) {
    const name = `shop-${major}-${options.label}-${of.world}`;
    const own = join(folder, name);
    await mkdir(own, { recursive: true, mode: 0o700 });
    const common = { controlPlane, name, upstreamDsn: agentDsn, folder: own, logger };
    ports.push(stack.use(await startProofAgent({ ...common, ...options })).port);
  }
  const running = stack.move();
  const dispose = async (): Promise<void> => await running.disposeAsync();
  return { ports: [ports[0] ?? 0, ports[1] ?? 0] as const, [Symbol.asyncDispose]: dispose };
}

/** The comparison is worth nothing if the databases differ in more than values. */
async function expectSameObjects(a: World, b: World): Promise<void> {
  const sql = `
    SELECT concat_ws(' ', 'class', oid, relname, relfilenode, relowner, relacl) AS line FROM pg_class
    UNION ALL SELECT concat_ws(' ', 'pages', oid::regclass, relpages, reltuples, relallvisible) FROM pg_class
      WHERE relnamespace IN ('public'::regnamespace, 'sales'::regnamespace)
    UNION ALL SELECT concat_ws(' ', 'type', oid, typname, typnamespace) FROM pg_type
    UNION ALL SELECT concat_ws(' ', 'proc', oid, proname, proowner) FROM pg_proc
    UNION ALL SELECT concat_ws(' ', 'role', oid, rolname) FROM pg_authid
    UNION ALL SELECT concat_ws(' ', 'database', oid, datname) FROM pg_database`;
  const [ours = [], theirs = []] = await Promise.all(
    [a, b].map(({ superuserDsn }) =>
      withClient(superuserDsn, async (client) => (await client.query<{ line: string }>(sql)).rows),
    ),
  );
  const known = new Set(theirs.map(({ line }) => line));
  const foreign = ours.filter(({ line }) => !known.has(line)).map(({ line }) => line);
  if (foreign.length > 0 || ours.length !== theirs.length)
    throw new Error(`the two worlds differ in more than masked values: ${foreign.slice(0, 5).join('; ')}`);
}

/** Keeps every line, for the canary scan. */
function keepingLogger(lines: string[], base: LogFields = {}): Logger {
  const at = (level: string) => (fields: LogFields, message: string) => {
    lines.push(JSON.stringify({ level, ...base, ...fields, message }));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => keepingLogger(lines, { ...base, ...fields }),
  };
}
