/**
 * The one table of error codes. A code is stable: clients, tests and audit records name it.
 *
 * - `status`: HTTP status that the control plane answers with.
 * - `sqlstate`: what a PostgreSQL client sees (PostgreSQL docs, Appendix A).
 * - `message`: what may be shown when the thrower gives none.
 * - `report`: whether an operator should be told (a bug or an attack), not only the caller.
 */
export interface ErrorCodeEntry {
  readonly status: number;
  readonly sqlstate: string;
  readonly message: string;
  readonly report: boolean;
}

function entry(status: number, sqlstate: string, message: string, report = false): ErrorCodeEntry {
  return { status, sqlstate, message, report };
}

export const errorCodes = {
  // input
  INVALID_INPUT: entry(400, '22023', 'The request is not valid.'),
  INVALID_CONFIG: entry(500, 'F0000', 'The configuration is not valid.'),
  INVALID_POLICY: entry(422, '22023', 'The policy document is not valid.'),
  NOT_FOUND: entry(404, '02000', 'There is no such object, or you may not see it.'),
  CONFLICT: entry(409, '23505', 'The object exists already or was changed meanwhile.'),
  TOO_LARGE: entry(413, '54000', 'The request is larger than is allowed.'),
  RATE_LIMITED: entry(429, '53400', 'Too many requests. Wait a little and try again.'),
  UNSUPPORTED: entry(501, '0A000', 'This is not supported.'),
  // identity
  UNAUTHENTICATED: entry(401, '28000', 'Sign in first.'),
  INVALID_CERTIFICATE: entry(401, '28000', 'The device certificate is not valid. Sign in again.'),
  /** The agent holds the device back until somebody it trusts has spoken for the passkey. Nothing that the person does alone helps. */
  PASSKEY_WAITING: entry(401, '28000', 'Waiting for an administrator: your passkey is not approved yet.'),
  EXPIRED_CERTIFICATE: entry(401, '28000', 'The device certificate has expired. Sign in again.'),
  REVOKED: entry(401, '28000', 'This device or user was revoked. Ask an administrator.'),
  INVALID_PROOF: entry(401, '28000', 'The proof of possession of the device key failed.', true),
  /** The person has not answered yet (RFC 8628 section 3.5). */
  AUTHORIZATION_PENDING: entry(400, '28000', 'The sign-in waits for the person.'),
  /** The certificate is valid, its sign-in too long ago for what was asked: a new one helps. */
  STEP_UP_REQUIRED: entry(401, '28000', 'This needs a more recent sign-in. Sign in again.'),
  /** A recent sign-in is not enough: the passkey has to sign this very decision (`beginDecision`). */
  TOUCH_REQUIRED: entry(403, '28000', 'This decision needs a touch of your passkey.'),
  /** The organization publishes nothing that one administrator made alone. */
  SECOND_PERSON_REQUIRED: entry(403, '42501', 'This takes a second administrator.'),
  FORBIDDEN: entry(403, '42501', 'You may not do this.'),
  // data path
  PROTOCOL_VIOLATION: entry(400, '08P01', 'The PostgreSQL protocol was violated.'),
  FRAME_TOO_LARGE: entry(413, '08P01', 'A protocol message is larger than is allowed.'),
  INVALID_ENCODING: entry(400, '22021', 'The text is not valid UTF-8.'),
  ACCESS_DENIED: entry(403, '42501', 'No policy grants this.'),
  NO_POLICY: entry(403, '42501', 'No policy gives you access to this database.'),
  STATEMENT_NOT_UNDERSTOOD: entry(422, '42601', 'The statement could not be understood.'),
  STATEMENT_TOO_COMPLEX: entry(422, '54001', 'The statement is too large or too deeply nested.'),
  POLICY_REVOKED: entry(403, '57P01', 'policy revoked'),
  SESSION_ENDED: entry(403, '57P01', 'An administrator ended this session.'),
  DRAINING: entry(503, '57P01', 'The agent is shutting down. Connect again.'),
  AUDIT_UNAVAILABLE: entry(503, '58030', 'The audit log cannot be written, so nothing may run.', true),
  RESULT_ASSERTION_FAILED: entry(
    500,
    'XX000',
    'A masked column reached a result. The session is closed.',
    true,
  ),
  UPSTREAM_UNAVAILABLE: entry(503, '08006', 'The database cannot be reached from the agent.'),
  DATABASE_UNSAFE: entry(503, '57P03', 'The database is not safe to serve: see the report of the doctor.'),
  UPSTREAM_AUTH_FAILED: entry(502, '28P01', 'The agent could not sign in to the database.', true),
  ROW_LIMIT: entry(403, '53400', 'The result has more rows than the policy allows.'),
  TOO_MANY_SESSIONS: entry(503, '53300', 'Too many sessions are open.'),
  // agent and control plane
  NO_CACHED_POLICY: entry(503, '57P03', 'The agent has no valid policy and refuses all connections.'),
  STALE_EPOCH: entry(409, '55000', 'The policy is older than the one already in force.', true),
  INVALID_SIGNATURE: entry(401, '28000', 'A signature does not verify.', true),
  CONTROL_PLANE_UNAVAILABLE: entry(503, '08006', 'The control plane cannot be reached.'),
  AGENT_UNAVAILABLE: entry(503, '08006', 'The database’s agent cannot be reached.'),
  AUDIT_CHAIN_BROKEN: entry(409, '55000', 'The audit chain does not verify.', true),
  // local
  SECRET_STORE_UNAVAILABLE: entry(503, '58000', 'The secret store cannot be used.'),
  ENGINE_UNAVAILABLE: entry(503, '08006', 'The desktop engine does not answer.'),
  TUNNEL_FAILED: entry(502, '08006', 'The tunnel could not do this.'),
  PORT_IN_USE: entry(409, '58000', 'The port is in use.'),
  TIMEOUT: entry(504, '57014', 'It took too long.'),
  CANCELLED: entry(499, '57014', 'It was cancelled.'),
  INTERNAL: entry(500, 'XX000', 'Something went wrong on our side.', true),
} as const satisfies Record<string, ErrorCodeEntry>;

/** A key of the table. */
export type ErrorCode = keyof typeof errorCodes;
