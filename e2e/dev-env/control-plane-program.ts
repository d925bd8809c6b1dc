/** The control plane as its own process: its configuration, its start, its first administrator. */
import { join } from 'node:path';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { stringify } from 'yaml';
import type { Guardian } from './guardian.ts';
import { adminEmail } from './policy-file.ts';
import type { PortLayout } from './ports.ts';
import { Program, runProgram } from './program.ts';
import { relayPlaceOf } from './relay.ts';
import type { StateDir } from './state-dir.ts';

/** What it is started from. */
export interface ControlPlaneOptions {
  readonly storeDsn: Secret;
  readonly ports: PortLayout;
  readonly state: StateDir;
  readonly guardian: Guardian;
  readonly logger: Logger;
  /** The folder of the console's build; null: `/console` is not served. */
  readonly consoleDir: string | null;
}

/** A control plane that answers, and its administrator. */
export interface ControlPlaneProgram {
  readonly url: string;
  readonly program: Program;
  readonly adminToken: Secret;
  readonly admin: ApiClient;
}

const main = 'control-plane/main.ts';
const readyTimeoutMs = 45_000;
const stopTimeoutMs = 15_000;

/** Starts it, makes organization and administrator the first time. Its configuration is `<state>/control-plane/…yaml`. */
export async function startControlPlaneProgram(options: ControlPlaneOptions): Promise<ControlPlaneProgram> {
  const { ports, state, guardian, logger } = options;
  const url = `http://localhost:${ports.controlPlane}`;
  const configPath = await writeConfig(options, url);
  const program = new Program({
    name: 'control plane',
    main,
    args: ['--config', configPath],
    env: {},
    logFile: join(await state.folder('logs'), 'control-plane.log'),
    stopTimeoutMs,
    guardian,
    logger,
  });
  try {
    await program.waitForHttp(`${url}/ready`, readyTimeoutMs);
    const adminToken = await administrator(state, configPath);
    const admin = createClient({
      baseUrl: url,
      fetch: async (input, init) => await fetch(input, init),
      token: () => adminToken.reveal(),
    });
    await admin.getMe();
    logger.info({ pid: program.pid, url, config: configPath }, 'control plane is up');
    return { url, program, adminToken, admin };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

async function writeConfig(options: ControlPlaneOptions, url: string): Promise<string> {
  const { storeDsn, ports, state, consoleDir } = options;
  const folder = await state.folder('control-plane');
  await state.secret('control-plane-master-key', 'base64');
  const config = {
    listen: { host: '127.0.0.1', port: ports.controlPlane },
    public_url: url,
    database: { dsn_file: await state.keepSecret('control-plane-dsn', storeDsn) },
    master_key_file: state.file('secrets', 'control-plane-master-key'),
    identity: { development_tokens: true },
    relays: [relayPlaceOf(ports)],
    http: { rate_factor: 100 },
    ...(consoleDir === null ? {} : { console: { folder: consoleDir } }),
    logging: { level: 'info' },
  };
  const path = join(folder, 'control-plane.yaml');
  await state.writePrivate(path, stringify(config));
  return path;
}

/** The administrator's token: the kept one, or that of a new organization. */
async function administrator(state: StateDir, configPath: string): Promise<Secret> {
  const kept = await state.readSecret('admin-api-token');
  if (kept !== null) return kept;
  const args = ['bootstrap', '--config', configPath, '--org', 'Example', '--admin-email', adminEmail];
  const output = await runProgram(main, args);
  const { adminToken } = JSON.parse(output) as { adminToken?: unknown };
  if (typeof adminToken !== 'string')
    throw new AppError('INTERNAL', { message: 'The organization was not made.' });
  const token = new Secret(adminToken);
  await state.keepSecret('admin-api-token', token);
  return token;
}
