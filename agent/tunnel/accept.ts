/**
 * A new stream becomes a person: the device shows its certificate, proves that it holds the certificate's key, and
 * only then do PostgreSQL bytes flow. Before this: listener.ts. After it: agent/session/accept.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { AgentId, DatabaseId, DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { DatabaseGrant, DeviceCertificate } from '@daam/shared/identity/claims';
import { makeChallenge, verifyProof } from '@daam/shared/identity/possession';
import {
  encodePrefaceLine,
  type Knock,
  knockSchema,
  type Outcome,
  PrefaceLines,
  parsePrefaceLine,
  prefaceTimeoutMs,
  proofSchema,
} from '@daam/shared/identity/preface';
import { readPrefaceLine } from '@daam/shared/identity/read-preface-line';

/** Who is at the other end of an accepted stream, as its verified certificate says. */
export interface PeerIdentity {
  readonly user: UserId;
  readonly email: string;
  readonly device: DeviceId;
  readonly org: OrgId;
  readonly certificateJti: string;
  /** When the person last authenticated, and when the certificate ends: seconds since the Unix epoch. */
  readonly authTime: number;
  readonly expiresAt: number;
  /** How the connection came; `loopback` in tests only. */
  readonly path: 'loopback' | 'tls' | 'direct' | 'relay';
}

/** Why the proof in a certificate that a passkey stands behind it does not hold. */
export interface PasskeyFault {
  /** For the log and the audit record. */
  readonly fault: string;
  /** Default: INVALID_CERTIFICATE. */
  readonly code?: 'PASSKEY_WAITING';
  /** For the person; default: what the code says. */
  readonly message?: string;
  readonly hint?: string;
}

/** What acceptance needs from the rest of the agent. */
export interface AcceptDeps {
  /** Checks signature, type, times. Throws an AppError (INVALID_CERTIFICATE, EXPIRED_CERTIFICATE, …). */
  readonly verifyCertificate: (jws: string) => Promise<DeviceCertificate>;
  readonly verifyGrant: (jws: string) => Promise<DatabaseGrant>;
  readonly isRevoked: (device: DeviceId, user: UserId) => boolean;
  /** Null when the certificate's passkey proof holds, or none is required. */
  readonly passkeyFault: (certificate: DeviceCertificate) => PasskeyFault | null;
  /** The one database that this agent serves. */
  readonly database: { readonly id: DatabaseId; readonly name: string };
  readonly agentId: AgentId;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Whether a knock without a grant is refused. Default: no, so that a valid certificate works in an outage. */
  readonly isGrantRequired?: () => boolean;
  readonly timeoutMs?: number;
}

/** An accepted stream. `leftover` came after the last line: it is the start of the PostgreSQL bytes. */
export interface AcceptedStream {
  /** Paused. Only an empty `error` listener is left on it. The receiver owns it from here. */
  readonly socket: Socket;
  readonly leftover: Buffer;
  readonly identity: PeerIdentity;
}

/**
 * Runs the preface on a fresh socket. On failure the peer is told code, message and hint, the socket is closed, and
 * the AppError is thrown for the listener to count.
 */
export async function acceptIdentity(
  socket: Socket,
  deps: AcceptDeps,
  path: PeerIdentity['path'] = 'loopback',
): Promise<AcceptedStream> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deps.timeoutMs ?? prefaceTimeoutMs);
  const lines = new PrefaceLines();
  try {
    const certificate = await interview(socket, { lines, signal: deadline.signal, deps });
    const identity = identityOf(certificate, path);
    socket.write(encodePrefaceLine({ ok: true }));
    return { socket, leftover: lines.rest(), identity };
  } catch (thrown) {
    const failure = toAppError(thrown);
    refuse(socket, failure);
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}

interface Interview {
  readonly lines: PrefaceLines;
  readonly signal: AbortSignal;
  readonly deps: AcceptDeps;
}

async function interview(socket: Socket, { lines, signal, deps }: Interview): Promise<DeviceCertificate> {
  const knock = parsePrefaceLine(knockSchema, await readPrefaceLine(socket, lines, signal));
  const certificate = await deps.verifyCertificate(knock.certificate);
  checkStanding(certificate, deps);
  checkPasskey(certificate, deps);
  await checkDestination(knock, deps);

  const pending = makeChallenge();
  const { nonce, verifierKey } = pending.challenge;
  socket.write(encodePrefaceLine({ v: 1, nonce, agentKey: verifierKey }));
  const { proof } = parsePrefaceLine(proofSchema, await readPrefaceLine(socket, lines, signal));
  const binding = { purpose: 'agent', document: knock.certificate, audience: deps.agentId } as const;
  if (!verifyProof({ pending, deviceKey: certificate.wgKey, binding, proof }))
    throw new AppError('INVALID_PROOF');
  // A revocation may have come while we waited for the proof.
  checkStanding(certificate, deps);

  return certificate;
}

/** Who a verified certificate is about. */
export function identityOf(certificate: DeviceCertificate, path: PeerIdentity['path']): PeerIdentity {
  return {
    user: certificate.user,
    email: certificate.email,
    device: certificate.device,
    org: certificate.org,
    certificateJti: certificate.jti,
    authTime: certificate.authTime,
    expiresAt: certificate.exp,
    path,
  };
}

/** EXPIRED_CERTIFICATE or REVOKED when the certificate does not hold any more. */
export function checkStanding(certificate: DeviceCertificate, deps: AcceptDeps): void {
  if (certificate.exp * 1000 <= deps.now()) throw new AppError('EXPIRED_CERTIFICATE');
  if (deps.isRevoked(certificate.device, certificate.user)) throw new AppError('REVOKED');
}

/** INVALID_CERTIFICATE when a passkey must stand behind the certificate and does not; PASSKEY_WAITING when it is not trusted yet. */
export function checkPasskey(certificate: DeviceCertificate, deps: AcceptDeps): void {
  const found = deps.passkeyFault(certificate);
  if (found === null) return;
  const { fault, code = 'INVALID_CERTIFICATE', message, hint } = found;
  throw new AppError(code, {
    detail: `passkey proof: ${fault}`,
    ...(message === undefined ? {} : { message }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Whether the knock is meant for this agent's database, and its grant, where it has one, belongs to it. */
export async function checkDestination(
  knock: Pick<Knock, 'database' | 'grant' | 'certificate'>,
  deps: AcceptDeps,
): Promise<void> {
  if (knock.database !== deps.database.id && knock.database !== deps.database.name) {
    throw new AppError('NOT_FOUND', {
      message: 'This agent does not serve that database.',
      hint: 'Run "daam databases" to refresh the addresses, then connect again.',
    });
  }
  if (knock.grant === null) {
    if (deps.isGrantRequired?.() === true) throw grantRefused('A database grant is required.');
    return;
  }
  const grant = await deps.verifyGrant(knock.grant);
  const hash = createHash('sha256').update(knock.certificate).digest();
  const claimed = Buffer.from(grant.certificateHash, 'base64url');
  if (claimed.length !== hash.length || !timingSafeEqual(claimed, hash)) {
    throw grantRefused('The database grant belongs to another certificate.');
  }
  if (grant.database !== deps.database.id) throw grantRefused('The database grant is for another database.');
  if (grant.agent !== null && grant.agent !== deps.agentId)
    throw grantRefused('The grant is for another agent.');
  if (grant.exp * 1000 <= deps.now()) throw grantRefused('The database grant has expired.');
}

function grantRefused(message: string): AppError {
  return new AppError('FORBIDDEN', {
    message,
    hint: 'Connect again; the desktop engine asks for a new grant.',
  });
}

function refuse(socket: Socket, failure: AppError): void {
  if (socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const message = failure.message.slice(0, 1_000);
  const hint = failure.hint?.slice(0, 1_000) ?? null;
  const outcome: Outcome = { ok: false, code: failure.code, message, hint };
  socket.end(encodePrefaceLine(outcome));
  // Closing with unread bytes would reset the connection and take the refusal with it: read them, but not for long.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), 1_000);
  socket.once('close', () => clearTimeout(timer));
}
