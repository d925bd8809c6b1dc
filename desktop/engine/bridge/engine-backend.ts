/**
 * The engine behind the bridge. The engine tells only that something changed; this reads what, and tells the screens
 * when it differs. While a screen listens it also looks from time to time, since policies change elsewhere.
 */
import type { Clock } from '@daam/shared/base/clock';
import { systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { type ErrorCode, errorCodes } from '@daam/shared/errors/codes';
import type { DatabaseEntry, Engine, LocalEndpoint } from '../engine.ts';
import type { FailureView, PathView } from '../tunnel/tunnel-view.ts';
import type { BackendMethods, DesktopBackend } from '../../ipc/backend.ts';
import { methods } from '../../ipc/schema.ts';
import type {
  BridgeError,
  BridgeEvent,
  Capabilities,
  Connection,
  Database,
  Params,
  Status,
} from '../../ipc/schema.ts';

/** Milliseconds. */
const lookInterval = 30_000;

export interface EngineBackendOptions {
  readonly engine: Pick<Engine, 'status' | 'databases' | 'connect' | 'disconnect' | 'subscribe'>;
  /** Of the app. */
  readonly version: string;
  readonly logger: Logger;
  readonly clock?: Clock;
}

interface Reading {
  readonly status: Status;
  readonly databases: Database[];
}

export class EngineBackend implements DesktopBackend, AsyncDisposable {
  readonly capabilities: Capabilities = {
    tunnel: true,
    localPort: true,
    queryEditor: false,
    tray: false,
    openInTool: false,
  };
  readonly methods: BackendMethods;
  readonly #options: EngineBackendOptions;
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #unsubscribe: () => void;
  #told: { status: string; databases: string } | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #timer: NodeJS.Timeout | null = null;
  #offlineSince: number | null = null;

  constructor(options: EngineBackendOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.methods = {
      ...notYet(),
      status: async () => (await this.#read()).status,
      listDatabases: async () => (await this.#read()).databases,
      connect: async (asked) => await this.#connect(asked),
      disconnect: async ({ database }) => {
        await options.engine.disconnect(database);
        return await this.#find(database);
      },
    };
    this.#unsubscribe = options.engine.subscribe(() => this.#look());
  }

  subscribe(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#schedule();
    return () => void this.#listeners.delete(listener);
  }

  /** The engine itself stays the owner's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#listeners.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  async #connect({ database, port }: Params<'connect'>): Promise<Database> {
    await this.#options.engine.connect(database, port === undefined ? {} : { port });
    return await this.#find(database);
  }

  async #find(id: string): Promise<Database> {
    const found = (await this.#read()).databases.find((database) => database.id === id);
    if (found === undefined) throw new AppError('NOT_FOUND', { field: 'database' });
    return found;
  }

  /** One reading at a time; a change during it leads to one more. */
  #look(): void {
    if (this.#listeners.size === 0) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#tellWhatChanged().finally(() => {
      this.#looking = null;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.#look();
      } else this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => this.#look(), lookInterval);
    this.#timer.unref();
  }

  async #tellWhatChanged(): Promise<void> {
    try {
      const { status, databases } = await this.#read();
      const now = { status: JSON.stringify(status), databases: JSON.stringify(databases) };
      const before = this.#told;
      this.#told = now;
      if (before?.status !== now.status) this.#tell({ event: 'statusChanged', payload: { status } });
      if (before?.databases !== now.databases)
        this.#tell({ event: 'databasesChanged', payload: { databases } });
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'the databases could not be read');
    }
  }

  #tell(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #read(): Promise<Reading> {
    const { engine, version } = this.#options;
    const { account, certificateExpiresAt } = await engine.status();
    if (account === null) {
      return {
        databases: [],
        status: { version, account, controlPlane: { kind: 'online' }, databasesAsOf: null },
      };
    }
    const { live, asOf, items } = await engine.databases();
    this.#offlineSince = live ? null : (this.#offlineSince ?? this.#clock.now());
    const since = this.#offlineSince === null ? null : iso(this.#offlineSince);
    return {
      databases: items.map((entry) => toDatabase(entry, live)),
      status: {
        version,
        account: {
          email: account.user.email,
          organization: account.organization.name,
          role: null,
          userId: account.user.id,
          deviceId: account.device.id,
          deviceName: account.device.name,
          controlPlane: account.controlPlane,
          signedInWith: account.signedInWith,
          endsAt:
            account.signedInWith === 'passkey' && certificateExpiresAt !== null
              ? iso(certificateExpiresAt)
              : null,
        },
        controlPlane: since === null ? { kind: 'online' } : { kind: 'offline', since },
        // A live list is as of now, which would change at every reading.
        databasesAsOf: live ? null : iso(asOf),
      },
    };
  }
}

/** What the control plane does not tell yet (server version, versions of policies, masks) is unknown, not none. */
function toDatabase(entry: DatabaseEntry, isLive: boolean): Database {
  return {
    id: entry.id,
    name: entry.name,
    environment: entry.environment,
    postgresVersion: null,
    access: {
      policies: entry.policies.map((name) => ({ name, version: null })),
      operations: null,
      maskedColumns: null,
    },
    port: entry.port,
    blocked: blockedBy(entry, isLive),
    connection: toConnection(entry.local),
  };
}

function toConnection(local: LocalEndpoint | null): Connection {
  if (local === null) return { kind: 'disconnected' };
  const { host, port, user, database, since, path, failure } = local;
  // The port is open and is tried again; until then its clients hear this.
  if (failure !== null) return { kind: 'failed', error: toBridgeFailure(failure) };
  return {
    kind: 'connected',
    local: { host, port, user, database },
    path: toBridgePath(path),
    since: iso(since),
  };
}

function toBridgePath(path: PathView | null): 'loopback' | 'direct' | 'relay' | null {
  if (path === null || path.kind === 'none') return null;
  return path.kind === 'both' ? 'direct' : path.kind;
}

function toBridgeFailure({ code, message, hint }: FailureView): BridgeError {
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL';
  return { code: known, message, hint, field: null };
}

/** An old list says nothing sure about the agent, so then it may be tried. */
function blockedBy({ state }: DatabaseEntry, isLive: boolean): Database['blocked'] {
  if (!isLive || state === 'online') return null;
  const isNew = state === 'unregistered';
  return {
    code: 'UPSTREAM_UNAVAILABLE',
    message: isNew ? 'Its agent was never started.' : 'Its agent is offline.',
    hint: 'Ask an administrator to start it.',
    field: null,
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Methods that this engine does not have yet say so. */
function notYet(): BackendMethods {
  const refuse = async (): Promise<never> => {
    throw new AppError('UNSUPPORTED');
  };
  return Object.fromEntries(
    Object.keys(methods).map((method) => [method, refuse]),
  ) as unknown as BackendMethods;
}
