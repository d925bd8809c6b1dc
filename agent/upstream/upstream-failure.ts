import { toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';

/** Why the agent could not reach its database, in words that may leave the process: for whoever sets it up. */
export interface UpstreamFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** By SQLSTATE of the server, and by code of the system or of TLS. */
const words: Readonly<Record<string, string>> = {
  '28P01': 'The server refused the agent’s user or password.',
  '28000': 'The server lets the agent’s user not in: see its pg_hba.conf.',
  '3D000': 'The server has no database of this name.',
  '42501': 'The agent’s user lacks a right on the server.',
  '53300': 'The server has no free connection.',
  '57P03': 'The server is starting up or shutting down.',
  ECONNREFUSED: 'Nothing listens at the host and port of the database.',
  ECONNRESET: 'The connection was cut: something between agent and database may forbid it.',
  EHOSTUNREACH: 'There is no way to the host of the database.',
  ENETUNREACH: 'There is no way to the network of the database.',
  ENOTFOUND: 'The name of the database’s host is not known.',
  EAI_AGAIN: 'The name of the database’s host cannot be looked up.',
  ETIMEDOUT: 'The host of the database does not answer.',
};

const notAnswered = 'The database did not answer the agent. Its log says more.';

/** What to tell of a failure: our own words for what is known, nothing of what a server or a library wrote. */
export function upstreamFailure(thrown: unknown): UpstreamFailure {
  const error = toAppError(thrown);
  const found = codeOf(thrown === error ? error.cause : thrown);
  const known = found === null ? undefined : wordsOf(found);
  if (known !== undefined) return { code: codeFor(found ?? ''), message: known };
  if (error.code === 'INTERNAL') return { code: 'UPSTREAM_UNAVAILABLE', message: notAnswered };
  const { code, message, hint } = error;
  return { code, message: [message, hint].filter(Boolean).join(' ').slice(0, 300) };
}

function wordsOf(code: string): string | undefined {
  if (Object.hasOwn(words, code)) return words[code];
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test(code) ? 'The server’s certificate does not verify.' : undefined;
}

function codeFor(code: string): ErrorCode {
  return code.startsWith('28') || code === '42501' ? 'UPSTREAM_AUTH_FAILED' : 'UPSTREAM_UNAVAILABLE';
}

/** `code` of a server's or the system's error; an AppError's is our own. */
function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
