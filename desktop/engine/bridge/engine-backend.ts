/**
 * The engine behind the bridge. The engine tells only that something changed; this reads what, and tells the screens
 * when it differs. While a screen listens it also looks from time to time, since policies change elsewhere. Statements,
 * what a person keeps, sign-in and the pass to the control plane are services of their own beside this.
 */
import { homedir } from 'node:os';
import type { ApiClient } from '@daam/shared/api/client';
import type { Clock } from '@daam/shared/base/clock';
import { systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { BackendMethods, DesktopBackend } from '../../ipc/backend.ts';
import type { BridgeEvent, Capabilities, Database, Status } from '../../ipc/schema.ts';
import type { Engine } from '../engine.ts';
import { ControlPlaneCheck } from '../sign-in/control-plane-check.ts';
import { reachControlPlane } from '../sign-in/reach-control-plane.ts';
import { ClientFiles } from '../client-files/client-files.ts';
import { QueryService } from '../query/query-service.ts';
import type { StateFolder } from '../state-folder.ts';
import { Tools } from '../tools/open-in-tool.ts';
import { WorkspaceService } from '../workspace/workspace-service.ts';
import { passToApi } from './api-pass.ts';
import { ConnectionService } from './connection-service.ts';
import { LockService } from './lock-service.ts';
import { NotificationsService } from './notifications-service.ts';
import { ObjectsService } from './objects-service.ts';
import { Ownership } from './ownership.ts';
import { SignInService } from './sign-in-service.ts';
import { iso, toDatabase } from './to-database.ts';

/** Milliseconds. */
const lookInterval = 30_000;
const accessPause = 20_000;
/** Databases whose tables are read after one look at the list. */
const accessAtOnce = 25;

export interface EngineBackendOptions {
  readonly engine: Pick<
    Engine,
    | 'status'
    | 'credentials'
    | 'databases'
    | 'connect'
    | 'disconnect'
    | 'subscribe'
    | 'api'
    | 'logout'
    | 'loginWithPasskey'
    | 'signInAgain'
    | 'localTls'
    | 'switchLocalTls'
    | 'localPassword'
    | 'switchLocalPassword'
    | 'place'
    | 'setPlace'
    | 'sessions'
    | 'endSession'
  > & { readonly stateFolder: StateFolder };
  /** Of the app. */
  readonly version: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly capabilities?: Partial<Capabilities>;
  /** Where the files of libpq are; default: the person's home folder. */
  readonly home?: string;
  /** Programs that this shell may start on a local port; default: none. */
  readonly tools?: Tools;
}

interface Reading {
  readonly status: Status;
  readonly databases: Database[];
}

type Role = NonNullable<Status['account']>['role'];

export class EngineBackend implements DesktopBackend, AsyncDisposable {
  readonly capabilities: Capabilities;
  readonly methods: BackendMethods;
  readonly #options: EngineBackendOptions;
  readonly #clock: Clock;
  readonly #queries: QueryService;
  readonly #workspace: WorkspaceService;
  readonly #objects: ObjectsService;
  readonly #signIn: SignInService;
  readonly #lock: LockService;
  readonly #ownership: Ownership;
  readonly #check: ControlPlaneCheck;
  readonly #connections: ConnectionService;
  readonly #notifications: NotificationsService;
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #unsubscribe: () => void;
  readonly #known = new Map<string, Pick<Database, 'name' | 'environment'>>();
  readonly #toldPolicies = new Set<string>();
  readonly #askedAccess = new Map<string, number>();
  #told: { status: string; databases: string } | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #timer: NodeJS.Timeout | null = null;
  #offlineSince: number | null = null;
  #role: { readonly user: string; readonly role: Role } | null = null;

  constructor(options: EngineBackendOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.capabilities = {
      tunnel: true,
      localPort: true,
      queryEditor: true,
      tray: false,
      openInTool: (options.tools?.list() ?? []).length > 0,
      ...options.capabilities,
    };
    const { engine, logger, version } = options;
    const shared = { emit: (event: BridgeEvent) => this.#tell(event), now: () => this.#clock.now() };
    const api = async (): Promise<ApiClient> => await engine.api();
    const state = engine.stateFolder;
    this.#ownership = new Ownership({
      state,
      user: async () => (await engine.status()).account?.user.id ?? null,
      forgetPerson: async () => await this.#forgetPerson(),
    });
    this.#workspace = new WorkspaceService({ ...shared, state, logger, user: () => this.#ownership.user });
    this.#objects = new ObjectsService({ ...shared, api });
    this.#lock = new LockService({
      state,
      logger,
      emit: shared.emit,
      isSignedIn: async () => (await engine.status()).account?.signedInWith === 'passkey',
    });
    this.#check = new ControlPlaneCheck({
      reach: async (at) => await reachControlPlane(at, { fetch, now: shared.now }),
      signedInTo: async () => (await engine.status()).account?.controlPlane ?? null,
      now: shared.now,
    });
    this.#signIn = new SignInService({
      ...shared,
      engine,
      isSamePersonAsked: async () => await this.#lock.isLocked(),
      onDone: async () => await this.#lock.open(),
    });
    this.#connections = new ConnectionService({
      engine,
      version,
      fetch,
      clientFiles: new ClientFiles({
        home: options.home ?? homedir(),
        platform: process.platform,
        password: async () => await engine.localPassword(),
      }),
      tools: options.tools ?? new Tools({ tools: [], start: async () => {} }),
      now: shared.now,
      idleCloseMs: async () => {
        const { idleMinutes } = (await this.#workspace.settings()).connections;
        return idleMinutes === 0 ? null : idleMinutes * 60_000;
      },
      databaseOf: async (id) => await this.#find(id),
    });
    this.#notifications = new NotificationsService({
      ...shared,
      state,
      api,
      logger,
      user: async () => (await engine.status()).account?.user.id ?? null,
      settings: async () => await this.#workspace.settings(),
    });
    this.#queries = new QueryService({
      ...shared,
      state,
      api,
      emit: (event) => this.#tellOfQuery(event),
      connect: async (database) => await this.#connections.open({ database }),
      localPassword: async () => await engine.localPassword(),
      databaseOf: async (id) => {
        // As last read: nobody waits for the control plane before a statement.
        const { name, environment } = this.#known.get(id) ?? (await this.#find(id));
        return { name, isProduction: environment === 'production' };
      },
      settings: async () => ({
        confirmRisky: (await this.#workspace.settings()).editor.confirmRisky,
        exportFolder: await this.#workspace.exportFolder(),
      }),
      remember: (entry) => void this.#workspace.remember(entry),
    });
    this.methods = this.#lock.guard(
      this.#ownership.guard({
        ...this.#queries.methods,
        ...this.#workspace.methods,
        ...this.#connections.methods,
        ...this.#ownMethods(api),
        ...this.#lock.methods,
      }),
    );
    this.#unsubscribe = engine.subscribe(() => this.#look());
  }

  subscribe(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    // Nothing is told before it is known.
    this.#lock.isLocked().catch(() => {});
    if (this.#listeners.size === 1) this.#notifications.start();
    this.#schedule();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#notifications.stop();
    };
  }

  /** The engine itself stays the owner's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#listeners.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#signIn.cancel();
    await this.#queries[Symbol.asyncDispose]();
    await this.#notifications[Symbol.asyncDispose]();
    await this.#looking;
  }

  #ownMethods(api: () => Promise<ApiClient>) {
    return {
      status: async () => (await this.#read()).status,
      listDatabases: async () => (await this.#read()).databases,
      readObjects: async (asked: Parameters<BackendMethods['readObjects']>[0]) => {
        const objects = await this.#objects.read(asked);
        this.#look();
        return objects;
      },
      checkControlPlane: async ({ controlPlane }: { controlPlane: string }) =>
        await this.#check.check(controlPlane),
      describeDevice: async () => await this.#signIn.device(),
      startSignIn: async (asked: Parameters<BackendMethods['startSignIn']>[0]) =>
        await this.#signIn.start(asked),
      cancelSignIn: async () => {
        await this.#signIn.cancel();
        return {};
      },
      readSignIn: async () => this.#signIn.state,
      signOut: async () => {
        try {
          await this.#options.engine.logout();
        } finally {
          await this.#ownership.settle();
        }
        await this.#lock.open();
        return {};
      },
      // The engine writes none of its own; a shell that does answers in its place.
      describeLogs: async () => ({ folder: null, canOpen: false }),
      openLogs: async () => ({ isOpen: false }),
      listNotifications: async () => await this.#notifications.list(),
      markNotificationRead: async ({ id }: { id: string | null }) => {
        await this.#notifications.markRead(id);
        return {};
      },
      countWaiting: async () => await this.#notifications.countWaiting(),
      callApi: async (asked: Parameters<BackendMethods['callApi']>[0]) => await passToApi(api, asked),
    };
  }

  /** What one person ran, wrote, had and was told is not the next one's. */
  async #forgetPerson(): Promise<void> {
    await this.#queries.forgetAll();
    await this.#workspace.forgetPerson();
    await this.#notifications.forget();
    this.#objects.forgetAll();
    this.#connections.forgetAll();
    this.#known.clear();
    this.#askedAccess.clear();
    this.#toldPolicies.clear();
    this.#role = null;
    this.#offlineSince = null;
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
    // A way that is lost is told of when it stays so, not at the next look by chance.
    const wait = Math.min(lookInterval, this.#notifications.lostLookIn() ?? lookInterval);
    this.#timer = setTimeout(() => this.#look(), wait);
    this.#timer.unref();
  }

  async #tellWhatChanged(): Promise<void> {
    try {
      const owner = await this.#ownership.settle();
      const { status, databases } = await this.#read();
      await this.#lock.isLocked();
      if ((await this.#ownership.settle()) !== owner) {
        this.#lookAgain = true;
        return;
      }
      const now = { status: JSON.stringify(status), databases: JSON.stringify(databases) };
      const before = this.#told;
      this.#told = now;
      if (before?.status !== now.status) this.#tell({ event: 'statusChanged', payload: { status } });
      if (before?.databases !== now.databases)
        this.#tell({ event: 'databasesChanged', payload: { databases } });
      if (status.account !== null) void this.#noteNews(status, databases, status.account.endsAt);
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'the databases could not be read');
    }
  }

  async #noteNews(status: Status, databases: Database[], endsAt: string | null): Promise<void> {
    await this.#note(async () => {
      await this.#notifications.databasesSeen(databases, status.controlPlane.kind === 'online');
      await this.#notifications.signInSeen(endsAt);
    });
    this.#schedule();
  }

  async #note(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      this.#options.logger.warn({ code: toAppError(thrown).code }, 'notifications could not be kept');
    }
  }

  #tell(event: BridgeEvent): void {
    if (!this.#lock.mayTell(event)) return;
    for (const listener of this.#listeners) listener(event);
  }

  /** A policy that changed under a session changes what autocomplete and the list say too. */
  #tellOfQuery(event: BridgeEvent): void {
    this.#tell(event);
    if (event.event === 'exportChanged') {
      void this.#note(async () => await this.#notifications.exportChanged(event.payload.export));
    }
    if (event.event !== 'queryChanged') return;
    const { database, policyChanged } = event.payload.query;
    if (policyChanged === null) return;
    this.#objects.forget(database);
    const { name } = this.#known.get(database) ?? {};
    // The tabs of a database hear of one change within moments of each other.
    const at = policyChanged.at.slice(0, '2030-01-15T09:4'.length);
    if (name === undefined || this.#toldPolicies.has(`${database} ${at}`)) return;
    this.#toldPolicies.add(`${database} ${at}`);
    void this.#note(async () => await this.#notifications.policyChanged(database, name, at));
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
    const owner = this.#ownership.user;
    const { live, asOf, items } = await engine.databases();
    if (this.#ownership.user === owner) {
      this.#connections.look(items);
      for (const { id, name, environment } of items) this.#known.set(id, { name, environment });
      if (live) void this.#readAccess(items.map(({ id }) => id));
    }
    this.#offlineSince = live ? null : (this.#offlineSince ?? this.#clock.now());
    const since = this.#offlineSince === null ? null : iso(this.#offlineSince);
    const endsAt =
      account.signedInWith === 'passkey' && certificateExpiresAt !== null ? iso(certificateExpiresAt) : null;
    return {
      databases: items.map((entry) => toDatabase(entry, live, this.#objects.access(entry.id))),
      status: {
        version,
        account: {
          email: account.user.email,
          organization: account.organization.name,
          role: live ? await this.#readRole(account.user.id) : (this.#role?.role ?? null),
          userId: account.user.id,
          deviceId: account.device.id,
          deviceName: account.device.name,
          controlPlane: account.controlPlane,
          signedInWith: account.signedInWith,
          endsAt,
        },
        controlPlane: since === null ? { kind: 'online' } : { kind: 'offline', since },
        // A live list is as of now, which would change at every reading.
        databasesAsOf: live ? null : iso(asOf),
      },
    };
  }

  /** What the person may do in each database, for its row; told when it is known. */
  async #readAccess(databases: readonly string[]): Promise<void> {
    const now = this.#clock.now();
    const due = databases
      .filter((id) => !this.#objects.isKnown(id))
      .filter((id) => now - (this.#askedAccess.get(id) ?? 0) > accessPause)
      .slice(0, accessAtOnce);
    for (const id of due) this.#askedAccess.set(id, now);
    let isNew = false;
    for (const database of due) {
      const known = await this.#objects.read({ database, refresh: false }).catch(() => null);
      if (known !== null && known.asOf !== null) isNew = true;
    }
    if (isNew) this.#look();
  }

  /** Asked once for each person; what they may do is decided by the control plane anyway. */
  async #readRole(user: string): Promise<Role> {
    if (this.#role?.user === user) return this.#role.role;
    try {
      const { role } = await (await this.#options.engine.api()).getMe();
      this.#role = { user, role };
      return role;
    } catch {
      return null;
    }
  }
}
