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
  { id: 'prisma', label: 'Prisma', write: (address) => uri(address, 'postgresql', 'schema=public&') },
  { id: 'sqlalchemy', label: 'SQLAlchemy', write: (address) => uri(address, 'postgresql+psycopg') },
  { id: 'django', label: 'Django', write: django },
  { id: 'node', label: 'node-postgres', write: node },
  { id: 'npgsql', label: 'Npgsql (.NET)', write: npgsql },
  { id: 'odbc', label: 'ODBC', write: odbc },
  { id: 'service', label: 'pg_service.conf', write: service },
  {
    id: 'docker',
    label: 'From a container (Docker Desktop)',
    write: (address) => uri({ ...address, host: 'host.docker.internal' }),
  },
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
function uri({ host, port, database, user }: LocalAddress, scheme = 'postgresql', extra = ''): string {
  return `${scheme}://${percent(user)}@${authority(host)}:${port}/${percent(database)}?${extra}sslmode=disable`;
}

/** A Python dictionary: JSON's strings are Python's. */
function django({ host, port, database, user }: LocalAddress): string {
  const text = JSON.stringify;
  return `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": ${text(host)}, "PORT": ${port}, "NAME": ${text(database)}, "USER": ${text(user)}, "OPTIONS": {"sslmode": "disable"}}}`;
}

function node({ host, port, database, user }: LocalAddress): string {
  const text = JSON.stringify;
  return `{ host: ${text(host)}, port: ${port}, database: ${text(database)}, user: ${text(user)}, ssl: false }`;
}

/** Values of a .NET connection string stand in quotes that are doubled inside (DbConnectionStringBuilder). */
function npgsql({ host, port, database, user }: LocalAddress): string {
  const value = (text: string): string =>
    /^[\w.:-]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  return `Host=${value(host)};Port=${port};Database=${value(database)};Username=${value(user)};SSL Mode=Disable`;
}

/** Values of an ODBC connection string stand in braces; a closing one is doubled. */
function odbc({ host, port, database, user }: LocalAddress): string {
  const value = (text: string): string =>
    /^[\w.:-]+$/.test(text) ? text : `{${text.replaceAll('}', '}}')}}`;
  return `Driver={PostgreSQL Unicode};Server=${value(host)};Port=${port};Database=${value(database)};Uid=${value(user)};SSLmode=disable`;
}

/** PostgreSQL docs, 34.17: the section's name is what `service=` says; values are taken as they are. */
function service({ host, port, database, user }: LocalAddress): string {
  const line = (text: string): string => text.replaceAll(/[\r\n]/g, ' ');
  const section = line(database).replaceAll(/[[\]]/g, '_');
  return `[${section}]\nhost=${host}\nport=${port}\ndbname=${line(database)}\nuser=${line(user)}\nsslmode=disable`;
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
