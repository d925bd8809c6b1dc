import { createHash } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type MailConfig, mailSettings, resolveMail } from './notifications/mail-config.ts';
import { isAddressEntry } from './webhooks/addresses.ts';

/**
 * The control plane's configuration: YAML by `--config`, every field also by environment as
 * `DAAM_` + path in upper case with `_` between levels (`DAAM_DATABASE_DSN`). A bad value stops the start
 * and names the key, never the value.
 */
export interface ControlPlaneConfig {
  readonly listen: { readonly host: string; readonly port: number };
  /** Where people and agents reach it; derived from `listen` when null. */
  readonly publicUrl: string | null;
  readonly database: {
    readonly dsn: Secret;
    /** For migrating, by a role that owns the schema; then the role of `dsn` owns nothing. */
    readonly migrationDsn?: Secret | null;
    readonly poolSize: number;
  };
  /** 32 bytes that the organizations' signing keys are encrypted with. */
  readonly masterKey: Secret<Uint8Array>;
  /** During a rotation: also opens what was sealed with it; nothing is sealed with it. */
  readonly secondMasterKey?: Secret<Uint8Array> | null;
  readonly identity: {
    /** Certificates by API token alone, and API tokens for others. For development only. */
    readonly developmentTokens: boolean;
    readonly certificateHours: number;
    readonly grantMinutes: number;
  };
  /** The relays that agents and devices get tickets for; an agent's home is one of them. */
  readonly relays: readonly RelayAddress[];
  readonly http: {
    /** Take the client's address from X-Forwarded-For: only behind a proxy that sets it. */
    readonly trustProxy: boolean;
    /** Multiplies every rate limit. */
    readonly rateFactor: number;
  };
  readonly webhooks: {
    /** Addresses and networks that webhooks may reach although they are not public; there also without TLS. */
    readonly allowedAddresses: readonly string[];
  };
  /** Null or absent: no mail is sent. */
  readonly mail?: MailConfig | null;
  /** Who may read counters: with a token at `/metrics`, or without at an address of its own. Neither: nobody. */
  readonly metrics?: {
    readonly token: Secret | null;
    readonly listen: { readonly host: string; readonly port: number } | null;
  };
  /** The folder of the console's build, served at `/console`; null or absent: none is served. */
  readonly console?: { readonly folder: string | null };
  /** Null or absent: organizations are made by whoever runs the control plane alone. */
  readonly signUp?: SignUpConfig | null;
  readonly logging: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
}

/** Anybody may make an organization, or anybody who has the code. */
export interface SignUpConfig {
  readonly code: Secret | null;
  /** There are never more organizations than this by signing up. */
  readonly maxOrganizations: number;
}

export interface RelayAddress {
  /** What tickets name: the relay's own name. */
  readonly name: string;
  /** `wss://…/relay/v1`. */
  readonly url: string;
  /** `host:port` of STUN over UDP. */
  readonly stun: readonly string[];
}

/** What `resolveConfig` takes: the shape of the file, after YAML. */
export type ControlPlaneSettings = z.input<typeof settings>;

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const relay = z.strictObject({
  name: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  url: z.url({ protocol: /^wss?$/ }).max(500),
  stun: z
    .array(
      z
        .string()
        .max(262)
        .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:]+):[0-9]{1,5}$/),
    )
    .max(4)
    .default([]),
});

/** A list, or its JSON text: the environment has texts alone. */
const relays = z.preprocess(
  (value) => (typeof value === 'string' ? parseJson(value) : value),
  z
    .array(relay)
    .max(16)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'a name is there twice'),
);

const settings = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.coerce.number().int().min(0).max(65_535).default(7400),
    })
    .prefault({}),
  public_url: z.url({ protocol: /^https?$/ }).optional(),
  database: z
    .strictObject({
      dsn: z.string().min(1).optional(),
      dsn_file: z.string().min(1).optional(),
      migration_dsn: z.string().min(1).optional(),
      migration_dsn_file: z.string().min(1).optional(),
      pool_size: z.coerce.number().int().min(2).max(200).default(10),
    })
    .prefault({}),
  /** 32 bytes, base64, base64url or hexadecimal. */
  master_key: z.string().min(1).optional(),
  master_key_file: z.string().min(1).optional(),
  second_master_key: z.string().min(1).optional(),
  second_master_key_file: z.string().min(1).optional(),
  identity: z
    .strictObject({
      development_tokens: flag.default(false),
      certificate_hours: z.coerce.number().min(0.01).max(12).default(8),
      grant_minutes: z.coerce.number().min(0.01).max(60).default(10),
    })
    .prefault({}),
  relays: relays.default([]),
  http: z
    .strictObject({
      trust_proxy: flag.default(false),
      rate_factor: z.coerce.number().positive().max(1000).default(1),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      /** A list, or its entries with commas between them. */
      allowed_addresses: z
        .preprocess(
          (value) => (typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value),
          z.array(z.string().refine(isAddressEntry)).max(100),
        )
        .default([]),
    })
    .prefault({}),
  mail: mailSettings.prefault({}),
  metrics: z
    .strictObject({
      token: z.string().min(16).max(500).optional(),
      token_file: z.string().min(1).optional(),
      host: z.string().min(1).default('127.0.0.1'),
      port: z.coerce.number().int().min(0).max(65_535).optional(),
    })
    .prefault({}),
  console: z.strictObject({ folder: z.string().min(1).max(4096).optional() }).prefault({}),
  sign_up: z
    .strictObject({
      enabled: flag.default(false),
      code: z.string().min(16).max(200).optional(),
      code_file: z.string().min(1).optional(),
      max_organizations: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
    })
    .prefault({}),
  logging: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export interface ConfigSources {
  /** Path of the YAML file, if any. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

/** Reads file and environment (which wins). Throws INVALID_CONFIG that names the key. */
export function loadConfig({ file, env, readFile }: ConfigSources): ControlPlaneConfig {
  const fromFile: unknown = file === null ? {} : parseYaml(readFileOf(readFile, '--config', file));
  return resolveConfig(withEnvironment(fromFile ?? {}, env), readFile);
}

/** Checks settings and reads the secrets' files. Throws INVALID_CONFIG that names the key. */
export function resolveConfig(input: unknown, readFile: (path: string) => string): ControlPlaneConfig {
  const result = settings.safeParse(input);
  if (!result.success) {
    const issue = result.error.issues[0];
    const keys = issue?.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : [];
    throw invalid(
      [...(issue?.path ?? []), ...keys].join('.'),
      keys.length > 0 ? 'is not a known key' : 'is not valid',
    );
  }
  const {
    listen,
    database,
    identity,
    relays,
    http,
    webhooks,
    mail,
    metrics,
    sign_up,
    logging,
    public_url,
    master_key,
    master_key_file,
    second_master_key,
    second_master_key_file,
  } = result.data;
  const dsn = secretOf({ key: 'database.dsn', value: database.dsn, file: database.dsn_file, readFile });
  const masterKey = secretOf({ key: 'master_key', value: master_key, file: master_key_file, readFile });
  return {
    listen,
    publicUrl: public_url?.replace(/\/+$/, '') ?? null,
    database: { dsn, migrationDsn: migrationDsnOf(database, readFile), poolSize: database.pool_size },
    masterKey: masterKeyBytes('master_key', masterKey),
    secondMasterKey: secondMasterKeyOf(second_master_key, second_master_key_file, readFile),
    identity: {
      developmentTokens: identity.development_tokens,
      certificateHours: identity.certificate_hours,
      grantMinutes: identity.grant_minutes,
    },
    relays,
    webhooks: { allowedAddresses: webhooks.allowed_addresses },
    mail: resolveMail(mail, {
      secret: (key, given) => secretOf({ key, ...given, readFile }),
      file: (key, path) => readFileOf(readFile, key, path),
      invalid,
    }),
    metrics: metricsOf(metrics, readFile),
    console: { folder: result.data.console.folder ?? null },
    signUp: signUpOf(sign_up, readFile),
    http: { trustProxy: http.trust_proxy, rateFactor: http.rate_factor },
    logging,
  };
}

function migrationDsnOf(
  database: z.output<typeof settings>['database'],
  readFile: SecretSource['readFile'],
): Secret | null {
  const { migration_dsn: value, migration_dsn_file: file } = database;
  if (value === undefined && file === undefined) return null;
  return secretOf({ key: 'database.migration_dsn', value, file, readFile });
}

interface SecretSource {
  readonly key: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
  readonly readFile: (path: string) => string;
}

function secretOf({ key, value, file, readFile }: SecretSource): Secret {
  if (value !== undefined && file !== undefined)
    throw invalid(`${key}_file`, `is given together with ${key}`);
  const text = file === undefined ? value : readFileOf(readFile, `${key}_file`, file).trim();
  if (text === undefined || text === '') throw invalid(key, `is missing; give ${key} or ${key}_file`);
  return new Secret(text);
}

function secondMasterKeyOf(
  value: string | undefined,
  file: string | undefined,
  readFile: SecretSource['readFile'],
): Secret<Uint8Array> | null {
  if (value === undefined && file === undefined) return null;
  return masterKeyBytes('second_master_key', secretOf({ key: 'second_master_key', value, file, readFile }));
}

function metricsOf(
  { token, token_file: file, host, port }: z.output<typeof settings>['metrics'],
  readFile: SecretSource['readFile'],
): NonNullable<ControlPlaneConfig['metrics']> {
  const hasToken = token !== undefined || file !== undefined;
  return {
    token: hasToken ? secretOf({ key: 'metrics.token', value: token, file, readFile }) : null,
    listen: port === undefined ? null : { host, port },
  };
}

function signUpOf(
  { enabled, code, code_file: file, max_organizations }: z.output<typeof settings>['sign_up'],
  readFile: SecretSource['readFile'],
): SignUpConfig | null {
  if (!enabled) return null;
  const hasCode = code !== undefined || file !== undefined;
  return {
    code: hasCode ? secretOf({ key: 'sign_up.code', value: code, file, readFile }) : null,
    maxOrganizations: max_organizations,
  };
}

function masterKeyBytes(field: string, text: Secret): Secret<Uint8Array> {
  const value = text.reveal();
  const bytes = /^[0-9a-fA-F]{64}$/.test(value) ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
  if (bytes.byteLength !== 32) throw invalid(field, 'must be 32 bytes as base64 or hexadecimal');
  return new Secret<Uint8Array>(bytes);
}

/** A master key for development, from any text; never for production. */
export function developmentMasterKey(text: string): Secret<Uint8Array> {
  return new Secret<Uint8Array>(
    createHash('sha256').update('daam development master key\n').update(text).digest(),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withEnvironment(input: unknown, env: ConfigSources['env']): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid('', 'must be a mapping');
  const merged = structuredClone(input) as Record<string, unknown>;
  for (const [key, schema] of Object.entries(settings.shape)) {
    const inner = nestedKeys(schema);
    if (inner === null) setFrom(merged, key, env[`DAAM_${key.toUpperCase()}`]);
    for (const name of inner ?? []) {
      const value = env[`DAAM_${key.toUpperCase()}_${name.toUpperCase()}`];
      if (value === undefined) continue;
      const level = (merged[key] ??= {});
      if (typeof level === 'object' && level !== null) setFrom(level as Record<string, unknown>, name, value);
    }
  }
  return merged;
}

function nestedKeys(schema: z.ZodType): readonly string[] | null {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : null;
}

function setFrom(target: Record<string, unknown>, key: string, value: string | undefined): void {
  if (value !== undefined && value !== '') target[key] = value;
}

function readFileOf(readFile: (path: string) => string, key: string, path: string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new AppError('INVALID_CONFIG', { field: key, message: `${key}: the file cannot be read.`, cause });
  }
}

function invalid(field: string, reason: string): AppError {
  return new AppError('INVALID_CONFIG', {
    field,
    message: `${field === '' ? 'The configuration' : field} ${reason}.`,
  });
}

/** The process's environment: the one place that reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
