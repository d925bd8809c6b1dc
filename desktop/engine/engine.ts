/**
 * What the app, the command line and the development environment share: sign in, see the databases, open and close
 * their local ports. Plain Node, no user interface. It keeps what it must in one state folder and its secrets in one
 * secret store, and goes on with what it holds when the control plane is away.
 */
import type { KeyObject } from 'node:crypto';
import { hostname, platform, release } from 'node:os';
import { type ApiClient, createClient, type FetchLike } from '@daam/shared/api/client';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import { type Logger, silentLogger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type Account, accountSchema, isSameDevice } from './account.ts';
import { chooseTransport, isTunnelled } from './choose-transport.ts';
import { Credentials } from './credentials.ts';
import { type Directory, findDatabase, readDirectory } from './database-directory.ts';
import type {
  ConnectOptions,
  DatabaseList,
  EngineOptions,
  EngineStatus,
  PasskeyLogin,
} from './engine-options.ts';
import { FileSecretStore } from './file-secret-store.ts';
import { KeyringSecretStore } from './keyring-secret-store.ts';
import { KeytarSecretStore } from './keytar-secret-store.ts';
import { type PortPlace, socketFolder } from './local-address.ts';
import { LocalPassword, noPasswordHere } from './local-password/local-password.ts';
import { LocalTls, type LocalTlsView } from './local-tls/local-tls.ts';
import { type LocalEndpoint, OpenDatabases } from './open-databases.ts';
import type { PortSession } from './port-session.ts';
import { readSecret, type SecretStore, type SecretStoreKind, secretNames } from './secret-store.ts';
import type { HostEngine, OpenWish } from './share/host.ts';
import { SharedPorts } from './share/shared-ports.ts';
import { readControlPlaneUrl } from './sign-in/control-plane-url.ts';
import { readDeviceKey } from './sign-in/device-key.ts';
import { passkeyAttempt } from './sign-in/passkey-attempt.ts';
import { signInWithPasskey } from './sign-in/passkey-sign-in.ts';
import { NoticeWatch } from './sign-in/notice-watch.ts';
import { signInNotice } from './sign-in/sign-in-notice.ts';
import { signIn } from './sign-in/token-sign-in.ts';
import { StateFolder } from './state-folder.ts';
import { StickyPorts } from './sticky-ports.ts';
import type { Transport } from './transport.ts';
import { Upkeep } from './upkeep.ts';

export type { DatabaseEntry, DatabaseList, EngineOptions, PasskeyLogin } from './engine-options.ts';
export type { LocalEndpoint } from './open-databases.ts';

/** What is there once somebody is signed in. */
interface SignedIn {
  readonly account: Account;
  readonly client: ApiClient;
  readonly credentials: Credentials;
  readonly transport: Transport;
}

export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #state: StateFolder;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ports: StickyPorts;
  readonly #open: OpenDatabases;
  /** One tunnel serves all processes of a state folder; null where there is none. */
  readonly #shared: SharedPorts | null;
  readonly #tls: LocalTls;
  readonly #password: LocalPassword;
  readonly #notices: NoticeWatch;
  readonly #upkeep: Upkeep;
  readonly #listeners = new Set<() => void>();
  #signedIn: Promise<SignedIn> | null = null;

  private constructor(options: EngineOptions, state: StateFolder) {
    this.#options = options;
    this.#state = state;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#ports = new StickyPorts({ state });
    const stateDir = state.path;
    const logger = this.#logger;
    this.#open = new OpenDatabases({ stateDir, ports: this.#ports, clock: this.#clock, logger });
    const store = (kind: SecretStoreKind): SecretStore => this.#store(kind);
    this.#tls = new LocalTls({ state, clock: this.#clock, store });
    this.#password = new LocalPassword({ state, store });
    this.#upkeep = this.#keepUp();
    this.#notices = new NoticeWatch({
      held: () => this.#held(),
      clock: this.#clock,
      onChange: () => this.#changed(),
    });
    this.#shared = isTunnelled(options)
      ? new SharedPorts({ stateDir, logger, engine: this.#asHost(), onChange: () => this.#changed() })
      : null;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(options, await StateFolder.open(options.stateDir));
  }

  /** Signs in with an API token and keeps what later calls need. */
  async login(request: { readonly controlPlane: string; readonly token: Secret }): Promise<Account> {
    const controlPlane = readControlPlaneUrl(request.controlPlane);
    const previous = await this.#readAccount();
    const kind = this.#options.secretStore ?? previous?.secretStore ?? 'keyring';
    const account = await signIn({
      controlPlane,
      token: request.token,
      client: this.#client(controlPlane, () => request.token),
      store: this.#store(kind),
      clock: this.#clock,
      device: { name: hostname(), os: `${platform()} ${release()}` },
      previous,
    });
    await this.#endSession();
    await this.#state.remove('certificate.json');
    await this.#state.write('account.json', account);
    if (previous?.user.id !== account.user.id) await this.#changePassword(previous);
    await (await this.#session()).credentials.certificate();
    await this.#shared?.tellReload();
    this.#changed();
    return account;
  }

  /**
   * Signs in with a passkey, in the browser of this machine or (`show` of a device code) elsewhere. Connections of the
   * same person on the same device stay open, under the new certificate.
   */
  async loginWithPasskey(request: PasskeyLogin): Promise<Account> {
    const controlPlane = readControlPlaneUrl(request.controlPlane);
    const previous = await this.#readAccount();
    const store = this.#store(this.#options.secretStore ?? previous?.secretStore ?? 'keyring');
    const client = this.#client(controlPlane, () => null);
    const { account, certificate } = await signInWithPasskey({
      controlPlane,
      client,
      store,
      clock: this.#clock,
      previous,
      attempt: passkeyAttempt({ ...request, controlPlane }, client),
    });
    await this.#state.write('account.json', account);
    await this.#state.write('certificate.json', certificate);
    const session = await this.#signedIn?.catch(() => null);
    if (session && isSameDevice(session.account, account)) await this.#adopt(session);
    else await this.#endSession();
    if (previous?.user.id !== account.user.id) await this.#changePassword(previous);
    await this.#shared?.tellReload();
    this.#changed();
    return account;
  }

  /**
   * Signs the same person in once more, on this device: for a sign-in that ends, and for a database that wants a recent
   * one. What is open stays open. UNAUTHENTICATED when nobody is signed in.
   */
  async signInAgain({ way, signal }: Pick<PasskeyLogin, 'way' | 'signal'>): Promise<Account> {
    const account = await this.#readAccount();
    if (account === null) throw new AppError('UNAUTHENTICATED', { hint: 'Sign in with "daam login".' });
    const { controlPlane, user, organization } = account;
    const who = { loginHint: user.email, organization: organization.id };
    return await this.loginWithPasskey({ controlPlane, way, signal, ...who });
  }

  /**
   * Forgets the account, its token and the device key; the device stays registered until it is revoked. Where local ports ask
   * for a password, it is another one from then on.
   */
  async logout(): Promise<void> {
    const account = await this.#readAccount();
    if (account?.signedInWith === 'passkey') {
      // Without the control plane the token ends by itself, with the certificate.
      const session = await this.#session().catch(() => null);
      await session?.client.signOut().catch(() => {});
    }
    await this.#endSession();
    if (account !== null) {
      const store = this.#store(account.secretStore);
      await store.forget(secretNames.apiToken);
      await store.forget(secretNames.deviceKey);
    }
    for (const name of ['account.json', 'certificate.json', 'databases.json']) await this.#state.remove(name);
    await this.#changePassword(account);
    await this.#shared?.tellReload();
    this.#changed();
  }

  /** The databases that the person may use. UNAUTHENTICATED when nobody is signed in. */
  async databases(): Promise<DatabaseList> {
    const directory = await this.#directory();
    const open = await this.#endpoints();
    const entries = directory.items.map(async (database) => ({
      ...database,
      port: await this.#ports.get(database.id),
      local: open.find(({ databaseId }) => databaseId === database.id) ?? null,
    }));
    return { ...directory, items: await Promise.all(entries) };
  }

  /** Opens the database's local port, by name or id. Open already: the same endpoint. */
  async connect(nameOrId: string, options: ConnectOptions = {}): Promise<LocalEndpoint> {
    // Whoever is not signed in hears that here, not from another process.
    await this.#session();
    const { port, place, idleCloseMs = this.#options.idleCloseMs ?? null } = options;
    const wish = { port, place, idleCloseMs };
    const local =
      this.#shared === null
        ? await this.#connectHere(nameOrId, wish)
        : await this.#shared.open(nameOrId, wish);
    this.#changed();
    return local;
  }

  /** Closes the local port and ends its sessions; one that is not open is no error. */
  async disconnect(nameOrId: string): Promise<void> {
    if (await (this.#shared ?? this.#open).close(nameOrId)) this.#changed();
  }

  /** Where the database listens on this device unless a connect asks for another place. */
  async place(databaseId: string): Promise<PortPlace> {
    return await this.#ports.place(databaseId);
  }

  /** From the next connect on. */
  async setPlace(databaseId: string, place: PortPlace): Promise<void> {
    if (place === 'socket') await socketFolder(this.#state.path);
    await this.#ports.setPlace(databaseId, place);
    this.#changed();
  }

  /** Who is connected through a database's port now, whichever process has it; nobody where it is not open. */
  async sessions(databaseId: string): Promise<readonly PortSession[]> {
    return await (this.#shared ?? this.#open).sessions(databaseId);
  }

  /** Ends one of them; false when it is gone already. */
  async endSession(databaseId: string, session: string): Promise<boolean> {
    return await (this.#shared ?? this.#open).endSession(databaseId, session);
  }

  /** What is known without asking anyone. */
  async status(): Promise<EngineStatus> {
    const { account, certificateExpiresAt } = await this.#held();
    const kind = account?.secretStore ?? this.#options.secretStore ?? 'keyring';
    const { kind: state } = await this.#store(kind).look(secretNames.deviceKey);
    await this.#open.refresh();
    return {
      account,
      notice: signInNotice({ account, certificateExpiresAt, now: this.#clock.now() }),
      secrets: { store: kind, state },
      certificateExpiresAt,
      connections: await this.#endpoints(),
    };
  }

  /** Whether local ports answer TLS, and what a client needs to check it. */
  localTls(): Promise<LocalTlsView> {
    return this.#tls.view();
  }

  /** Switches TLS on local ports on or off, also on those that are open, in whichever process. */
  async switchLocalTls(to: 'on' | 'off'): Promise<void> {
    if (to === 'off') await this.#tls.switchOff();
    else {
      const account = await this.#readAccount();
      await this.#tls.switchOn(account?.secretStore ?? this.#options.secretStore ?? 'keyring');
    }
    await this.#open.termsChanged();
    await this.#shared?.tellReload();
  }

  /** The password that clients of local ports are asked for; null: none. */
  localPassword(): Promise<Secret | null> {
    return this.#password.reveal();
  }

  /** Has every local port ask for a password from now on, a new one each time (`on`), or for none. */
  async switchLocalPassword(to: 'on' | 'off'): Promise<void> {
    const account = await this.#readAccount();
    const kind = account?.secretStore ?? this.#options.secretStore ?? 'keyring';
    if (to === 'on') await this.#password.make(kind);
    else await this.#password.forget();
    await this.#open.termsChanged();
    await this.#shared?.tellReload();
  }

  /** What one person's programs were told opens no port of the next one. Off stays off; lost stays lost. */
  async #changePassword(of: Account | null): Promise<void> {
    if (of === null || (await this.#password.verifier().catch(() => null)) === null) return;
    await this.#password.make(of.secretStore);
  }

  /** Lets go of the ports that nobody has used for long enough. It happens by itself too. */
  async closeIdle(): Promise<void> {
    const wish = this.#options.idleCloseMs ?? null;
    for (const [databaseId, idleMs] of await this.#open.idle()) {
      if (this.#shared !== null) await this.#shared.wasIdle(databaseId, idleMs);
      else if (wish !== null && idleMs >= wish) await this.disconnect(databaseId);
    }
  }

  /** The typed client of the control plane, signed in or of a program: for what the engine does not wrap. */
  async api(): Promise<ApiClient> {
    const { program } = this.#options;
    if (program !== undefined)
      return this.#client(readControlPlaneUrl(program.controlPlane), () => program.token);
    return (await this.#session()).client;
  }

  /** What leads to agents. For who shows or tests it; connections use it by themselves. */
  async credentials(): Promise<Credentials> {
    return (await this.#session()).credentials;
  }

  /** Where the engine keeps what must outlive it; the app puts its own files there too. */
  get stateFolder(): StateFolder {
    return this.#state;
  }

  /**
   * Calls the listener after every sign-in, connect and disconnect, and when there is something to say of the sign-in's end,
   * until the returned function is called.
   */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    void this.#notices.look();
    return () => void this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    this.#notices[Symbol.dispose]();
    await this.#endSession();
    await this.#shared?.[Symbol.asyncDispose]();
  }

  /** In this process, with the tunnel that it has. */
  async #connectHere(nameOrId: string, { port, place }: OpenWish): Promise<LocalEndpoint> {
    const session = await this.#session();
    if (this.#shared === null && (await this.#password.verifier()) !== null) throw noPasswordHere();
    const database = findDatabase(await this.#directory(), nameOrId);
    const local = await this.#open.open(session, database, {
      port,
      place,
      isShared: this.#shared !== null,
    });
    this.#upkeep.start();
    return local;
  }

  #endpoints(): Promise<readonly LocalEndpoint[]> {
    return (this.#shared ?? this.#open).endpoints();
  }

  /** What this engine does for others of the same person on this device. */
  #asHost(): HostEngine {
    return {
      open: async (nameOrId, wish) => {
        const local = await this.#connectHere(nameOrId, wish);
        this.#changed();
        return local;
      },
      close: async (databaseId) => {
        if (await this.#open.close(databaseId)) this.#changed();
      },
      endpoints: () => this.#open.endpoints(),
      sessions: (databaseId) => this.#open.sessions(databaseId),
      endSession: (databaseId, session) => this.#open.endSession(databaseId, session),
      reload: () => this.#reload(),
    };
  }

  /** Somebody signed in or out in another process. */
  async #reload(): Promise<void> {
    const session = await this.#signedIn?.catch(() => null);
    if (session === undefined || session === null) return;
    const account = await this.#readAccount();
    if (account !== null && isSameDevice(session.account, account)) await this.#adopt(session);
    else await this.#endSession();
    await this.#open.termsChanged();
    this.#changed();
  }

  /** Takes a new sign-in over. Whoever connects next waits for what agents say to it, not for what they said before. */
  async #adopt({ credentials }: SignedIn): Promise<void> {
    await credentials.adopt();
    await this.#open.credentialsChanged();
  }

  async #directory(): Promise<Directory> {
    const { client } = await this.#session();
    return readDirectory({ client, state: this.#state, clock: this.#clock });
  }

  #session(): Promise<SignedIn> {
    return (this.#signedIn ??= this.#startSession().catch((thrown: unknown) => {
      this.#signedIn = null;
      throw thrown;
    }));
  }

  async #startSession(): Promise<SignedIn> {
    const account = await this.#readAccount();
    const store = account === null ? null : this.#store(account.secretStore);
    const token = store === null ? null : await readSecret(store, secretNames.apiToken);
    if (account === null || store === null || token === null) {
      throw new AppError('UNAUTHENTICATED', { hint: 'Sign in with "daam login".' });
    }
    let current = token;
    const client = this.#client(account.controlPlane, () => current);
    const credentials = new Credentials({
      account,
      client,
      state: this.#state,
      clock: this.#clock,
      logger: this.#logger,
      onRenewed: () => void this.#open.credentialsChanged(),
      onSignedInAgain: async () => {
        current = (await readSecret(store, secretNames.apiToken)) ?? current;
      },
    });
    const transport = this.#transport(await readDeviceKey(store, account));
    return { account, client, credentials, transport };
  }

  #transport(deviceKey: KeyObject): Transport {
    return chooseTransport(this.#options, {
      deviceKey,
      clock: this.#clock,
      logger: this.#logger,
      tls: () => this.#tls.material(),
      password: () => this.#password.verifier(),
      onChange: () => {
        this.#changed();
        void this.#open.mark();
      },
    });
  }

  #readAccount(): Promise<Account | null> {
    return this.#state.read('account.json', accountSchema);
  }

  #client(baseUrl: string, token: () => Secret | null): ApiClient {
    const send: FetchLike = this.#options.fetch ?? ((url, init) => fetch(url, init));
    return createClient({ baseUrl, fetch: send, token: () => token()?.reveal() ?? null, timeoutMs: 10_000 });
  }

  #store(kind: SecretStoreKind): SecretStore {
    if (this.#options.makeStore !== undefined) return this.#options.makeStore(kind, this.#state);
    if (kind === 'file') return new FileSecretStore({ state: this.#state });
    const profile = this.#state.path;
    return kind === 'keytar' ? new KeytarSecretStore({ profile }) : new KeyringSecretStore({ profile });
  }

  /** Renews what is due. It happens by itself too, as long as something is open. */
  renew(): Promise<void> {
    return this.#upkeep.renew();
  }

  #keepUp(): Upkeep {
    return new Upkeep({
      isNeeded: () => this.#open.ids.length > 0,
      renew: async () => await (await this.#session()).credentials.renewDue(this.#open.ids),
      // Clients shall hear why, rather than nothing.
      onNotRenewed: () => this.#open.credentialsChanged(),
      // For those who ask `status` in another process, too.
      look: async () => {
        await this.#open.refresh();
        await this.#open.mark();
        await this.closeIdle();
      },
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /** Closes everything and forgets who is signed in; the next call reads it again. */
  async #endSession(): Promise<void> {
    this.#upkeep[Symbol.dispose]();
    await this.#open.closeAll();
    const session = this.#signedIn;
    this.#signedIn = null;
    await (await session?.catch(() => null))?.transport[Symbol.asyncDispose]();
  }

  async #held(): Promise<{ readonly account: Account | null; readonly certificateExpiresAt: number | null }> {
    const account = await this.#readAccount();
    const certificateExpiresAt = account === null ? null : await Credentials.heldUntil(this.#state);
    return { account, certificateExpiresAt };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    if (this.#listeners.size > 0) void this.#notices.look();
  }
}
