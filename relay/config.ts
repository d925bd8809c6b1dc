import { AppError } from '@daam/shared/errors/app-error';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import * as z from 'zod';

export interface RelayConfig {
  readonly listen: { readonly host: string; readonly port: number };
  /** What tokens and proofs for this relay name. */
  readonly name: string;
  /** Keys that sign relay tokens. Without any, nobody is admitted. */
  readonly issuerKeys: readonly OrgPublicKey[];
  /** Ceiling of what waits for one slow peer, in bytes. */
  readonly queueBytes: number;
  readonly maxPeers: number;
  /** What one peer may send, in bytes. Beyond it frames are dropped, as a busy router would do. */
  readonly peerRate: { readonly perSecond: number; readonly burst: number };
  /** Connections that one address may begin. */
  readonly connectRate: { readonly perSecond: number; readonly burst: number };
  /** Where STUN answers, over UDP; null: nowhere. */
  readonly stun: { readonly host: string; readonly port: number } | null;
  /** Where `GET /metrics` answers; null: nowhere. Keep it away from the public. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** Defaults of everything that has one. */
export const relayDefaults = {
  listen: { host: '127.0.0.1', port: 7420 },
  issuerKeys: [],
  queueBytes: 256 * 1024,
  maxPeers: 10_000,
  peerRate: { perSecond: 128 * 1024 * 1024, burst: 32 * 1024 * 1024 },
  connectRate: { perSecond: 5, burst: 400 },
  stun: null,
  metrics: null,
  logLevel: 'info',
} as const satisfies Omit<RelayConfig, 'name'>;

const issuerKeysSchema = z
  .array(z.strictObject({ kid: z.string().min(1).max(100), x: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }))
  .max(64);
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

/** The configuration from the environment. INVALID_CONFIG names the variable, never its value. */
export function loadConfig({ env, readFile }: LoadOptions): RelayConfig {
  const name = env['DAAM_RELAY_NAME'];
  if (name === undefined || !/^[\x21-\x7e]{1,255}$/.test(name)) throw invalid('DAAM_RELAY_NAME');
  const level = env['DAAM_LOGGING_LEVEL'] ?? relayDefaults.logLevel;
  const logLevel = levels.find((each) => each === level);
  if (logLevel === undefined) throw invalid('DAAM_LOGGING_LEVEL');
  const keysFile = env['DAAM_ISSUER_KEYS_FILE'];
  return {
    ...relayDefaults,
    name,
    listen: readListen('DAAM_LISTEN', env['DAAM_LISTEN']) ?? relayDefaults.listen,
    stun: readListen('DAAM_STUN_LISTEN', env['DAAM_STUN_LISTEN']),
    metrics: readListen('DAAM_METRICS_LISTEN', env['DAAM_METRICS_LISTEN']),
    issuerKeys: keysFile === undefined ? [] : readKeys(keysFile, readFile),
    logLevel,
  };
}

/** The process's own environment; the only place that reads it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

function readListen(field: string, text: string | undefined): RelayConfig['listen'] | null {
  if (text === undefined) return null;
  const match = /^(\[[0-9a-f:]+\]|[A-Za-z0-9.-]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw invalid(field);
  const host = (match[1] ?? '').replaceAll(/[[\]]/g, '');
  return { host: host === '' ? '::' : host, port };
}

function readKeys(path: string, readFile: (path: string) => string): readonly OrgPublicKey[] {
  try {
    return issuerKeysSchema.parse(JSON.parse(readFile(path)));
  } catch (cause) {
    throw invalid('DAAM_ISSUER_KEYS_FILE', cause);
  }
}

function invalid(field: string, cause?: unknown): AppError {
  return new AppError('INVALID_CONFIG', {
    field,
    message: `The configuration value ${field} is not valid.`,
    cause,
  });
}
