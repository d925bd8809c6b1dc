/**
 * What a person pastes into a client. TLS is off on the local hop only: it is loopback, and the way to the agent has
 * its own protection. Names may hold anything, so each format quotes them by its own rules; one that cannot hold a name, or
 * a Unix socket, is not offered for it.
 */
import {
  authority,
  connectionUri,
  isSocket,
  keywordText,
  keywordValue,
  passwordFileLine,
  percent,
  serviceSection,
} from '../../ipc/connection-texts.ts';
import { dbeaverConnection } from '../../ipc/dbeaver-connection.ts';
import type { LocalAddress } from '../../ipc/schema.ts';

export interface ConnectionFormat {
  readonly id: string;
  readonly label: string;
  /** `password` null: local ports ask for none. Null: it cannot be said in this format. */
  readonly write: (address: LocalAddress, password: string | null) => string | null;
}

export const connectionFormats: readonly ConnectionFormat[] = [
  { id: 'psql', label: 'psql', write: psql },
  { id: 'uri', label: 'URI', write: (at, password) => connectionUri(at, { password }) },
  { id: 'libpq', label: 'libpq keywords, psycopg', write: keywordText },
  { id: 'jdbc', label: 'JDBC', write: jdbc },
  { id: 'service', label: 'pg_service.conf', write: serviceSection },
  {
    id: 'pgpass',
    label: '.pgpass',
    write: (at, password) => (password === null ? null : passwordFileLine(at, password)),
  },
  { id: 'dbeaver', label: 'DBeaver', write: dbeaver },
  { id: 'datagrip', label: 'DataGrip (Add data source from URL)', write: jdbc },
  {
    id: 'tableplus',
    label: 'TablePlus, Postico',
    write: (at, password) =>
      isSocket(at) ? null : connectionUri(at, { password, parameters: { name: at.database } }),
  },
  {
    id: 'env',
    label: '.env',
    write: (at, password) => `DATABASE_URL=${connectionUri(at, { password })}`,
  },
  {
    id: 'prisma',
    label: 'Prisma',
    write: (at, password) => connectionUri(at, { password, parameters: { schema: 'public' } }),
  },
  {
    id: 'sqlalchemy',
    label: 'SQLAlchemy',
    write: (at, password) => connectionUri(at, { scheme: 'postgresql+psycopg', password }),
  },
  { id: 'django', label: 'Django', write: django },
  { id: 'node', label: 'node-postgres, Drizzle', write: node },
  { id: 'pgx', label: 'Go pgx', write: keywordText },
  { id: 'npgsql', label: 'Npgsql (.NET)', write: npgsql },
  { id: 'odbc', label: 'ODBC', write: odbc },
  { id: 'pdo', label: 'PHP PDO', write: pdo },
  { id: 'docker', label: 'From a container', write: docker },
];

/** Stands for the local password where a format is shown and not copied. */
export const passwordShown = 'local-password';

/** Those that can say this address. */
export function formatsFor(address: LocalAddress, hasPassword: boolean): readonly ConnectionFormat[] {
  return connectionFormats.filter(({ write }) => write(address, hasPassword ? passwordShown : null) !== null);
}

/** The format of that id, or psql, which comes first. */
export function findFormat(
  id: string | null,
  among: readonly ConnectionFormat[] = connectionFormats,
): ConnectionFormat {
  const found = among.find((format) => format.id === id) ?? connectionFormats[0];
  if (found === undefined) throw new TypeError('there are no formats');
  return found;
}

/** A password is in the environment of that one command, not among its arguments, which every user of a machine can see. */
function psql(address: LocalAddress, password: string | null): string | null {
  const keywords = keywordText(address, null);
  if (keywords === null) return null;
  const command = `psql ${shellQuote(keywords)}`;
  return password === null ? command : `PGPASSWORD=${shellWord(password)} ${command}`;
}

function jdbc(address: LocalAddress, password: string | null): string | null {
  const { host, port, database, user } = address;
  if (isSocket(address)) return null;
  const secret = password === null ? '' : `&password=${percent(password)}`;
  return `jdbc:postgresql://${authority(host)}:${port}/${percent(database)}?user=${percent(user)}${secret}&sslmode=disable`;
}

/** DBeaver's -con: parts between bars, for which it has no escape; a password is left for DBeaver to ask. */
function dbeaver(address: LocalAddress): string | null {
  const specification = dbeaverConnection(address);
  return specification === null ? null : `dbeaver -con ${shellQuote(specification)}`;
}

/** A Python dictionary: JSON's strings are Python's. */
function django({ host, port, database, user }: LocalAddress, password: string | null): string {
  const text = JSON.stringify;
  const secret = password === null ? '' : `, "PASSWORD": ${text(password)}`;
  return `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": ${text(host)}, "PORT": ${port}, "NAME": ${text(database)}, "USER": ${text(user)}${secret}, "OPTIONS": {"sslmode": "disable"}}}`;
}

function node({ host, port, database, user }: LocalAddress, password: string | null): string {
  const text = JSON.stringify;
  const secret = password === null ? '' : `, password: ${text(password)}`;
  return `{ host: ${text(host)}, port: ${port}, database: ${text(database)}, user: ${text(user)}${secret}, ssl: false }`;
}

/** Values of a .NET connection string stand in quotes that are doubled inside (DbConnectionStringBuilder). */
function npgsql({ host, port, database, user }: LocalAddress, password: string | null): string {
  const value = (text: string): string =>
    /^[\w./:-]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  const secret = password === null ? '' : `;Password=${value(password)}`;
  return `Host=${value(host)};Port=${port};Database=${value(database)};Username=${value(user)}${secret};SSL Mode=Disable`;
}

/** Values of an ODBC connection string stand in braces; a closing one is doubled. */
function odbc({ host, port, database, user }: LocalAddress, password: string | null): string {
  const value = (text: string): string =>
    /^[\w./:-]+$/.test(text) ? text : `{${text.replaceAll('}', '}}')}}`;
  const secret = password === null ? '' : `;Pwd=${value(password)}`;
  return `Driver={PostgreSQL Unicode};Server=${value(host)};Port=${port};Database=${value(database)};Uid=${value(user)}${secret};SSLmode=disable`;
}

/** PDO makes every semicolon of the DSN a space before libpq reads it, so no name with one can be said. */
function pdo({ host, port, database, user }: LocalAddress, password: string | null): string | null {
  if ([host, database].some((name) => name.includes(';'))) return null;
  const dsn = `pgsql:host=${keywordValue(host)};port=${port};dbname=${keywordValue(database)};sslmode=disable`;
  const text = (value: string): string => `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  return `new PDO(${[dsn, user, ...(password === null ? [] : [password])].map(text).join(', ')})`;
}

/** Docker Desktop has a name for the machine itself; a socket is mounted, which works on Linux too. */
function docker(address: LocalAddress, password: string | null): string {
  if (!isSocket(address)) return connectionUri({ ...address, host: 'host.docker.internal' }, { password });
  const { host } = address;
  const url = `DATABASE_URL=${connectionUri(address, { password })}`;
  return `docker run --volume ${shellWord(`${host}:${host}`)} --env ${shellWord(url)}`;
}

/** Double quotes where nothing in the text means anything inside them, else single quotes (POSIX shell). */
function shellQuote(text: string): string {
  if (!/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function shellWord(text: string): string {
  return /^[\w%:/@.,=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
