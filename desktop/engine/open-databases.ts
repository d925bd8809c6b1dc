/** The databases whose local ports are open now, and the marks that tell other processes of this device about them. */
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { type Account, type KnownDatabase, loginNameOf } from './account.ts';
import type { Credentials } from './credentials.ts';
import { type LocalAddress, type PortPlace, socketFolder, socketPath } from './local-address.ts';
import { type Mark, RunningConnections } from './running-connections.ts';
import type { PortSession } from './port-session.ts';
import { freshPorts, type StickyPorts } from './sticky-ports.ts';
import type { LocalPort, Transport } from './transport.ts';
import type { TunnelView } from './tunnel/tunnel-view.ts';

/** The local port of a database, and what a client needs to know about it. There is no password. */
export interface LocalEndpoint extends TunnelView {
  readonly database: string;
  readonly databaseId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly dsn: string;
  /** When it was opened: milliseconds since the Unix epoch. */
  readonly since: number;
  /** Clients connected now. */
  readonly clients: number;
}

/** Which port is asked for: this one, any (0), or the database's own; where; and whether others may share it. */
export interface PortWish {
  readonly port: number | undefined;
  /** Undefined: wherever it is open already, else where the database listens on this device. */
  readonly place: PortPlace | undefined;
  readonly isShared: boolean;
}

interface Open {
  readonly database: KnownDatabase;
  readonly local: LocalPort;
  readonly mark: Mark;
  readonly user: string;
  readonly since: number;
  /** When a client was last there, or somebody asked for it, as far as was looked. */
  readonly used: { at: number; visits: number };
}

/** Whose ports, and how they reach agents. */
export interface OpenAs {
  readonly account: Account;
  readonly credentials: Credentials;
  readonly transport: Transport;
}

export interface OpenDatabasesOptions {
  readonly stateDir: string;
  readonly ports: StickyPorts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long opening waits to learn whether clients will get through, in milliseconds. */
const settleTimeoutMs = 10_000;

export class OpenDatabases {
  readonly #options: OpenDatabasesOptions;
  readonly #open = new Map<string, Promise<Open>>();

  constructor(options: OpenDatabasesOptions) {
    this.#options = options;
  }

  /** Ids of those that are open or being opened. */
  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Opens the port, or gives the one that is open; CONFLICT when it is open on another one than was asked for. */
  async open(as: OpenAs, database: KnownDatabase, wish: PortWish): Promise<LocalEndpoint> {
    const running = this.#open.get(database.id);
    if (running !== undefined) {
      const open = checkSamePort(await running, wish);
      open.used.at = this.#options.clock.now();
      await open.local.settled(AbortSignal.timeout(settleTimeoutMs));
      return describe(open);
    }
    const opening = this.#openPort(as, database, wish);
    this.#open.set(database.id, opening);
    try {
      const open = await opening;
      await open.local.settled(AbortSignal.timeout(settleTimeoutMs));
      await this.mark();
      return describe(open);
    } catch (thrown) {
      this.#open.delete(database.id);
      throw thrown;
    }
  }

  /** Closes by name or id, with all sessions; false when it was not open. */
  async close(nameOrId: string): Promise<boolean> {
    for (const [id, opening] of this.#open) {
      const open = await opening.catch(() => null);
      if (open === null || (id !== nameOrId && open.database.name !== nameOrId)) continue;
      this.#open.delete(id);
      await end(open);
      return true;
    }
    return false;
  }

  async closeAll(): Promise<void> {
    const opening = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(
      opening.map(async (each) => {
        const open = await each.catch(() => null);
        if (open !== null) await end(open);
      }),
    );
  }

  async endpointOf(id: string): Promise<LocalEndpoint | null> {
    const open = await this.#open.get(id)?.catch(() => null);
    return open === undefined || open === null ? null : describe(open);
  }

  async endpoints(): Promise<readonly LocalEndpoint[]> {
    const all = await Promise.all(this.ids.map((id) => this.endpointOf(id)));
    return all.filter((endpoint) => endpoint !== null);
  }

  /** Who is connected through a database's port now; nobody where it is not open. */
  async sessions(id: string): Promise<readonly PortSession[]> {
    const open = await this.#open.get(id)?.catch(() => null);
    return (await open?.local.sessions()) ?? [];
  }

  /** Ends one of them; false when there is none. */
  async endSession(id: string, session: string): Promise<boolean> {
    const open = await this.#open.get(id)?.catch(() => null);
    return (await open?.local.endSession(session)) ?? false;
  }

  /** Certificates or grants may be new. */
  async credentialsChanged(): Promise<void> {
    await this.#each(async ({ local }) => await local.credentialsChanged());
  }

  /** TLS or the password of local ports was switched on or off. */
  async termsChanged(): Promise<void> {
    await this.#each(async ({ local }) => await local.termsChanged());
  }

  /** For how long nobody has used each, in milliseconds, by the database's id. */
  async idle(): Promise<ReadonlyMap<string, number>> {
    const now = this.#options.clock.now();
    const found = new Map<string, number>();
    await this.#each(async ({ database, local, used }) => {
      if (local.clients > 0 || local.visits !== used.visits)
        Object.assign(used, { at: now, visits: local.visits });
      found.set(database.id, now - used.at);
    });
    return found;
  }

  /** Measures the paths anew. */
  async refresh(): Promise<void> {
    await this.#each(async ({ local }) => await local.refresh());
  }

  /** Writes down how each connection stands now. */
  async mark(): Promise<void> {
    await this.#each(async (open) => {
      const { clients: _clients, dsn: _dsn, databaseId: _id, ...shown } = describe(open);
      await open.mark.update(shown);
    });
  }

  async #each(act: (open: Open) => Promise<void>): Promise<void> {
    await Promise.all(
      [...this.#open.values()].map(async (opening) => {
        const open = await opening.catch(() => null);
        if (open !== null) await act(open);
      }),
    );
  }

  async #openPort(as: OpenAs, database: KnownDatabase, wish: PortWish): Promise<Open> {
    const { port } = wish;
    const { ports, logger, clock, stateDir } = this.#options;
    const { account, credentials, transport } = as;
    const sticky = await ports.get(database.id);
    const place = wish.place ?? (await ports.place(database.id));
    const local = await transport.openPort({
      database,
      credentials,
      ports: candidates(wish, sticky),
      folder: place === 'socket' ? await socketFolder(stateDir) : undefined,
      logger: logger.child({ database: database.name }),
    });
    if (port !== 0) await ports.set(database.id, local.port);
    const running = await RunningConnections.open(stateDir);
    const user = loginNameOf(account.user.email);
    const since = clock.now();
    return { database, local, mark: running.mark(), user, since, used: { at: since, visits: local.visits } };
  }
}

function candidates(
  { port, isShared }: Pick<PortWish, 'port' | 'isShared'>,
  sticky: number | null,
): readonly number[] {
  if (port === undefined) return sticky === null ? freshPorts() : [sticky];
  // Whoever shares the port later, and wants the database's own, shall find it.
  if (port === 0 && isShared) return [...(sticky === null ? [] : [sticky]), 0];
  return [port];
}

async function end({ local, mark }: Open): Promise<void> {
  await local[Symbol.asyncDispose]();
  await mark.remove();
}

function describe({ database, local, user, since }: Open): LocalEndpoint {
  const { host, port, clients, view } = local;
  const dsn = dsnOf({ host, port }, user, database.name);
  const { path, relay, failure } = view;
  return {
    database: database.name,
    databaseId: database.id,
    host,
    port,
    user,
    dsn,
    since,
    clients,
    path,
    relay,
    failure,
  };
}

/** As libpq and most drivers take it (libpq docs, 34.1.1.2): a socket's folder is a parameter. */
function dsnOf(at: LocalAddress, user: string, database: string): string {
  const name = `/${encodeURIComponent(database)}`;
  if (socketPath(at) === null) return `postgres://${encodeURIComponent(user)}@${at.host}:${at.port}${name}`;
  return `postgres://${encodeURIComponent(user)}@${name}?host=${encodeURIComponent(at.host)}&port=${at.port}`;
}

function checkSamePort(open: Open, { port, place }: Pick<PortWish, 'port' | 'place'>): Open {
  const isPlace = place === undefined || (place === 'tcp') === (socketPath(open.local) === null);
  if (isPlace && (port === undefined || port === 0 || port === open.local.port)) return open;
  if (!isPlace) {
    throw new AppError('CONFLICT', {
      message: `"${open.database.name}" is connected ${place === 'tcp' ? 'by a Unix socket' : 'on a TCP port'} already.`,
      hint: 'Disconnect it first.',
      field: 'socket',
    });
  }
  throw new AppError('CONFLICT', {
    message: `"${open.database.name}" is connected on port ${open.local.port} already.`,
    hint: 'Disconnect it first.',
    field: 'port',
  });
}
