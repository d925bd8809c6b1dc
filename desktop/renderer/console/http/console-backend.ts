import type { ApiClient } from '@daam/shared/api/client';
import { AppError } from '@daam/shared/errors/app-error';
import type { BackendMethods, DesktopBackend } from '../../../ipc/backend.ts';
import type { BridgeEvent, Capabilities, Params, Settings, SignIn, Status } from '../../../ipc/schema.ts';
import { methods } from '../../../ipc/schema.ts';
import { settingsSchema } from '../../../ipc/schema/workspace.ts';
import { initialSettings } from '../../../ipc/initial-settings.ts';
import { endSession, signInWithPasskey } from './passkey.ts';

const settingsKey = 'daam.console.settings';

/** What a browser at the control plane's address needs of its surroundings. */
export interface ConsoleSurroundings {
  /** The control plane's routes, in the name of this browser's session. */
  readonly api: ApiClient;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** The control plane's address. */
  readonly origin: string;
  readonly passkey?: { readonly signIn: () => Promise<void>; readonly end: () => Promise<void> };
}

const none: SignIn = { kind: 'none' };

/**
 * Stands behind the bridge where there is no engine: in a browser at the control plane's `/console`. It has the account, the
 * settings of this browser and the pass to the API; what needs an engine (ports, queries, results) is refused as FORBIDDEN.
 */
export class ConsoleBackend implements DesktopBackend {
  readonly capabilities: Capabilities = {
    tunnel: false,
    localPort: false,
    queryEditor: false,
    tray: false,
    openInTool: false,
  };
  readonly methods: BackendMethods;
  readonly #surroundings: ConsoleSurroundings;
  readonly #passkey: { readonly signIn: () => Promise<void>; readonly end: () => Promise<void> };
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  #signIn: SignIn = none;

  constructor(surroundings: ConsoleSurroundings) {
    this.#surroundings = surroundings;
    this.#passkey = surroundings.passkey ?? { signIn: signInWithPasskey, end: endSession };
    const refused = Object.fromEntries(
      Object.keys(methods).map((name) => [name, () => Promise.reject(needsTheApp())]),
    ) as unknown as BackendMethods;
    this.methods = { ...refused, ...this.#own() };
  }

  subscribe(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #own() {
    return {
      status: async () => await this.#status(),
      startSignIn: async () => await this.#startSignIn(),
      cancelSignIn: async () => ({}),
      readSignIn: async () => this.#signIn,
      signOut: async () => await this.#signOut(),
      listNotifications: async () => [],
      markNotificationRead: async () => ({}),
      countWaiting: async () => await this.#countWaiting(),
      listDatabases: async () => [],
      listExports: async () => [],
      listQueries: async () => [],
      readSettings: async () => this.#settings(),
      changeSettings: async (changes) => this.#changeSettings(changes),
      callApi: async (asked) => await this.#callApi(asked),
    } satisfies Partial<BackendMethods>;
  }

  async #status(): Promise<Status> {
    const base = { version: 'console', databasesAsOf: null } as const;
    try {
      const { api, origin } = this.#surroundings;
      const me = await api.getMe();
      return {
        ...base,
        account: {
          email: me.email,
          organization: me.org.name,
          role: me.role,
          userId: me.id,
          deviceId: null,
          deviceName: null,
          controlPlane: origin,
          signedInWith: 'passkey',
          endsAt: null,
        },
        controlPlane: { kind: 'online' },
      };
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      const isAnswered = thrown.code !== 'CONTROL_PLANE_UNAVAILABLE' && thrown.code !== 'TIMEOUT';
      return {
        ...base,
        account: null,
        controlPlane: isAnswered ? { kind: 'online' } : { kind: 'offline', since: null },
      };
    }
  }

  /** Here the browser itself asks for the passkey: nothing has to be handed on. */
  async #startSignIn(): Promise<SignIn> {
    this.#tellSignIn({ kind: 'preparing' });
    try {
      await this.#passkey.signIn();
      this.#tellSignIn({ kind: 'done' });
      this.#tell({ event: 'statusChanged', payload: { status: await this.#status() } });
    } catch (thrown) {
      this.#tellSignIn(none);
      throw thrown;
    }
    return this.#signIn;
  }

  async #signOut(): Promise<Record<string, never>> {
    await this.#passkey.end();
    this.#signIn = none;
    this.#tell({ event: 'statusChanged', payload: { status: await this.#status() } });
    return {};
  }

  async #countWaiting(): Promise<{ mine: number; inbox: number }> {
    const { api } = this.#surroundings;
    const count = async (scope: 'mine' | 'inbox'): Promise<number> => {
      const { items } = await api.listRequests({ query: { scope, state: 'pending', limit: 200 } });
      return items.length;
    };
    const [mine, inbox] = await Promise.all([count('mine'), count('inbox')]);
    return { mine, inbox };
  }

  #settings(): Settings {
    const text = this.#surroundings.storage.getItem(settingsKey);
    if (text === null) return initialSettings;
    try {
      return settingsSchema.parse(JSON.parse(text));
    } catch {
      // Of an older console: nothing is lost but choices of appearance.
      return initialSettings;
    }
  }

  #changeSettings(changes: Params<'changeSettings'>): Settings {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const settings: Settings = { ...this.#settings(), ...(Object.fromEntries(given) as Partial<Settings>) };
    this.#surroundings.storage.setItem(settingsKey, JSON.stringify(settings));
    this.#tell({ event: 'settingsChanged', payload: { settings } });
    return settings;
  }

  async #callApi({ route, params, query, body }: Params<'callApi'>): Promise<{ value: unknown }> {
    const { api } = this.#surroundings;
    if (!Object.hasOwn(api, route)) throw new AppError('NOT_FOUND', { message: 'There is no such route.' });
    const call = api[route as keyof ApiClient] as (request: object) => Promise<unknown>;
    try {
      return { value: await call({ params, query, body }) };
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'UNAUTHENTICATED') {
        this.#tell({ event: 'statusChanged', payload: { status: await this.#status() } });
      }
      throw thrown;
    }
  }

  #tellSignIn(signIn: SignIn): void {
    this.#signIn = signIn;
    this.#tell({ event: 'signInChanged', payload: { signIn } });
  }

  #tell(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function needsTheApp(): AppError {
  return new AppError('FORBIDDEN', {
    message: 'This needs the desktop app.',
    hint: 'Open DAAM on your machine, or use the command line.',
  });
}
