import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { parsePattern } from '@daam/shared/policy/pattern';
import { sidecarEnvironment } from '@daam/shared/wireguard/sidecar-file';
import { z } from 'zod';
import { parseUpstreamDsn, type UpstreamDsn } from './config-dsn.ts';
import { checkNames } from './doctor/check-names.ts';
import { overlayEnvironment, parseConfigFile, type RawConfig } from './config-sources.ts';

/**
 * The agent's configuration: YAML by `--config FILE`, every setting also by environment (architecture.md 4.4).
 * A bad setting stops the start and is named; its value is never shown.
 */
export interface AgentConfig {
  /** Where the agent listens besides its tunnel; it does so with TLS or not at all. */
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM texts; null: it does not listen. */
  readonly listenTls: { readonly certificate: string; readonly key: Secret } | null;
  readonly upstream: UpstreamDsn & {
    /**
     * The only tables that this agent ever serves: no policy can widen it. Null: no limit of its own; empty: none.
     */
    readonly scope: readonly { readonly schema: string; readonly table: string }[] | null;
    /** Findings of the doctor that keep the agent from serving: severities and names of checks. */
    readonly refuseOn: readonly string[];
    /** False: no session of this agent ever reads raw values, whatever the control plane says (enforcement.md 4). */
    readonly elevation: boolean;
  };
  readonly controlPlane: {
    readonly url: string;
    /** The one-time registration token; not needed once there is a credential. */
    readonly authToken: Secret | null;
    readonly credentialPath: string;
    readonly policyCachePath: string;
    /** A directory. */
    readonly auditBufferPath: string;
  };
  readonly wireguard: {
    /** Null: on, except where a listener was injected. */
    readonly enabled: boolean | null;
    /** UDP; null takes a free one. */
    readonly listenPort: number | null;
    /** The key file, made at the first start. */
    readonly privateKeyPath: string;
    /** The sidecar's binary; null: the one that was built here. */
    readonly sidecarPath: string | null;
    /** `address:port` under which the UDP port can be reached, besides what the sidecar finds out. */
    readonly candidates: readonly string[];
    readonly path: 'auto' | 'direct' | 'relay';
    /** Of the environment: proxies and certificate roots. */
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly identity: {
    readonly requirePasskeyProof: 'auto' | 'always' | 'never';
    readonly newUsers: 'pin' | 'approve';
    /** The file of pinned passkeys. */
    readonly pinsPath: string;
  };
  readonly health: { readonly enabled: boolean; readonly host: string; readonly port: number };
  readonly logging: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
    readonly queries: boolean;
    readonly redactQueries: boolean;
  };
}

/** What configuration is read from. Everything is a parameter, so that tests need no environment. */
export interface ConfigSource {
  /** Arguments after the program's name; only `--config FILE` is looked at. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws when the file cannot be read. */
  readonly readFile: (path: string) => string;
}

/** The process's own arguments, environment and files. */
export function processSource(): ConfigSource {
  return { argv: process.argv.slice(2), env: process.env, readFile: (path) => readFileSync(path, 'utf8') };
}

const path = z.string().min(1).max(4_096);
const port = z.int().min(0).max(65_535);
const secretText = z.string().min(1).max(10_000);

const schema = z.strictObject({
  listen: z.string().default(':6432'),
  upstream: z
    .strictObject({
      host: z.string().min(1).max(253).optional(),
      port: port.optional(),
      dsn: secretText.optional(),
      dsn_file: path.optional(),
      scope: z.array(z.string().refine(isTablePattern, 'must be schema.table, * within a name')).optional(),
      refuse_on: z
        .array(z.string().refine(isRefusal, 'must be critical, warning or the name of a check'))
        .default([]),
      elevation: z.boolean().default(true),
    })
    .prefault({}),
  control_plane: z
    .strictObject({
      url: z.string().refine(isControlPlaneUrl, 'must be an https address; http is for this machine only'),
      auth_token: secretText.optional(),
      auth_token_file: path.optional(),
      credential_path: path.default('/var/lib/daam-agent/credential.json'),
      policy_cache_path: path.default('/var/lib/daam-agent/policy-bundle.json'),
      audit_buffer_path: path.default('/var/lib/daam-agent/audit'),
    })
    .prefault({} as { url: string }),
  listen_tls: z.strictObject({ cert_file: path, key_file: path }).optional(),
  wireguard: z
    .strictObject({
      enabled: z.boolean().optional(),
      listen_port: port.optional(),
      private_key_path: path.optional(),
      sidecar_path: path.optional(),
      candidates: z
        .array(z.string().refine(isCandidate, 'must be address:port, an IP address'))
        .max(16)
        .default([]),
      path: z.enum(['auto', 'direct', 'relay']).default('auto'),
    })
    .prefault({}),
  identity: z
    .strictObject({
      require_passkey_proof: z.enum(['auto', 'always', 'never']).default('auto'),
      new_users: z.enum(['pin', 'approve']).default('pin'),
    })
    .prefault({}),
  health: z
    .strictObject({
      enabled: z.boolean().default(true),
      host: z.string().min(1).max(253).default('127.0.0.1'),
      port: port.default(8080),
    })
    .prefault({}),
  logging: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
      queries: z.boolean().default(false),
      redact_queries: z.boolean().default(true),
    })
    .prefault({}),
});
type Settings = z.infer<typeof schema>;

/** Reads and checks everything. Throws INVALID_CONFIG with the setting's name in `field`. */
export function loadConfig(source: ConfigSource = processSource()): AgentConfig {
  const file = configFile(source);
  const settings = check(overlayEnvironment(file, source.env));
  return {
    listen: parseListen(settings.listen),
    upstream: upstreamOf(settings.upstream, source),
    controlPlane: controlPlaneOf(settings.control_plane, source),
    listenTls: listenTlsOf(settings.listen_tls, source),
    wireguard: wireguardOf(settings, source),
    identity: {
      requirePasskeyProof: settings.identity.require_passkey_proof,
      newUsers: settings.identity.new_users,
      pinsPath: `${settings.control_plane.policy_cache_path}.passkeys`,
    },
    health: settings.health,
    logging: {
      level: settings.logging.level,
      queries: settings.logging.queries,
      redactQueries: settings.logging.redact_queries,
    },
  };
}

function configFile({ argv, readFile }: ConfigSource): RawConfig {
  const at = argv.findIndex((argument) => argument === '--config' || argument.startsWith('--config='));
  if (at < 0) return {};
  const argument = argv[at] ?? '';
  const file = argument === '--config' ? argv[at + 1] : argument.slice('--config='.length);
  if (file === undefined || file === '') throw invalid('--config', 'needs a file');
  return parseConfigFile(readText(readFile, file, '--config'));
}

function check(raw: RawConfig): Settings {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const { issues } = result.error;
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) {
    throw invalid([...unknown.path, unknown.keys[0] ?? ''].join('.'), 'is not a known setting');
  }
  const issue = issues[0];
  const field = issue?.path.join('.') ?? 'config';
  // zod's own messages name types and options, never the value that was given.
  throw invalid(field, issue?.message ?? 'is not valid');
}

function upstreamOf(settings: Settings['upstream'], source: ConfigSource): AgentConfig['upstream'] {
  const dsn = textOrFile(source, {
    text: settings.dsn,
    file: settings.dsn_file,
    field: 'upstream.dsn',
  });
  if (dsn === null)
    throw invalid('upstream.dsn', 'is needed, or upstream.dsn_file: user, password and database');
  const parsed = parseUpstreamDsn(dsn, settings.dsn === undefined ? 'upstream.dsn_file' : 'upstream.dsn');
  return {
    ...parsed,
    host: settings.host ?? parsed.host,
    port: settings.port ?? parsed.port,
    scope: settings.scope?.map(splitTablePattern) ?? null,
    refuseOn: settings.refuse_on,
    elevation: settings.elevation,
  };
}

function controlPlaneOf(
  settings: Settings['control_plane'],
  source: ConfigSource,
): AgentConfig['controlPlane'] {
  const token = textOrFile(source, {
    text: settings.auth_token,
    file: settings.auth_token_file,
    field: 'control_plane.auth_token',
  });
  return {
    url: settings.url,
    authToken: token === null ? null : new Secret(token),
    credentialPath: settings.credential_path,
    policyCachePath: settings.policy_cache_path,
    auditBufferPath: settings.audit_buffer_path,
  };
}

function listenTlsOf(settings: Settings['listen_tls'], { readFile }: ConfigSource): AgentConfig['listenTls'] {
  if (settings === undefined) return null;
  const certificate = readText(readFile, settings.cert_file, 'listen_tls.cert_file');
  const key = readText(readFile, settings.key_file, 'listen_tls.key_file');
  if (!certificate.includes('-----BEGIN CERTIFICATE-----'))
    throw invalid('listen_tls.cert_file', 'names a file without a certificate in PEM');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    throw invalid('listen_tls.key_file', 'names a file without a private key in PEM');
  return { certificate, key: new Secret(key) };
}

function wireguardOf(
  { wireguard, control_plane }: Settings,
  { env }: ConfigSource,
): AgentConfig['wireguard'] {
  const { enabled, listen_port, private_key_path, sidecar_path, candidates, path } = wireguard;
  return {
    enabled: enabled ?? null,
    listenPort: listen_port ?? null,
    privateKeyPath: private_key_path ?? join(dirname(control_plane.credential_path), 'wireguard.key'),
    sidecarPath: sidecar_path ?? null,
    candidates,
    path,
    environment: sidecarEnvironment(env),
  };
}

/** A secret given directly or by the file that holds it; a file's trailing line end is not part of it. */
function textOrFile(
  { readFile }: ConfigSource,
  given: { readonly text: string | undefined; readonly file: string | undefined; readonly field: string },
): string | null {
  if (given.text !== undefined && given.file !== undefined) {
    throw invalid(given.field, `is given twice: keep one of ${given.field} and ${given.field}_file`);
  }
  if (given.file === undefined) return given.text ?? null;
  const text = readText(readFile, given.file, `${given.field}_file`).replace(/\r?\n$/, '');
  if (text === '') throw invalid(`${given.field}_file`, 'names a file that is empty');
  return text;
}

function readText(readFile: ConfigSource['readFile'], file: string, field: string): string {
  try {
    return readFile(file);
  } catch (cause) {
    throw invalid(field, 'names a file that cannot be read', cause);
  }
}

/** `:6432`, `127.0.0.1:6432`, `[::1]:6432`. */
function parseListen(text: string): AgentConfig['listen'] {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) throw invalid('listen', 'must be host:port or :port');
  return { host: found[1] ?? (found[2] || '0.0.0.0'), port };
}

/** Severities of the doctor's findings, or the names of its checks. */
function isRefusal(text: string): boolean {
  return text === 'critical' || text === 'warning' || checkNames.has(text);
}

/** `192.0.2.7:51820`, `[2001:db8::7]:51820`. */
function isCandidate(text: string): boolean {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  if (found === null || Number(found[3]) < 1 || Number(found[3]) > 65_535) return false;
  return found[1] === undefined ? isIPv4(found[2] ?? '') : isIPv6(found[1]);
}

function isTablePattern(text: string): boolean {
  try {
    return parsePattern(text, 2).length === 2;
  } catch {
    return false;
  }
}

function splitTablePattern(text: string): { schema: string; table: string } {
  const [schema = '', table = ''] = parsePattern(text, 2);
  return { schema, table };
}

/** The credential and the audit log travel to it: without TLS only within this machine. */
function isControlPlaneUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  const isLocal = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
}

function invalid(field: string, reason: string, cause?: unknown): AppError {
  return new AppError('INVALID_CONFIG', {
    field,
    message: `${field}: ${reason}.`,
    hint: 'See "daam-agent --help" for the settings.',
    ...(cause === undefined ? {} : { cause }),
  });
}
