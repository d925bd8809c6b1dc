/**
 * What a person pastes into a client. TLS is off on the local hop only: it is loopback, and the way to the agent has
 * its own protection. Names may hold anything, so each format quotes them by its own rules.
 */
import type { LocalAddress } from '../../ipc/schema.ts';

export interface ConnectionFormat {
  readonly id: string;
  readonly label: string;
  readonly write: (address: LocalAddress) => string;
}

export const connectionFormats: readonly ConnectionFormat[] = [
  { id: 'psql', label: 'psql', write: (address) => `psql ${shellQuote(keywords(address))}` },
  { id: 'uri', label: 'URI', write: uri },
  { id: 'libpq', label: 'libpq keywords', write: keywords },
  { id: 'jdbc', label: 'JDBC', write: jdbc },
  { id: 'env', label: '.env', write: (address) => `DATABASE_URL=${uri(address)}` },
];

/** The format of that id, or psql, which comes first. */
export function findFormat(id: string | null): ConnectionFormat {
  const found = connectionFormats.find((format) => format.id === id) ?? connectionFormats[0];
  if (found === undefined) throw new TypeError('there are no formats');
  return found;
}

/** PostgreSQL docs, 34.1.1.1 keyword/value connection strings. */
function keywords({ host, port, database, user }: LocalAddress): string {
  const pairs = { host, port: String(port), dbname: database, user, sslmode: 'disable' };
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${keywordValue(value)}`)
    .join(' ');
}

function keywordValue(value: string): string {
  if (/^[^\s'\\]+$/.test(value)) return value;
  return `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

/** PostgreSQL docs, 34.1.1.2 connection URIs. */
function uri({ host, port, database, user }: LocalAddress): string {
  return `postgresql://${percent(user)}@${authority(host)}:${port}/${percent(database)}?sslmode=disable`;
}

function jdbc({ host, port, database, user }: LocalAddress): string {
  return `jdbc:postgresql://${authority(host)}:${port}/${percent(database)}?user=${percent(user)}&sslmode=disable`;
}

function authority(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Also what encodeURIComponent leaves but a shell would read. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Double quotes where nothing in the text means anything inside them, else single quotes (POSIX shell). */
function shellQuote(text: string): string {
  if (!/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
