import { randomBytes } from 'node:crypto';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { type Authentication, decodeAuthentication } from '@daam/shared/pgwire/authentication';
import { type BackendKeyData, decodeBackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType, messageName } from '@daam/shared/pgwire/message-types';
import { decodeNegotiateProtocolVersion } from '@daam/shared/pgwire/negotiate-protocol-version';
import { decodeParameterStatus } from '@daam/shared/pgwire/parameter-status';
import { newestProtocol, type ProtocolVersion } from '@daam/shared/pgwire/protocol-version';
import { decodeReadyForQuery } from '@daam/shared/pgwire/ready-for-query';
import { encodeSaslInitialResponse } from '@daam/shared/pgwire/sasl-initial-response';
import { encodeSaslResponse } from '@daam/shared/pgwire/sasl-response';
import { encodeStartup } from '@daam/shared/pgwire/startup';
import { tlsServerEndPoint } from './channel-binding.ts';
import type { Dialled } from './dial.ts';
import { type ScramExchange, startScram } from '@daam/shared/pgwire/scram-client';
import { readChunk } from './socket-read.ts';

/** Limits on a server that may be hostile: nothing before the first ReadyForQuery needs more. */
const maxFrameBytes = 65_536;
const maxMessages = 512;

export interface HandshakeOptions {
  readonly user: string;
  readonly password: Secret;
  readonly database: string;
  /** Further start-up parameters; never `user`, `database` or `replication`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What is known when the server is ready for the first command. */
export interface Established {
  readonly parameters: Map<string, string>;
  readonly key: BackendKeyData;
  readonly protocol: ProtocolVersion;
  /** `none`: the server asked for no proof (pg_hba `trust`) and gave none. */
  readonly authentication: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS' | 'none';
  /** Bytes that came behind the first ReadyForQuery. */
  readonly leftover: Buffer;
}

interface State {
  protocol: ProtocolVersion;
  negotiated: boolean;
  scram: ScramExchange | null;
  /** Where authentication stands; only `verified`, or `none` when the server asked for nothing, may be ended by Ok. */
  step: 'none' | 'first-sent' | 'final-sent' | 'verified' | 'done';
  key: BackendKeyData | null;
  readonly parameters: Map<string, string>;
}

/**
 * From StartupMessage to the first ReadyForQuery. Cleartext, MD5, GSS and SSPI are refused: the agent never gives
 * a password away. UPSTREAM_AUTH_FAILED, TOO_MANY_SESSIONS or UPSTREAM_UNAVAILABLE as the server's error says.
 */
export async function handshake(
  dialled: Dialled,
  options: HandshakeOptions,
  signal: AbortSignal,
): Promise<Established> {
  const { socket } = dialled;
  const reader = new FrameReader({ side: 'backend', maxFrameBytes });
  const state: State = {
    protocol: newestProtocol,
    negotiated: false,
    scram: null,
    step: 'none',
    key: null,
    parameters: new Map(),
  };
  socket.write(encodeStartup({ protocol: newestProtocol, parameters: startupParameters(options) }));
  for (let messages = 0; messages < maxMessages; ) {
    const frame = reader.next();
    if (frame === null) {
      reader.push(await readChunk(socket, signal));
      continue;
    }
    messages += 1;
    if (frame.type === backendType.authentication) {
      const reply = await authenticate(decodeAuthentication(frame.body), state, dialled, options.password);
      if (reply !== null) socket.write(reply);
    } else if (takeMessage(frame, state)) return established(state, reader.takeRest());
  }
  throw violation('too many messages before the first ReadyForQuery');
}

function startupParameters(options: HandshakeOptions): Map<string, string> {
  const parameters = new Map([
    ['user', options.user],
    ['database', options.database],
  ]);
  for (const [name, value] of Object.entries(options.parameters)) {
    if (parameters.has(name) || name === 'replication') {
      throw new AppError('INVALID_INPUT', {
        message: 'This start-up parameter may not be set.',
        field: name,
      });
    }
    parameters.set(name, value);
  }
  return parameters;
}

/** One step of authentication; returns what to send, if anything. */
async function authenticate(
  request: Authentication,
  state: State,
  dialled: Dialled,
  password: Secret,
): Promise<Buffer | null> {
  if (request.kind === 'sasl' && state.step === 'none') {
    const scram = chooseScram(request.mechanisms, dialled, password);
    state.scram = scram;
    state.step = 'first-sent';
    return encodeSaslInitialResponse({ mechanism: scram.mechanism, data: scram.first });
  }
  if (request.kind === 'sasl-continue' && state.step === 'first-sent' && state.scram !== null) {
    state.step = 'final-sent';
    return encodeSaslResponse(await state.scram.answer(request.data));
  }
  if (request.kind === 'sasl-final' && state.step === 'final-sent' && state.scram !== null) {
    state.scram.verify(request.data);
    state.step = 'verified';
    return null;
  }
  if (request.kind === 'ok' && (state.step === 'none' || state.step === 'verified')) {
    state.step = 'done';
    return null;
  }
  throw new AppError('UPSTREAM_AUTH_FAILED', {
    message:
      'The database asks for a kind of sign-in that the agent refuses. Use scram-sha-256 in pg_hba.conf.',
    detail: `authentication request ${request.kind} at step ${state.step}`,
  });
}

function chooseScram(mechanisms: readonly string[], dialled: Dialled, password: Secret): ScramExchange {
  const endPoint = dialled.tls === null ? null : tlsServerEndPoint(dialled.tls);
  const offered = mechanisms.includes('SCRAM-SHA-256-PLUS');
  if (!mechanisms.includes('SCRAM-SHA-256') && !(offered && endPoint !== null)) {
    throw new AppError('UPSTREAM_AUTH_FAILED', {
      detail: 'the server offers no SCRAM mechanism that the agent knows',
    });
  }
  return startScram({
    password,
    nonce: randomBytes(18).toString('base64'),
    channelBinding: offered ? endPoint : null,
    bindingNotOffered: !offered && endPoint !== null,
  });
}

/** Everything but authentication requests; true at the first ReadyForQuery. */
function takeMessage(frame: Frame, state: State): boolean {
  if (frame.type === backendType.errorResponse) throw serverRefusal(decodeErrorResponse(frame.body));
  if (frame.type === backendType.noticeResponse) return false;
  if (frame.type === backendType.negotiateProtocolVersion && state.step === 'none' && !state.negotiated) {
    state.negotiated = true;
    state.protocol = negotiated(frame.body);
    return false;
  }
  if (state.step === 'done') {
    if (frame.type === backendType.parameterStatus) {
      const { name, value } = decodeParameterStatus(frame.body);
      state.parameters.set(name, value);
      return false;
    }
    if (frame.type === backendType.backendKeyData && state.key === null) {
      state.key = decodeBackendKeyData(frame.body);
      return false;
    }
    if (frame.type === backendType.readyForQuery && decodeReadyForQuery(frame.body) === 'idle') return true;
  }
  throw violation(`${messageName('backend', frame.type) ?? 'unknown message'} during start-up`);
}

function negotiated(body: Buffer): ProtocolVersion {
  const { protocol, unrecognized } = decodeNegotiateProtocolVersion(body);
  // Some servers and poolers write the bare minor number, as the documentation says.
  const major = protocol.major === 0 ? newestProtocol.major : protocol.major;
  if (major !== newestProtocol.major || protocol.minor >= newestProtocol.minor || unrecognized.length > 0) {
    throw violation('the server negotiates a protocol that was not asked for');
  }
  return { major, minor: protocol.minor };
}

function established(state: State, leftover: Buffer): Established {
  if (state.key === null) throw violation('the server gave no cancel key');
  return {
    parameters: state.parameters,
    // Copied: the view would keep the whole chunk alive for the life of the session.
    key: { pid: state.key.pid, secret: Buffer.from(state.key.secret) },
    protocol: state.protocol,
    authentication: state.scram?.mechanism ?? 'none',
    leftover,
  };
}

function serverRefusal(fields: DiagnosticFields): AppError {
  const detail = `${fields.severity} ${fields.code}: ${fields.message}`;
  if (fields.code.startsWith('28')) return new AppError('UPSTREAM_AUTH_FAILED', { detail });
  if (fields.code === '53300') return new AppError('TOO_MANY_SESSIONS', { detail });
  return new AppError('UPSTREAM_UNAVAILABLE', { detail });
}

function violation(detail: string): AppError {
  return new AppError('PROTOCOL_VIOLATION', { detail: `upstream: ${detail}` });
}
