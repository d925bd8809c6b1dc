/** What an engine is made with, and what it tells. */
import type { FetchLike } from '@daam/shared/api/client';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import type { Secret } from '@daam/shared/base/secret';
import type { Account, KnownDatabase } from './account.ts';
import type { Directory } from './database-directory.ts';
import type { PortPlace } from './local-address.ts';
import type { LocalEndpoint } from './open-databases.ts';
import type { OpenStream } from './open-stream.ts';
import type { SecretLookup, SecretStore, SecretStoreKind } from './secret-store.ts';
import type { SignInPage } from './sign-in/browser-sign-in.ts';
import type { DeviceCodePage } from './sign-in/device-code-sign-in.ts';
import type { SignInNotice } from './sign-in/sign-in-notice.ts';
import type { StateFolder } from './state-folder.ts';
import type { PathChoice, StartSidecar } from './tunnel/tunnel.ts';

export interface EngineOptions {
  /** Absolute path; made when it is missing. */
  readonly stateDir: string;
  /** The store for a new sign-in; an account that exists keeps its own. Default: the keyring. */
  readonly secretStore?: SecretStoreKind;
  /** How a store is made; for tests and other platforms. */
  readonly makeStore?: (kind: SecretStoreKind, state: StateFolder) => SecretStore;
  /**
   * How agents are reached: through WireGuard (default), or over plain TCP to an agent on this machine (development and
   * tests). An `openStream` is the second with another kind of stream.
   */
  readonly transport?: 'tunnel' | 'loopback';
  readonly openStream?: OpenStream;
  /** Which paths the tunnel may take. Default: all. */
  readonly path?: PathChoice;
  /** The sidecar's binary (absolute path); null or none: the one that was built for this machine. */
  readonly sidecarFile?: string | null;
  /** Where proxies for the relay are named; nothing else of it is used. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How a sidecar is started; for tests. */
  readonly startSidecar?: StartSidecar;
  /** After how long without a client a port that was opened here closes by itself, in milliseconds. Default null: never. */
  readonly idleCloseMs?: number | null;
  /** A program without a device: `api` speaks in the name of its service account, whoever is signed in here. */
  readonly program?: { readonly controlPlane: string; readonly token: Secret };
  readonly fetch?: FetchLike;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A database with the port that it keeps on this device and, when it is open, its endpoint. */
export interface DatabaseEntry extends KnownDatabase {
  readonly port: number | null;
  readonly local: LocalEndpoint | null;
}

export interface DatabaseList extends Omit<Directory, 'items'> {
  readonly items: readonly DatabaseEntry[];
}

export interface EngineStatus {
  readonly account: Account | null;
  /** Whether the device key can be read, and if not why. */
  readonly secrets: { readonly store: SecretStoreKind; readonly state: SecretLookup['kind'] };
  /** Milliseconds since the Unix epoch; null when none is held. */
  readonly certificateExpiresAt: number | null;
  /** What the person should hear about the end of their sign-in. */
  readonly notice: SignInNotice;
  readonly connections: readonly LocalEndpoint[];
}

/** A sign-in with a passkey, and how the person is led to it. */
export interface PasskeyLogin {
  readonly controlPlane: string;
  readonly way:
    | { readonly kind: 'browser'; readonly show: (page: SignInPage) => void }
    | { readonly kind: 'device-code'; readonly show: (page: DeviceCodePage) => void };
  /** Ends the wait; an AppError as its reason is what is thrown. */
  readonly signal: AbortSignal;
  readonly loginHint?: string | null;
  readonly organization?: string | null;
  /** What to call this device; absent: as its system does. */
  readonly deviceName?: string | null;
}

export interface ConnectOptions {
  /** This port and no other; 0 takes any and does not become the database's own. */
  readonly port?: number;
  /** A TCP port, or a Unix socket. Default: wherever it is open already, else the database's own place. */
  readonly place?: PortPlace;
  /** Instead of the engine's own `idleCloseMs`. */
  readonly idleCloseMs?: number | null;
}
