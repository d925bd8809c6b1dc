import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';

/** How the agent insists on TLS to the database: libpq's words (PostgreSQL docs, 34.19). */
export const sslModes = ['disable', 'prefer', 'require', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/** A connection string taken apart. */
export interface UpstreamDsn {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  readonly database: string;
  readonly sslMode: SslMode;
  /** File with the certificate authority, for verify-full. */
  readonly sslRootCert: string | null;
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=FILE` (PostgreSQL docs,
 * 34.1.1.2). Everything that this agent would not heed is an error; no message ever holds a part of the text.
 */
export function parseUpstreamDsn(text: string, field: string): UpstreamDsn {
  const invalid = (reason: string): AppError =>
    new AppError('INVALID_CONFIG', { field, message: `${field}: ${reason}.` });
  if (!/^postgres(ql)?:\/\//.test(text))
    throw invalid('must be written as postgres://user:password@host:port/database');
  const url = URL.parse(text);
  if (url === null) throw invalid('is not a connection string; reserved characters are written as %XX');
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw invalid('has a malformed %XX');
    }
  };
  const host = decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (host === '' || /[,/]/.test(host)) throw invalid('must name one host, reached by TCP');
  const user = decode(url.username);
  if (user === '') throw invalid('must name the user that the agent signs in as');
  const database = decode(url.pathname.slice(1));
  if (database === '') throw invalid('must name the database');
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    password: new Secret(decode(url.password)),
    database,
    ...sslParameters(url.searchParams, invalid),
  };
}

function sslParameters(
  parameters: URLSearchParams,
  invalid: (reason: string) => AppError,
): Pick<UpstreamDsn, 'sslMode' | 'sslRootCert'> {
  for (const name of parameters.keys()) {
    if (!['sslmode', 'sslrootcert', 'application_name', 'connect_timeout'].includes(name)) {
      throw invalid('has a parameter other than sslmode, sslrootcert, application_name and connect_timeout');
    }
  }
  const given = parameters.get('sslmode') ?? 'prefer';
  const sslMode = sslModes.find((mode) => mode === given);
  if (sslMode === undefined) throw invalid(`has an sslmode other than ${sslModes.join(', ')}`);
  return { sslMode, sslRootCert: parameters.get('sslrootcert') };
}
