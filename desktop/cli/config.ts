import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { PathChoice } from '../engine/tunnel/tunnel.ts';
import { type SecretStoreKind, secretStoreKinds } from '../engine/secret-store.ts';

/** What the command line takes from its environment. */
export interface CliConfig {
  readonly stateDir: string;
  readonly secretStore: SecretStoreKind | undefined;
  /** DAAM_TOKEN. */
  readonly token: Secret | undefined;
  readonly controlPlane: string | undefined;
  /** DAAM_TRANSPORT: `loopback` only in development, to an agent on this machine. */
  readonly transport: 'tunnel' | 'loopback' | undefined;
  /** DAAM_PATH. */
  readonly path: PathChoice | undefined;
  /** DAAM_SIDECAR: the sidecar's binary. */
  readonly sidecarFile: string | undefined;
  /** Where proxies are named. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment for child processes, without anything of ours that is secret. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}

export interface ReadConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stateDir?: string | undefined;
  readonly secretStore?: string | undefined;
  readonly home?: string;
}

/**
 * `--state-dir`, else DAAM_HOME, else the XDG configuration folder (XDG Base Directory Specification 0.8), which is
 * `~/.config/daam` unless XDG_CONFIG_HOME says otherwise.
 */
export function readConfig(options: ReadConfigOptions): CliConfig {
  const { env } = options;
  const token = env['DAAM_TOKEN'];
  const { DAAM_TOKEN: _, ...rest } = env;
  return {
    stateDir: stateDirOf(options),
    secretStore: readStoreKind(options.secretStore ?? env['DAAM_SECRET_STORE']),
    token: token === undefined || token === '' ? undefined : new Secret(token.trim()),
    controlPlane: env['DAAM_CONTROL_PLANE_URL'],
    transport: readChoice(env, 'DAAM_TRANSPORT', ['tunnel', 'loopback']),
    path: readChoice(env, 'DAAM_PATH', ['auto', 'direct', 'relay']),
    sidecarFile: env['DAAM_SIDECAR'] === undefined ? undefined : resolve(env['DAAM_SIDECAR']),
    env: rest,
    childEnvironment: Object.fromEntries(
      Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

/** The process's own environment; the only place that reads it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

function stateDirOf({ env, stateDir, home = homedir() }: ReadConfigOptions): string {
  const chosen = stateDir ?? env['DAAM_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const xdg = env['XDG_CONFIG_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.config'), 'daam');
}

function readChoice<const Choice extends string>(
  env: ReadConfigOptions['env'],
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const chosen = choices.find((each) => each === text);
  if (chosen !== undefined) return chosen;
  throw new AppError('INVALID_CONFIG', { field: name, message: `${name} is one of: ${choices.join(', ')}.` });
}

function readStoreKind(text: string | undefined): SecretStoreKind | undefined {
  if (text === undefined || text === '') return undefined;
  const kind = secretStoreKinds.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new AppError('INVALID_INPUT', {
    field: 'secret-store',
    message: `The secret store is one of: ${secretStoreKinds.join(', ')}.`,
  });
}
