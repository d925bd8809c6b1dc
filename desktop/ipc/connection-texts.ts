/**
 * How PostgreSQL's own client library is told of a local port: keyword/value strings, URIs, service files and password
 * files. Names may hold anything, so each quotes them by its own rules. TLS is off on the local hop only.
 */
import type { LocalAddress } from './schema.ts';

/** Whether the address is a Unix socket: libpq takes the folder as the host. */
export function isSocket({ host }: Pick<LocalAddress, 'host'>): boolean {
  return host.startsWith('/');
}

/**
 * PostgreSQL docs, 34.1.1.1 keyword/value connection strings. Null for names with control characters: pasted into a terminal
 * they are keys, whatever quotes stand around them.
 */
export function keywordText(address: LocalAddress, password: string | null): string | null {
  const { host, port, database, user } = address;
  if ([host, database, user, password ?? ''].some((value) => /\p{Cc}/u.test(value))) return null;
  const pairs = {
    host,
    port: String(port),
    dbname: database,
    user,
    ...(password === null ? {} : { password }),
    sslmode: 'disable',
  };
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${keywordValue(value)}`)
    .join(' ');
}

/** A value of a keyword/value string: as it is, or in single quotes. */
export function keywordValue(value: string): string {
  if (/^[^\s'\\]+$/.test(value)) return value;
  return `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

export interface UriOptions {
  readonly scheme?: string;
  readonly password?: string | null;
  /** Parameters besides sslmode. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** PostgreSQL docs, 34.1.1.2 connection URIs; the folder of a socket is a parameter, as most drivers take it. */
export function connectionUri(address: LocalAddress, options: UriOptions = {}): string {
  const { host, port, database, user } = address;
  const { scheme = 'postgresql', password = null, parameters = {} } = options;
  const who = `${percent(user)}${password === null ? '' : `:${percent(password)}`}`;
  const isLocal = isSocket(address);
  const asked = isLocal ? { host, port: String(port), ...parameters } : parameters;
  const query = Object.entries({ ...asked, sslmode: 'disable' })
    .map(([key, value]) => `${key}=${percent(value)}`)
    .join('&');
  return `${scheme}://${who}@${isLocal ? '' : `${authority(host)}:${port}`}/${percent(database)}?${query}`;
}

/**
 * A section of a service file (docs, 34.17), whose values are taken as they are up to the end of the line; null where a name
 * cannot be written so. The section's name is what `service=` says.
 */
export function serviceSection({ host, port, database, user }: LocalAddress): string | null {
  const name = serviceName(database);
  const lines = [`host=${host}`, `port=${port}`, `dbname=${database}`, `user=${user}`, 'sslmode=disable'];
  // libpq reads lines of at most 1,023 bytes, and drops white space at their ends.
  const fits = [name, ...lines].every(
    (line) => !/[\r\n\0]|\s$/.test(line) && new TextEncoder().encode(line).length < 1_000,
  );
  return fits ? [`[${name}]`, ...lines].join('\n') : null;
}

/** What `service=` says for a database. */
export function serviceName(database: string): string {
  return database.replaceAll(/[[\]\r\n]/g, '_');
}

/** A line of a password file (docs, 34.16); null where a name cannot be written so. */
export function passwordFileLine(address: LocalAddress, password: string): string | null {
  const { host, port, database, user } = address;
  const fields = [host, String(port), database, user, password];
  // A line that begins with # is a comment; a host never does.
  if (fields.some((field) => /[\r\n\0]/.test(field))) return null;
  return fields.map((field) => field.replaceAll(/[\\:]/g, String.raw`\$&`)).join(':');
}

/** As in a URI, and what encodeURIComponent leaves but a shell would read. */
export function percent(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A host in a URI: IPv6 in brackets. */
export function authority(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
