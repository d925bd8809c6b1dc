import { AppError } from '@daam/shared/errors/app-error';
import type { BackendMethods, DesktopBackend } from '../backend.ts';
import type {
  BridgeEvent,
  Capabilities,
  ClientFileChange,
  Check,
  Database,
  DatabaseObjects,
  HistoryEntry,
  Method,
  Notification,
  Params,
  Reach,
  Result,
  SavedQuery,
  Settings,
  SignIn,
  Status,
  Workspace,
} from '../schema.ts';
import { MemoryQueries } from './memory-queries.ts';
import {
  sampleHistory,
  sampleNotifications,
  sampleObjects,
  sampleSaved,
  sampleSettings,
  sampleWorkspace,
} from './sample-workspace.ts';

export interface MemoryBackendOptions {
  readonly databases: readonly Database[];
  readonly status: Status;
  /** The moment that new connections carry; ISO 8601. */
  readonly now: string;
  readonly user: string;
  /** Answers `callApi`; NOT_FOUND for everything unless given. */
  readonly api?: (asked: Params<'callApi'>) => Promise<unknown>;
  readonly capabilities?: Partial<Capabilities>;
  /** What autocomplete knows. */
  readonly objects?: (database: string) => DatabaseObjects;
}

/** A backend without an engine: everything is kept in memory, and nothing listens on its ports. Tests only. */
export class MemoryBackend implements DesktopBackend {
  readonly capabilities: Capabilities;
  readonly methods: BackendMethods;
  /** What the next look at a control plane finds. */
  reach: Reach = { kind: 'reached', clockSkewMs: 0 };
  /** Checks that do not pass. */
  checkStates: Partial<Record<Check['id'], Check['state']>> = {};
  /** To change what an open tab shows, as the server would. */
  readonly queries: MemoryQueries;
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #options: MemoryBackendOptions;
  readonly #failures = new Map<Method, AppError>();
  #databases: Database[];
  #status: Status;
  #nextPort = 54_310;
  #settings: Settings = sampleSettings;
  #workspace: Workspace = sampleWorkspace;
  #history: HistoryEntry[] = [...sampleHistory];
  #saved: SavedQuery[] = [...sampleSaved];
  #notifications: Notification[] = [...sampleNotifications];
  #signIn: SignIn = { kind: 'none' };
  #isLocked = false;
  /** Programs that databases can be opened in. */
  tools: Result<'listTools'> = [];
  readonly #blocks = new Map<string, string[]>();
  #hasPassword = false;
  readonly #places = new Map<string, 'tcp' | 'socket'>();

  constructor(options: MemoryBackendOptions) {
    this.#options = options;
    this.capabilities = {
      tunnel: true,
      localPort: true,
      queryEditor: true,
      tray: false,
      openInTool: false,
      ...options.capabilities,
    };
    this.#databases = [...options.databases];
    this.#status = options.status;
    this.queries = new MemoryQueries((event) => this.#emit(event));
    this.methods = this.#failable({
      ...this.queries.methods,
      ...this.#databaseMethods(),
      ...this.#accountMethods(),
      ...this.#workspaceMethods(),
      callApi: async (asked) => {
        if (options.api === undefined) throw new AppError('NOT_FOUND', { field: 'route' });
        return { value: await options.api(asked) };
      },
    });
  }

  subscribe(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How many screens listen now. */
  get subscribers(): number {
    return this.#listeners.size;
  }

  /** The next call of the method fails with this, once. */
  failNext(method: Method, error: AppError): void {
    this.#failures.set(method, error);
  }

  setStatus(status: Status): void {
    this.#status = status;
    this.#emit({ event: 'statusChanged', payload: { status } });
  }

  setDatabases(databases: readonly Database[]): void {
    this.#databases = [...databases];
    this.#emit({ event: 'databasesChanged', payload: { databases: this.#databases } });
  }

  setSignIn(signIn: SignIn): void {
    this.#signIn = signIn;
    this.#emit({ event: 'signInChanged', payload: { signIn } });
    if (signIn.kind === 'done') this.#setLock(false);
  }

  #setLock(isLocked: boolean): void {
    if (isLocked === this.#isLocked) return;
    this.#isLocked = isLocked;
    this.#emit({ event: 'lockChanged', payload: { isLocked } });
  }

  notify(notification: Notification): void {
    this.#notifications = [notification, ...this.#notifications];
    this.#tellNotifications();
  }

  #databaseMethods() {
    return {
      listDatabases: async () => this.#databases,
      connect: async (asked: Params<'connect'>) => this.#connect(asked),
      disconnect: async ({ database }: Params<'disconnect'>) =>
        this.#replace({ ...this.#find(database), connection: { kind: 'disconnected' } }),
      connectionDetails: async ({ database }: Params<'connectionDetails'>) => {
        const { connection } = this.#find(database);
        const isOpen = connection.kind === 'connected';
        const { now } = this.#options;
        return {
          database,
          local: isOpen ? connection.local : null,
          place: this.#places.get(database) ?? ('tcp' as const),
          socket: null,
          tls: { isOn: false, caFile: null },
          hasLocalPassword: this.#hasPassword,
          roundTripMs: isOpen ? 14 : null,
          paths: isOpen ? [{ at: now, path: 'direct' as const, roundTripMs: 14 }] : [],
          sessions: isOpen ? [{ id: '1', program: 'psql', since: now, sent: 2_100, received: 84_000 }] : [],
          clients: isOpen ? 1 : 0,
          lastError: null,
        };
      },
      previewClientFile: async (asked: Params<'previewClientFile'>) => this.#clientFile(asked),
      writeClientFile: async (asked: Params<'writeClientFile'>) => {
        const shown = this.#clientFile(asked);
        this.#blocks.set(`${asked.database} ${asked.file}`, shown.added);
        return shown;
      },
      listTools: async () => this.tools,
      openInTool: async () => ({}),
      clearClipboard: async () => ({ cleared: false }),
      endPortSession: async () => ({ ended: true }),
      checkPort: async ({ port }: Params<'checkPort'>) => ({
        isFree: port !== 5_432,
        nextFree: 54_399,
        holder: port === 5_432 ? { program: 'postgres', pid: 4_121 } : null,
      }),
      setPort: async ({ database, port }: Params<'setPort'>) =>
        this.#replace({ ...this.#find(database), port }),
      runChecks: async ({ only }: Params<'runChecks'>) => ({
        at: this.#options.now,
        checks: (['control-plane', 'clock', 'udp', 'relay', 'ports'] as const)
          .filter((id) => only === undefined || id === only)
          .map((id) => ({ id, label: id, state: this.checkStates[id] ?? ('ok' as const), message: 'Fine.' })),
        report: 'control-plane ok\n',
      }),
      setPlace: async ({ database, place }: Params<'setPlace'>) => {
        this.#places.set(database, place);
        return this.#find(database);
      },
      switchLocalPassword: async ({ to }: Params<'switchLocalPassword'>) => {
        this.#hasPassword = to === 'on';
        return {};
      },
      readLocalTerms: async () => ({
        hasLocalPassword: this.#hasPassword,
        tls: { isOn: false, caFile: null },
      }),
      readLocalPassword: async () => ({ password: this.#hasPassword ? 'canary-local-password' : null }),
      switchLocalTls: async () => ({}),
      readObjects: async ({ database }: Params<'readObjects'>) =>
        (this.#options.objects ?? sampleObjects)(database),
    };
  }

  #accountMethods() {
    return {
      status: async () => this.#status,
      checkControlPlane: async () => this.reach,
      describeDevice: async () => ({
        name: 'laptop',
        os: 'linux 6.1',
        keyPlace: 'system' as const,
        keyState: 'missing' as const,
      }),
      startSignIn: async (asked: Params<'startSignIn'>) => {
        this.setSignIn({
          kind: 'browser',
          url: `${asked.controlPlane}/auth/authorize`,
          matchCode: 'K7',
          deviceName: asked.deviceName ?? 'laptop',
          endsAt: new Date(Date.parse(this.#options.now) + 180_000).toISOString(),
        });
        return this.#signIn;
      },
      lock: async () => {
        this.#setLock(true);
        return {};
      },
      readLock: async () => ({ isLocked: this.#isLocked }),
      cancelSignIn: async () => {
        this.setSignIn({ kind: 'none' });
        return {};
      },
      readSignIn: async () => this.#signIn,
      signOut: async () => {
        this.setStatus({ ...this.#status, account: null });
        return {};
      },
      describeLogs: async () => ({ folder: '~/.daam/logs', canOpen: true }),
      openLogs: async () => ({ isOpen: true }),
      listNotifications: async () => this.#notifications,
      markNotificationRead: async ({ id }: Params<'markNotificationRead'>) => {
        this.#notifications = this.#notifications.map((each) =>
          id === null || each.id === id ? { ...each, isRead: true } : each,
        );
        this.#tellNotifications();
        return {};
      },
      countWaiting: async () => ({ mine: 1, inbox: 0 }),
    };
  }

  #workspaceMethods() {
    return {
      listHistory: async ({ database, text, outcome, after, limit }: Params<'listHistory'>) => {
        const all = this.#history.filter(
          (entry) =>
            (database === null || entry.database.id === database) &&
            (text === null || entry.sql.includes(text)) &&
            (outcome === null || entry.outcome === outcome),
        );
        const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
        const items = all.slice(start, start + limit);
        return { items, next: start + limit < all.length ? (items.at(-1)?.id ?? null) : null };
      },
      removeHistory: async ({ id }: Params<'removeHistory'>) => {
        this.#history = id === null ? [] : this.#history.filter((entry) => entry.id !== id);
        this.#emit({ event: 'historyChanged', payload: {} });
        return {};
      },
      listSavedQueries: async () => this.#saved,
      saveQuery: async (asked: Params<'saveQuery'>) => {
        const saved = {
          ...asked,
          id: asked.id ?? `saved-${this.#saved.length + 1}`,
          changedAt: this.#options.now,
        };
        this.#saved = [...this.#saved.filter(({ id }) => id !== saved.id), saved];
        this.#emit({ event: 'savedQueriesChanged', payload: {} });
        return saved;
      },
      removeSavedQuery: async ({ id }: Params<'removeSavedQuery'>) => {
        this.#saved = this.#saved.filter((saved) => saved.id !== id);
        this.#emit({ event: 'savedQueriesChanged', payload: {} });
        return {};
      },
      readWorkspace: async () => this.#workspace,
      writeWorkspace: async (workspace: Workspace) => {
        this.#workspace = workspace;
        return {};
      },
      readSettings: async () => this.#settings,
      changeSettings: async (changes: Params<'changeSettings'>) => {
        this.#settings = { ...this.#settings, ...(changes as Partial<Settings>) };
        this.#emit({ event: 'settingsChanged', payload: { settings: this.#settings } });
        return this.#settings;
      },
    };
  }

  /** A file with three lines of others, and our blocks. */
  #clientFile({ database, file, want }: Params<'previewClientFile'>): ClientFileChange {
    const { name, port } = this.#find(database);
    const lines =
      file === 'service'
        ? [`[${name}]`, 'host=127.0.0.1', `port=${port}`]
        : [`127.0.0.1:${port}:${name}:dev:********`];
    const removed = this.#blocks.get(`${database} ${file}`) ?? [];
    const added = want === 'absent' ? [] : [`# >>> daam ${database}`, ...lines, `# <<< daam ${database}`];
    const isSame = removed.join('\n') === added.join('\n');
    return {
      path: file === 'service' ? '/home/dev/.pg_service.conf' : '/home/dev/.pgpass',
      removed: isSame ? [] : removed,
      added: isSame ? [] : added,
      otherLines: 3,
      basis: '0'.repeat(64),
    };
  }

  #connect(request: Params<'connect'>): Database {
    const found = this.#find(request.database);
    if (found.connection.kind === 'connected') return found;
    const port = request.port ?? found.port ?? this.#nextPort++;
    const local = { host: '127.0.0.1', port, user: this.#options.user, database: found.name };
    return this.#replace({
      ...found,
      port,
      connection: { kind: 'connected', local, path: 'loopback', since: this.#options.now },
    });
  }

  #find(id: string): Database {
    const found = this.#databases.find((database) => database.id === id);
    if (found === undefined) throw new AppError('NOT_FOUND', { field: 'database' });
    return found;
  }

  #replace(changed: Database): Database {
    this.setDatabases(this.#databases.map((database) => (database.id === changed.id ? changed : database)));
    return changed;
  }

  #tellNotifications(): void {
    this.#emit({ event: 'notificationsChanged', payload: { notifications: this.#notifications } });
  }

  /** Each method, failing first when it was told to. */
  #failable(methods: BackendMethods): BackendMethods {
    const entries = Object.entries(methods) as [Method, (params: never) => Promise<unknown>][];
    return Object.fromEntries(
      entries.map(([method, answer]) => [
        method,
        async (params: never) => {
          const failure = this.#failures.get(method);
          this.#failures.delete(method);
          if (failure !== undefined) throw failure;
          return await answer(params);
        },
      ]),
    ) as BackendMethods;
  }

  #emit(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
