/**
 * The way from the agent to the database. `connect` dials (TLS as configured), signs in with SCRAM and hands over a
 * socket on which the session's messages may flow; `cancel` interrupts a statement on it. The server is trusted no
 * more than a client: every message is bounded, and so is the time.
 */
import type { Socket } from 'node:net';
import type { BackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import type { ProtocolVersion } from '@daam/shared/pgwire/protocol-version';
import { type Deadline, withinDeadline } from './deadline.ts';
import { dial, type Endpoint } from './dial.ts';
import { type HandshakeOptions, handshake } from './handshake.ts';

/** All that connecting needs. `timeoutMs` covers everything up to the first ReadyForQuery. */
export interface UpstreamOptions extends Endpoint, HandshakeOptions, Deadline {}

/** A session with the database, ready for its first command. The owner destroys the socket. */
export interface UpstreamConnection {
  /** Not flowing: attach a reader when ready. Nothing that was not in `leftover` has been read from it. */
  readonly socket: Socket;
  /** Bytes behind the first ReadyForQuery: to be handled before what the socket gives. */
  readonly leftover: Buffer;
  /** Settings that the server reported, by name. */
  readonly parameters: Map<string, string>;
  /** For `sendCancel` only; it never goes to a client. */
  readonly key: BackendKeyData;
  /** As reported: `18.1`, `15.18 (Debian …)`; empty when the server did not say. */
  readonly serverVersion: string;
  readonly protocol: ProtocolVersion;
  /** How both sides proved themselves; `none` when the server lets this role in without (pg_hba `trust`). */
  readonly authentication: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS' | 'none';
  readonly encrypted: boolean;
}

/**
 * Opens a session. Throws UPSTREAM_UNAVAILABLE (not reachable, no TLS, too slow, server error),
 * UPSTREAM_AUTH_FAILED, TOO_MANY_SESSIONS, PROTOCOL_VIOLATION or FRAME_TOO_LARGE (the server misbehaves),
 * CANCELLED; nothing stays open then.
 */
export function connectUpstream(options: UpstreamOptions): Promise<UpstreamConnection> {
  return withinDeadline(options, async (signal) => {
    const dialled = await dial(options, signal);
    try {
      const { leftover, parameters, key, protocol, authentication } = await handshake(
        dialled,
        options,
        signal,
      );
      const serverVersion = parameters.get('server_version') ?? '';
      const encrypted = dialled.tls !== null;
      return {
        socket: dialled.socket,
        leftover,
        parameters,
        key,
        serverVersion,
        protocol,
        authentication,
        encrypted,
      };
    } catch (error) {
      dialled.socket.destroy();
      throw error;
    }
  });
}
