import { AppError } from '@daam/shared/errors/app-error';
import { parseDocument } from 'yaml';

/**
 * Where settings come from: a YAML file, and the environment over it. Both become one plain object in the
 * file's shape, which config.ts checks.
 */

/** How a setting is read from text: environment variables know only text. */
type FieldKind = 'text' | 'number' | 'boolean' | 'list';

/** Every setting that the environment can give. */
export const configFields = {
  listen: 'text',
  'listen_tls.cert_file': 'text',
  'listen_tls.key_file': 'text',
  'upstream.host': 'text',
  'upstream.port': 'number',
  'upstream.dsn': 'text',
  'upstream.dsn_file': 'text',
  'upstream.scope': 'list',
  'upstream.refuse_on': 'list',
  'upstream.elevation': 'boolean',
  'control_plane.url': 'text',
  'control_plane.auth_token': 'text',
  'control_plane.auth_token_file': 'text',
  'control_plane.credential_path': 'text',
  'control_plane.policy_cache_path': 'text',
  'control_plane.audit_buffer_path': 'text',
  'wireguard.enabled': 'boolean',
  'wireguard.listen_port': 'number',
  'wireguard.private_key_path': 'text',
  'wireguard.sidecar_path': 'text',
  'wireguard.candidates': 'list',
  'wireguard.path': 'text',
  'identity.require_passkey_proof': 'text',
  'identity.new_users': 'text',
  'health.enabled': 'boolean',
  'health.host': 'text',
  'health.port': 'number',
  'logging.level': 'text',
  'logging.queries': 'boolean',
  'logging.redact_queries': 'boolean',
} as const satisfies Record<string, FieldKind>;
type FieldPath = keyof typeof configFields;

const shortNames: Readonly<Record<string, FieldPath>> = { DAAM_AUTH_TOKEN: 'control_plane.auth_token' };

/** A value and the file that would hold it: who sets one of them in the environment means to replace both. */
const pairs: readonly (readonly [FieldPath, FieldPath])[] = [
  ['upstream.dsn', 'upstream.dsn_file'],
  ['control_plane.auth_token', 'control_plane.auth_token_file'],
];

export type RawConfig = Record<string, unknown>;

/** The file's content as plain values. YAML's own messages quote the text, so only the line is told. */
export function parseConfigFile(text: string): RawConfig {
  const document = parseDocument(text, { prettyErrors: true, strict: true, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line ?? 0;
    throw new AppError('INVALID_CONFIG', {
      field: 'config',
      message: `config: not valid YAML at line ${line}.`,
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new AppError('INVALID_CONFIG', {
      field: 'config',
      message: 'config: must be a mapping of settings.',
    });
  }
  return value as RawConfig;
}

/** Settings of the environment put over those of the file. An empty variable counts as not set. */
export function overlayEnvironment(
  file: RawConfig,
  env: Readonly<Record<string, string | undefined>>,
): RawConfig {
  const values = environmentValues(env);
  const merged = structuredClone(file);
  for (const pair of pairs) {
    if (pair.some((path) => values.has(path))) for (const path of pair) setAt(merged, path, undefined);
  }
  for (const [path, text] of values) setAt(merged, path, coerce(text, configFields[path]));
  return merged;
}

function environmentValues(env: Readonly<Record<string, string | undefined>>): Map<FieldPath, string> {
  const paths = new Map<string, FieldPath>(Object.entries(shortNames));
  for (const path of Object.keys(configFields) as FieldPath[]) paths.set(variableName(path), path);
  const values = new Map<FieldPath, string>();
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === '') continue;
    const path = paths.get(name);
    if (path === undefined) refuseUnknown(name);
    else if (!(name in shortNames && values.has(path))) values.set(path, text);
  }
  return values;
}

/** `DAAM_CONTROL_PLANE_AUTH_TOKEN_FILE`. */
export function variableName(path: string): string {
  return `DAAM_${path.replaceAll('.', '_').toUpperCase()}`;
}

/** Other programs have DAAM_ variables too; those in this agent's own sections can only be slips. */
function refuseUnknown(name: string): void {
  if (/^DAAM_(LISTEN|UPSTREAM|CONTROL_PLANE|WIREGUARD|IDENTITY|HEALTH|LOGGING)_/.test(name)) {
    throw new AppError('INVALID_CONFIG', { field: name, message: `${name}: is not a known setting.` });
  }
}

/** Text that does not fit its kind stays text: the schema then refuses it by name. */
function coerce(text: string, kind: FieldKind): unknown {
  if (kind === 'number') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (kind === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  // an empty variable counts as not set, so that an empty list needs a text of its own
  if (kind === 'list' && text.trim() === '[]') return [];
  if (kind === 'list') return text.split(',').map((item) => item.trim());
  return text;
}

function setAt(target: RawConfig, path: FieldPath, value: unknown): void {
  const [section = '', key] = path.split('.');
  if (key === undefined) {
    target[section] = value;
    return;
  }
  const inner = target[section];
  // A section that is no mapping is left for the schema to refuse.
  if (inner !== undefined && inner !== null && (typeof inner !== 'object' || Array.isArray(inner))) return;
  target[section] = { ...inner, [key]: value };
}
