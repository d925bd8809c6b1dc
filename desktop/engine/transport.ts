import type { KeyObject } from 'node:crypto';
import type { Logger } from '@daam/shared/base/logger';
import type { KnownDatabase } from './account.ts';
import { openConnection } from './connection.ts';
import type { Credentials } from './credentials.ts';
import type { OpenStream } from './open-stream.ts';
import type { PortSession } from './port-session.ts';
import type { TunnelView } from './tunnel/tunnel-view.ts';

/** The local port of a database, open until disposed. */
export interface LocalPort extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Clients connected now, and how many have come so far. */
  readonly clients: number;
  readonly visits: number;
  readonly view: TunnelView;
  /** Who is connected now. */
  sessions(): Promise<readonly PortSession[]>;
  /** Ends one of them; false when there is none of the id. */
  endSession(id: string): Promise<boolean>;
  /** Resolves when it is known whether clients will get through, at the latest when the signal fires. */
  settled(signal: AbortSignal): Promise<void>;
  /** Certificate or grants may be new. */
  credentialsChanged(): Promise<void>;
  /** How clients start here (TLS, password) may be new. */
  termsChanged(): Promise<void>;
  /** Measures anew what `view` shows. */
  refresh(): Promise<void>;
}

/** Which port to open, and what leads to the agent. */
export interface OpenPortOptions {
  readonly database: KnownDatabase;
  readonly credentials: Credentials;
  /** Candidates in order; the first that can be had is used. 0 takes any. */
  readonly ports: readonly number[];
  /** A folder to be a Unix socket in; else a TCP port. */
  readonly folder: string | undefined;
  readonly logger: Logger;
}

/** How local ports reach agents. Disposed of when the person signs out or the engine ends. */
export interface Transport extends AsyncDisposable {
  openPort(options: OpenPortOptions): Promise<LocalPort>;
}

/** A stream of its own for each client, through this process (OpenStream). */
export function streamTransport(options: {
  readonly deviceKey: KeyObject;
  readonly openStream: OpenStream;
}): Transport {
  const view: TunnelView = {
    path: { kind: 'loopback', address: null, rttMs: null },
    relay: null,
    failure: null,
  };
  return {
    openPort: async (request) => {
      const listener = await openConnection({ ...options, ...request });
      return {
        host: listener.host,
        port: listener.port,
        get clients() {
          return listener.clients;
        },
        get visits() {
          return listener.visits;
        },
        view,
        sessions: async () => listener.sessions,
        endSession: async (id) => listener.endSession(id),
        settled: async () => {},
        credentialsChanged: async () => {},
        termsChanged: async () => {},
        refresh: async () => {},
        [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
