/** What the panel of a connection shows and does: its address, how its bytes go, another port, TLS, password, checks. */
import { createServer } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import type { BackendMethods } from '../../ipc/backend.ts';
import type { ConnectionDetails, Database, LocalAddress, Params, Result } from '../../ipc/schema.ts';
import type { ClientFiles } from '../client-files/client-files.ts';
import type { DatabaseEntry, Engine, LocalEndpoint } from '../engine.ts';
import { loopbackHost, socketPath } from '../local-address.ts';
import { findPortHolder } from '../port-holder.ts';
import type { Tools } from '../tools/open-in-tool.ts';
import { runChecks } from './run-checks.ts';
import { iso, toBridgeFailure, toBridgePath } from './to-database.ts';

const maxPaths = 50;
const portsTried = 50;

export interface ConnectionServiceOptions {
  readonly engine: Pick<
    Engine,
    | 'connect'
    | 'disconnect'
    | 'databases'
    | 'status'
    | 'credentials'
    | 'localTls'
    | 'switchLocalTls'
    | 'localPassword'
    | 'switchLocalPassword'
    | 'place'
    | 'setPlace'
    | 'sessions'
    | 'endSession'
  >;
  readonly databaseOf: (id: string) => Promise<Database>;
  /** After how long without a client a port closes by itself; null: never. Milliseconds. */
  readonly idleCloseMs: () => Promise<number | null>;
  readonly fetch: typeof fetch;
  readonly version: string;
  readonly clientFiles: ClientFiles;
  readonly tools: Tools;
  readonly now: () => number;
}

type ConnectionMethods = Pick<
  BackendMethods,
  | 'connect'
  | 'disconnect'
  | 'connectionDetails'
  | 'checkPort'
  | 'setPort'
  | 'setPlace'
  | 'runChecks'
  | 'switchLocalTls'
  | 'switchLocalPassword'
  | 'readLocalPassword'
  | 'readLocalTerms'
  | 'endPortSession'
  | 'clearClipboard'
  | 'previewClientFile'
  | 'writeClientFile'
  | 'listTools'
  | 'openInTool'
>;

interface Seen {
  paths: ConnectionDetails['paths'];
  lastError: ConnectionDetails['lastError'];
}

export class ConnectionService {
  readonly methods: ConnectionMethods;
  readonly #options: ConnectionServiceOptions;
  readonly #seen = new Map<string, Seen>();
  /** Ports that were closed before we opened them. */
  readonly #ours = new Set<string>();

  constructor(options: ConnectionServiceOptions) {
    this.#options = options;
    const { engine, databaseOf } = options;
    this.methods = {
      connect: async (asked) => {
        await this.open(asked);
        return await databaseOf(asked.database);
      },
      disconnect: async ({ database }) => {
        await engine.disconnect(database);
        return await databaseOf(database);
      },
      connectionDetails: async ({ database }) => await this.#details(database),
      endPortSession: async ({ database, session }) => ({
        ended: await engine.endSession(database, session),
      }),
      previewClientFile: async (asked) =>
        await options.clientFiles.preview(asked, await this.#address(asked.database)),
      writeClientFile: async (asked) =>
        await options.clientFiles.write(asked, await this.#address(asked.database)),
      listTools: async () => options.tools.list(),
      openInTool: async ({ database, tool }) => {
        await options.tools.open(tool, await this.#address(database));
        return {};
      },
      checkPort: async ({ port }) => await checkPort(port),
      setPlace: async (asked) => await this.#setPlace(asked),
      setPort: async (asked) => await this.#setPort(asked),
      runChecks: async (asked) => await runChecks(options, asked),
      switchLocalTls: async ({ to }) => {
        await engine.switchLocalTls(to);
        return {};
      },
      switchLocalPassword: async ({ to }) => {
        await engine.switchLocalPassword(to);
        return {};
      },
      // The engine has none; a shell that has one answers in its place.
      clearClipboard: async () => ({ cleared: false }),
      readLocalTerms: async () => {
        const [tls, hasLocalPassword] = await Promise.all([engine.localTls(), hasPassword(engine)]);
        return { tls, hasLocalPassword };
      },
      readLocalPassword: async () => ({ password: (await engine.localPassword())?.reveal() ?? null }),
    };
  }

  /** Opens a port as the settings say. One that was open before us closes when its own opener says so. */
  async open({ database, port, place }: Params<'connect'>): Promise<LocalEndpoint> {
    const { engine, idleCloseMs } = this.#options;
    const entry = await this.#entry(database);
    if (entry.local === null) this.#ours.add(entry.id);
    return await engine.connect(entry.id, {
      idleCloseMs: this.#ours.has(entry.id) ? await idleCloseMs() : null,
      ...(port === undefined ? {} : { port }),
      ...(place === undefined ? {} : { place }),
    });
  }

  /** Somebody else is signed in, or nobody: how their connections went is nobody's business. */
  forgetAll(): void {
    this.#seen.clear();
    this.#ours.clear();
  }

  /** Notes how connections stand, for their history. */
  look(entries: readonly DatabaseEntry[]): void {
    for (const { id, local } of entries) if (local !== null) this.#note(id, local);
  }

  #note(id: string, { path, failure }: LocalEndpoint): void {
    const seen = this.#seen.get(id) ?? { paths: [], lastError: null };
    const at = iso(this.#options.now());
    const now = { at, path: toBridgePath(path), roundTripMs: path?.rttMs ?? null };
    const [last] = seen.paths;
    if (last?.path !== now.path) seen.paths = [now, ...seen.paths].slice(0, maxPaths);
    if (failure !== null && seen.lastError?.error.message !== failure.message)
      seen.lastError = { at, error: toBridgeFailure(failure) };
    this.#seen.set(id, seen);
  }

  async #details(database: string): Promise<ConnectionDetails> {
    const { engine } = this.#options;
    const [entry, tls, password, place, sessions] = await Promise.all([
      this.#entry(database),
      engine.localTls(),
      hasPassword(engine),
      engine.place(database),
      // A sidecar that is just ending tells none.
      engine.sessions(database).catch(() => []),
    ]);
    const { local } = entry;
    if (local !== null) this.#note(entry.id, local);
    const seen = this.#seen.get(entry.id);
    return {
      database: entry.id,
      local: await this.#address(entry.id),
      place: local === null ? place : socketPath(local) === null ? 'tcp' : 'socket',
      socket: local === null ? null : socketPath(local),
      tls,
      hasLocalPassword: password,
      roundTripMs: local?.path?.rttMs ?? null,
      paths: seen?.paths ?? [],
      sessions: sessions.map(({ since, ...session }) => ({ ...session, since: iso(since) })),
      clients: local?.clients ?? 0,
      lastError: seen?.lastError ?? null,
    };
  }

  async #setPlace({ database, place }: Params<'setPlace'>): Promise<Database> {
    const { engine, databaseOf } = this.#options;
    const { id, local } = await this.#entry(database);
    await engine.setPlace(id, place);
    if (local !== null && (socketPath(local) === null ? 'tcp' : 'socket') !== place) {
      await engine.disconnect(id);
      await this.open({ database: id, place });
    }
    return await databaseOf(id);
  }

  async #setPort({ database, port }: Params<'setPort'>): Promise<Database> {
    const { engine, databaseOf } = this.#options;
    const entry = await this.#entry(database);
    if (entry.local?.port === port) return await databaseOf(entry.id);
    if (!(await checkPort(port)).isFree) {
      throw new AppError('PORT_IN_USE', {
        message: `Port ${port} is in use by another program.`,
        field: 'port',
      });
    }
    const wasOpen = entry.local !== null;
    if (wasOpen) await engine.disconnect(entry.id);
    await this.open({ database: entry.id, port });
    if (!wasOpen) await engine.disconnect(entry.id);
    return await databaseOf(entry.id);
  }

  /** Null while it is not connected. */
  async #address(database: string): Promise<LocalAddress | null> {
    const { local } = await this.#entry(database);
    if (local === null) return null;
    const { host, port, user } = local;
    return { host, port, user, database: local.database };
  }

  async #entry(database: string): Promise<DatabaseEntry> {
    const { items } = await this.#options.engine.databases();
    const entry = items.find(({ id }) => id === database);
    if (entry === undefined) throw new AppError('NOT_FOUND', { field: 'database' });
    return entry;
  }
}

async function hasPassword(engine: Pick<Engine, 'localPassword'>): Promise<boolean> {
  // A store that cannot be read now does not make the port open: better to say that there is one.
  return await engine.localPassword().then(
    (password) => password !== null,
    () => true,
  );
}

async function checkPort(port: number): Promise<Result<'checkPort'>> {
  if (await isFree(port)) return { isFree: true, nextFree: port, holder: null };
  const holder = await findPortHolder(port);
  for (let next = port + 1; next <= Math.min(65_535, port + portsTried); next += 1) {
    if (await isFree(next)) return { isFree: false, nextFree: next, holder };
  }
  return { isFree: false, nextFree: null, holder };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: loopbackHost, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
