/**
 * The fields of the sidecar's `forward.add`, `forward.tls`, `forward.password` and `forward.refuse` (packages control and forward of the Go
 * module), in the client's role. A forward is a local port that leads to a peer's port in the tunnel.
 */

/**
 * TLS on the local port, ended in the sidecar: PEM texts, at most 32 KiB and 8 KiB. `certificate` is the leaf, then
 * whatever leads to the local CA; `key` is the leaf's private key (PKCS #8, SEC 1 or PKCS #1). With it the sidecar answers
 * SSLRequest with S, GSSENCRequest with N, takes direct TLS when the client names `postgresql` by ALPN, and ends TLS (1.2
 * or 1.3) before CancelRequest as before every other start. A client that asks for no TLS is passed on in the clear.
 * Without it every byte goes to the agent as it is.
 */
export interface LocalTls {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A password that clients of the local port are asked for by SCRAM-SHA-256 (RFC 5802, RFC 7677), as what proves it without
 * holding it: 16 bytes of salt, 4,096 to 1,000,000 iterations, StoredKey and ServerKey of 32 bytes, all base64.
 * CancelRequest is asked for nothing. SSLRequest is answered N where there is no TLS.
 */
export interface LocalPassword {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** `forward.add`: answered with `{listen}`, the address:port, or the path, that is open. */
export interface ForwardAdd extends Readonly<Record<string, unknown>> {
  /** Names the forward, at most 128 bytes; it comes back in `conn.open`. */
  readonly forward: string;
  /** A loopback address and port, port 0 takes a free one; or the absolute path of a Unix socket, at most 103 bytes. */
  readonly listen: string;
  /** The agent's public key. `peer.add` may come later: a connection waits up to 5 s for it. */
  readonly peer: string;
  /** The agent's port in the tunnel. */
  readonly port: number;
  readonly tls?: LocalTls;
  readonly password?: LocalPassword;
}

/** `forward.tls`: from the next connection on; `tls` left out turns it off. Open connections stay as they are. */
export interface ForwardTls extends Readonly<Record<string, unknown>> {
  readonly forward: string;
  readonly tls?: LocalTls;
}

/** `forward.password`: from the next connection on; `password` left out asks for none any more. */
export interface ForwardPassword extends Readonly<Record<string, unknown>> {
  readonly forward: string;
  readonly password?: LocalPassword;
}

/**
 * `forward.refuse`: every connection, those that wait for their peer too, is told this in an ErrorResponse of severity FATAL
 * and closed; `refusal` left out ends that. For a knock that the agent did not take.
 */
export interface ForwardRefuse extends Readonly<Record<string, unknown>> {
  readonly forward: string;
  readonly refusal?: {
    /** A SQLSTATE; 08006 (connection_failure) when left out. */
    readonly code?: string;
    /** 1 to 1,000 bytes. */
    readonly message: string;
    /** At most 1,000 bytes. */
    readonly hint?: string;
  };
}

/**
 * `conn.close` names why a connection ended: `ended`, `unreachable` (the agent, through the tunnel), `refused` (too many,
 * or no such peer), and for starts that came to nothing `silent`, `tls` (most often a client that does not trust the local
 * CA), `alpn`, `requests` and `password`.
 */
export const startFailures = ['silent', 'tls', 'alpn', 'requests', 'password'] as const;
