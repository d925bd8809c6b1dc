import { AppError } from '@daam/shared/errors/app-error';
import { quoteIdentifier } from '@daam/shared/sql/quote';

/**
 * The startup packet to the server is built from scratch. Of the client's parameters only those on the list
 * travel on, whether given by name or as `-c name=value` in `options` (PostgreSQL docs, "StartupMessage").
 */
const passedOn = new Map<string, RegExp>([
  ['application_name', /^[\x20-\x7e]{0,63}$/],
  ['datestyle', /^[A-Za-z, ]{1,40}$/],
  ['intervalstyle', /^[A-Za-z_]{1,30}$/],
  ['timezone', /^[A-Za-z0-9_+\-/:<>. ]{1,64}$/],
  ['extra_float_digits', /^-?\d{1,2}$/],
  ['bytea_output', /^(hex|escape)$/],
  ['statement_timeout', /^\d{1,9}\s?(ms|s|min|h)?$/],
  ['lock_timeout', /^\d{1,9}\s?(ms|s|min|h)?$/],
  ['idle_in_transaction_session_timeout', /^\d{1,9}\s?(ms|s|min|h)?$/],
  ['default_transaction_isolation', /^[a-z ]{1,30}$/i],
  ['default_transaction_read_only', /^(on|off|true|false|yes|no|1|0)$/i],
  ['default_transaction_deferrable', /^(on|off|true|false|yes|no|1|0)$/i],
  ['client_min_messages', /^(notice|warning|error)$/i],
  ['geqo', /^(on|off|true|false)$/i],
  ['jit', /^(on|off|true|false)$/i],
  ['plan_cache_mode', /^[a-z_]{1,30}$/],
]);

/** The agent's own: never sent to the server. */
const metadataParameter = 'daam.metadata';

const utf8Names = new Set(['utf8', 'utf-8', 'unicode', 'sql_ascii', 'auto', "'utf8'", "'utf-8'"]);

export interface StartupRequest {
  readonly database: string;
  /** Ready for the server's StartupMessage, without user and database. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Schemas of the session's path, pg_catalog and pg_temp left out. */
  readonly searchPath: readonly string[];
  /** The client wants to be told what is masked in its results (metadata.ts). */
  readonly wantsMetadata: boolean;
}

/** Checks the client's startup parameters; every refusal names the parameter. */
export function admitStartupParameters(
  client: ReadonlyMap<string, string>,
  pinned: { readonly searchPath: readonly string[]; readonly schemas: ReadonlySet<string> },
): StartupRequest {
  const parameters: Record<string, string> = {};
  let searchPath = pinned.searchPath;
  let database: string | undefined;
  let user = '';
  let wantsMetadata = false;
  for (const [name, value] of [...client, ...parseOptions(client.get('options') ?? '')]) {
    const key = name.toLowerCase();
    if (key === 'user') user = value;
    else if (key === 'database') database = value;
    else if (key === metadataParameter) wantsMetadata = readSwitch(key, value);
    else if (key === 'search_path') searchPath = parseSearchPath(value, pinned.schemas);
    else if (key !== 'options') admit({ name: key, value, parameters });
  }
  parameters.client_encoding = 'UTF8';
  // pg_temp last, so that a temporary object never stands in for a permanent one.
  parameters.search_path = [...searchPath.map(quoteIdentifier), 'pg_temp'].join(', ');
  return { database: database ?? user, parameters, searchPath, wantsMetadata };
}

function readSwitch(name: string, value: string): boolean {
  if (/^(on|true|yes|1)$/i.test(value)) return true;
  if (/^(off|false|no|0)$/i.test(value)) return false;
  throw refused(name, 'It is on or off.');
}

function parseSearchPath(value: string, schemas: ReadonlySet<string>): string[] {
  const path: string[] = [];
  for (const part of value.split(',').map((word) => word.trim())) {
    const quoted = /^"((?:[^"]|"")+)"$/.exec(part);
    const name = quoted?.[1]?.replaceAll('""', '"') ?? part.toLowerCase();
    if (name === '' || name === '$user' || name === 'pg_catalog' || name === 'pg_temp') continue;
    if (!schemas.has(name)) throw refused('search_path', 'It names a schema that does not exist.');
    path.push(name);
  }
  return path;
}

function admit({
  name,
  value,
  parameters,
}: {
  readonly name: string;
  readonly value: string;
  readonly parameters: Record<string, string>;
}): void {
  if (name.startsWith('_pq_.')) return;
  if (name === 'replication') {
    if (/^(false|off|no|0)$/i.test(value)) return;
    throw refused(name, 'Replication connections are not served.');
  }
  if (name === 'client_encoding') {
    if (utf8Names.has(value.toLowerCase())) return;
    throw refused(name, 'Only UTF8 is served. Set PGCLIENTENCODING=UTF8.');
  }
  if (name === 'standard_conforming_strings' || name === 'row_security') {
    if (/^(on|true|yes|1)$/i.test(value)) return;
    throw refused(name, 'It must stay on.');
  }
  const allowed = passedOn.get(name);
  if (allowed === undefined) throw refused(name, 'Leave it out of the connection settings.');
  if (!allowed.test(value)) throw refused(name, 'Its value is not accepted.');
  parameters[name] = value;
}

function refused(name: string, hint: string): AppError {
  const shown = /^[a-z0-9_.]{1,63}$/.test(name) ? name : 'of that name';
  return new AppError('INVALID_INPUT', {
    message: `startup parameter ${shown} is not accepted`,
    hint,
    field: 'startup parameter',
  });
}

/** `-c name=value`, `-cname=value` and `--name=value`, with backslash escapes, as the server splits them. */
function parseOptions(options: string): [string, string][] {
  const words: string[] = [];
  let word = '';
  for (let at = 0; at < options.length; at += 1) {
    const character = options[at] as string;
    if (character === '\\' && at + 1 < options.length) {
      word += options[at + 1] as string;
      at += 1;
    } else if (/\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      word += character;
    }
  }
  if (word !== '') words.push(word);
  return pairOptions(words);
}

function pairOptions(words: readonly string[]): [string, string][] {
  const settings: [string, string][] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    let setting: string | undefined;
    if (word === '-c') {
      at += 1;
      setting = words[at];
    } else if (word.startsWith('-c')) setting = word.slice(2);
    else if (word.startsWith('--')) setting = word.slice(2).replaceAll('-', '_');
    const equals = setting?.indexOf('=') ?? -1;
    if (setting === undefined || equals < 1) {
      throw refused('options', 'Only settings of the form -c name=value are accepted.');
    }
    settings.push([setting.slice(0, equals).trim(), setting.slice(equals + 1)]);
  }
  return settings;
}
